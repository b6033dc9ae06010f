/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A pack is kept under another name until it is whole. */
#include "repo/spool.h"

#include "base/file.h"
#include "base/text.h"
#include "repo/pack.h"
#include "repo/reader.h"
#include "repo/spool_steps.h"
#include "repo/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DIGEST_SHOWN = 12 };

static void keeping_done(struct sp_spooling *keeping)
{
	for (size_t i = 0; i < keeping->n_items; i++) {
		free(keeping->items[i].from);
		free(keeping->items[i].to);
		free(keeping->items[i].digest);
	}
	free(keeping->items);
	if (keeping->fd >= 0)
		(void)close(keeping->fd);
}

char *sp_spool_name(const struct sp_pack *pack)
{
	SP_AUTO(sp_str_freep)
	char *id = sp_text_format("%s-%.*s", pack->id, DIGEST_SHOWN,
				  pack->metadata_digest ? pack->metadata_digest : "");

	return id ? sp_text_file_name(id) : NULL;
}

/* ---- all of it ------------------------------------------------------------- */

static int fill(struct sp_spooling *keeping, struct sp_error *err)
{
	int r = sp_spool_list(keeping, err);

	return r == 0 ? sp_spool_copy(keeping, err) : r;
}

static int make_new(int dirfd, const char *name, int *ret_fd, struct sp_error *err)
{
	int r = sp_file_remove_tree(dirfd, name, err);

	if (r < 0)
		return r;
	if (mkdirat(dirfd, name, 0700) < 0)
		return sp_error_set_errno(err, errno, "making the directory '%s'", name);
	return sp_file_open_dir_beneath(dirfd, name, ret_fd, err);
}

static int put_in_place(int dirfd, const char *from, const char *to, struct sp_error *err)
{
	int r = sp_file_remove_tree(dirfd, to, err);

	if (r == 0 && renameat(dirfd, from, dirfd, to) < 0)
		r = sp_error_set_errno(err, errno, "naming the directory '%s'", to);
	return r;
}

/* What went wrong before is what counts. */
static int clear_away(int dirfd, const char *name, int r)
{
	struct sp_error ignored = SP_ERROR_INIT;

	if (sp_file_remove_tree(dirfd, name, &ignored) < 0)
		return r;
	return r;
}

int sp_spool_keep(struct sp_tree *tree, const struct sp_pack *pack, int dirfd,
		  const struct sp_spool_progress *progress, struct sp_error *err)
{
	SP_AUTO(sp_tree_freep) struct sp_tree *image = NULL;
	SP_AUTO(keeping_done)
	struct sp_spooling keeping = {
		.pack = pack,
		.progress = progress,
		.fd = -1,
	};
	SP_AUTO(sp_str_freep) char *name = sp_spool_name(pack);
	SP_AUTO(sp_str_freep) char *new_name = NULL;
	int r;

	new_name = name ? sp_text_format(".%s.new", name) : NULL;
	if (!new_name)
		return sp_error_nomem(err);
	r = sp_reader_locate(tree, pack->directory, &image, &keeping.base, err);
	if (r < 0)
		return r;
	keeping.tree = image ? image : tree;
	r = make_new(dirfd, new_name, &keeping.fd, err);
	if (r == 0)
		r = fill(&keeping, err);
	if (r == 0)
		r = put_in_place(dirfd, new_name, name, err);
	return r < 0 ? clear_away(dirfd, new_name, r) : 0;
}
