/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a worker that was taken over may send, and what may stand in a record: a pack with
 * its packages and modules, a trust, a record.  What is accepted is written and read again,
 * and then is what it was. */
#include "base/json.h"
#include "base/text.h"
#include "repo/pack.h"
#include "repo/record.h"
#include "repo/record_json.h"
#include "fuzz/memory.h"

/* Frees @json. */
static char *text_of(struct json_object *json)
{
	char *text = sp_json_print(json, false);

	sp_json_free(json);
	FUZZ_PROMISE(text);
	return text;
}

static struct json_object *parse(const char *text)
{
	struct json_object *json = NULL;
	struct sp_error err = SP_ERROR_INIT;

	FUZZ_PROMISE(sp_json_parse(text, strlen(text), &json, &err) == 0);
	return json;
}

static void check_pack(const struct sp_pack *pack)
{
	SP_AUTO(sp_str_freep) char *once = text_of(sp_pack_to_json(pack, true));
	SP_AUTO(sp_json_freep) struct json_object *json = parse(once);
	SP_AUTO(sp_pack_done) struct sp_pack again = { 0 };
	SP_AUTO(sp_str_freep) char *twice = NULL;
	struct sp_error err = SP_ERROR_INIT;

	FUZZ_PROMISE(sp_pack_from_json(json, &again, &err) == 0);
	twice = text_of(sp_pack_to_json(&again, true));
	FUZZ_PROMISE(!strcmp(once, twice));
	for (size_t i = 0; i < pack->n_packages; i++)
		FUZZ_PROMISE(pack->packages[i].name &&
			     (!pack->packages[i].file ||
			      sp_text_path_is_safe(pack->packages[i].file)));
	for (size_t i = 0; i < pack->modules.n; i++)
		FUZZ_PROMISE(pack->modules.items[i].name &&
			     pack->modules.items[i].package < pack->n_packages);
}

static void check_record(const struct sp_record *record)
{
	SP_AUTO(sp_str_freep) char *once = text_of(sp_record_json_make(record));
	SP_AUTO(sp_json_freep) struct json_object *json = parse(once);
	SP_AUTO(sp_record_done) struct sp_record again = { 0 };
	SP_AUTO(sp_str_freep) char *twice = NULL;
	struct sp_error err = SP_ERROR_INIT;

	FUZZ_PROMISE(sp_record_json_read(json, &again, &err) == 0);
	twice = text_of(sp_record_json_make(&again));
	FUZZ_PROMISE(!strcmp(once, twice));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SP_AUTO(sp_json_freep) struct json_object *json = NULL;
	SP_AUTO(sp_pack_done) struct sp_pack pack = { 0 };
	SP_AUTO(sp_record_done) struct sp_record record = { 0 };
	SP_AUTO(sp_trust_done) struct sp_trust trust = { 0 };
	struct sp_error err = SP_ERROR_INIT;

	if (sp_json_parse((const char *)data, size, &json, &err) < 0)
		return 0;
	if (sp_pack_from_json(json, &pack, &err) == 0)
		check_pack(&pack);
	if (sp_record_json_read(json, &record, &err) == 0)
		check_record(&record);
	FUZZ_PROMISE(sp_trust_from_json(json, &trust, &err) <= 0);
	return 0;
}
