/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Whatever ends a worker, its parent can clean up behind it. */

#include "installer-plugin/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/text.h"

static const char *place(void)
{
	const char *named = getenv("TMPDIR");
	struct stat info;

	if (named && *named == '/')
		return named;
	if (lstat("/run/suppack", &info) == 0 && S_ISDIR(info.st_mode))
		return "/run/suppack";
	return "/tmp";
}

int sp_scratch_init(struct sp_scratch *scratch, struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *path = sp_text_format("%s/suppack-XXXXXX", place());

	if (!path)
		return sp_error_nomem(err);
	if (!mkdtemp(path))
		return sp_error_set_errno(err, errno, "making a directory in '%s'",
					  place());
	scratch->path = sp_steal(path);
	return 0;
}

void sp_scratch_done(struct sp_scratch *scratch)
{
	char *name = scratch->path ? strrchr(scratch->path, '/') : NULL;
	struct sp_error ignored = SP_ERROR_INIT;
	int fd;

	if (name) {
		*name++ = '\0';
		fd = open(*scratch->path ? scratch->path : "/",
			  O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd >= 0 && sp_file_remove_tree(fd, name, &ignored) < 0)
			ignored.code = 0; /* nobody is left to tell */
		sp_closep(&fd);
	}
	free(scratch->path);
	*scratch = (struct sp_scratch){ 0 };
}
