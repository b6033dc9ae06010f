/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RPM transactions into empty roots, with RPMs that do one thing each.  A failure must
 * leave every file as it was: the tree is listed before and after. */
#include "repo/transaction.h"
#include "base/child.h"
#include "base/file.h"
#include "base/worker.h"
#include "repo/digest.h"
#include "repo/pack.h"
#include "repo/rpmdb.h"
#include "support/table.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define UPDATES "lib/modules/4.19.0+1/updates/"

enum { MAX_PACKAGES = 4 };

enum twist {
	AS_IT_IS,
	OTHER_DIGEST,    /* the pack says another sha256 */
	OTHER_SIZE,      /* or size */
	OTHER_NAME,      /* it is another package than it should be */
	FLIPPED_PAYLOAD, /* and nobody says a digest */
	FLIPPED_HEADER,
	TRUNCATED,
	SWAPPED,        /* the file's name is given to another one after it was opened */
	PLANTED_ORPHAN, /* an interrupted transaction left an unfinished file */
	PLANTED_FILE,   /* a file is in the way, of nobody's */
	MOVED_LIB,      /* lib is a link to usr/lib */
	ABSOLUTE_LINK,  /* lib/modules is a link to /data, which is in the root */
	MISSING_FILE,   /* of the package that is installed already */
	CHANGED_FILE,
	CHANGED_SETTINGS, /* by the operator, in a configuration file */
	FULL_DISK,        /* 2 MiB for all of it */
	FULL_DATABASE,    /* no room for the database */
	READ_ONLY,
	CANCEL_EARLY,
	CANCEL_LATE,
};

static const struct row {
	const char *name;
	const char *before[MAX_PACKAGES];  /* installed first */
	const char *install[MAX_PACKAGES]; /* then this */
	enum twist twist;
	int want;             /* 0 or -SP_ERR_… */
	const char *finding;  /* its code */
	const char *says;     /* part of its text */
	const char *database; /* what rpm says is there in the end, by blanks */
	const char *there;    /* a file that is there in the end */
	const char *provided;
	bool installer, test_only, no_scripts, allow_downgrade, already;
	bool changed; /* a failure that cannot be undone */
	unsigned deadline_ms;
} rows[] = {
	// clang-format off
	{ "one package", .install = { "plain-1.0-1.noarch" },
	  .database = "plain-1.0-1.noarch", .there = UPDATES "plain.ko" },
	{ "three", .install = { "plain-1.0-1.noarch", "needed-1.0-1.noarch", "settings-1.0-1.noarch" },
	  .database = "needed-1.0-1.noarch plain-1.0-1.noarch settings-1.0-1.noarch",
	  .there = "lib/firmware/link" },
	{ "tested only", .install = { "plain-1.0-1.noarch" }, .test_only = true, .database = "" },
	{ "into the installer", .install = { "plain-1.0-1.noarch" }, .installer = true,
	  .database = "plain-1.0-1.noarch", .there = UPDATES "plain.ko" },
	{ "into a root whose lib has moved", .install = { "plain-1.0-1.noarch" },
	  .twist = MOVED_LIB, .database = "plain-1.0-1.noarch",
	  .there = "usr/" UPDATES "plain.ko" },
	{ "into a root with an absolute link", .install = { "plain-1.0-1.noarch" },
	  .twist = ABSOLUTE_LINK, .database = "plain-1.0-1.noarch",
	  .there = "data/4.19.0+1/updates/plain.ko" },

	{ "needed by one another", .install = { "needs-needed-1.0-1.noarch", "needed-1.0-1.noarch" },
	  .database = "needed-1.0-1.noarch needs-needed-1.0-1.noarch" },
	{ "needed and there", .before = { "needed-1.0-1.noarch" },
	  .install = { "needs-needed-1.0-1.noarch" },
	  .database = "needed-1.0-1.noarch needs-needed-1.0-1.noarch" },
	{ "needed and missing", .install = { "needs-needed-1.0-1.noarch" },
	  .want = -SP_ERR_REQUIREMENTS, .finding = "requirement-missing",
	  .says = "needed is needed by", .database = "" },
	{ "provided by the system", .install = { "needy-1.0-1.noarch" },
	  .provided = "kernel-uname-r = 4.19.0+1,/usr/sbin/depmod,vendor-thing = 2.1",
	  .database = "needy-1.0-1.noarch" },
	{ "another kernel is provided", .install = { "needy-1.0-1.noarch" },
	  .provided = "kernel-uname-r = 4.19.0+2,/usr/sbin/depmod,vendor-thing = 2.1",
	  .want = -SP_ERR_REQUIREMENTS, .finding = "requirement-missing",
	  .says = "kernel-uname-r = 4.19.0+1", .database = "" },
	{ "too old a version is provided", .install = { "needy-1.0-1.noarch" },
	  .provided = "kernel-uname-r = 4.19.0+1,/usr/sbin/depmod,vendor-thing = 1.9",
	  .want = -SP_ERR_REQUIREMENTS, .finding = "requirement-missing",
	  .says = "vendor-thing", .database = "" },
	{ "the installer has no such file", .install = { "needy-1.0-1.noarch" }, .installer = true,
	  .provided = "kernel-uname-r = 4.19.0+1,vendor-thing = 2",
	  .want = -SP_ERR_REQUIREMENTS, .finding = "requirement-missing",
	  .says = "/usr/sbin/depmod", .database = "" },
	{ "conflicting with what is there", .before = { "plain-1.0-1.noarch" },
	  .install = { "clashes-1.0-1.noarch" }, .want = -SP_ERR_REQUIREMENTS,
	  .finding = "conflict", .says = "plain", .database = "plain-1.0-1.noarch" },
	{ "conflicting files", .before = { "plain-1.0-1.noarch" },
	  .install = { "takes-file-1.0-1.noarch" }, .want = -SP_ERR_REQUIREMENTS,
	  .finding = "conflict", .says = "plain.ko", .database = "plain-1.0-1.noarch" },
	{ "conflicting with one another", .install = { "plain-1.0-1.noarch", "takes-file-1.0-1.noarch" },
	  .want = -SP_ERR_REQUIREMENTS, .finding = "conflict", .says = "plain.ko", .database = "" },
	{ "two of a name", .install = { "plain-1.0-1.noarch", "plain-2.0-1.noarch" },
	  .want = -SP_ERR_REQUIREMENTS, .finding = "conflict", .says = "together", .database = "" },
	{ "another architecture", .install = { "foreign-1.0-1.aarch64" },
	  .want = -SP_ERR_REQUIREMENTS, .finding = "wrong-architecture", .database = "" },

	{ "an update", .before = { "plain-1.0-1.noarch" }, .install = { "plain-2.0-1.noarch" },
	  .database = "plain-2.0-1.noarch", .there = UPDATES "plain.ko" },
	{ "an older one", .before = { "plain-2.0-1.noarch" }, .install = { "plain-1.0-1.noarch" },
	  .want = -SP_ERR_REQUIREMENTS, .finding = "older-than-installed", .says = "newer",
	  .database = "plain-2.0-1.noarch" },
	{ "an older one, really wanted", .before = { "plain-2.0-1.noarch" },
	  .install = { "plain-1.0-1.noarch" }, .allow_downgrade = true,
	  .database = "plain-1.0-1.noarch" },
	{ "the same again", .before = { "plain-1.0-1.noarch" }, .install = { "plain-1.0-1.noarch" },
	  .already = true, .database = "plain-1.0-1.noarch" },
	{ "the same, its scripts would fail", .before = { "settings-1.0-1.noarch" },
	  .install = { "settings-1.0-1.noarch" }, .twist = CHANGED_SETTINGS, .already = true,
	  .database = "settings-1.0-1.noarch" },
	{ "the same, a file is missing", .before = { "plain-1.0-1.noarch" },
	  .install = { "plain-1.0-1.noarch" }, .twist = MISSING_FILE,
	  .database = "plain-1.0-1.noarch", .there = UPDATES "plain.ko" },
	{ "the same, a file was changed", .before = { "plain-1.0-1.noarch" },
	  .install = { "plain-1.0-1.noarch" }, .twist = CHANGED_FILE,
	  .database = "plain-1.0-1.noarch", .there = UPDATES "plain.ko" },
	{ "the same name, another build", .before = { "plain-1.0-1.noarch" },
	  .install = { "respun/plain-1.0-1.noarch" }, .database = "plain-1.0-1.noarch" },

	{ "another digest than the pack says", .install = { "plain-1.0-1.noarch" },
	  .twist = OTHER_DIGEST, .want = -SP_ERR_DAMAGED, .finding = "damaged-package",
	  .says = "digest", .database = "" },
	{ "another size than the pack says", .install = { "plain-1.0-1.noarch" },
	  .twist = OTHER_SIZE, .want = -SP_ERR_DAMAGED, .finding = "damaged-package",
	  .says = "bytes", .database = "" },
	{ "another package than the pack says", .install = { "plain-1.0-1.noarch" },
	  .twist = OTHER_NAME, .want = -SP_ERR_DAMAGED, .finding = "nevra-mismatch",
	  .says = "is 'plain-1.0-1.noarch'", .database = "" },
	{ "a flipped byte in the payload", .install = { "plain-1.0-1.noarch" },
	  .twist = FLIPPED_PAYLOAD, .want = -SP_ERR_DAMAGED, .finding = "damaged-package",
	  .database = "" },
	{ "a flipped byte in the header", .install = { "plain-1.0-1.noarch" },
	  .twist = FLIPPED_HEADER, .want = -SP_ERR_DAMAGED, .finding = "damaged-package",
	  .database = "" },
	{ "cut short", .install = { "plain-1.0-1.noarch" }, .twist = TRUNCATED,
	  .want = -SP_ERR_DAMAGED, .finding = "damaged-package", .database = "" },
	{ "its file's name is given to another", .install = { "plain-1.0-1.noarch" },
	  .twist = SWAPPED, .database = "plain-1.0-1.noarch", .there = UPDATES "plain.ko" },

	{ "a program for the installer", .install = { "tool-1.0-1.noarch" }, .installer = true,
	  .want = -SP_ERR_DAMAGED, .finding = "unsafe-path", .says = "/usr/bin/tool", .database = "" },
	{ "the same for a host", .install = { "tool-1.0-1.noarch" },
	  .database = "tool-1.0-1.noarch", .there = "usr/bin/tool" },
	{ "special rights in the installer", .install = { "special-1.0-1.noarch" }, .installer = true,
	  .want = -SP_ERR_DAMAGED, .finding = "unsafe-path", .says = "special rights", .database = "" },

	{ "%pre fails", .install = { "fails-pre-1.0-1.noarch" }, .want = -SP_ERR_TRANSACTION,
	  .finding = "scriptlet-failed", .says = "%pre script", .database = "" },
	{ "%post fails", .install = { "fails-post-1.0-1.noarch" }, .want = -SP_ERR_TRANSACTION,
	  .finding = "scriptlet-failed", .says = "%post script", .database = "" },
	{ "%pretrans fails", .install = { "fails-pretrans-1.0-1.noarch" },
	  .want = -SP_ERR_TRANSACTION, .finding = "scriptlet-failed", .says = "%pretrans",
	  .database = "" },
	{ "%posttrans fails", .install = { "fails-posttrans-1.0-1.noarch" },
	  .want = -SP_ERR_TRANSACTION, .finding = "scriptlet-failed", .says = "%posttrans",
	  .database = "" },
	{ "one of two fails", .install = { "plain-1.0-1.noarch", "fails-post-1.0-1.noarch" },
	  .want = -SP_ERR_TRANSACTION, .finding = "scriptlet-failed", .database = "" },
	{ "%post and %preun fail", .install = { "fails-post-1.0-1.noarch", "fails-preun-1.0-1.noarch" },
	  .want = -SP_ERR_TRANSACTION, .finding = "scriptlet-failed", .database = "" },
	{ "without scripts nothing fails", .install = { "fails-post-1.0-1.noarch" },
	  .no_scripts = true, .database = "fails-post-1.0-1.noarch" },
	{ "no interpreter", .install = { "shell-1.0-1.noarch" }, .want = -SP_ERR_REQUIREMENTS,
	  .finding = "requirement-missing", .says = "/bin/sh", .database = "" },
	{ "no interpreter, though it is said to be there", .install = { "shell-1.0-1.noarch" },
	  .provided = "/bin/sh", .want = -SP_ERR_TRANSACTION, .finding = "scriptlet-failed",
	  .database = "" },
	{ "an update fails", .before = { "renewed-1.0-1.noarch" },
	  .install = { "renewed-2.0-1.noarch" }, .want = -SP_ERR_TRANSACTION,
	  .finding = "left-behind", .says = "cannot be brought back; the new one stays",
	  .database = "renewed-2.0-1.noarch", .changed = true },
	{ "librpm dies", .install = { "dies-1.0-1.noarch" }, .want = -SP_ERR_TRANSACTION,
	  .finding = "worker-died", .database = "" },
	{ "a scriptlet hangs", .install = { "hangs-1.0-1.noarch" }, .want = -SP_ERR_TRANSACTION,
	  .finding = "timed-out", .database = "", .deadline_ms = 5000 },
	{ "librpm dies in the second of two", .install = { "plain-1.0-1.noarch", "dies-1.0-1.noarch" },
	  .want = -SP_ERR_TRANSACTION, .finding = "worker-died", .database = "" },

	{ "an unfinished file of an earlier try", .install = { "plain-1.0-1.noarch" },
	  .twist = PLANTED_ORPHAN, .database = "plain-1.0-1.noarch", .there = UPDATES "plain.ko" },
	{ "a file of nobody's in the way", .install = { "plain-1.0-1.noarch" },
	  .twist = PLANTED_FILE, .database = "plain-1.0-1.noarch", .there = UPDATES "plain.ko" },
	{ "a full disk", .install = { "big-1.0-1.noarch" }, .twist = FULL_DISK,
	  .want = -SP_ERR_REQUIREMENTS, .finding = "no-space", .database = "" },
	{ "a full disk of the installer's", .install = { "big-1.0-1.noarch" }, .twist = FULL_DISK,
	  .installer = true, .want = -SP_ERR_REQUIREMENTS, .finding = "no-space",
	  .database = "" },
	{ "no room for the database", .install = { "plain-1.0-1.noarch" }, .twist = FULL_DATABASE,
	  .want = -SP_ERR_TRANSACTION, .finding = "transaction-failed", .database = NULL },
	{ "a disk that cannot be written", .install = { "plain-1.0-1.noarch" }, .twist = READ_ONLY,
	  .want = -SP_ERR_TRANSACTION, .finding = "transaction-failed", .database = NULL },

	{ "cancelled before it began", .install = { "plain-1.0-1.noarch" }, .twist = CANCEL_EARLY,
	  .want = -SP_ERR_CANCELLED, .database = "" },
	{ "cancelled while it ran", .install = { "plain-1.0-1.noarch", "talks-1.0-1.noarch" },
	  .twist = CANCEL_LATE, .want = -SP_ERR_CANCELLED, .database = "" },
	{ "scripts talk", .install = { "talks-1.0-1.noarch" }, .database = "talks-1.0-1.noarch" },
	// clang-format on
};

/* ---- a root of its own ------------------------------------------------------------ */

struct stage {
	char path[40];
	int fd;
	int fds[MAX_PACKAGES];
	struct sp_package packages[MAX_PACKAGES];
	struct sp_transaction_item items[MAX_PACKAGES];
	size_t n_items;
	bool mounted;
	struct sp_strbuf log;
	uint64_t last_done, last_total;
	bool in_order, cancel;
};

static void make_dirs(const struct stage *stage, const char *path)
{
	struct sp_error err = SP_ERROR_INIT;

	assert_int_equal(sp_file_make_dirs(stage->fd, path, 0755, &err), 0);
}

static void put(const struct stage *stage, const char *path, const char *text)
{
	SP_AUTO(sp_closep)
	int fd = openat(stage->fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	struct sp_error err = SP_ERROR_INIT;

	assert_true(fd >= 0);
	assert_int_equal(sp_file_write_all(fd, text, strlen(text), &err), 0);
}

static void mount_small(struct stage *stage, const char *below, const char *options)
{
	SP_AUTO(sp_str_freep) char *path = sp_text_format("%s/%s", stage->path, below);

	assert_int_equal(mount("test", path, "tmpfs", 0, options), 0);
	if (*below)
		return;
	stage->mounted = true;
	sp_closep(&stage->fd);
	stage->fd = open(stage->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void stage_open(struct stage *stage)
{
	memset(stage, 0, sizeof *stage);
	(void)snprintf(stage->path, sizeof stage->path, "/tmp/test-root.XXXXXX");
	assert_non_null(mkdtemp(stage->path));
	stage->fd = open(stage->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(stage->fd >= 0);
	stage->in_order = true;
}

static void drop_items(struct stage *stage)
{
	for (size_t i = 0; i < stage->n_items; i++) {
		sp_package_done(&stage->packages[i]);
		sp_closep(&stage->fds[i]);
	}
	memset(stage->packages, 0, sizeof stage->packages);
	stage->n_items = 0;
}

static void stage_close(struct stage *stage)
{
	struct sp_error err = SP_ERROR_INIT;
	SP_AUTO(sp_closep) int tmp = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	SP_AUTO(sp_str_freep) char *db = sp_text_format("%s/var/lib/rpm", stage->path);

	drop_items(stage);
	sp_strbuf_done(&stage->log);
	sp_closep(&stage->fd);
	(void)umount2(db, MNT_DETACH);
	(void)umount2(stage->path, MNT_DETACH);
	assert_int_equal(sp_file_remove_tree(tmp, stage->path + strlen("/tmp/"), &err),
			 0);
}

/* ---- packages ------------------------------------------------------------------------ */

static char *load_rpm(const char *name, size_t *ret_len)
{
	SP_AUTO(sp_closep) int fd = -1;
	SP_AUTO(sp_str_freep) char *path = sp_text_format("%s/%s.rpm", RPMS, name);
	struct sp_error err = SP_ERROR_INIT;
	char *bytes = NULL;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		fail_msg("no '%s'", path);
	assert_int_equal(sp_file_read_all(fd, 64 << 20, &bytes, ret_len, &err), 0);
	return bytes;
}

/* "dir/name-1.0-1.noarch" */
static void fill_package(struct sp_package *package, const char *name)
{
	const char *base = strrchr(name, '/') ? strrchr(name, '/') + 1 : name;
	char copy[128], *arch, *release, *version;

	(void)snprintf(copy, sizeof copy, "%s", base);
	arch = strrchr(copy, '.');
	*arch++ = '\0';
	release = strrchr(copy, '-');
	*release++ = '\0';
	version = strrchr(copy, '-');
	*version++ = '\0';
	package->name = strdup(copy);
	package->epoch = strdup("");
	package->version = strdup(version);
	package->release = strdup(release);
	package->arch = strdup(arch);
}

static void twist_bytes(enum twist twist, char *bytes, size_t *len)
{
	if (twist == FLIPPED_PAYLOAD)
		bytes[*len - 40] ^= 1;
	if (twist == FLIPPED_HEADER) {
		char *at = memmem(bytes, *len, "It does one thing", 17);

		assert_non_null(at);
		*at ^= 1;
	}
	if (twist == TRUNCATED)
		*len -= 60;
}

static void twist_package(enum twist twist, struct sp_package *package)
{
	if (twist == OTHER_DIGEST)
		package->sha256[0] = package->sha256[0] == '0' ? '1' : '0';
	if (twist == OTHER_SIZE)
		package->size_bytes++;
	if (twist == OTHER_NAME) {
		free(package->version);
		package->version = strdup("1.1");
	}
	if (twist == FLIPPED_PAYLOAD || twist == FLIPPED_HEADER || twist == TRUNCATED) {
		free(package->sha256);
		package->sha256 = NULL;
		package->size_bytes = 0;
	}
}

static int seal(const struct stage *stage, enum twist twist, const char *bytes,
		size_t len)
{
	struct sp_error err = SP_ERROR_INIT;
	int fd = -1;

	if (twist != SWAPPED) {
		assert_int_equal(sp_file_sealed("rpm", bytes, len, &fd, &err), 0);
		return fd;
	}
	/* In a file, whose name then means another package. */
	fd = openat(stage->fd, "spool.rpm", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(sp_file_write_all(fd, bytes, len, &err), 0);
	assert_int_equal(unlinkat(stage->fd, "spool.rpm", 0), 0);
	put(stage, "spool.rpm", "something else");
	return fd;
}

static void take_items(struct stage *stage, const char *const names[], enum twist twist)
{
	for (size_t i = 0; i < MAX_PACKAGES && names[i]; i++) {
		size_t len = 0;
		SP_AUTO(sp_str_freep) char *bytes = load_rpm(names[i], &len);
		struct sp_package *package = &stage->packages[i];
		struct sp_error err = SP_ERROR_INIT;
		char digest[65];

		assert_int_equal(sp_digest_sha256_hex(bytes, len, digest, &err), 0);
		fill_package(package, names[i]);
		package->sha256 = strdup(digest);
		package->size_bytes = len;
		twist_package(twist, package);
		twist_bytes(twist, bytes, &len);
		stage->fds[i] = seal(stage, twist, bytes, len);
		stage->items[i] = (struct sp_transaction_item){ stage->fds[i], package };
		stage->n_items++;
	}
}

/* ---- what a tree looks like -------------------------------------------------------- */

static struct sp_strbuf *listing;
static size_t listing_skip;

static int list_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	const char *below = path + listing_skip;
	char target[256] = "";
	SP_AUTO(sp_closep) int fd = -1;
	struct sp_error err = SP_ERROR_INIT;
	char digest[SP_DIGEST_HEX_SIZE] = "";

	(void)ftw;
	/* The database has its own tool to look at it; librpm leaves its lock there. */
	if (strstr(below, "/var") || !*below)
		return 0;
	if (type == FTW_SL && readlink(path, target, sizeof target - 1) < 0)
		return -1;
	if (S_ISREG(st->st_mode)) {
		fd = open(path, O_RDONLY | O_CLOEXEC);
		assert_int_equal(
			sp_digest_fd(fd, SP_DIGEST_MD5, UINT64_MAX, digest, NULL, &err),
			0);
	}
	sp_strbuf_add(listing, "%s %o %u:%u %s%s\n", below, (unsigned)st->st_mode,
		      (unsigned)st->st_uid, (unsigned)st->st_gid, target, digest);
	return 0;
}

static int by_line(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static char *list_tree(const struct stage *stage)
{
	struct sp_strbuf raw = { 0 };
	SP_AUTO(sp_strv_done) struct sp_strv lines = { 0 };
	struct sp_error err = SP_ERROR_INIT;
	char *rest, *line;

	listing = &raw;
	listing_skip = strlen(stage->path);
	assert_int_equal(nftw(stage->path, list_one, 16, FTW_PHYS), 0);
	rest = raw.text;
	while (rest && (line = strsep(&rest, "\n")))
		assert_int_equal(sp_strv_add(&lines, line, &err), 0);
	sp_strbuf_done(&raw);
	if (lines.n)
		qsort(lines.items, lines.n, sizeof *lines.items, by_line);
	return sp_strv_join(&lines, "\n");
}

/* As rpm itself sees it: "a b c"; "" if there is none. */
static char *ask_rpm(const struct stage *stage)
{
	const char *argv[] = { "/usr/bin/rpm",
			       "--root",
			       stage->path,
			       "--dbpath",
			       "/var/lib/rpm",
			       "-qa",
			       "--qf",
			       "%{NAME}-%{EVR}.%{ARCH}\n",
			       NULL };
	struct sp_child_result result = { 0 };
	SP_AUTO(sp_strv_done) struct sp_strv names = { 0 };
	struct sp_error err = SP_ERROR_INIT;
	char *rest, *line;

	assert_int_equal(sp_child_run(argv, NULL, 20000, &result, &err), 0);
	rest = result.output;
	while ((line = strsep(&rest, "\n")))
		if (*line && !strstr(line, "warning:") && !strstr(line, "error:"))
			assert_int_equal(sp_strv_add(&names, line, &err), 0);
	free(result.output);
	sp_strv_sort(&names);
	return names.n ? sp_strv_join(&names, " ") : strdup("");
}

/* ---- the rows --------------------------------------------------------------------------- */

static void twist_root(struct stage *stage, enum twist twist)
{
	if (twist == MOVED_LIB) {
		make_dirs(stage, "usr/lib");
		assert_int_equal(symlinkat("usr/lib", stage->fd, "lib"), 0);
	} else if (twist == ABSOLUTE_LINK) {
		make_dirs(stage, "lib");
		make_dirs(stage, "data");
		assert_int_equal(symlinkat("/data", stage->fd, "lib/modules"), 0);
	} else if (twist == PLANTED_ORPHAN) {
		make_dirs(stage, UPDATES "..");
	} else if (twist == MISSING_FILE) {
		assert_int_equal(unlinkat(stage->fd, UPDATES "plain.ko", 0), 0);
	} else if (twist == CHANGED_FILE) {
		put(stage, UPDATES "plain.ko", "Plain \n");
	} else if (twist == CHANGED_SETTINGS) {
		put(stage, "etc/modprobe.d/settings.conf", "options of my own\n");
	} else if (twist == FULL_DISK) {
		mount_small(stage, "", "size=2m");
	} else if (twist == FULL_DATABASE) {
		make_dirs(stage, "var/lib/rpm");
		mount_small(stage, "var/lib/rpm", "size=64k");
	} else if (twist == READ_ONLY) {
		mount_small(stage, "", "ro");
	}
}

static void plant(struct stage *stage, enum twist twist)
{
	if (twist == PLANTED_ORPHAN) {
		make_dirs(stage, "lib/modules/4.19.0+1/updates");
		put(stage, UPDATES "plain.ko;65f0c0de", "half of it");
		put(stage, UPDATES "plain.ko;65f0c0dex", "somebody's");
	}
	if (twist == PLANTED_FILE) {
		make_dirs(stage, "lib/modules/4.19.0+1/updates");
		put(stage, UPDATES "plain.ko", "mine");
	}
}

static void take_line(void *user, const char *line)
{
	struct stage *stage = user;

	sp_strbuf_add(&stage->log, "%s\n", line);
}

static void take_progress(void *user, uint64_t done, uint64_t total, const char *nevra)
{
	struct stage *stage = user;

	assert_non_null(nevra);
	if (done < stage->last_done || done > total)
		stage->in_order = false;
	stage->last_done = done;
	stage->last_total = total;
	stage->cancel = true;
}

static int never(void *user)
{
	(void)user;
	return 0;
}

static int at_once(void *user)
{
	(void)user;
	return 1;
}

static int when_running(void *user)
{
	struct stage *stage = user;

	return stage->cancel;
}

static void split(const char *text, struct sp_strv *list)
{
	SP_AUTO(sp_str_freep) char *copy = strdup(text);
	struct sp_error err = SP_ERROR_INIT;
	char *rest = copy, *word;

	while ((word = strsep(&rest, ",")))
		assert_int_equal(sp_strv_add(list, word, &err), 0);
}

static int install(struct stage *stage, const struct row *row,
		   struct sp_transaction_result *result, struct sp_error *err)
{
	SP_AUTO(sp_strv_done) struct sp_strv provided = { 0 };
	struct sp_patience patience = { -1,
					row->twist == CANCEL_EARLY  ? at_once
					: row->twist == CANCEL_LATE ? when_running
								    : never,
					stage };
	struct sp_transaction transaction = {
		.root = stage->path,
		.items = stage->items,
		.n_items = stage->n_items,
		.installer = row->installer,
		.test_only = row->test_only,
		.no_scripts = row->no_scripts,
		.allow_downgrade = row->allow_downgrade,
		.provided = &provided,
		.deadline_ms = row->deadline_ms,
		.on_log = take_line,
		.on_progress = take_progress,
		.user = stage,
		.patience = &patience,
	};

	if (row->provided)
		split(row->provided, &provided);
	return sp_transaction_run(&transaction, result, err);
}

static void install_before(struct stage *stage, const struct row *row)
{
	static const struct row plainly = { .name = "before" };
	SP_AUTO(sp_transaction_result_done) struct sp_transaction_result result = { 0 };
	struct sp_error err = SP_ERROR_INIT;

	if (!row->before[0])
		return;
	take_items(stage, row->before, AS_IT_IS);
	if (install(stage, &plainly, &result, &err) < 0)
		fail_msg("before: %s", err.text);
	drop_items(stage);
	stage->last_done = stage->last_total = 0;
}

static const struct sp_finding *find(const struct sp_findings *findings, const char *code)
{
	for (size_t i = 0; i < findings->n; i++)
		if (strcmp(findings->items[i].code, code) == 0)
			return &findings->items[i];
	return NULL;
}

static void print_findings(const struct sp_findings *findings)
{
	for (size_t i = 0; i < findings->n; i++)
		print_message("# %s: %s\n", findings->items[i].code,
			      findings->items[i].text);
}

static void expect_finding(const struct row *row, const struct sp_findings *findings)
{
	const struct sp_finding *found;

	if (!row->finding)
		return;
	found = find(findings, row->finding);
	if (!found || (row->says && !strstr(found->text, row->says))) {
		print_findings(findings);
		fail_msg("no finding %s: %s", row->finding, row->says ? row->says : "");
	}
}

static void expect_root(const struct stage *stage, const struct row *row,
			const char *tree_before)
{
	SP_AUTO(sp_str_freep) char *database = NULL, *tree = NULL;
	struct stat st;

	if (row->database) {
		database = ask_rpm(stage);
		assert_string_equal(database, row->database);
	}
	if (row->there && fstatat(stage->fd, row->there, &st, AT_SYMLINK_NOFOLLOW) < 0)
		fail_msg("no '%s'", row->there);
	tree = list_tree(stage);
	if ((row->want < 0 && !row->changed) || row->test_only || row->already)
		assert_string_equal(tree, tree_before);
	assert_null(strstr(tree, ";65f0c0de "));
}

static void ends_as_table_says(void **state)
{
	const struct row *row = *state;
	struct stage stage;
	SP_AUTO(sp_transaction_result_done) struct sp_transaction_result result = { 0 };
	struct sp_error err = SP_ERROR_INIT;
	SP_AUTO(sp_str_freep) char *tree = NULL;
	int r;

	stage_open(&stage);
	install_before(&stage, row);
	twist_root(&stage, row->twist == PLANTED_ORPHAN ? AS_IT_IS : row->twist);
	plant(&stage, row->twist);
	take_items(&stage, row->install, row->twist);
	tree = list_tree(&stage);
	r = install(&stage, row, &result, &err);
	if (r != row->want) {
		print_findings(&result.findings);
		print_message("# %s\n", stage.log.text ? stage.log.text : "");
		fail_msg("%d, not %d: %s", r, row->want, err.text);
	}
	expect_finding(row, &result.findings);
	expect_root(&stage, row, tree);
	assert_true(stage.in_order);
	if (r == 0) {
		assert_int_equal(result.n_packages, stage.n_items);
		assert_int_equal(result.findings.n, 0);
		for (size_t i = 0; i < result.n_packages; i++)
			assert_int_equal(result.packages[i].state ==
						 SP_TRANSACTION_ALREADY,
					 row->already);
		if (!row->already && !row->test_only)
			assert_int_equal(stage.last_done, stage.last_total);
	} else {
		assert_int_equal(result.n_packages, 0);
	}
	if (row->install[0] && strcmp(row->install[0], "talks-1.0-1.noarch") == 0) {
		assert_non_null(stage.log.text);
		assert_non_null(strstr(stage.log.text, "it says\n"));
		assert_non_null(strstr(stage.log.text, "it ?[2Jsays more\n"));
	}
	stage_close(&stage);
}

/* ---- erasing ------------------------------------------------------------------------------ */

static const struct erase_row {
	const char *name;
	const char *before[MAX_PACKAGES];
	const char *erase; /* by commas */
	int want;
	const char *finding, *database;
} erase_rows[] = {
	// clang-format off
	{ "one", { "plain-1.0-1.noarch" }, "plain-1.0-1.noarch", 0, NULL, "" },
	{ "one of two", { "plain-1.0-1.noarch", "needed-1.0-1.noarch" }, "plain-1.0-1.noarch", 0,
	  NULL, "needed-1.0-1.noarch" },
	{ "what is not there", { "plain-1.0-1.noarch" }, "other-1.0-1.noarch", 0, NULL,
	  "plain-1.0-1.noarch" },
	{ "another version", { "plain-1.0-1.noarch" }, "plain-2.0-1.noarch", 0, NULL,
	  "plain-1.0-1.noarch" },
	{ "what is needed", { "needed-1.0-1.noarch", "needs-needed-1.0-1.noarch" },
	  "needed-1.0-1.noarch", -SP_ERR_REQUIREMENTS, "requirement-missing",
	  "needed-1.0-1.noarch needs-needed-1.0-1.noarch" },
	{ "both", { "needed-1.0-1.noarch", "needs-needed-1.0-1.noarch" },
	  "needed-1.0-1.noarch,needs-needed-1.0-1.noarch", 0, NULL, "" },
	{ "what does not want to go", { "fails-preun-1.0-1.noarch" }, "fails-preun-1.0-1.noarch",
	  -SP_ERR_TRANSACTION, "left-behind", "fails-preun-1.0-1.noarch" },
	// clang-format on
};

static void erases_as_table_says(void **state)
{
	const struct erase_row *row = *state;
	struct row before = { .name = "before" };
	struct stage stage;
	SP_AUTO(sp_strv_done) struct sp_strv nevras = { 0 };
	SP_AUTO(sp_findings_done) struct sp_findings findings = { 0 };
	SP_AUTO(sp_str_freep) char *database = NULL;
	struct sp_error err = SP_ERROR_INIT;
	struct sp_transaction transaction = { 0 };

	stage_open(&stage);
	memcpy(before.before, row->before, sizeof before.before);
	install_before(&stage, &before);
	split(row->erase, &nevras);
	transaction.root = stage.path;
	assert_int_equal(sp_transaction_erase(&transaction, &nevras, &findings, &err),
			 row->want);
	assert_int_equal(row->finding ? find(&findings, row->finding) != NULL : 1, 1);
	database = ask_rpm(&stage);
	assert_string_equal(database, row->database);
	stage_close(&stage);
}

/* ---- what is installed, and where that is written ----------------------------------------- */

static int send_list(void *arg, struct sp_outlet *outlet, struct sp_error *err)
{
	SP_AUTO(sp_rpmdb_list_done) struct sp_rpmdb_list list = { 0 };
	int r = sp_rpmdb_list_read(arg, SP_RPMDB_DEPENDENCIES, &list, err);

	(void)outlet;
	if (r < 0)
		return r;
	if (list.n != 1)
		return sp_error_set(err, SP_ERR_INTERNAL, "%zu packages", list.n);
	return sp_error_set(err, SP_ERR_INTERNAL, "%s %s %s %s", list.items[0].name,
			    list.items[0].evr, list.items[0].nevra,
			    list.items[0].provides.items[0]);
}

static const struct place_row {
	const char *name;
	const char *macros;   /* in usr/lib/rpm/macros; NULL: none */
	const char *other;    /* in etc/rpm/macros.local */
	const char *database; /* made there by rpm first; NULL: none */
	const char *want;
	bool exists;
} place_rows[] = {
	// clang-format off
	{ "an empty root", NULL, NULL, NULL, "var/lib/rpm", false },
	{ "dom0's", "%_dbpath\t\t%{_var}/lib/rpm\n", NULL, NULL, "var/lib/rpm", false },
	{ "a newer one", "%_dbpath %{_prefix}/lib/sysimage/rpm\n", NULL, NULL,
	  "usr/lib/sysimage/rpm", false },
	{ "an absolute one", "#x\n%_dbpath /srv/rpm  \n%_other x\n", NULL, NULL, "srv/rpm", false },
	{ "overridden", "%_dbpath /srv/rpm\n", "%_dbpath /srv/other\n", NULL, "srv/other", false },
	{ "one with a program in it", "%_dbpath %(bash -c 'echo ~/.rpmdb')\n", NULL, NULL,
	  "var/lib/rpm", false },
	{ "one that climbs", "%_dbpath /../../rpm\n", NULL, NULL, "var/lib/rpm", false },
	{ "one whose name goes on", "%_dbpath_rebuild /srv/rpm\n", NULL, NULL, "var/lib/rpm", false },
	{ "a database elsewhere than said", "%_dbpath /srv/rpm\n", NULL, "var/lib/rpm",
	  "var/lib/rpm", true },
	{ "a database of the newer place", NULL, NULL, "usr/lib/sysimage/rpm",
	  "usr/lib/sysimage/rpm", true },
	{ "a database where it is said", "%_dbpath /srv/rpm\n", NULL, "srv/rpm", "srv/rpm", true },
	// clang-format on
};

static void is_where_table_says(void **state)
{
	const struct place_row *row = *state;
	struct stage stage;
	SP_AUTO(sp_str_freep) char *got = NULL;
	struct sp_error err = SP_ERROR_INIT;
	bool exists = !row->exists;

	stage_open(&stage);
	make_dirs(&stage, "usr/lib/rpm");
	make_dirs(&stage, "etc/rpm");
	if (row->macros)
		put(&stage, "usr/lib/rpm/macros", row->macros);
	if (row->other)
		put(&stage, "etc/rpm/macros.local", row->other);
	if (row->database) {
		SP_AUTO(sp_str_freep) char *path = NULL;
		const char *argv[] = { "/usr/bin/rpm", "--root",   stage.path, "--dbpath",
				       NULL,           "--initdb", NULL };
		struct sp_child_result result = { 0 };

		path = sp_text_format("/%s", row->database);
		argv[4] = path;
		make_dirs(&stage, row->database);
		assert_int_equal(sp_child_run(argv, NULL, 20000, &result, &err), 0);
		assert_int_equal(result.status, 0);
		free(result.output);
	}
	assert_int_equal(sp_rpmdb_find(stage.fd, &got, &exists, &err), 0);
	assert_string_equal(got, row->want);
	assert_int_equal(exists, row->exists);
	stage_close(&stage);
}

static void lists_what_is_installed(void **state)
{
	struct row before = { .name = "before", .before = { "plain-1.0-1.noarch" } };
	struct stage stage;
	struct sp_worker_job job = { .what = "listing", .run = send_list };
	struct sp_error err = SP_ERROR_INIT;

	(void)state;
	stage_open(&stage);
	job.arg = stage.path;
	job.limits.memory_bytes = (size_t)512 << 20;
	job.limits.file_bytes = 512 << 20;
	assert_int_equal(sp_worker_run(&job, NULL, &err), -SP_ERR_INTERNAL);
	assert_string_equal(err.text, "0 packages");
	install_before(&stage, &before);
	assert_int_equal(sp_worker_run(&job, NULL, &err), -SP_ERR_INTERNAL);
	assert_string_equal(err.text, "plain 1.0-1 plain-1.0-1.noarch plain = 1.0-1");
	/* As an old root is mounted; its database was left by an orderly end. */
	(void)unlinkat(stage.fd, "var/lib/rpm/rpmdb.sqlite-shm", 0);
	(void)unlinkat(stage.fd, "var/lib/rpm/rpmdb.sqlite-wal", 0);
	assert_int_equal(mount(stage.path, stage.path, NULL, MS_BIND, NULL), 0);
	assert_int_equal(
		mount(NULL, stage.path, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL), 0);
	assert_int_equal(sp_worker_run(&job, NULL, &err), -SP_ERR_INTERNAL);
	assert_string_equal(err.text, "plain 1.0-1 plain-1.0-1.noarch plain = 1.0-1");
	assert_int_equal(umount(stage.path), 0);
	put(&stage, "var/lib/rpm/rpmdb.sqlite", "no database, but a text of some length");
	assert_int_equal(sp_worker_run(&job, NULL, &err), -SP_ERR_DAMAGED);
	stage_close(&stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(lists_what_is_installed) };

	if (unshare(CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) {
		perror("a mount namespace");
		return 1;
	}
	return table_run("transactions", rows, ends_as_table_says) +
	       table_run("erasing", erase_rows, erases_as_table_says) +
	       table_run("places", place_rows, is_where_table_says) +
	       cmocka_run_group_tests(tests, NULL, NULL);
}
