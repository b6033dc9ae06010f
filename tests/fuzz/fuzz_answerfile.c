/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An answerfile from a server, to what is done about it.  No sentence gives a password
 * away, and every location that is taken can be used. */
#include "base/json.h"
#include "installer-plugin/unattended.h"
#include "repo/answerfile.h"
#include "repo/location.h"
#include "fuzz/memory.h"

static void check_source(const struct sp_unattended_source *source)
{
	SP_AUTO(sp_location_done) struct sp_location location = { 0 };
	struct sp_error err = SP_ERROR_INIT;

	FUZZ_PROMISE(source->element && source->location && source->shown);
	FUZZ_PROMISE(sp_location_parse(source->location, &location, &err) == 0);
	FUZZ_PROMISE(!location.password || strlen(location.password) < 8 ||
		     !strstr(source->shown, location.password));
	FUZZ_PROMISE(!source->key || strlen(source->key) >= 40);
	FUZZ_PROMISE(!source->digest || strlen(source->digest) == 64);
	FUZZ_PROMISE(!source->ca_file || source->ca_file[0] == '/');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SP_AUTO(sp_json_freep) struct json_object *json = NULL;
	SP_AUTO(sp_unattended_done) struct sp_unattended unattended = { 0 };
	struct sp_error err = SP_ERROR_INIT;
	int r = sp_answerfile_read((const char *)data, size, &json, &err);

	FUZZ_PROMISE(r == 0 || (r < 0 && err.text[0]));
	if (r < 0)
		return 0;
	r = sp_unattended_read(json, &unattended, &err);
	FUZZ_PROMISE(r == 0 || (r < 0 && err.text[0]));
	for (size_t i = 0; r == 0 && i < unattended.n_sources; i++)
		check_source(&unattended.sources[i]);
	for (size_t i = 0; r == 0 && i < unattended.n_drivers; i++)
		FUZZ_PROMISE(unattended.drivers[i].name && unattended.drivers[i].variant);
	return 0;
}
