/* SPDX-License-Identifier: GPL-2.0-or-later */
/* librpm calls a transaction done whose scriptlet failed, or whose package never got
 * into the database.  So its word counts only together with its silence: no error
 * logged, no scriptlet failed. */
#include "repo/rpm_run.h"

#include "base/inside.h"
#include "repo/rpm_release.h"
#include "repo/rpm_root.h"

#include <errno.h>
#include <fcntl.h>
#include <rpm/rpmcallback.h>
#include <rpm/rpmlib.h>
#include <rpm/rpmprob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { OUTPUT_MAX_BYTES = 64 << 10 };

/* One package to install; librpm hands it back by address. */
struct element {
	int fd;
	size_t index;
};

struct run {
	struct sp_rpm_root *root;
	const struct sp_rpm_job *job;
	struct sp_findings *findings;
	struct sp_error *err;
	rpmts ts;
	struct element *elements;
	FD_t open;     /* the package that librpm is reading */
	int script_fd; /* what scriptlets print */
	off_t script_read;
	bool script_failed;
	int failure; /* of our own, < 0, within a callback */
};

static void run_done(struct run *run)
{
	if (run->open)
		(void)Fclose(run->open);
	(void)rpmtsFree(run->ts);
	sp_closep(&run->script_fd);
	free(run->elements);
}

static int fail_run(struct run *run)
{
	const char *reason = sp_rpm_root_first_error(run->root);
	int r = 0;

	if (!run->script_failed || reason)
		r = sp_findings_add(run->findings, "transaction-failed", NULL, run->err,
				    "%s",
				    reason ? reason : "librpm failed without a reason");
	return r < 0 ? r : SP_RPM_RUN_FAILED;
}

/* ---- what to do ------------------------------------------------------------- */

static int add_install(struct run *run, struct element *element)
{
	SP_AUTO(sp_rpm_header_freep) Header header = NULL;
	SP_AUTO(sp_rpm_file_closep) FD_t file = NULL;
	rpmRC rc;

	if (lseek(element->fd, 0, SEEK_SET) < 0)
		return sp_error_set_errno(run->err, errno, "reading a package");
	file = fdDup(element->fd);
	rc = file ? rpmReadPackageFile(run->ts, file, NULL, &header) : RPMRC_FAIL;
	if ((rc != RPMRC_OK && rc != RPMRC_NOKEY && rc != RPMRC_NOTTRUSTED) || !header)
		return sp_error_set(run->err, SP_ERR_DAMAGED, "a package is damaged");
	if (rpmtsAddInstallElement(run->ts, header, element, 1, NULL) != 0)
		return fail_run(run);
	return 0;
}

static int add_erasures(struct run *run)
{
	SP_AUTO(sp_rpm_matches_freep)
	rpmdbMatchIterator matches = rpmtsInitIterator(run->ts, RPMDBI_PACKAGES, NULL, 0);
	Header header;

	while (matches && (header = rpmdbNextIterator(matches))) {
		SP_AUTO(sp_str_freep) char *nevra = sp_rpm_root_nevra(header);

		if (!nevra)
			return sp_error_nomem(run->err);
		if (!sp_strv_has(run->job->erase, nevra))
			continue;
		if (rpmtsAddEraseElement(run->ts, header,
					 (int)rpmdbGetIteratorOffset(matches)) != 0)
			return fail_run(run);
	}
	return 0;
}

static int fill_set(struct run *run)
{
	int r = 0;

	(void)rpmtsFree(run->ts);
	run->ts = sp_rpm_root_new_set(run->root);
	if (!run->ts)
		return sp_error_nomem(run->err);
	for (size_t i = 0; r == 0 && i < run->job->n_fds; i++) {
		run->elements[i] = (struct element){ run->job->fds[i], i };
		r = add_install(run, &run->elements[i]);
	}
	if (r == 0 && run->job->erase && run->job->erase->n)
		r = add_erasures(run);
	return r;
}

/* ---- what stands against it -------------------------------------------------- */

static const char *const code_of_problem[] = {
	[RPMPROB_BADARCH] = "wrong-architecture",
	[RPMPROB_BADOS] = "wrong-architecture",
	[RPMPROB_PKG_INSTALLED] = "already-installed",
	[RPMPROB_BADRELOCATE] = "transaction-failed",
	[RPMPROB_REQUIRES] = "requirement-missing",
	[RPMPROB_CONFLICT] = "conflict",
	[RPMPROB_NEW_FILE_CONFLICT] = "conflict",
	[RPMPROB_FILE_CONFLICT] = "conflict",
	[RPMPROB_OLDPACKAGE] = "older-than-installed",
	[RPMPROB_DISKSPACE] = "no-space",
	[RPMPROB_DISKNODES] = "no-space",
	[RPMPROB_OBSOLETES] = "conflict",
	[RPMPROB_VERIFY] = "damaged-package",
};

static const char *code_of(rpmProblem problem)
{
	size_t type = rpmProblemGetType(problem);

	if (type < sizeof code_of_problem / sizeof code_of_problem[0] &&
	    code_of_problem[type])
		return code_of_problem[type];
	return "transaction-failed";
}

/* "name", "name >= 1.0-1" as rpm's own kind of dependency; NULL: cannot be one. */
static rpmds parse_dependency(const char *text, rpmTagVal tag)
{
	SP_AUTO(sp_str_freep) char *copy = strdup(text);
	char *words[4] = { 0 }, *rest = copy, *word;
	rpmsenseFlags sense = 0;
	size_t n = 0;

	while (copy && n < 4 && (word = strtok_r(rest, " ", &rest)))
		words[n++] = word;
	if (n != 1 && n != 3)
		return NULL;
	for (const char *at = n == 3 ? words[1] : ""; *at; at++)
		sense |= *at == '<'   ? RPMSENSE_LESS
			 : *at == '>' ? RPMSENSE_GREATER
				      : RPMSENSE_EQUAL;
	return rpmdsSingle(tag, words[0], n == 3 ? words[2] : "", sense);
}

static bool is_provided(const struct sp_strv *provided, const char *requirement)
{
	SP_AUTO(sp_rpmds_freep)
	rpmds wanted = parse_dependency(requirement, RPMTAG_REQUIRENAME);

	for (size_t i = 0; wanted && provided && i < provided->n; i++) {
		SP_AUTO(sp_rpmds_freep)
		rpmds have = parse_dependency(provided->items[i], RPMTAG_PROVIDENAME);

		if (have && rpmdsCompare(have, wanted))
			return true;
	}
	return false;
}

static bool is_excused(const struct run *run, rpmProblem problem)
{
	SP_AUTO(sp_str_freep) char *real = NULL;
	struct sp_error ignored = SP_ERROR_INIT;
	const char *requirement = rpmProblemGetStr(problem);

	if (rpmProblemGetType(problem) != RPMPROB_REQUIRES || !requirement)
		return false;
	if (is_provided(run->job->provided, requirement))
		return true;
	return run->job->files_provide && *requirement == '/' &&
	       sp_inside_resolve(sp_rpm_root_fd(run->root), requirement, &real,
				 &ignored) == 0;
}

/* Adds what is not excused; *@ret_n is how many that were. */
static int take_problems(struct run *run, size_t *ret_n)
{
	SP_AUTO(sp_rpmps_freep) rpmps problems = rpmtsProblems(run->ts);
	SP_AUTO(sp_rpmpsi_freep) rpmpsi walk = rpmpsInitIterator(problems);
	rpmProblem problem;
	int r = 0;

	*ret_n = 0;
	while (r == 0 && walk && (problem = rpmpsiNext(walk))) {
		SP_AUTO(sp_str_freep) char *text = NULL;

		if (is_excused(run, problem))
			continue;
		text = rpmProblemString(problem);
		(*ret_n)++;
		r = sp_findings_add(run->findings, code_of(problem),
				    rpmProblemGetPkgNEVR(problem), run->err, "%s",
				    text ? text : "librpm gives no reason");
	}
	return r;
}

static int check_requirements(struct run *run)
{
	size_t n = 0;
	int r;

	if (run->job->no_requirements)
		return 0;
	if (rpmtsCheck(run->ts) != 0)
		return fail_run(run);
	r = take_problems(run, &n);
	return r == 0 && n ? SP_RPM_RUN_REFUSED : r;
}

/* ---- while it runs ------------------------------------------------------------ */

static const struct script {
	rpmTagVal tag;
	const char *name;
} scripts[] = {
	{ RPMTAG_PREIN, "%pre" },
	{ RPMTAG_POSTIN, "%post" },
	{ RPMTAG_PREUN, "%preun" },
	{ RPMTAG_POSTUN, "%postun" },
	{ RPMTAG_PRETRANS, "%pretrans" },
	{ RPMTAG_POSTTRANS, "%posttrans" },
	{ RPMTAG_VERIFYSCRIPT, "%verifyscript" },
};

static const char *script_name(rpmTagVal tag)
{
	for (size_t i = 0; i < sizeof scripts / sizeof scripts[0]; i++)
		if (scripts[i].tag == tag)
			return scripts[i].name;
	return "trigger";
}

/* Logs what scriptlets have printed since the last time, by lines. */
static void take_output(struct run *run)
{
	SP_AUTO(sp_str_freep) char *text = malloc(OUTPUT_MAX_BYTES + 1);
	bool flushed = fflush(stdout) == 0;
	ssize_t n = text && flushed ? pread(run->script_fd, text, OUTPUT_MAX_BYTES,
					    run->script_read)
				    : -1;
	char *rest = text, *line;

	if (n <= 0)
		return;
	text[n] = '\0';
	while ((line = strsep(&rest, "\n")))
		sp_rpm_root_log(run->root, line);
	/* Of a flood, the rest is not for a log. */
	run->script_read = lseek(run->script_fd, 0, SEEK_END);
}

static void take_script_error(struct run *run, Header header, rpmTagVal tag)
{
	SP_AUTO(sp_str_freep) char *nevra = header ? sp_rpm_root_nevra(header) : NULL;
	int r;

	run->script_failed = true;
	r = sp_findings_add(run->findings, "scriptlet-failed", nevra, run->err,
			    "the %s script of '%s' failed", script_name(tag),
			    nevra ? nevra : "a package");
	if (r < 0)
		run->failure = r;
}

static void *open_element(struct run *run, const struct element *element)
{
	if (lseek(element->fd, 0, SEEK_SET) < 0)
		return NULL;
	run->open = fdDup(element->fd);
	return run->open;
}

static void close_element(struct run *run)
{
	if (run->open)
		(void)Fclose(run->open);
	run->open = NULL;
}

static void *notify(const void *header, const rpmCallbackType what,
		    const rpm_loff_t amount, const rpm_loff_t total, fnpyKey key,
		    rpmCallbackData data)
{
	const struct element *element = key;
	struct run *run = data;

	switch ((int)what) {
	case RPMCALLBACK_INST_OPEN_FILE:
		return element ? open_element(run, element) : NULL;
	case RPMCALLBACK_INST_CLOSE_FILE:
		close_element(run);
		break;
	case RPMCALLBACK_INST_PROGRESS:
		if (element)
			sp_rpm_root_progress(run->root, element->index, amount, total);
		break;
	case RPMCALLBACK_SCRIPT_STOP:
		take_output(run);
		break;
	case RPMCALLBACK_SCRIPT_ERROR:
		take_output(run);
		/* librpm's headers have no const. */
		take_script_error(run, (Header)(uintptr_t)header, (rpmTagVal)amount);
		break;
	default:
		break;
	}
	return NULL;
}

static int set_up(struct run *run)
{
	const struct sp_rpm_job *job = run->job;
	rpmtransFlags flags = RPMTRANS_FLAG_NOPLUGINS | RPMTRANS_FLAG_NOCONTEXTS;

	if (job->test_only)
		flags |= RPMTRANS_FLAG_TEST;
	if (job->no_scripts)
		flags |= RPMTRANS_FLAG_NOSCRIPTS | RPMTRANS_FLAG_NOPRETRANS |
			 RPMTRANS_FLAG_NOPOSTTRANS | RPMTRANS_FLAG_NOTRIGGERS;
	(void)rpmtsSetFlags(run->ts, flags);
	(void)rpmtsSetNotifyCallback(run->ts, notify, run);
	run->script_fd = memfd_create("scriptlets", MFD_CLOEXEC);
	/* Lua scriptlets run in this process, and print where it prints. */
	if (run->script_fd < 0 || fcntl(run->script_fd, F_SETFL, O_APPEND) < 0 ||
	    dup2(run->script_fd, STDOUT_FILENO) < 0 ||
	    dup2(run->script_fd, STDERR_FILENO) < 0)
		return sp_error_set_errno(run->err, errno, "creating a memory file");
	return 0;
}

static rpmprobFilterFlags filters(const struct sp_rpm_job *job)
{
	/* Whether the same package is to be installed again was decided before. */
	rpmprobFilterFlags flags = RPMPROB_FILTER_REPLACEPKG;

	if (job->allow_downgrade)
		flags |= RPMPROB_FILTER_OLDPACKAGE;
	if (job->no_disk_check)
		flags |= RPMPROB_FILTER_DISKSPACE | RPMPROB_FILTER_DISKNODES;
	return flags;
}

static int run_it(struct run *run)
{
	size_t n = 0;
	int rc, r;

	if (rpmtsOrder(run->ts) != 0)
		return fail_run(run);
	r = run->job->before ? run->job->before(run->job->user, run->err) : 0;
	if (r < 0)
		return r;
	rc = rpmtsRun(run->ts, NULL, filters(run->job));
	take_output(run);
	if (run->failure < 0)
		return run->failure;
	if (rc > 0) {
		r = take_problems(run, &n);
		return r < 0 ? r : n ? SP_RPM_RUN_REFUSED : fail_run(run);
	}
	if (rc < 0 || run->script_failed || sp_rpm_root_first_error(run->root))
		return fail_run(run);
	return 0;
}

int sp_rpm_run(struct sp_rpm_root *root, const struct sp_rpm_job *job,
	       struct sp_findings *findings, struct sp_error *err)
{
	SP_AUTO(run_done)
	struct run run = { .root = root,
			   .job = job,
			   .findings = findings,
			   .err = err,
			   .script_fd = -1 };
	int r;

	run.elements = calloc(job->n_fds + 1, sizeof *run.elements);
	if (!run.elements)
		return sp_error_nomem(err);
	sp_rpm_root_forget_error(root);
	r = fill_set(&run);
	if (r == 0)
		r = check_requirements(&run);
	/* A set that missed something skips it, excused or not: it takes a fresh one. */
	if (r == 0)
		r = fill_set(&run);
	if (r == 0)
		r = set_up(&run);
	return r == 0 ? run_it(&run) : r;
}
