/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* A root made of a row's own files: path and text, in turn; a text that begins with "->"
 * makes a link, a path that ends in '/' a directory.  Ends with NULL. */

#include "support/machine.h"

#define TREE_MAX_FILES 16

struct tree_file {
	const char *path, *text;
};

/* Makes it in @machine and opens it. */
static inline int tree_make(struct machine *machine, const struct tree_file *files)
{
	int fd;

	machine_init(machine);
	for (size_t i = 0; i < TREE_MAX_FILES && files[i].path; i++) {
		const struct tree_file *file = &files[i];

		if (file->path[strlen(file->path) - 1] == '/')
			machine_make_parents(machine, file->path);
		else if (!strncmp(file->text, "->", 2))
			machine_link(machine, file->path, file->text + 2);
		else
			machine_write(machine, file->path, file->text);
	}
	fd = open(machine->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		abort();
	return fd;
}
