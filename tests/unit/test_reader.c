/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The media of tests/factory/make-variants, as directories and as ISO images, and those
 * of make-media. */
#include "support/media.h"

#include <stdlib.h>
#include <string.h>

static const struct row {
	const char *name;
	size_t packs;
	enum sp_trust_state trust;
	const char *code; /* of a finding there must be; NULL: there is none at all */
	size_t modules;
} rows[] = {
	// clang-format off
	{ "good",               1, SP_TRUST_TRUSTED,     NULL,               1 },
	{ "rpms-signed",        1, SP_TRUST_TRUSTED,     NULL,               1 },
	{ "subkey",             1, SP_TRUST_TRUSTED,     NULL,               1 },
	{ "ed25519",            1, SP_TRUST_TRUSTED,     NULL,               1 },
	{ "zstd",               1, SP_TRUST_TRUSTED,     NULL,               1 },
	{ "xz",                 1, SP_TRUST_TRUSTED,     NULL,               1 },
	{ "bz2",                1, SP_TRUST_TRUSTED,     NULL,               1 },
	{ "not-a-driver-disk",  1, SP_TRUST_TRUSTED,     NULL,               1 },
	{ "other-kernel",       1, SP_TRUST_TRUSTED,     NULL,               1 },
	{ "other-arch",         1, SP_TRUST_TRUSTED,     NULL,               1 },
	{ "unsigned",           1, SP_TRUST_UNSIGNED,    "unsigned",         1 },
	{ "half-signed",        1, SP_TRUST_UNSIGNED,    "unsigned",         1 },
	{ "stranger",           1, SP_TRUST_UNKNOWN_KEY, "unknown-key",      1 },
	{ "expired",            1, SP_TRUST_EXPIRED,     "expired-key",      1 },
	{ "revoked",            1, SP_TRUST_REVOKED,     "revoked-key",      0 },
	{ "weak",               1, SP_TRUST_WEAK,        "weak-signature",   1 },
	{ "sha1",               1, SP_TRUST_WEAK,        "weak-signature",   1 },
	{ "mixed-owners",       1, SP_TRUST_BAD,         "keys-differ",      0 },
	{ "bad-signature",      1, SP_TRUST_BAD,         "bad-signature",    0 },
	{ "bad-repomd",         1, SP_TRUST_BAD,         "bad-signature",    0 },
	{ "broken-armour",      1, SP_TRUST_DAMAGED,     "bad-signature",    0 },
	{ "flipped-rpm",        1, SP_TRUST_TRUSTED,     "damaged-package",  0 },
	{ "flipped-header",     1, SP_TRUST_TRUSTED,     "damaged-package",  0 },
	{ "truncated-rpm",      1, SP_TRUST_TRUSTED,     "damaged-package",  0 },
	{ "missing-rpm",        1, SP_TRUST_TRUSTED,     "missing-package",  0 },
	{ "flipped-primary",    1, SP_TRUST_TRUSTED,     "damaged-metadata", 0 },
	{ "truncated-primary",  1, SP_TRUST_TRUSTED,     "damaged-metadata", 0 },
	{ "climbing-href",      1, SP_TRUST_TRUSTED,     "unsafe-path",      0 },
	{ "rhel-driver-disk",   0, SP_TRUST_TRUSTED,     "foreign-rhel-driver-disk", 0 },
	{ "suse-driver-update", 0, SP_TRUST_TRUSTED,     "foreign-suse-driver-update", 0 },
	{ "install-source",     0, SP_TRUST_TRUSTED,     "installation-source", 0 },
	{ "empty",              0, SP_TRUST_TRUSTED,     "no-pack",          0 },
	// clang-format on
};

static const struct sp_finding *find(const struct seen *seen, const char *code)
{
	for (size_t i = 0; i < seen->findings.n; i++)
		if (!code || strcmp(seen->findings.items[i].code, code) == 0)
			return &seen->findings.items[i];
	for (size_t p = 0; p < seen->packs.n; p++)
		for (size_t i = 0; i < seen->packs.items[p].findings.n; i++) {
			const struct sp_finding *finding =
				&seen->packs.items[p].findings.items[i];

			if (!code || strcmp(finding->code, code) == 0)
				return finding;
		}
	return NULL;
}

static void check_codes(const struct seen *seen, const char *code)
{
	const struct sp_finding *finding = find(seen, code);

	if (getenv("SHOW") && finding)
		print_message("%s: %s\n", finding->code, finding->text);
	if (!code && finding)
		fail_msg("%s: %s", finding->code, finding->text);
	if (code && !finding)
		fail_msg("there is no '%s', but '%s'", code,
			 find(seen, NULL) ? find(seen, NULL)->code : "nothing");
}

static void is_read(const struct row *row, bool as_image)
{
	SP_AUTO(sp_tree_freep)
	struct sp_tree *tree = open_medium(PACKS, row->name, as_image);
	SP_AUTO(seen_done) struct seen seen = { 0 };

	read_all(tree, &seen);
	check_codes(&seen, row->code);
	assert_int_equal(seen.packs.n, row->packs);
	if (row->packs == 0)
		return;
	assert_int_equal(seen.packs.items[0].trust.state, row->trust);
	assert_int_equal(seen.packs.items[0].modules.n, row->modules);
}

static void is_read_from_directory(void **state)
{
	is_read(*state, false);
}

static void is_read_from_image(void **state)
{
	is_read(*state, true);
}

/* ---- other media ----------------------------------------------------------- */

static const struct medium_row {
	const char *name;
	bool as_image;
	size_t packs;
	enum sp_trust_state trust;  /* of the last pack */
	size_t verified;            /* packages, of all packs */
	size_t modules;             /* of all packs */
	const char *code;           /* of a finding there must be; NULL: none at all */
	const char *id, *directory; /* of the last pack; NULL: any */
} media[] = {
	// clang-format off
	{ "rpm-unsigned",      false, 1, SP_TRUST_UNSIGNED,    1, 1, "unsigned",         "test-test-1.0-1.x86_64", "" },
	{ "rpm-signed",        false, 1, SP_TRUST_TRUSTED,     1, 1, NULL,               "test-test-1.0-1.x86_64", "" },
	{ "rpms-signed",       false, 1, SP_TRUST_TRUSTED,     3, 1, NULL,               "/mnt/test", "" },
	{ "rpms-mixed",        false, 1, SP_TRUST_UNSIGNED,    2, 1, "unsigned",         NULL, "" },
	{ "rpm-stranger",      false, 1, SP_TRUST_UNKNOWN_KEY, 1, 1, "unknown-key",      NULL, "" },
	{ "rpms-strangers",    false, 1, SP_TRUST_UNKNOWN_KEY, 2, 1, "unknown-key",      NULL, "" },
	{ "rpm-revoked",       false, 1, SP_TRUST_REVOKED,     1, 1, "revoked-key",      NULL, "" },
	{ "rpm-flipped",       false, 1, SP_TRUST_UNSIGNED,    0, 0, "damaged-package",  NULL, "" },
	{ "rpm-truncated",     false, 1, SP_TRUST_UNSIGNED,    0, 0, "damaged-package",  NULL, "" },
	{ "rpm-none",          false, 1, SP_TRUST_UNSIGNED,    0, 0, "damaged-package",  "none.rpm", "" },
	{ "rpms-below",        false, 1, SP_TRUST_TRUSTED,     1, 1, NULL,               NULL, "drivers" },
	{ "legacy-rpm",        false, 1, SP_TRUST_UNSIGNED,    1, 0, "unsigned",         "example:examplepack", "" },
	{ "legacy-driver-rpm", false, 1, SP_TRUST_UNSIGNED,    1, 1, "unsigned",         NULL, "" },
	{ "legacy-signed",     false, 1, SP_TRUST_TRUSTED,     1, 1, "signed-rpm",       NULL, "" },
	{ "legacy-driver",     false, 1, SP_TRUST_UNSIGNED,    2, 1, "unsigned",         NULL, "" },
	{ "legacy-text",       false, 1, SP_TRUST_UNSIGNED,    1, 1, "unsigned",         NULL, "" },
	{ "legacy-listed",     false, 1, SP_TRUST_UNSIGNED,    1, 0, "unsigned",         NULL, "packages.extra" },
	{ "legacy-flipped",    false, 1, SP_TRUST_UNSIGNED,    0, 0, "damaged-package",  NULL, "" },
	{ "legacy-half",       false, 0, SP_TRUST_UNSIGNED,    0, 0, "damaged-metadata", NULL, NULL },
	{ "legacy-main",       false, 0, SP_TRUST_UNSIGNED,    0, 0, "installation-source", NULL, NULL },
	{ "two-directories",   false, 2, SP_TRUST_UNSIGNED,    6, 2, "unsigned",         NULL, "b" },
	{ "two-directories",   true,  2, SP_TRUST_UNSIGNED,    6, 2, "unsigned",         NULL, "b" },
	{ "image",             false, 1, SP_TRUST_TRUSTED,     3, 1, NULL,               NULL, "drivers.iso" },
	{ "image",             true,  1, SP_TRUST_TRUSTED,     3, 1, NULL,               NULL, "drivers.iso" },
	{ "images",            false, 2, SP_TRUST_UNSIGNED,    6, 2, "installation-source", NULL, "more/unsigned.iso" },
	{ "no-image",          false, 0, SP_TRUST_UNSIGNED,    0, 0, "no-pack",          NULL, NULL },
	{ "cut-image",         false, 0, SP_TRUST_UNSIGNED,    0, 0, "damaged-metadata", NULL, NULL },
	{ "half-pack",         false, 1, SP_TRUST_DAMAGED,     0, 0, "damaged-metadata", NULL, "" },
	{ "repository",        false, 0, SP_TRUST_UNSIGNED,    0, 0, "no-pack",          NULL, NULL },
	{ "pack-and-source",   false, 0, SP_TRUST_UNSIGNED,    0, 0, "installation-source", NULL, NULL },
	{ "debian",            false, 0, SP_TRUST_UNSIGNED,    0, 0, "foreign-debian-medium", NULL, NULL },
	{ "other-source",      false, 0, SP_TRUST_UNSIGNED,    0, 0, "installation-source", NULL, NULL },
	// clang-format on
};

static size_t count_verified(const struct sp_pack_list *packs)
{
	size_t n = 0;

	for (size_t p = 0; p < packs->n; p++)
		for (size_t i = 0; i < packs->items[p].n_packages; i++)
			n += packs->items[p].packages[i].verified;
	return n;
}

static size_t count_modules(const struct sp_pack_list *packs)
{
	size_t n = 0;

	for (size_t p = 0; p < packs->n; p++)
		n += packs->items[p].modules.n;
	return n;
}

static void medium_is_read(void **state)
{
	const struct medium_row *row = *state;
	SP_AUTO(sp_tree_freep)
	struct sp_tree *tree = open_medium(MEDIA, row->name, row->as_image);
	SP_AUTO(seen_done) struct seen seen = { 0 };
	const struct sp_pack *last;

	read_all(tree, &seen);
	check_codes(&seen, row->code);
	assert_int_equal(seen.packs.n, row->packs);
	assert_int_equal(count_verified(&seen.packs), row->verified);
	assert_int_equal(count_modules(&seen.packs), row->modules);
	if (row->packs == 0)
		return;
	last = &seen.packs.items[seen.packs.n - 1];
	assert_int_equal(last->trust.state, row->trust);
	if (row->id)
		assert_string_equal(last->id, row->id);
	if (row->directory)
		assert_string_equal(last->directory, row->directory);
}

/* A key that lies with the pack makes nothing trusted, but is named in full. */
static void offered_key_is_named(void **state)
{
	static const char *const names[] = { "stranger-key", "rpm-stranger-key" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		SP_AUTO(sp_tree_freep)
		struct sp_tree *tree = open_medium(MEDIA, names[i], false);
		SP_AUTO(seen_done) struct seen seen = { 0 };

		read_all(tree, &seen);
		assert_int_equal(seen.packs.n, 1);
		assert_int_equal(seen.packs.items[0].trust.state, SP_TRUST_UNKNOWN_KEY);
		assert_int_equal(strlen(seen.packs.items[0].trust.key), 40);
		assert_non_null(strstr(seen.packs.items[0].trust.user_id, "tranger"));
	}
}

/* What it would take to read the packages is known before they are read. */
static void metadata_alone_will_do(void **state)
{
	SP_AUTO(sp_tree_freep)
	struct sp_tree *tree = open_medium(PACKS, "flipped-rpm", true);
	SP_AUTO(seen_done) struct seen seen = { 0 };
	const struct sp_reader_sink sink = { .pack = on_pack, .user = &seen };
	const struct sp_reader_options how = { .metadata_only = true };
	struct sp_error err = SP_ERROR_INIT;

	(void)state;
	assert_int_equal(sp_reader_read(tree, &how, &sink, &seen.findings, &err), 0);
	assert_int_equal(seen.packs.n, 1);
	assert_true(seen.packs.items[0].driver_disk);
	assert_int_equal(seen.packs.items[0].n_packages, 3);
	assert_int_equal(seen.packs.items[0].packages[1].files.n, 1);
	assert_string_equal(seen.packs.items[0].packages[1].files.items[0],
			    "lib/modules/4.19.0+1/updates/test.ko");
	assert_true(
		sp_strv_has(&seen.packs.items[0].requires_, "kernel-uname-r = 4.19.0+1"));
	assert_int_equal(count_verified(&seen.packs), 0);
}

static int stop_at_once(void *user, const char *what, uint64_t done, uint64_t total)
{
	(void)user;
	assert_string_equal(what, "test-test");
	assert_true(done <= total);
	return 1;
}

static void can_be_cancelled(void **state)
{
	SP_AUTO(sp_tree_freep) struct sp_tree *tree = open_medium(PACKS, "good", true);
	SP_AUTO(seen_done) struct seen seen = { 0 };
	const struct sp_reader_sink sink = { on_pack, stop_at_once, &seen };
	const struct sp_reader_options how = { 0 };
	struct sp_error err = SP_ERROR_INIT;

	(void)state;
	assert_int_equal(sp_reader_read(tree, &how, &sink, &seen.findings, &err),
			 -SP_ERR_CANCELLED);
	assert_int_equal(seen.packs.n, 0);
}

int main(void)
{
	const struct CMUnitTest others[] = {
		cmocka_unit_test(offered_key_is_named),
		cmocka_unit_test(metadata_alone_will_do),
		cmocka_unit_test(can_be_cancelled),
	};
	int failed;

	open_verifier();
	failed = table_run("directories", rows, is_read_from_directory);
	failed += table_run("images", rows, is_read_from_image);
	failed += table_run("media", media, medium_is_read);
	failed += cmocka_run_group_tests(others, NULL, NULL);
	close_verifier();
	return failed;
}
