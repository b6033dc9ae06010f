/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The places the kernel's firmware loader looks in, in its order.  Compressed files
 * count: whether a kernel takes them is its configuration, which is not told. */
#include "probe/kernel.h"

#include "probe/root.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

static const struct {
	const char *dir;
	bool of_release;
} places[] = {
	{ "lib/firmware/updates", true },
	{ "lib/firmware/updates", false },
	{ "lib/firmware", true },
	{ "lib/firmware", false },
};

static const char *const endings[] = { "", ".xz", ".zst" };

static bool is_file(const struct sp_root *root, const char *path)
{
	SP_AUTO(sp_closep) int fd = -1;
	struct sp_error ignored = SP_ERROR_INIT;
	struct stat st;

	return sp_root_open(root, path, O_PATH, &fd, &ignored) == 0 &&
	       fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

static bool is_in_place(const struct sp_root *root, const struct sp_kernel *kernel,
			size_t place, const char *name)
{
	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
		SP_AUTO(sp_str_freep)
		char *path = sp_text_format(
			"%s/%s%s%s%s", places[place].dir,
			places[place].of_release ? kernel->release : "",
			places[place].of_release ? "/" : "", name, endings[i]);

		if (path && is_file(root, path))
			return true;
	}
	return false;
}

bool sp_kernel_has_firmware(const struct sp_root *root, const struct sp_kernel *kernel,
			    const char *name)
{
	if (!sp_text_path_is_safe(name))
		return false;
	for (size_t i = 0; i < sizeof places / sizeof *places; i++)
		if (is_in_place(root, kernel, i, name))
			return true;
	return false;
}
