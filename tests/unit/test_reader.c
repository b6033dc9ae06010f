/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The media of tests/factory/make-variants, as directories and as ISO images. */
#include "repo/reader.h"
#include "base/finding.h"
#include "base/module.h"
#include "probe/modinfo.h"
#include "repo/keys.h"
#include "repo/pack.h"
#include "repo/tree.h"
#include "repo/verifier.h"
#include "support/table.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

struct seen {
	struct sp_pack_list packs;
	struct sp_findings findings;
};

static void seen_done(struct seen *seen)
{
	sp_pack_list_done(&seen->packs);
	sp_findings_done(&seen->findings);
}

static int on_pack(void *user, struct sp_pack *pack, struct sp_error *err)
{
	struct seen *seen = user;
	struct sp_pack *grown =
		realloc(seen->packs.items, (seen->packs.n + 1) * sizeof *grown);

	(void)err;
	assert_non_null(grown);
	seen->packs.items = grown;
	grown[seen->packs.n++] = *pack;
	*pack = (struct sp_pack){ 0 };
	return 0;
}

static struct sp_tree *open_tree(const char *name, bool as_image)
{
	char path[256];
	struct sp_tree *tree = NULL;
	struct sp_error err = SP_ERROR_INIT;
	SP_AUTO(sp_closep) int fd = -1;
	int r;

	(void)snprintf(path, sizeof path, "%s/%s%s", PACKS, name, as_image ? ".iso" : "");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		fail_msg("'%s' is not there", path);
	r = as_image ? sp_tree_open_iso(fd, &tree, &err)
		     : sp_tree_open_dir(fd, &tree, &err);
	if (r < 0)
		fail_msg("%s: %s", path, err.text);
	return tree;
}

/* One for all: making it is what takes time. */
static struct sp_keys keys;
static struct sp_verifier *verifier;

static void open_verifier(void)
{
	const struct sp_verifier_options options = { 0 };
	struct sp_error err = SP_ERROR_INIT;
	SP_AUTO(sp_closep) int dirfd = -1;

	dirfd = open(KEYS, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (sp_keys_read(dirfd, "trusted", &keys, &err) != 0 ||
	    sp_verifier_new(&keys, &options, &verifier, &err) != 0)
		abort();
}

static void read_all(struct sp_tree *tree, struct seen *seen)
{
	const struct sp_reader_sink sink = { .pack = on_pack, .user = seen };
	struct sp_reader_options how = { .read_module = sp_modinfo_read,
					 .location = "/mnt/test" };
	struct sp_error err = SP_ERROR_INIT;

	how.verifier = verifier;
	if (sp_reader_read(tree, &how, &sink, &seen->findings, &err) < 0)
		fail_msg("%s", err.text);
}

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

static void is_read(const struct row *row, bool as_image)
{
	SP_AUTO(sp_tree_freep) struct sp_tree *tree = open_tree(row->name, as_image);
	SP_AUTO(seen_done) struct seen seen = { 0 };
	const struct sp_finding *finding;

	read_all(tree, &seen);
	finding = find(&seen, row->code);
	if (getenv("SHOW") && finding)
		print_message("%s: %s\n", finding->code, finding->text);
	if (!row->code && finding)
		fail_msg("%s: %s", finding->code, finding->text);
	if (row->code && !finding)
		fail_msg("there is no '%s', but '%s'", row->code,
			 find(&seen, NULL) ? find(&seen, NULL)->code : "nothing");
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

int main(void)
{
	int failed;

	open_verifier();
	failed = table_run("directories", rows, is_read_from_directory);
	failed += table_run("images", rows, is_read_from_image);
	sp_verifier_free(verifier);
	sp_keys_done(&keys);
	return failed;
}
