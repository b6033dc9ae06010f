/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The protocol between engine and screens: a stream comes apart the same way whatever
 * pieces it arrives in, and its messages are parsed. */
#include "base/frame.h"
#include "base/json.h"
#include "fuzz/memory.h"

enum { MAX_BYTES = 4096, WHOLE = 1 << 20 };

/* A sum over kinds and payloads, and how it ended. */
static uint64_t take_apart(const uint8_t *data, size_t size, size_t step)
{
	struct sp_frame_reader reader = { .max_bytes = MAX_BYTES };
	struct sp_error err = SP_ERROR_INIT;
	uint64_t sum = 0;
	int r = SP_FRAME_MORE;

	for (size_t at = 0; at < size && r == SP_FRAME_MORE; at += step) {
		const char *payload;
		size_t len;
		char kind;

		r = sp_frame_reader_add(&reader, data + at,
					size - at < step ? size - at : step, &err);
		FUZZ_PROMISE(r == 0);
		while ((r = sp_frame_reader_next(&reader, &kind, &payload, &len, &err)) ==
		       0) {
			SP_AUTO(sp_json_freep) struct json_object *json = NULL;
			struct sp_error why = SP_ERROR_INIT;

			FUZZ_PROMISE(len <= MAX_BYTES);
			sum = sum * 31 + (unsigned char)kind + len;
			for (size_t i = 0; i < len; i++)
				sum = sum * 31 + (unsigned char)payload[i];
			FUZZ_PROMISE(sp_json_parse(payload, len, &json, &why) <= 0);
		}
	}
	sp_frame_reader_done(&reader);
	return sum * 31 + (uint64_t)(r + 1000);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t whole = take_apart(data, size, WHOLE);

	FUZZ_PROMISE(take_apart(data, size, 1) == whole);
	FUZZ_PROMISE(take_apart(data, size, 7) == whole);
	return 0;
}
