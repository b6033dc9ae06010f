/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packages once more, on request: what is known of the pack says what each must be. */
#include "repo/reading.h"

#include "repo/description.h"

#include <stdlib.h>

/* As if nobody had looked at it yet. */
static void forget(struct sp_pack *pack)
{
	sp_findings_done(&pack->findings);
	pack->findings = (struct sp_findings){ 0 };
	for (size_t i = 0; i < pack->n_packages; i++) {
		pack->packages[i].verified = false;
		free(sp_steal(pack->packages[i].signature));
	}
}

static int check_description(const struct sp_reading *reading, const char *base,
			     struct sp_pack *pack, struct sp_error *err)
{
	SP_AUTO(sp_description_done) struct sp_description description = { 0 };
	struct sp_error why = SP_ERROR_INIT;
	int r;

	/* One that could not be used was not read to its end. */
	if (!sp_trust_can_be_accepted(pack->trust.state))
		return sp_reading_say_trust(
			pack, sp_reading_trust_code(pack->trust.state), err);
	r = sp_description_load(reading->tree, base, pack, &description, &why);
	return r < 0 ? sp_reading_blame(pack, "damaged-metadata", pack->label, &why, err)
		     : 0;
}

static int verify(const struct sp_reading *reading, const char *base,
		  struct sp_pack *pack, struct sp_error *err)
{
	SP_AUTO(sp_reading_signers_done) struct sp_reading_signers signers = { 0 };
	int r = check_description(reading, base, pack, err);

	/* A server has to be asked for it before it is listed. */
	if (pack->key_file)
		(void)sp_reading_has(reading, base, pack->key_file);
	return r < 0 ? r
		     : sp_reading_packages(
			       reading, base, pack,
			       pack->format == SP_PACK_UPDATE ? NULL : &signers, err);
}

int sp_reader_verify(struct sp_tree *tree, const struct sp_reader_options *options,
		     const struct sp_reader_sink *sink, struct sp_pack *pack,
		     struct sp_error *err)
{
	SP_AUTO(sp_tree_freep) struct sp_tree *image = NULL;
	SP_AUTO(sp_findings_done) struct sp_findings findings = { 0 };
	struct sp_reading reading = {
		.options = options,
		.sink = sink,
		.findings = &findings,
		.image = "",
	};
	const char *base = NULL;
	int r = sp_reader_locate(tree, pack->directory, &image, &base, err);

	if (r < 0)
		return r;
	forget(pack);
	reading.tree = image ? image : tree;
	r = verify(&reading, base, pack, err);
	return r == 0 ? sp_tree_check(tree, err) : r;
}
