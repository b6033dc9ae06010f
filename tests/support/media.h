/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Reading the media that tests/factory made, for tests of what reads and keeps them. */

#include "base/finding.h"
#include "probe/modinfo.h"
#include "repo/keys.h"
#include "repo/pack.h"
#include "repo/reader.h"
#include "repo/tree.h"
#include "repo/verifier.h"
#include "support/table.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

static inline struct sp_tree *open_medium(const char *dir, const char *name,
					  bool as_image)
{
	char path[256];
	struct sp_tree *tree = NULL;
	struct sp_error err = SP_ERROR_INIT;
	SP_AUTO(sp_closep) int fd = -1;
	int r;

	(void)snprintf(path, sizeof path, "%s/%s%s", dir, name, as_image ? ".iso" : "");
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

static inline void open_verifier(void)
{
	const struct sp_verifier_options options = { 0 };
	struct sp_error err = SP_ERROR_INIT;
	SP_AUTO(sp_closep) int dirfd = -1;

	dirfd = open(KEYS, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (sp_keys_read(dirfd, "trusted", &keys, &err) != 0 ||
	    sp_verifier_new(&keys, &options, &verifier, &err) != 0)
		abort();
}

static inline void read_all(struct sp_tree *tree, struct seen *seen)
{
	const struct sp_reader_sink sink = { .pack = on_pack, .user = seen };
	struct sp_reader_options how = { .read_module = sp_modinfo_read,
					 .location = "/mnt/test" };
	struct sp_error err = SP_ERROR_INIT;

	how.verifier = verifier;
	if (sp_reader_read(tree, &how, &sink, &seen->findings, &err) < 0)
		fail_msg("%s", err.text);
}

static inline void close_verifier(void)
{
	sp_verifier_free(verifier);
	sp_keys_done(&keys);
}
