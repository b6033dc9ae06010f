/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The report reads a category's file and, in a directory beside it, what is collected;
 * one without the other is skipped. */

#include "installer-plugin/collectable.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "installer-plugin/context.h"
#include "installer-plugin/host.h"
#include "installer-plugin/log.h"
#include "repo/bugtool.h"

enum { DIR_MODE = 0755, FILE_MODE = 0644, FILE_BYTES = 4096 };

static const struct part {
	const char *directory, *name, *bytes;
} parts[] = {
	{ SP_BUGTOOL_DIRECTORY "/suppack", "packs.xml",
	  "<collect>\n"
	  "  <directory pattern=\".*/(record\\.json|update\\.xml|XS-[A-Z]+)\""
	  " negate=\"false\">/etc/xensource/installed-repos</directory>\n"
	  "  <files>/var/log/suppack*.log</files>\n"
	  "  <list recursive=\"true\">/var/update/applied /var/lib/suppack</list>\n"
	  "</collect>\n" },
	{ SP_BUGTOOL_DIRECTORY, "suppack.xml",
	  "<capability pii=\"no\" max_size=\"16777216\" mime=\"text/plain\""
	  " checked=\"true\"/>\n" },
};

/* Left alone where it is right: nothing is written for nothing. */
static int put(const struct part *part, int root_fd, struct sp_error *err)
{
	SP_AUTO(sp_closep) int place_fd = -1;
	SP_AUTO(sp_str_freep) char *there = NULL;
	size_t len = 0;
	int r = sp_file_make_dirs(root_fd, part->directory, DIR_MODE, err);

	if (r == 0)
		r = sp_file_open_dir_beneath(root_fd, part->directory, &place_fd, err);
	if (r == 0)
		r = sp_file_load(place_fd, part->name, FILE_BYTES, &there, &len, err);
	if (r < 0 || (r == 0 && !strcmp(there, part->bytes)))
		return r;
	return sp_file_replace(place_fd, part->name, part->bytes, strlen(part->bytes),
			       FILE_MODE, err);
}

static int take(const struct part *part, int root_fd, struct sp_error *err)
{
	SP_AUTO(sp_closep) int place_fd = -1;
	int r = sp_file_open_dir_beneath(root_fd, part->directory, &place_fd, err);

	if (r != 0)
		return r < 0 ? r : 0;
	if (unlinkat(place_fd, part->name, 0) < 0 && errno != ENOENT)
		return sp_error_set_errno(err, errno, "removing '/%s/%s'",
					  part->directory, part->name);
	/* Others may have theirs there. */
	if (unlinkat(root_fd, part->directory, AT_REMOVEDIR) < 0 && errno != ENOTEMPTY &&
	    errno != EEXIST)
		return sp_error_set_errno(err, errno, "removing '/%s'", part->directory);
	return 0;
}

int sp_collectable_update(const struct sp_context *context, const struct sp_host *host,
			  struct sp_error *err)
{
	size_t n = sizeof parts / sizeof parts[0];
	int r = 0;

	if (!sp_host_is_running(host))
		sp_log_copy(context->log, host->root_fd);
	for (size_t i = 0; r == 0 && i < n; i++)
		r = host->records.n ? put(&parts[i], host->root_fd, err)
				    : take(&parts[i], host->root_fd, err);
	return r;
}
