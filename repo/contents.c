/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Each check is a row: its code, and a function that says what is wrong with one file or
 * that nothing is. */

#include "repo/contents.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

enum { PATH_BYTES = 4096, SAID_BYTES = 256 };

struct looking {
	const struct sp_contents *contents;
	const struct sp_contents_file *file;
	const char *path; /* without the leading '/' */
	const struct sp_contents_file **links;
	size_t n_links;
};

/* False: nothing.  True: @ret_said continues the sentence "'acme' of 'pack' …". */
typedef bool (*check_fn)(const struct looking *looking, char ret_said[SAID_BYTES]);

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static const char *relative(const char *path)
{
	return path + strspn(path, "/");
}

/* ---- paths ------------------------------------------------------------------------------- */

static bool has_bad_component(const char *path)
{
	for (;;) {
		size_t len = strcspn(path, "/");

		if (!len || (len == 1 && *path == '.') ||
		    (len == 2 && !memcmp(path, "..", 2)))
			return true;
		if (!path[len])
			return false;
		path += len + 1;
	}
}

static bool has_control_character(const char *path)
{
	for (; *path; path++)
		if ((unsigned char)*path < 0x20 || *path == 0x7f)
			return true;
	return false;
}

static bool check_path(const struct looking *looking, char ret_said[SAID_BYTES])
{
	const char *path = looking->path;

	if (strlen(path) < PATH_BYTES && !has_control_character(path) &&
	    !has_bad_component(path) && strspn(looking->file->path, "/") < 2)
		return false;
	(void)snprintf(ret_said, SAID_BYTES, "holds a file whose path is not safe");
	return true;
}

/* A file that a link of the same pack would put somewhere else. */
static bool check_links(const struct looking *looking, char ret_said[SAID_BYTES])
{
	for (size_t i = 0; i < looking->n_links; i++) {
		const char *link = relative(looking->links[i]->path);
		size_t len = strlen(link);

		if (!strncmp(looking->path, link, len) && looking->path[len] == '/') {
			(void)snprintf(
				ret_said, SAID_BYTES,
				"holds a file below '%.160s', which it makes a link",
				looking->links[i]->path);
			return true;
		}
	}
	return false;
}

/* ---- what they do ---------------------------------------------------------------------------- */

static bool check_base(const struct looking *looking, char ret_said[SAID_BYTES])
{
	const struct sp_contents *contents = looking->contents;
	const char *owner;

	if (!contents->owner || S_ISDIR(looking->file->mode))
		return false;
	owner = contents->owner(contents->context, looking->path);
	if (!owner || !strcmp(owner, looking->file->package))
		return false;
	(void)snprintf(ret_said, SAID_BYTES, "replaces a file of '%.80s'", owner);
	return true;
}

static bool matches(const char *path, const char *const patterns[], size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!fnmatch(patterns[i], path, FNM_PATHNAME | FNM_NOESCAPE))
			return true;
	return false;
}

static bool check_kernel(const struct looking *looking, char ret_said[SAID_BYTES])
{
	static const char *const patterns[] = {
		"boot/vmlinu*",
		"boot/xen*.gz",
		"boot/xen*.efi",
		"boot/efi/EFI/*/xen*.efi",
		"lib/modules/*/vmlinuz",
		"lib/modules/*/modules.builtin",
		"lib/modules/*/modules.order",
		"usr/lib/modules/*/vmlinuz",
		"usr/lib/modules/*/modules.builtin",
		"usr/lib/modules/*/modules.order",
	};

	if (!matches(looking->path, patterns, COUNT(patterns)))
		return false;
	(void)snprintf(ret_said, SAID_BYTES, "brings another kernel or hypervisor");
	return true;
}

static bool check_rights(const struct looking *looking, char ret_said[SAID_BYTES])
{
	const struct sp_contents_file *file = looking->file;
	const char *user = file->user && *file->user ? file->user : "unknown";

	if (!S_ISREG(file->mode))
		return false;
	if (file->mode & S_ISUID)
		(void)snprintf(ret_said, SAID_BYTES,
			       "brings a program that runs as user '%.60s' (setuid)",
			       user);
	else if (file->mode & S_ISGID)
		(void)snprintf(ret_said, SAID_BYTES,
			       "brings a program that runs with another group (setgid)");
	else if (file->capabilities && *file->capabilities)
		(void)snprintf(ret_said, SAID_BYTES,
			       "brings a program with capabilities (%.80s)",
			       file->capabilities);
	else
		return false;
	return true;
}

static bool check_special(const struct looking *looking, char ret_said[SAID_BYTES])
{
	mode_t mode = looking->file->mode;

	if (S_ISREG(mode) || S_ISDIR(mode) || S_ISLNK(mode))
		return false;
	(void)snprintf(ret_said, SAID_BYTES, "brings a %s",
		       S_ISBLK(mode) || S_ISCHR(mode) ? "device node" : "special file");
	return true;
}

static bool check_service(const struct looking *looking, char ret_said[SAID_BYTES])
{
	static const char *const at_boot[] = {
		"usr/lib/systemd/system/*.wants/*",
		"usr/lib/systemd/system/*.requires/*",
		"lib/systemd/system/*.wants/*",
		"lib/systemd/system/*.requires/*",
		"etc/systemd/system/*.wants/*",
		"etc/systemd/system/*.requires/*",
		"etc/rc.d/rc[0-6S].d/S*",
		"etc/rc[0-6S].d/S*",
		"usr/lib/systemd/system-preset/*.preset",
		"lib/systemd/system-preset/*.preset",
		"etc/systemd/system-preset/*.preset",
	};
	static const char *const by_clock[] = {
		"etc/cron.d/*",      "etc/cron.hourly/*",  "etc/cron.daily/*",
		"etc/cron.weekly/*", "etc/cron.monthly/*", "var/spool/cron/*",
	};

	if (S_ISDIR(looking->file->mode))
		return false;
	if (matches(looking->path, at_boot, COUNT(at_boot)))
		(void)snprintf(ret_said, SAID_BYTES, "enables a service");
	else if (matches(looking->path, by_clock, COUNT(by_clock)))
		(void)snprintf(ret_said, SAID_BYTES, "has something run by the clock");
	else
		return false;
	return true;
}

// clang-format off
static const struct check {
	const char *code;
	check_fn look;
} checks[] = {
	{ "unsafe-path",        check_path    },
	{ "unsafe-path",        check_links   },
	{ "replaces-base-file", check_base    },
	{ "brings-kernel",      check_kernel  },
	{ "brings-setuid",      check_rights  },
	{ "brings-device-node", check_special },
	{ "enables-service",    check_service },
};
// clang-format on

/* ---- all of them --------------------------------------------------------------------------------- */

static int check_files(const struct check *check, struct looking *looking,
		       struct sp_findings *findings, struct sp_error *err)
{
	const struct sp_contents *contents = looking->contents;
	size_t n = 0;
	int r = 0;

	for (size_t i = 0; r == 0 && i < contents->n; i++) {
		char said[SAID_BYTES];

		looking->file = &contents->files[i];
		looking->path = relative(looking->file->path);
		if (!check->look(looking, said) || ++n > SP_CONTENTS_MAX_SAID)
			continue;
		r = sp_findings_add(findings, check->code, looking->file->path, err,
				    "'%.100s' of '%.100s' %s: '%.200s'",
				    looking->file->package, contents->pack, said,
				    looking->file->path);
	}
	if (r == 0 && n > SP_CONTENTS_MAX_SAID)
		r = sp_findings_add(findings, check->code, contents->pack, err,
				    "'%.100s' holds %zu more files of this kind",
				    contents->pack, n - SP_CONTENTS_MAX_SAID);
	return r;
}

static int check_size(const struct sp_contents *contents, struct sp_findings *findings,
		      struct sp_error *err)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < contents->n; i++)
		if (S_ISREG(contents->files[i].mode) &&
		    __builtin_add_overflow(sum, contents->files[i].size_bytes, &sum))
			sum = UINT64_MAX / 2;
	sum /= 1024 * 1024;
	if (sum <= SP_CONTENTS_LARGE_MIB)
		return 0;
	return sp_findings_add(
		findings, "large-for-dom0", contents->pack, err,
		"'%.100s' takes %llu MiB of the control domain's root file "
		"system",
		contents->pack, (unsigned long long)sum);
}

static int links_find(struct looking *looking, struct sp_error *err)
{
	const struct sp_contents *contents = looking->contents;

	looking->links = calloc(contents->n + 1, sizeof(*looking->links));
	if (!looking->links)
		return sp_error_nomem(err);
	for (size_t i = 0; i < contents->n; i++)
		if (S_ISLNK(contents->files[i].mode))
			looking->links[looking->n_links++] = &contents->files[i];
	return 0;
}

static void looking_done(struct looking *looking)
{
	free(looking->links);
}

int sp_contents_check(const struct sp_contents *contents, struct sp_findings *findings,
		      struct sp_error *err)
{
	SP_AUTO(looking_done) struct looking looking = { .contents = contents };
	int r = links_find(&looking, err);

	for (size_t i = 0; r == 0 && i < COUNT(checks); i++)
		r = check_files(&checks[i], &looking, findings, err);
	return r == 0 ? check_size(contents, findings, err) : r;
}
