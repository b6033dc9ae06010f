/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RPM transactions into empty roots, with RPMs that do one thing each.  A failure must
 * leave every file as it was: the tree is listed before and after. */
#include "repo/transaction.h"

#include "base/worker.h"
#include "support/stage.h"
#include "twist.h"

#include <ftw.h>
#include <sys/stat.h>

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

/* ---- the rows --------------------------------------------------------------------------- */

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
	stage_install(&stage, row->before);
	twist_root(&stage, row->twist == PLANTED_ORPHAN ? AS_IT_IS : row->twist);
	plant(&stage, row->twist);
	for (size_t i = 0; i < MAX_PACKAGES && row->install[i]; i++)
		twist_take(&stage, row->install[i], row->twist);
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

int main(void)
{
	if (stage_alone() < 0)
		return 1;
	return table_run("transactions", rows, ends_as_table_says);
}
