/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Loading kernel modules into the running kernel, and taking them out again.
 *
 * Modules come from /lib/modules/<release> only, where verified packages have put
 * theirs beside the system's, after sp_load_depmod(); never from a medium.  Call it all
 * in a privileged worker (SP_WORKER_PRIVILEGED) with a deadline of 60 s for a module: a
 * driver's own start may hang in the kernel.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/finding.h"
#include "base/text.h"

struct json_object;
struct sp_root;

/* ---- the module index ------------------------------------------------------- */

/* Runs depmod for the kernel @release below @root_dir ("/": this system), so that
 * modules just installed are found.  At most 60 s.
 *
 * Errors: SP_ERR_DAMAGED if a module made depmod crash, SP_ERR_LOAD if depmod said no,
 * with its first words. */
SP_MUST_CHECK
int sp_load_depmod(const char *root_dir, const char *release, struct sp_error *err);

/* ---- loading ---------------------------------------------------------------- */

enum sp_load_state {
	SP_LOAD_LOADED,  /* now */
	SP_LOAD_PRESENT, /* it was in the kernel already */
	SP_LOAD_BUILTIN,
	SP_LOAD_REFUSED, /* the kernel did not take it: code and sys_errno */
	SP_LOAD_MISSING, /* there is no such module */
};

/* One module that was asked for, or is needed by one.  Strings are owned. */
struct sp_load_step {
	char *module;
	enum sp_load_state state;
	bool optional;    /* somebody would like to have it (softdep): no failure */
	const char *code; /* finding code of a failure, else NULL; static */
	int sys_errno;    /* 0: none */
};

/* Zero-initialise.  Grows with each sp_load_module(). */
struct sp_load_result {
	struct sp_load_step *steps; /* in the order of loading, each module once */
	size_t n;
	struct sp_findings findings; /* why it failed, for each module that did */
	struct sp_strv kernel_log;   /* what the kernel said of these modules, and of
				    * firmware: cleaned lines, the last 20 */
	struct sp_strv detail;       /* what libkmod said: cleaned, the first 20 lines */
};

void sp_load_result_done(struct sp_load_result *result);

/* Outcome: the module, or one it depends on, is not in the kernel; a finding says why. */
#define SP_LOAD_FAILED 1

/* Loads the module @name for the running kernel @release, after all that it depends on
 * (and would like to have before), with the options of modprobe.d; its `install'
 * commands are not run and its `blacklist' does not count, since somebody asked for the
 * module by name.  What is in the kernel already is left alone.  Afterwards each module
 * is looked for in /sys/module.
 *
 * Errors: SP_ERR_LOAD if the module index cannot be opened; SP_ERR_NOMEM. */
SP_MUST_CHECK
int sp_load_module(const char *name, const char *release, struct sp_load_result *result,
		   struct sp_error *err);

/* The step of @module, NULL if there is none. */
const struct sp_load_step *sp_load_result_find(const struct sp_load_result *result,
					       const char *module);

/* The finding code for what the kernel answers to a module ("load-key-rejected"). */
const char *sp_load_code_of(int sys_errno);

/* "loaded", "present", "built-in", "refused", "missing" */
const char *sp_load_state_name(enum sp_load_state state);

/* For a worker's message. */
struct json_object *sp_load_result_to_json(const struct sp_load_result *result);
SP_MUST_CHECK
int sp_load_result_from_json(const struct json_object *json,
			     struct sp_load_result *ret_result, struct sp_error *err);

/* ---- taint ------------------------------------------------------------------ */

/* The kernel's taint flags; 0 if they cannot be read. */
uint64_t sp_load_taint(const struct sp_root *root);

/* Adds the finding "kernel-tainted" if @after has flags that @before has not.  @before is
 * best read before packages are installed: their scripts may have modules loaded. */
SP_MUST_CHECK
int sp_load_report_taint(struct sp_findings *findings, uint64_t before, uint64_t after,
			 struct sp_error *err);

/* ---- unloading -------------------------------------------------------------- */

/* Outcome: something uses it. */
#define SP_LOAD_IN_USE 2
/* Outcome: it is not in the kernel, or built into it. */
#define SP_LOAD_ABSENT 3

/* Takes the module @name out of the running kernel: to replace it, or to go back.
 * Nothing is forced, and nothing is taken from under its users: with SP_LOAD_IN_USE one
 * sentence for each of them is added to @users (probe/in_use.h).
 *
 * @root  "/"; another one is only looked at (tests), and never SP_ERR_LOAD. */
SP_MUST_CHECK
int sp_load_unload(const struct sp_root *root, const char *name, struct sp_strv *users,
		   struct sp_error *err);
