/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What loading did, as data: it travels from the privileged worker to the engine, and
 * an errno becomes a finding on the way. */
#include "probe/load.h"

#include "base/array.h"
#include "base/json.h"
#include "probe/load_answer.h"
#include "probe/root.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

// clang-format off
static const struct answer {
	int sys_errno;
	const char *code;
	const char *reason;
} answers[] = {
	{ ENOENT,       "load-unknown-symbol", "it needs a symbol that this kernel does not have" },
	{ ENOEXEC,      "load-bad-module",     "this kernel does not take it for a module of its own kind" },
	{ EINVAL,       "load-crc-mismatch",   "its symbol versions are not those of this kernel" },
	{ EKEYREJECTED, "load-key-rejected",   "this kernel does not trust its signature" },
	{ EBADMSG,      "load-key-rejected",   "its signature is damaged" },
	{ ENOKEY,       "load-key-rejected",   "this kernel does not have the key of its signature" },
	{ ENODATA,      "load-key-rejected",   "it is not signed" },
	{ ENOPKG,       "load-key-rejected",   "this kernel cannot check its kind of signature" },
	{ EPERM,        "load-forbidden",      "this kernel forbids it" },
	{ EACCES,       "load-forbidden",      "this kernel forbids it" },
	{ ENODEV,       "load-failed",         "it found no device to drive" },
	{ ESRCH,        "load-failed",         "the kernel took it, and does not have it" },
	{ 0,            "load-failed",         "a module that it needs was not" },
	{ EBUSY,        "load-failed",         "something else holds what it needs" },
	{ ENOMEM,       "load-failed",         "there is not enough memory for it" },
};

static const char *const state_names[] = {
	[SP_LOAD_LOADED]  = "loaded",
	[SP_LOAD_PRESENT] = "present",
	[SP_LOAD_BUILTIN] = "built-in",
	[SP_LOAD_REFUSED] = "refused",
	[SP_LOAD_MISSING] = "missing",
};

static const struct taint {
	unsigned bit;
	const char *what;
} taints[] = {
	{ 0, "a proprietary module" },
	{ 1, "a module loaded by force" },
	{ 10, "a driver under construction" },
	{ 12, "a module from outside the kernel's source" },
	{ 13, "an unsigned module" },
};
// clang-format on

enum { N_STATES = sizeof state_names / sizeof state_names[0] };

void sp_load_result_done(struct sp_load_result *result)
{
	for (size_t i = 0; i < result->n; i++)
		free(result->steps[i].module);
	free(result->steps);
	sp_findings_done(&result->findings);
	sp_strv_done(&result->kernel_log);
	sp_strv_done(&result->detail);
	*result = (struct sp_load_result){ 0 };
}

SP_DEFINE_FREEP(struct sp_load_result *, sp_load_result_done)

const struct sp_load_step *sp_load_result_find(const struct sp_load_result *result,
					       const char *module)
{
	for (size_t i = 0; i < result->n; i++)
		if (strcmp(result->steps[i].module, module) == 0)
			return &result->steps[i];
	return NULL;
}

const char *sp_load_state_name(enum sp_load_state state)
{
	return (size_t)state < N_STATES ? state_names[state] : "refused";
}

/* ---- the kernel's answers ------------------------------------------------------ */

static const struct answer *find_answer(int sys_errno)
{
	for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++)
		if (answers[i].sys_errno == sys_errno)
			return &answers[i];
	return NULL;
}

const char *sp_load_code_of(int sys_errno)
{
	const struct answer *answer = find_answer(sys_errno);

	return answer ? answer->code : "load-failed";
}

const char *sp_load_answer_reason(int sys_errno)
{
	const struct answer *answer = find_answer(sys_errno);

	return answer ? answer->reason : strerror(sys_errno);
}

bool sp_load_answer_is_version_clash(const char *line)
{
	return strstr(line, "disagrees about version of symbol") != NULL;
}

int sp_load_answer_refine(int sys_errno, const char *line)
{
	return sys_errno == ENOEXEC && line && sp_load_answer_is_version_clash(line)
		       ? EINVAL
		       : sys_errno;
}

uint64_t sp_load_taint(const struct sp_root *root)
{
	SP_AUTO(sp_str_freep) char *line = NULL;
	struct sp_error err = SP_ERROR_INIT;

	if (sp_root_read_line(root, "proc/sys/kernel/tainted", &line, &err) != 0)
		return 0;
	return strtoull(line, NULL, 10);
}

int sp_load_report_taint(struct sp_findings *findings, uint64_t before, uint64_t after,
			 struct sp_error *err)
{
	SP_AUTO(sp_strv_done) struct sp_strv words = { 0 };
	SP_AUTO(sp_str_freep) char *text = NULL;
	uint64_t fresh = after & ~before;
	int r = 0;

	for (size_t i = 0; i < sizeof taints / sizeof taints[0] && r == 0; i++)
		if (fresh >> taints[i].bit & 1)
			r = sp_strv_add(&words, taints[i].what, err);
	if (r < 0 || !fresh)
		return r;
	text = sp_strv_join(&words, ", ");
	if (!text)
		return sp_error_nomem(err);
	return sp_findings_add(findings, "kernel-tainted", NULL, err,
			       "the kernel is tainted by the drivers%s%s",
			       *text ? ": " : "", text);
}

/* ---- JSON ---------------------------------------------------------------------- */

struct json_object *sp_load_result_to_json(const struct sp_load_result *result)
{
	struct json_object *json = sp_json_object();
	struct json_object *steps = sp_json_array();

	for (size_t i = 0; i < result->n; i++) {
		const struct sp_load_step *step = &result->steps[i];
		struct json_object *item = sp_json_object();

		sp_json_set_string(item, "module", step->module);
		sp_json_set_string(item, "state", sp_load_state_name(step->state));
		sp_json_set_bool(item, "optional", step->optional);
		sp_json_set_string(item, "code", step->code);
		sp_json_set_int(item, "errno", step->sys_errno);
		sp_json_append(steps, item);
	}
	sp_json_set(json, "steps", steps);
	sp_json_set(json, "findings", sp_findings_to_json(&result->findings));
	sp_json_set_strv(json, "kernel_log", &result->kernel_log);
	sp_json_set_strv(json, "detail", &result->detail);
	return json;
}

static int read_state(const char *name, enum sp_load_state *ret_state,
		      struct sp_error *err)
{
	for (size_t i = 0; name && i < N_STATES; i++)
		if (strcmp(state_names[i], name) == 0) {
			*ret_state = (enum sp_load_state)i;
			return 0;
		}
	return sp_error_set(err, SP_ERR_FORMAT, "a loaded module has no known state");
}

/* The table's own, which outlives the JSON. */
static int read_code(const char *code, const char **ret_code, struct sp_error *err)
{
	const char *known = NULL;

	for (size_t i = 0; code && (known = sp_finding_code_at(i)); i++)
		if (strcmp(known, code) == 0)
			break;
	if (code && !known)
		return sp_error_set(err, SP_ERR_FORMAT,
				    "a loaded module has an unknown finding");
	*ret_code = known;
	return 0;
}

static int read_step(struct sp_load_result *result, const struct json_object *item,
		     struct sp_error *err)
{
	const char *module = sp_json_get_string(item, "module");
	struct sp_load_step *step;
	enum sp_load_state state = SP_LOAD_REFUSED;
	const char *code = NULL;
	int r = read_state(sp_json_get_string(item, "state"), &state, err);

	if (r == 0)
		r = read_code(sp_json_get_string(item, "code"), &code, err);
	if (r < 0)
		return r;
	if (!module || !*module)
		return sp_error_set(err, SP_ERR_FORMAT, "a loaded module has no name");
	step = sp_array_add(&result->steps, &result->n);
	if (!step)
		return sp_error_nomem(err);
	step->state = state;
	step->optional = sp_json_get_bool(item, "optional", false);
	step->sys_errno = (int)sp_json_get_int(item, "errno", 0);
	step->code = code;
	step->module = strdup(module);
	if (!step->module) {
		result->n--;
		return sp_error_nomem(err);
	}
	return 0;
}

int sp_load_result_from_json(const struct json_object *json,
			     struct sp_load_result *ret_result, struct sp_error *err)
{
	struct sp_load_result result = { 0 };
	SP_AUTO(sp_load_result_donep) struct sp_load_result *owned = &result;
	const struct json_object *steps = sp_json_get(json, "steps");
	int r = 0;

	for (size_t i = 0; i < sp_json_length(steps) && r == 0; i++)
		r = read_step(&result, sp_json_at(steps, i), err);
	if (r == 0)
		r = sp_findings_from_json(sp_json_get(json, "findings"), &result.findings,
					  err);
	if (r == 0)
		r = sp_json_get_strv(json, "kernel_log", &result.kernel_log, err);
	if (r == 0)
		r = sp_json_get_strv(json, "detail", &result.detail, err);
	if (r < 0)
		return r;
	*ret_result = result;
	(void)sp_steal(owned);
	return 0;
}
