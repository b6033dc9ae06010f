/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gpgme's own gpgme_wait() keeps all contexts of a process in one list, and crashes on
 * one that was given up.  With callbacks of ours each context waits for itself. */
#include "repo/gpg_wait.h"

#include "base/process.h"

#include <errno.h>
#include <gpgme.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

enum { MAX_WATCHES = 16 };

/* A descriptor that gpgme wants to be called for; `call` NULL: a free place. */
struct watch {
	int fd;
	bool reads;
	gpgme_io_cb_t call;
	void *data;
};

struct sp_gpg_wait {
	gpgme_ctx_t context;
	struct watch watches[MAX_WATCHES];
	bool done;
	gpgme_error_t outcome;
};

static gpgme_error_t add_watch(void *data, int fd, int reads, gpgme_io_cb_t call,
			       void *call_data, void **ret_tag)
{
	struct sp_gpg_wait *wait = data;

	for (size_t i = 0; i < MAX_WATCHES; i++) {
		struct watch *watch = &wait->watches[i];

		if (watch->call)
			continue;
		*watch = (struct watch){ fd, reads != 0, call, call_data };
		*ret_tag = watch;
		return 0;
	}
	return gpgme_error_from_errno(EMFILE);
}

static void remove_watch(void *tag)
{
	struct watch *watch = tag;

	watch->call = NULL;
}

static void take_event(void *data, gpgme_event_io_t type, void *type_data)
{
	struct sp_gpg_wait *wait = data;
	const struct gpgme_io_event_done_data *end = type_data;

	if (type != GPGME_EVENT_DONE)
		return;
	wait->done = true;
	wait->outcome = end->err;
}

int sp_gpg_wait_new(struct gpgme_context *context, struct sp_gpg_wait **ret_wait,
		    struct sp_error *err)
{
	struct sp_gpg_wait *wait = calloc(1, sizeof *wait);

	if (!wait)
		return sp_error_nomem(err);
	wait->context = context;
	*ret_wait = wait;
	return 0;
}

void sp_gpg_wait_free(struct sp_gpg_wait *wait)
{
	free(wait);
}

void sp_gpg_wait_begin(struct sp_gpg_wait *wait)
{
	struct gpgme_io_cbs callbacks = {
		.add = add_watch,
		.add_priv = wait,
		.remove = remove_watch,
		.event = take_event,
		.event_priv = wait,
	};

	wait->done = false;
	gpgme_set_io_cbs(wait->context, &callbacks);
}

/* Calls gpgme for every descriptor that is ready now; each call may change them all. */
static void serve(struct sp_gpg_wait *wait, int timeout_ms)
{
	struct pollfd polls[MAX_WATCHES];

	for (size_t i = 0; i < MAX_WATCHES; i++) {
		const struct watch *watch = &wait->watches[i];

		polls[i].fd = watch->call ? watch->fd : -1;
		polls[i].events = watch->reads ? POLLIN : POLLOUT;
		polls[i].revents = 0;
	}
	if (poll(polls, MAX_WATCHES, timeout_ms) <= 0)
		return;
	for (size_t i = 0; i < MAX_WATCHES && !wait->done; i++) {
		const struct watch *watch = &wait->watches[i];

		if (polls[i].revents && watch->call && watch->fd == polls[i].fd)
			(void)watch->call(watch->data, watch->fd);
	}
}

int sp_gpg_wait_end(struct sp_gpg_wait *wait, unsigned started, unsigned deadline_ms,
		    unsigned *ret_outcome, struct sp_error *err)
{
	int64_t until = sp_process_now_ms() + deadline_ms, left = deadline_ms;
	bool in_time;

	while (!started && !wait->done && left > 0) {
		serve(wait, (int)left);
		left = until - sp_process_now_ms();
	}
	in_time = started || wait->done;
	if (!in_time)
		(void)gpgme_cancel(wait->context);
	/* Synchronous operations have a loop of their own. */
	gpgme_set_io_cbs(wait->context, NULL);
	if (started)
		return sp_error_set(err, SP_ERR_INTERNAL, "starting GnuPG: %s",
				    gpgme_strerror(started));
	if (!in_time)
		return sp_error_set(err, SP_ERR_TIMEOUT,
				    "checking a signature took more than %u s",
				    (deadline_ms + 999) / 1000);
	*ret_outcome = wait->outcome;
	return 0;
}
