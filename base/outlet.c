/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What happens in a worker before and after its work: everything that could harm
 * is put down first, and only the answer comes out. */
#include "base/outlet.h"

#include "base/frame.h"
#include "base/json.h"
#include "base/process.h"
#include "base/stall.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define HAS_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_ASAN 1
#endif
#endif
#ifndef HAS_ASAN
#define HAS_ASAN 0
#endif

enum { MAX_DESCRIPTORS = 256, LAST_CAPABILITY = 63 };

struct sp_outlet {
	int fd;
	size_t message_bytes, messages_left;
};

/* ---- answers --------------------------------------------------------------- */

static int send_text(struct sp_outlet *outlet, enum sp_outlet_kind kind, const char *text,
		     struct sp_error *err)
{
	if (!text)
		return sp_error_nomem(err);
	return sp_frame_send(outlet->fd, (char)kind, text, strlen(text), err);
}

int sp_outlet_send(struct sp_outlet *outlet, struct json_object *message,
		   struct sp_error *err)
{
	SP_AUTO(sp_json_freep) struct json_object *json = message;
	SP_AUTO(sp_str_freep) char *text = sp_json_print(json, false);

	if (outlet->messages_left == 0)
		return sp_error_set(err, SP_ERR_LIMIT, "the answer has too many parts");
	if (text && strlen(text) > outlet->message_bytes)
		return sp_error_set(err, SP_ERR_LIMIT,
				    "a part of the answer is longer than %zu bytes",
				    outlet->message_bytes);
	outlet->messages_left--;
	return send_text(outlet, SP_OUTLET_MESSAGE, text, err);
}

static void send_result(struct sp_outlet *outlet, int result,
			const struct sp_error *error)
{
	SP_AUTO(sp_json_freep) struct json_object *json = NULL;
	SP_AUTO(sp_str_freep) char *text = NULL;
	struct sp_error ignored = SP_ERROR_INIT;

	if (result >= 0) {
		(void)!send_text(outlet, SP_OUTLET_DONE, "", &ignored);
		return;
	}
	json = sp_json_object();
	sp_json_set_int(json, "code", error->code);
	sp_json_set_int(json, "errno", error->sys_errno);
	sp_json_set_string(json, "text", error->text);
	text = sp_json_print(json, false);
	(void)!send_text(outlet, SP_OUTLET_ERROR, text, &ignored);
}

/* ---- privileges ------------------------------------------------------------ */

static int drop_all_capabilities(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { { 0 } };

	return syscall(SYS_capset, &head, data) < 0 ? errno : 0;
}

int sp_worker_drop_privileges(struct sp_error *err)
{
	const unsigned long bits = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED |
				   SECBIT_NO_SETUID_FIXUP | SECBIT_NO_SETUID_FIXUP_LOCKED;
	int failed;

	/* Both need a privilege: without it there is nothing to regain either. */
	(void)prctl(PR_SET_SECUREBITS, bits, 0, 0, 0);
	for (unsigned long cap = 0; cap <= LAST_CAPABILITY; cap++)
		(void)prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	failed = drop_all_capabilities();
	if (failed)
		return sp_error_set_errno(err, failed, "giving up privileges");
	return 0;
}

static int set_limit(__rlimit_resource_t what, uint64_t soft, uint64_t hard,
		     struct sp_error *err)
{
	struct rlimit limit = { .rlim_cur = soft, .rlim_max = hard }, old;

	/* Ours may be tighter already, and without privilege cannot be widened. */
	if (getrlimit(what, &old) == 0 && old.rlim_max < hard) {
		limit.rlim_max = old.rlim_max;
		if (limit.rlim_cur > old.rlim_max)
			limit.rlim_cur = old.rlim_max;
	}
	if (setrlimit(what, &limit) < 0)
		return sp_error_set_errno(err, errno, "setting the limits of a process");
	return 0;
}

static int set_limits(const struct sp_worker_limits *limits, struct sp_error *err)
{
	uint64_t cpu = limits->cpu_seconds;
	int r = set_limit(RLIMIT_CORE, 0, 0, err);

	if (r == 0)
		r = set_limit(RLIMIT_CPU, cpu, cpu + 1, err);
	if (r == 0)
		r = set_limit(RLIMIT_FSIZE, limits->file_bytes, limits->file_bytes, err);
	if (r == 0)
		r = set_limit(RLIMIT_NOFILE, MAX_DESCRIPTORS, MAX_DESCRIPTORS, err);
	if (r == 0 && !HAS_ASAN)
		r = set_limit(RLIMIT_AS, limits->memory_bytes, limits->memory_bytes, err);
	return r;
}

/* Without a namespace of its own the worker must not mount: what it mounted would
 * stay.  Its own mount() then says what is wrong. */
static int make_mounts_private(struct sp_error *err)
{
	if (unshare(CLONE_NEWNS) < 0)
		return errno == EPERM ? sp_worker_drop_privileges(err)
				      : sp_error_set_errno(err, errno,
							   "creating a mount namespace");
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return sp_error_set_errno(err, errno, "making mounts private");
	return 0;
}

/* ---- the worker ------------------------------------------------------------ */

static int settle(const struct sp_worker_job *job, pid_t parent, struct sp_error *err)
{
	int failed = sp_process_set_apart(parent, -1), r;

	if (failed)
		return sp_error_set_errno(err, failed, "setting a process apart");
	/* Passwords may be in our memory: no core file, nor one through a pipe. */
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	sp_stall_limit(job->limits.stall_seconds);
	r = set_limits(&job->limits, err);
	if (r == 0 && job->flags & SP_WORKER_PRIVATE_MOUNTS)
		r = make_mounts_private(err);
	if (r < 0 || job->flags & SP_WORKER_PRIVILEGED)
		return r;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return sp_error_set_errno(err, errno, "giving up new privileges");
	if (job->flags & SP_WORKER_PRIVATE_MOUNTS)
		return 0;
	return sp_worker_drop_privileges(err);
}

_Noreturn void sp_outlet_run_job(const struct sp_worker_job *job, int fd, pid_t parent)
{
	struct sp_outlet outlet = {
		.fd = fd,
		.message_bytes = job->limits.message_bytes,
		.messages_left = job->limits.messages,
	};
	struct sp_error err = SP_ERROR_INIT;
	int r;

	if (job->fds)
		sp_process_close_others(job->fds, job->n_fds, fd);
	r = settle(job, parent, &err);

	if (r == 0)
		r = job->run(job->arg, &outlet, &err);
	send_result(&outlet, r, &err);
	_exit(0);
}
