/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Records: written whole or not at all, whatever stops it; read one by one, whatever they
 * hold. */

#include "repo/record.h"

#include "support/table.h"

#include <dirent.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>

#include "base/file.h"
#include "support/tree.h"

#define REPOS "etc/xensource/installed-repos/"
#define STAGED "etc/xensource/.suppack-staged/"
#define UUID "e4b9fe85-ffe6-4cbf-9fcb-1d88ecf5b102"

/* ---- a record ---------------------------------------------------------------------------- */

static char *text(const char *of)
{
	return (char *)(uintptr_t)of;
}

/* On the stack, borrowed: not to be done. */
struct sample {
	char *modules[1];
	struct sp_record_device device;
	struct sp_record_file file;
	struct sp_record record;
};

static struct sp_record *sample_init(struct sample *s, const char *label,
				     const char *version, const char *bytes)
{
	*s = (struct sample){ { text("lib/modules/4.19/updates/e.ko") },
			      { text("0000:04:00.0"), text("pci:v1"), text("NIC"),
				text("e1000e") },
			      { text("update.xml"), text(bytes), strlen(bytes) },
			      { .pack = { .id = text(UUID),
					  .label = text(label),
					  .version = text(version) },
				.directory = text(UUID),
				.decision = text("accepted-unsigned"),
				.plan_digest = text("d1"),
				.product_brand = text("XenServer"),
				.product_version = text("8.4.0"),
				.platform_version = text("3.4.0"),
				.kernel = text("4.19.0+1"),
				.time = text("2026-11-25T03:04:05Z") } };
	s->record.installed_modules = (struct sp_strv){ s->modules, 1 };
	s->record.devices = &s->device;
	s->record.n_devices = 1;
	s->record.files = &s->file;
	s->record.n_files = 1;
	return &s->record;
}

/* What both lists say: "directory label version;…|staged directory version;…". */
static char *tell(int root_fd)
{
	SP_AUTO(sp_record_list_done) struct sp_record_list there = { 0 };
	SP_AUTO(sp_record_list_done) struct sp_record_list staged = { 0 };
	SP_AUTO(sp_findings_done) struct sp_findings findings = { 0 };
	struct sp_error err = SP_ERROR_INIT;
	struct sp_strbuf out = { 0 };

	assert_int_equal(sp_record_list_read(root_fd, &there, &findings, &err), 0);
	assert_int_equal(sp_record_list_staged(root_fd, &staged, &findings, &err), 0);
	for (size_t i = 0; i < there.n; i++)
		sp_strbuf_add(&out, "%s%s %s %s", i ? ";" : "", there.items[i].directory,
			      there.items[i].pack.label, there.items[i].pack.version);
	sp_strbuf_add(&out, "|");
	for (size_t i = 0; i < staged.n; i++)
		sp_strbuf_add(&out, "%s%s %s", i ? ";" : "", staged.items[i].directory,
			      staged.items[i].pack.version);
	for (size_t i = 0; i < findings.n; i++)
		sp_strbuf_add(&out, "!%s", findings.items[i].about);
	return sp_strbuf_take(&out);
}

static void expect(int root_fd, const char *want)
{
	SP_AUTO(sp_str_freep) char *is = tell(root_fd);

	assert_string_equal(is, want);
}

static void expect_file(int root_fd, const char *path, const char *want)
{
	SP_AUTO(sp_str_freep) char *bytes = NULL;
	struct sp_error err = SP_ERROR_INIT;
	size_t len;
	int r = sp_file_load(root_fd, path, 1 << 20, &bytes, &len, &err);

	if (want && r == 0)
		assert_string_equal(bytes, want);
	else
		assert_int_equal(r, want ? 0 : SP_FILE_ABSENT);
}

static bool exists(const struct machine *machine, const char *path)
{
	struct stat st;

	return lstat(machine_path(machine, path), &st) == 0;
}

struct host {
	struct machine machine;
	int fd;
};

static void host_init(struct host *host, const struct tree_file *files)
{
	static const struct tree_file plain[TREE_MAX_FILES] = { { "etc/", NULL } };

	host->fd = tree_make(&host->machine, files ? files : plain);
}

static void host_done(struct host *host)
{
	close(host->fd);
	machine_done(&host->machine);
}

static void stage_and_commit(int fd, const struct sp_record *record)
{
	struct sp_error err = SP_ERROR_INIT;

	if (sp_record_stage(fd, record, &err) != 0 ||
	    sp_record_commit(fd, record->directory, &err) != 0)
		fail_msg("%s", err.text);
}

/* ---- the way of a record ------------------------------------------------------------------- */

static void staged_then_in_place(void **state)
{
	SP_AUTO(host_done) struct host host = { 0 };
	struct sample s;
	struct sp_error err = SP_ERROR_INIT;

	(void)state;
	host_init(&host, NULL);
	assert_int_equal(
		sp_record_stage(host.fd, sample_init(&s, "acme", "1", "<a/>"), &err), 0);
	expect(host.fd, "|" UUID " 1");
	expect_file(host.fd, STAGED UUID "/update.xml", "<a/>");
	assert_int_equal(sp_record_commit(host.fd, UUID, &err), 0);
	expect(host.fd, UUID " acme 1|");
	expect_file(host.fd, REPOS UUID "/update.xml", "<a/>");
	expect_file(host.fd, REPOS UUID "/.staged", NULL);
	assert_false(exists(&host.machine, STAGED));
}

static void every_field_comes_back(void **state)
{
	SP_AUTO(host_done) struct host host = { 0 };
	SP_AUTO(sp_record_list_done) struct sp_record_list list = { 0 };
	SP_AUTO(sp_findings_done) struct sp_findings findings = { 0 };
	struct sample s;
	struct sp_error err = SP_ERROR_INIT;
	const struct sp_record *got;

	(void)state;
	host_init(&host, NULL);
	stage_and_commit(host.fd, sample_init(&s, "acme", "1", ""));
	assert_int_equal(sp_record_list_read(host.fd, &list, &findings, &err), 0);
	assert_int_equal(list.n, 1);
	got = &list.items[0];
	assert_string_equal(got->pack.id, UUID);
	assert_string_equal(got->decision, "accepted-unsigned");
	assert_string_equal(got->plan_digest, "d1");
	assert_string_equal(got->product_brand, "XenServer");
	assert_string_equal(got->product_version, "8.4.0");
	assert_string_equal(got->platform_version, "3.4.0");
	assert_string_equal(got->kernel, "4.19.0+1");
	assert_string_equal(got->time, "2026-11-25T03:04:05Z");
	assert_int_equal(got->installed_modules.n, 1);
	assert_string_equal(got->installed_modules.items[0], s.modules[0]);
	assert_int_equal(got->n_devices, 1);
	assert_string_equal(got->devices[0].address, "0000:04:00.0");
	assert_string_equal(got->devices[0].modalias, "pci:v1");
	assert_string_equal(got->devices[0].name, "NIC");
	assert_string_equal(got->devices[0].driver, "e1000e");
	assert_int_equal(got->n_files, 0);
}

static void unstaged_leaves_no_trace(void **state)
{
	SP_AUTO(host_done) struct host host = { 0 };
	struct sample s;
	struct sp_error err = SP_ERROR_INIT;

	(void)state;
	host_init(&host, NULL);
	assert_int_equal(sp_record_unstage(host.fd, UUID, &err), 0);
	assert_int_equal(sp_record_stage(host.fd, sample_init(&s, "acme", "1", ""), &err),
			 0);
	assert_int_equal(sp_record_unstage(host.fd, UUID, &err), 0);
	expect(host.fd, "|");
	assert_false(exists(&host.machine, STAGED));
	assert_false(exists(&host.machine, REPOS));
}

static void newer_replaces_older(void **state)
{
	SP_AUTO(host_done) struct host host = { 0 };
	struct sample s;

	(void)state;
	host_init(&host, NULL);
	stage_and_commit(host.fd, sample_init(&s, "acme", "1", "old"));
	machine_write(&host.machine, REPOS UUID "/XS-REPOSITORY", "of old");
	stage_and_commit(host.fd, sample_init(&s, "acme", "2", "new"));
	expect(host.fd, UUID " acme 2|");
	expect_file(host.fd, REPOS UUID "/update.xml", "new");
	expect_file(host.fd, REPOS UUID "/XS-REPOSITORY", NULL);
	assert_false(exists(&host.machine, STAGED));
}

static void a_file_in_the_way_is_replaced(void **state)
{
	static const struct tree_file files[TREE_MAX_FILES] = { { REPOS UUID,
								  "a file" } };
	SP_AUTO(host_done) struct host host = { 0 };
	struct sample s;

	(void)state;
	host_init(&host, files);
	expect(host.fd, "|");
	stage_and_commit(host.fd, sample_init(&s, "acme", "1", ""));
	expect(host.fd, UUID " acme 1|");
}

static void nothing_staged_is_not_committed(void **state)
{
	static const struct tree_file files[TREE_MAX_FILES] = {
		{ STAGED "half/record.json", "{}" },
	};
	SP_AUTO(host_done) struct host host = { 0 };
	struct sp_error err = SP_ERROR_INIT;

	(void)state;
	host_init(&host, files);
	assert_int_equal(sp_record_commit(host.fd, "none", &err), -SP_ERR_INTERNAL);
	assert_int_equal(sp_record_commit(host.fd, "half", &err), -SP_ERR_INTERNAL);
	expect(host.fd, "|");
}

static void removed_is_gone(void **state)
{
	SP_AUTO(host_done) struct host host = { 0 };
	struct sample s;
	struct sp_error err = SP_ERROR_INIT;

	(void)state;
	host_init(&host, NULL);
	assert_int_equal(sp_record_remove(host.fd, UUID, &err), 0);
	stage_and_commit(host.fd, sample_init(&s, "acme", "1", ""));
	assert_int_equal(sp_record_remove(host.fd, "other", &err), 0);
	expect(host.fd, UUID " acme 1|");
	assert_int_equal(sp_record_remove(host.fd, UUID, &err), 0);
	expect(host.fd, "|");
	assert_false(exists(&host.machine, REPOS UUID));
	assert_false(exists(&host.machine, STAGED));
}

/* ---- names ------------------------------------------------------------------------------------ */

static char *choose(int fd, const struct sp_record *record)
{
	struct sp_error err = SP_ERROR_INIT;
	char *name = NULL;

	assert_int_equal(sp_record_directory_choose(fd, &record->pack, &name, &err), 0);
	return name;
}

static void two_packs_of_one_uuid(void **state)
{
	SP_AUTO(host_done) struct host host = { 0 };
	struct sample a, b;
	struct sp_error err = SP_ERROR_INIT;

	(void)state;
	host_init(&host, NULL);
	sample_init(&a, "acme", "1", "");
	sample_init(&b, "other", "2", "");
	SP_AUTO(sp_str_freep) char *first = choose(host.fd, &a.record);
	assert_string_equal(first, UUID);
	stage_and_commit(host.fd, &a.record);
	SP_AUTO(sp_str_freep) char *again = choose(host.fd, &a.record);
	assert_string_equal(again, UUID);
	SP_AUTO(sp_str_freep) char *second = choose(host.fd, &b.record);
	assert_string_equal(second, UUID "+other");
	b.record.directory = second;
	stage_and_commit(host.fd, &b.record);
	expect(host.fd, UUID " acme 1;" UUID "+other other 2|");
	/* The first goes, and the second does not stand there twice. */
	assert_int_equal(sp_record_remove(host.fd, UUID, &err), 0);
	SP_AUTO(sp_str_freep) char *still = choose(host.fd, &b.record);
	assert_string_equal(still, UUID "+other");
}

static char long_id[10001];

static const struct id_row {
	const char *name, *id, *want; /* NULL: any name */
} id_rows[] = {
	{ "legacy", "xs:main", "xs:main" },
	{ "climbs", "../../etc/passwd", NULL },
	{ "dots", "..", NULL },
	{ "slashes", "a/b", NULL },
	{ "hidden", ".suppack", NULL },
	{ "control characters", "a\n\033[2Jb", NULL },
	{ "nothing", "", NULL },
	{ "10,000 bytes", long_id, NULL },
};

static void hostile_ids_are_recorded(void **state)
{
	const struct id_row *row = *state;
	SP_AUTO(host_done) struct host host = { 0 };
	struct sample s;

	memset(long_id, 'a', sizeof long_id - 1);
	host_init(&host, NULL);
	sample_init(&s, "acme", "1", "x");
	s.record.pack.id = text(row->id);
	SP_AUTO(sp_str_freep) char *name = choose(host.fd, &s.record);

	if (row->want)
		assert_string_equal(name, row->want);
	s.record.directory = name;
	stage_and_commit(host.fd, &s.record);
	SP_AUTO(sp_str_freep) char *path = sp_text_format(REPOS "%s/update.xml", name);
	expect_file(host.fd, path, "x");
	assert_false(exists(&host.machine, "../etc"));
}

/* Both parts as long as they can be: one name still. */
static void long_ids_and_labels(void **state)
{
	SP_AUTO(host_done) struct host host = { 0 };
	struct sample a, b;

	(void)state;
	memset(long_id, 'a', sizeof long_id - 1);
	host_init(&host, NULL);
	sample_init(&a, "acme", "1", "");
	sample_init(&b, long_id + 9000, "2", "");
	a.record.pack.id = b.record.pack.id = long_id + 9800;
	SP_AUTO(sp_str_freep) char *first = choose(host.fd, &a.record);
	a.record.directory = first;
	stage_and_commit(host.fd, &a.record);
	SP_AUTO(sp_str_freep) char *second = choose(host.fd, &b.record);
	assert_string_not_equal(first, second);
	assert_true(strlen(second) <= 255);
	b.record.directory = second;
	stage_and_commit(host.fd, &b.record);
}

static const char *const bad_names[] = { "", ".", "..", "../x", "a/b", "/x", ".x" };

static void hostile_names_are_refused(void **state)
{
	static const struct tree_file files[TREE_MAX_FILES] = {
		{ "x/record.json", "{}" },
		{ REPOS ".x/record.json", "{}" },
		{ STAGED ".x/.staged", "" },
		{ STAGED "a/b/.staged", "" },
	};
	SP_AUTO(host_done) struct host host = { 0 };
	struct sample s;

	(void)state;
	host_init(&host, files);
	sample_init(&s, "acme", "1", "");
	for (size_t i = 0; i < sizeof bad_names / sizeof bad_names[0]; i++) {
		struct sp_error err = SP_ERROR_INIT;

		s.record.directory = text(bad_names[i]);
		assert_int_equal(sp_record_stage(host.fd, &s.record, &err),
				 -SP_ERR_INTERNAL);
		assert_int_equal(sp_record_commit(host.fd, bad_names[i], &err),
				 -SP_ERR_INTERNAL);
		assert_int_equal(sp_record_unstage(host.fd, bad_names[i], &err),
				 -SP_ERR_INTERNAL);
		assert_int_equal(sp_record_remove(host.fd, bad_names[i], &err),
				 -SP_ERR_INTERNAL);
	}
	for (size_t i = 0; i < 4; i++)
		assert_true(exists(&host.machine, files[i].path));
}

static void hostile_file_names_are_refused(void **state)
{
	static const char *const names[] = { "../x", "a/b", "/etc/x", "", ".." };
	SP_AUTO(host_done) struct host host = { 0 };
	struct sample s;

	(void)state;
	host_init(&host, NULL);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		struct sp_error err = SP_ERROR_INIT;

		sample_init(&s, "acme", "1", "x");
		s.file.name = text(names[i]);
		assert_true(sp_record_stage(host.fd, &s.record, &err) < 0);
		expect(host.fd, "|");
		assert_false(exists(&host.machine, STAGED));
		assert_false(exists(&host.machine, "etc/xensource/x"));
	}
}

/* ---- what is read ----------------------------------------------------------------------------- */

#define PACK                                                                              \
	"\"pack\":{\"format\":\"update\",\"id\":\"i\",\"label\":\"l\",\"version\":\"1\"," \
	"\"trust\":{\"state\":\"trusted\"}}"

static const struct json_row {
	const char *name, *json;
	bool sound;
} json_rows[] = {
	// clang-format off
	{ "the least", "{\"suppack_record\":1," PACK "}", true },
	{ "of a newer suppack", "{\"suppack_record\":7,\"new\":{\"a\":[1]}," PACK "}", true },
	{ "absolute module", "{\"suppack_record\":1," PACK ",\"installed_modules\":[\"/lib/a.ko\"]}", true },
	{ "nothing", "", false },
	{ "null", "null", false },
	{ "an array", "[]", false },
	{ "an empty object", "{}", false },
	{ "cut off", "{\"suppack_record\":1," PACK, false },
	{ "something behind it", "{\"suppack_record\":1," PACK "}x", false },
	{ "no schema", "{" PACK "}", false },
	{ "schema of text", "{\"suppack_record\":\"1\"," PACK "}", false },
	{ "no pack", "{\"suppack_record\":1}", false },
	{ "pack of text", "{\"suppack_record\":1,\"pack\":\"i\"}", false },
	{ "pack of no format", "{\"suppack_record\":1,\"pack\":{\"id\":\"i\"}}", false },
	{ "module that climbs", "{\"suppack_record\":1," PACK ",\"installed_modules\":[\"../a.ko\"]}", false },
	{ "placed file that climbs", "{\"suppack_record\":1," PACK ",\"placed\":[\"../etc/passwd\"]}", false },
	{ "module above the root", "{\"suppack_record\":1," PACK ",\"installed_modules\":[\"//a.ko\"]}", false },
	{ "package that climbs", "{\"suppack_record\":1,\"pack\":{\"format\":\"update\",\"id\":\"i\","
	  "\"trust\":{\"state\":\"trusted\"},\"packages\":[{\"name\":\"a\",\"file\":\"../../a.rpm\"}]}}", false },
	{ "no UTF-8", "{\"suppack_record\":1,\"kernel\":\"\xff\"," PACK "}", false },
	// clang-format on
};

static void json_is_read_or_said(void **state)
{
	const struct json_row *row = *state;
	const struct tree_file files[TREE_MAX_FILES] = {
		{ REPOS "x/record.json", row->json },
		{ REPOS "y/record.json", "{\"suppack_record\":1," PACK "}" },
		{ REPOS "xs:main/XS-REPOSITORY", "<repository/>" },
		{ REPOS "file", "" },
	};
	SP_AUTO(host_done) struct host host = { 0 };

	host_init(&host, files);
	expect(host.fd, row->sound ? "x l 1;y l 1|" : "y l 1|!x");
}

static void texts_are_cleaned(void **state)
{
	static const struct tree_file files[TREE_MAX_FILES] = {
		{ REPOS "x/record.json",
		  "{\"suppack_record\":1,\"pack\":{\"format\":\"update\",\"id\":\"i\","
		  "\"label\":\"a\\u001b[2Jb\",\"version\":\"1\",\"trust\":{\"state\":"
		  "\"trusted\"}}}" },
	};
	SP_AUTO(host_done) struct host host = { 0 };

	(void)state;
	host_init(&host, files);
	expect(host.fd, "x a?[2Jb 1|");
}

static void a_record_too_large_is_said(void **state)
{
	SP_AUTO(host_done) struct host host = { 0 };
	size_t len = 5 << 20;
	char *bytes = malloc(len);

	(void)state;
	assert_non_null(bytes);
	memset(bytes, ' ', len);
	host_init(&host, NULL);
	machine_write_bytes(&host.machine, REPOS "x/record.json", bytes, len);
	free(bytes);
	expect(host.fd, "|!x");
}

/* ---- links ---------------------------------------------------------------------------------------- */

static void links_lead_nowhere(void **state)
{
	static const struct tree_file files[TREE_MAX_FILES] = {
		{ "outside/y/record.json", "{\"suppack_record\":1," PACK "}" },
		{ "root/" REPOS "x", "->../../../../outside/y" },
		{ "root/" REPOS "y/record.json",
		  "->../../../../../outside/y/record.json" },
		{ "root/etc/xensource/.suppack-staged", "->../../../outside" },
	};
	SP_AUTO(host_done) struct host host = { 0 };
	SP_AUTO(sp_record_list_done) struct sp_record_list list = { 0 };
	SP_AUTO(sp_findings_done) struct sp_findings findings = { 0 };
	SP_AUTO(sp_closep) int root_fd = -1;
	struct sp_error err = SP_ERROR_INIT;
	struct sample s;

	(void)state;
	host_init(&host, files);
	root_fd = openat(host.fd, "root", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(sp_record_list_read(root_fd, &list, &findings, &err), 0);
	assert_int_equal(list.n, 0);
	assert_int_equal(findings.n, 2);
	assert_true(sp_record_stage(root_fd, sample_init(&s, "acme", "1", ""), &err) < 0);
	assert_true(sp_record_unstage(root_fd, "y", &err) < 0);
	assert_true(sp_record_tidy(root_fd, &err) < 0);
	assert_true(exists(&host.machine, "outside/y/record.json"));
	assert_false(exists(&host.machine, "outside/" UUID));
}

/* ---- interruptions --------------------------------------------------------------------------------- */

static void halves_are_tidied(void **state)
{
	static const struct tree_file files[TREE_MAX_FILES] = {
		{ STAGED "half/update.xml", "" },
		{ STAGED "replaced/record.json", "{\"suppack_record\":1," PACK "}" },
		{ STAGED ".removed/record.json", "{}" },
		{ STAGED "whole/record.json", "{\"suppack_record\":1," PACK "}" },
		{ STAGED "whole/.staged", "" },
	};
	SP_AUTO(host_done) struct host host = { 0 };
	struct sp_error err = SP_ERROR_INIT;

	(void)state;
	host_init(&host, files);
	expect(host.fd, "|whole 1");
	assert_int_equal(sp_record_tidy(host.fd, &err), 0);
	expect(host.fd, "|whole 1");
	assert_false(exists(&host.machine, STAGED "half"));
	assert_false(exists(&host.machine, STAGED "replaced"));
	assert_false(exists(&host.machine, STAGED ".removed"));
	assert_int_equal(sp_record_unstage(host.fd, "whole", &err), 0);
	assert_int_equal(sp_record_tidy(host.fd, &err), 0);
	assert_false(exists(&host.machine, STAGED));
}

/* Does the call change what is on the disk?  To be killed before any other leaves what
 * the last of these left. */
static bool writes(const struct __ptrace_syscall_info *info)
{
	static const long calls[] = { SYS_mkdirat,   SYS_write,    SYS_renameat,
				      SYS_renameat2, SYS_unlinkat, SYS_fchmod };

	if (info->op != PTRACE_SYSCALL_INFO_ENTRY)
		return false;
	for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++)
		if (info->entry.nr == (uint64_t)calls[i])
			return true;
	return info->entry.nr == SYS_openat && (info->entry.args[2] & O_CREAT);
}

/* Runs @work in a child that is killed before its @n-th call that writes.  False once it
 * ran to its end. */
static bool run_until(void (*work)(int fd), int fd, unsigned n)
{
	struct __ptrace_syscall_info info;
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
			_exit(99);
		(void)raise(SIGSTOP);
		work(fd);
		_exit(0);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(
		ptrace(PTRACE_SETOPTIONS, pid, NULL, (void *)PTRACE_O_TRACESYSGOOD), 0);
	while (WIFSTOPPED(status)) {
		assert_true(ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info) > 0);
		if (writes(&info) && --n == 0)
			break;
		assert_int_equal(ptrace(PTRACE_SYSCALL, pid, NULL, NULL), 0);
		assert_int_equal(waitpid(pid, &status, 0), pid);
	}
	if (WIFEXITED(status)) {
		assert_int_equal(WEXITSTATUS(status), 0);
		return false;
	}
	(void)kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return true;
}

static void do_install(int fd)
{
	struct sample s;
	struct sp_error err = SP_ERROR_INIT;

	if (sp_record_stage(fd, sample_init(&s, "acme", "2", "new"), &err) != 0 ||
	    sp_record_commit(fd, UUID, &err) != 0)
		_exit(1);
}

static void do_remove(int fd)
{
	struct sp_error err = SP_ERROR_INIT;

	if (sp_record_remove(fd, UUID, &err) != 0)
		_exit(1);
}

/* Whatever is left: the record that was there or the new one, and perhaps the new one
 * staged; tidied, it is one of @wants, and what it says is all there. */
static void look_after(int fd, const char *const wants[])
{
	SP_AUTO(sp_str_freep) char *is = NULL;
	struct sp_error err = SP_ERROR_INIT;

	assert_int_equal(sp_record_tidy(fd, &err), 0);
	is = tell(fd);
	for (size_t i = 0; wants[i]; i++)
		if (!strcmp(wants[i], is)) {
			if (strstr(is, "acme 1"))
				expect_file(fd, REPOS UUID "/update.xml", "old");
			if (strstr(is, "acme 2"))
				expect_file(fd, REPOS UUID "/update.xml", "new");
			if (strstr(is, "|" UUID))
				expect_file(fd, STAGED UUID "/update.xml", "new");
			return;
		}
	fail_msg("'%s'", is);
}

static const struct cut_row {
	const char *name;
	bool has_older;
	void (*work)(int fd);
	const char *wants[5];
	size_t n_done; /* which of them it is at the end */
} cut_rows[] = {
	{ "the first record",
	  false,
	  do_install,
	  { "|", "|" UUID " 2", UUID " acme 2|" },
	  2 },
	{ "a newer record",
	  true,
	  do_install,
	  { UUID " acme 1|", UUID " acme 1|" UUID " 2", UUID " acme 2|" },
	  2 },
	{ "removal", true, do_remove, { UUID " acme 1|", "|" }, 1 },
};

/* What one try left, so that the next one starts anew. */
static void start_again(int fd)
{
	struct sp_error err = SP_ERROR_INIT;

	assert_int_equal(sp_record_remove(fd, UUID, &err), 0);
	assert_int_equal(sp_record_unstage(fd, UUID, &err), 0);
	expect(fd, "|");
}

static void cut_off_anywhere(void **state)
{
	const struct cut_row *row = *state;
	SP_AUTO(host_done) struct host host = { 0 };
	unsigned n = 0;
	bool cut = true;

	host_init(&host, NULL);
	while (cut) {
		struct sample s;

		if (row->has_older)
			stage_and_commit(host.fd, sample_init(&s, "acme", "1", "old"));
		cut = run_until(row->work, host.fd, ++n);
		look_after(host.fd, row->wants);
		/* And it can be done again. */
		row->work(host.fd);
		look_after(host.fd,
			   (const char *const[]){ row->wants[row->n_done], NULL });
		start_again(host.fd);
		assert_false(exists(&host.machine, STAGED));
	}
	assert_true(n > 3);
}

int main(void)
{
	static const struct CMUnitTest others[] = {
		cmocka_unit_test(staged_then_in_place),
		cmocka_unit_test(every_field_comes_back),
		cmocka_unit_test(unstaged_leaves_no_trace),
		cmocka_unit_test(newer_replaces_older),
		cmocka_unit_test(a_file_in_the_way_is_replaced),
		cmocka_unit_test(nothing_staged_is_not_committed),
		cmocka_unit_test(removed_is_gone),
		cmocka_unit_test(two_packs_of_one_uuid),
		cmocka_unit_test(long_ids_and_labels),
		cmocka_unit_test(hostile_names_are_refused),
		cmocka_unit_test(hostile_file_names_are_refused),
		cmocka_unit_test(texts_are_cleaned),
		cmocka_unit_test(a_record_too_large_is_said),
		cmocka_unit_test(links_lead_nowhere),
		cmocka_unit_test(halves_are_tidied),
	};
	int failed = cmocka_run_group_tests(others, NULL, NULL);

	failed += table_run("ids", id_rows, hostile_ids_are_recorded);
	failed += table_run("record.json", json_rows, json_is_read_or_said);
	failed += table_run("cut off", cut_rows, cut_off_anywhere);
	return failed;
}
