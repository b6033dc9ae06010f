/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A pack of before 7.1 on a medium.  Nothing signs it, so its own MD5s guard against
 * damage only, and its RPMs' signatures are all there is to trust. */
#include "repo/reading.h"

#include "base/array.h"
#include "repo/legacy.h"
#include "repo/limits.h"

#include <stdlib.h>
#include <string.h>

struct legacy {
	const struct sp_reading *reading;
	const char *base;
	struct sp_pack *pack;
	char *repository, *packages;
	size_t repository_len, packages_len;
};

static void legacy_done(struct legacy *legacy)
{
	free(legacy->repository);
	free(legacy->packages);
}

static int load(const struct legacy *legacy, const char *name, char **ret_bytes,
		size_t *ret_len, struct sp_error *why)
{
	SP_AUTO(sp_str_freep) char *path = sp_reading_path(legacy->base, name);
	int r;

	if (!path)
		return sp_error_nomem(why);
	r = sp_tree_load(legacy->reading->tree, path, SP_LEGACY_MAX_BYTES, ret_bytes,
			 ret_len, why);
	return r == SP_TREE_ABSENT
		       ? sp_error_set(why, SP_ERR_FORMAT,
				      "it is not there, though the pack needs it")
		       : r;
}

/* What is wrong with the description leaves no pack, only a finding. */
static int blame(const struct legacy *legacy, const char *name,
		 const struct sp_error *why, struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *path = sp_reading_path(legacy->base, name);

	if (!path)
		return sp_error_nomem(err);
	return sp_reading_blame(legacy->pack, "damaged-metadata", path, why, err);
}

/* The product's own repositories of that time look like packs. */
static bool is_product(const struct sp_pack *pack)
{
	return strcmp(pack->id, "xs:main") == 0 || strcmp(pack->id, "xcp:main") == 0;
}

static int say_product(const struct legacy *legacy, struct sp_error *err)
{
	const char *location = legacy->reading->options->location;

	if (!location)
		location = "the medium";
	return sp_findings_add(
		legacy->reading->findings, "installation-source", location, err,
		"'%.200s' is an installation source of %s %s", location,
		legacy->pack->product ? legacy->pack->product : "the product",
		legacy->pack->version);
}

/* If every package is an RPM by a key of ours, nobody else has a say in what is
 * installed. */
static int judge(struct sp_pack *pack, struct sp_reading_signers *signers,
		 struct sp_error *err)
{
	if (signers->n_trusted) {
		int r = sp_findings_add(
			&pack->findings, "signed-rpm", pack->label, err,
			"%zu of the %zu packages of '%.200s' are signed by a "
			"trusted key",
			signers->n_trusted, pack->n_packages, pack->label);

		if (r < 0)
			return r;
	}
	if (pack->n_packages && signers->n_trusted == pack->n_packages) {
		sp_trust_done(&pack->trust);
		pack->trust = signers->worst;
		signers->worst = (struct sp_trust){ 0 };
	}
	return sp_reading_say_trust(pack, sp_reading_trust_code(pack->trust.state), err);
}

static int read_packages(const struct legacy *legacy, struct sp_error *err)
{
	SP_AUTO(sp_reading_signers_done) struct sp_reading_signers signers = { 0 };
	int r = 0;

	if (!legacy->reading->options->metadata_only)
		r = sp_reading_packages(legacy->reading, legacy->base, legacy->pack,
					&signers, err);
	return r == 0 ? judge(legacy->pack, &signers, err) : r;
}

static int read_pack(struct legacy *legacy, struct sp_error *err)
{
	const char *blamed = SP_LEGACY_REPOSITORY;
	struct sp_error why = SP_ERROR_INIT;
	int r = load(legacy, SP_LEGACY_REPOSITORY, &legacy->repository,
		     &legacy->repository_len, &why);

	if (r == 0) {
		blamed = SP_LEGACY_PACKAGES;
		r = load(legacy, SP_LEGACY_PACKAGES, &legacy->packages,
			 &legacy->packages_len, &why);
	}
	if (r == 0) {
		const struct sp_legacy_files files = {
			.repository = legacy->repository,
			.repository_len = legacy->repository_len,
			.packages = legacy->packages,
			.packages_len = legacy->packages_len,
		};

		blamed = SP_LEGACY_REPOSITORY;
		r = sp_legacy_read(&files, legacy->pack, &why);
	}
	if (r < 0) {
		free(sp_steal(legacy->pack->id));
		return blame(legacy, blamed, &why, err);
	}
	if (!is_product(legacy->pack))
		return read_packages(legacy, err);
	r = say_product(legacy, err);
	free(sp_steal(legacy->pack->id));
	return r;
}

int sp_reading_legacy(const struct sp_reading *reading, const char *base,
		      struct sp_error *err)
{
	SP_AUTO(sp_pack_done) struct sp_pack pack = { 0 };
	SP_AUTO(legacy_done)
	struct legacy legacy = {
		.reading = reading,
		.base = base,
		.pack = &pack,
	};
	int r;

	if (!sp_reading_has(reading, base, SP_LEGACY_REPOSITORY))
		return 0;
	r = read_pack(&legacy, err);
	if (r == 0)
		r = sp_reading_place_pack(reading, base, &pack, err);
	if (r == 0)
		r = sp_reading_end_pack(reading, &pack, err);
	return r < 0 ? r : SP_READING_TAKEN;
}
