/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Records are written whole or not at all, whatever stops it. */

#include "support/record.h"

#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>

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
		cmocka_unit_test(halves_are_tidied),
	};
	int failed = cmocka_run_group_tests(others, NULL, NULL);

	return failed + table_run("cut off", cut_rows, cut_off_anywhere);
}
