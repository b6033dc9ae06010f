/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libkmod knows which file a module is in, what it needs and which options it gets; the
 * walk over its dependencies is ours, so that each refusal keeps its errno and its line
 * in the kernel's log.  libkmod opens no module here but to hand it to the kernel. */
#include "probe/load.h"

#include "base/array.h"
#include "probe/kmsg.h"
#include "probe/load_answer.h"
#include "probe/root.h"

#include <errno.h>
#include <fcntl.h>
#include <libkmod.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { MAX_DEPTH = 64, DETAIL_MAX_LINES = 20 };

struct loading {
	struct kmod_ctx *kmod;
	const struct sp_root *root;
	const char *release;
	struct sp_load_result *result;
	struct sp_strv names; /* modules that were touched: the kernel's log is theirs */
	struct sp_strv open;  /* on the way down: softdeps may go in circles */
	int kmsg_fd;
};

static void free_kmod(struct kmod_ctx *kmod)
{
	(void)kmod_unref(kmod);
}

static void free_list(struct kmod_list *list)
{
	(void)kmod_module_unref_list(list);
}

static void free_module(struct kmod_module *module)
{
	(void)kmod_module_unref(module);
}

SP_DEFINE_FREEP(struct kmod_ctx *, free_kmod)
SP_DEFINE_FREEP(struct kmod_list *, free_list)
SP_DEFINE_FREEP(struct kmod_module *, free_module)

/* ---- what is said -------------------------------------------------------------- */

__attribute__((format(printf, 6, 0))) static void keep_log(void *data, int priority,
							   const char *file, int line,
							   const char *function,
							   const char *format,
							   va_list args)
{
	struct sp_load_result *result = data;
	char text[SP_TEXT_MAX], clean[SP_TEXT_MAX];
	struct sp_error err = SP_ERROR_INIT;

	(void)priority, (void)file, (void)line, (void)function;
	if (result->detail.n >= DETAIL_MAX_LINES)
		return;
	(void)vsnprintf(text, sizeof text, format, args);
	sp_text_clean(text, strlen(text), clean, sizeof clean);
	(void)!sp_strv_add(&result->detail, clean, &err);
}

/* What the kernel said of the module: the clash of versions, which it words twice, or
 * else the last thing.  Taint is no reason. */
static const char *find_reason(const struct sp_load_result *result, const char *module)
{
	const char *last = NULL;

	for (size_t i = 0; i < result->kernel_log.n; i++) {
		const char *line = result->kernel_log.items[i];

		if (!sp_kmsg_is_about(line, module) || strstr(line, "taint"))
			continue;
		if (sp_load_answer_is_version_clash(line))
			return line;
		last = line;
	}
	return last;
}

static int add_refusal(struct loading *loading, const struct sp_load_step *step,
		       struct sp_error *err)
{
	const char *line = find_reason(loading->result, step->module);
	int refined = sp_load_answer_refine(step->sys_errno, line);

	return sp_findings_add(&loading->result->findings, step->code, step->module, err,
			       "module '%s' was not loaded: %s%s%s", step->module,
			       sp_load_answer_reason(refined),
			       line ? "; the kernel says: " : "", line ? line : "");
}

static int add_missing(struct loading *loading, const struct sp_load_step *step,
		       struct sp_error *err)
{
	return sp_findings_add(&loading->result->findings, step->code, step->module, err,
			       "there is no module '%s' for kernel '%s'", step->module,
			       loading->release);
}

static int add_dependency(struct loading *loading, const struct sp_load_step *step,
			  const char *needed, struct sp_error *err)
{
	return sp_findings_add(
		&loading->result->findings, step->code, step->module, err,
		"module '%s' was not loaded: module '%s', which it needs, was not",
		step->module, needed);
}

/* ---- steps ----------------------------------------------------------------------- */

static bool is_in_kernel(enum sp_load_state state)
{
	return state == SP_LOAD_LOADED || state == SP_LOAD_PRESENT ||
	       state == SP_LOAD_BUILTIN;
}

/* NULL when out of memory. */
static struct sp_load_step *add_step(struct loading *loading, const char *module,
				     enum sp_load_state state, const char *code,
				     bool optional, struct sp_error *err)
{
	struct sp_load_result *result = loading->result;
	struct sp_load_step *step = sp_array_add(&result->steps, &result->n);

	if (step)
		step->module = strdup(module);
	if (!step || !step->module) {
		result->n -= step ? 1 : 0;
		(void)sp_error_nomem(err);
		return NULL;
	}
	step->state = state;
	step->code = code;
	step->optional = optional;
	return step;
}

static int add_good(struct loading *loading, const char *module, enum sp_load_state state,
		    bool optional, struct sp_error *err)
{
	return add_step(loading, module, state, NULL, optional, err) ? 0 : -SP_ERR_NOMEM;
}

static int fail_missing(struct loading *loading, const char *module, bool optional,
			struct sp_error *err)
{
	const struct sp_load_step *step = add_step(loading, module, SP_LOAD_MISSING,
						   "load-missing-module", optional, err);
	int r = step && !optional ? add_missing(loading, step, err) : 0;

	return !step ? -SP_ERR_NOMEM : r < 0 ? r : SP_LOAD_FAILED;
}

static int fail_dependency(struct loading *loading, const char *module,
			   const char *needed, bool optional, struct sp_error *err)
{
	const struct sp_load_step *step =
		add_step(loading, module, SP_LOAD_REFUSED, "load-failed", optional, err);
	int r = step && !optional ? add_dependency(loading, step, needed, err) : 0;

	return !step ? -SP_ERR_NOMEM : r < 0 ? r : SP_LOAD_FAILED;
}

static int fail_refused(struct loading *loading, const char *module, int sys_errno,
			bool optional, struct sp_error *err)
{
	const char *line = find_reason(loading->result, module);
	const char *code = sp_load_code_of(sp_load_answer_refine(sys_errno, line));
	struct sp_load_step *step =
		add_step(loading, module, SP_LOAD_REFUSED, code, optional, err);
	int r = 0;

	if (!step)
		return -SP_ERR_NOMEM;
	step->sys_errno = sys_errno;
	if (!optional)
		r = add_refusal(loading, step, err);
	return r < 0 ? r : SP_LOAD_FAILED;
}

static bool is_in_sysfs(const struct loading *loading, const char *module)
{
	SP_AUTO(sp_str_freep) char *path = sp_text_format("sys/module/%s", module);
	SP_AUTO(sp_closep) int fd = -1;
	struct sp_error err = SP_ERROR_INIT;

	return path && sp_root_open(loading->root, path, O_PATH, &fd, &err) == 0;
}

static int insert(struct loading *loading, struct kmod_module *module, bool optional,
		  struct sp_error *err)
{
	const char *name = kmod_module_get_name(module);
	int answer =
		kmod_module_insert_module(module, 0, kmod_module_get_options(module));
	int r = sp_kmsg_collect(loading->kmsg_fd, &loading->names,
				&loading->result->kernel_log, err);

	if (r == 0)
		r = sp_kmsg_report_firmware(&loading->result->kernel_log,
					    &loading->result->findings, err);
	if (r < 0)
		return r;
	if (answer == -EEXIST)
		return add_good(loading, name, SP_LOAD_PRESENT, optional, err);
	if (answer >= 0 && !is_in_sysfs(loading, name))
		answer = -ESRCH;
	if (answer < 0)
		return fail_refused(loading, name, -answer, optional, err);
	return add_good(loading, name, SP_LOAD_LOADED, optional, err);
}

/* ---- the walk ---------------------------------------------------------------------- */

static int visit(struct loading *loading, struct kmod_module *module, bool optional,
		 struct sp_error *err);

/* Every one of @list that nothing stands in the way of is loaded; *@ret_failed (may be
 * NULL) names the first that was not. */
static int visit_all(struct loading *loading, struct kmod_list *list, bool optional,
		     char **ret_failed, struct sp_error *err)
{
	struct kmod_list *item;

	kmod_list_foreach(item, list)
	{
		SP_AUTO(free_modulep)
		struct kmod_module *module = kmod_module_get_module(item);
		int r = visit(loading, module, optional, err);

		if (r < 0)
			return r;
		if (r == 0 || !ret_failed || *ret_failed)
			continue;
		*ret_failed = strdup(kmod_module_get_name(module));
		if (!*ret_failed)
			return sp_error_nomem(err);
	}
	return 0;
}

static int load_with_needs(struct loading *loading, struct kmod_module *module,
			   bool optional, struct sp_error *err)
{
	SP_AUTO(free_listp) struct kmod_list *before = NULL;
	SP_AUTO(free_listp) struct kmod_list *after = NULL;
	SP_AUTO(free_listp)
	struct kmod_list *needs = kmod_module_get_dependencies(module);
	SP_AUTO(sp_str_freep) char *failed = NULL;
	const char *name = kmod_module_get_name(module);
	int r;

	/* A softdep that cannot be found out about is one less wish. */
	(void)kmod_module_get_softdeps(module, &before, &after);
	r = visit_all(loading, before, true, NULL, err);
	if (r == 0)
		r = visit_all(loading, needs, optional, &failed, err);
	if (r == 0 && failed)
		return fail_dependency(loading, name, failed, optional, err);
	if (r == 0)
		r = insert(loading, module, optional, err);
	if (r == 0)
		r = visit_all(loading, after, true, NULL, err);
	return r;
}

static bool has_file(const struct kmod_module *module)
{
	const char *path = kmod_module_get_path(module);

	return path && access(path, R_OK) == 0;
}

/* It was tried before: as somebody's wish, perhaps, and now it is needed. */
static int visit_again(struct loading *loading, const char *name, bool optional,
		       struct sp_error *err)
{
	struct sp_load_step *step = loading->result->steps;
	int r = 0;

	while (strcmp(step->module, name) != 0)
		step++;
	if (is_in_kernel(step->state))
		return 0;
	if (step->optional && !optional) {
		step->optional = false;
		r = step->state == SP_LOAD_MISSING ? add_missing(loading, step, err)
						   : add_refusal(loading, step, err);
	}
	return r < 0 ? r : SP_LOAD_FAILED;
}

static int visit(struct loading *loading, struct kmod_module *module, bool optional,
		 struct sp_error *err)
{
	const char *name = kmod_module_get_name(module);
	int state = kmod_module_get_initstate(module), r;

	if (sp_load_result_find(loading->result, name))
		return visit_again(loading, name, optional, err);
	if (sp_strv_has(&loading->open, name) || loading->open.n >= MAX_DEPTH)
		return 0;
	if (state == KMOD_MODULE_BUILTIN)
		return add_good(loading, name, SP_LOAD_BUILTIN, optional, err);
	if (state == KMOD_MODULE_LIVE)
		return add_good(loading, name, SP_LOAD_PRESENT, optional, err);
	if (!has_file(module))
		return fail_missing(loading, name, optional, err);
	r = sp_strv_add(&loading->names, name, err);
	if (r == 0)
		r = sp_strv_add(&loading->open, name, err);
	if (r < 0)
		return r;
	r = load_with_needs(loading, module, optional, err);
	free(loading->open.items[--loading->open.n]);
	return r;
}

/* ---- the call ------------------------------------------------------------------------ */

static int open_kmod(struct loading *loading, struct sp_error *err)
{
	SP_AUTO(sp_str_freep)
	char *dir = sp_text_format("/lib/modules/%s", loading->release);

	if (!dir)
		return sp_error_nomem(err);
	loading->kmod = kmod_new(dir, NULL);
	if (!loading->kmod)
		return sp_error_set(err, SP_ERR_LOAD, "libkmod cannot be used");
	kmod_set_log_fn(loading->kmod, keep_log, loading->result);
	if (kmod_load_resources(loading->kmod) < 0)
		return sp_error_set(err, SP_ERR_LOAD,
				    "there is no usable module index in '%s'", dir);
	return 0;
}

static void loading_done(struct loading *loading)
{
	free_kmodp(&loading->kmod);
	sp_strv_done(&loading->names);
	sp_strv_done(&loading->open);
	sp_closep(&loading->kmsg_fd);
}

static int load(struct loading *loading, const char *name, struct sp_error *err)
{
	SP_AUTO(free_modulep) struct kmod_module *module = NULL;
	int r = open_kmod(loading, err);

	if (r < 0)
		return r;
	if (kmod_module_new_from_name(loading->kmod, name, &module) < 0)
		return fail_missing(loading, name, false, err);
	return visit(loading, module, false, err);
}

int sp_load_module(const char *name, const char *release, struct sp_load_result *result,
		   struct sp_error *err)
{
	SP_AUTO(sp_root_freep) struct sp_root *root = NULL;
	SP_AUTO(loading_done)
	struct loading loading = { .release = release, .result = result, .kmsg_fd = -1 };
	int r = sp_root_new("/", &root, err);

	if (r < 0)
		return r;
	loading.root = root;
	sp_kmsg_open(&loading.kmsg_fd);
	r = load(&loading, name, err);
	return r < 0 ? sp_error_context(err, "loading module '%s'", name) : r;
}
