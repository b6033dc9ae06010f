/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A USB stick that was plugged in before the machine started may still be seconds from
 * having a disk: the list is watched until nothing is on its way any more. */
#include "probe/media.h"

#include "base/process.h"
#include "base/worker.h"
#include "probe/behind.h"
#include "probe/root.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

enum { POLL_MS = 100 };

static bool is_same_list(const struct sp_media *a, const struct sp_media *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->items[i].name, b->items[i].name) != 0 ||
		    a->items[i].number != b->items[i].number ||
		    a->items[i].size_bytes != b->items[i].size_bytes)
			return false;
	return true;
}

/* A USB mass storage interface (class 08) whose disk is still to come. */
static int is_pending(const struct sp_root *root, const char *name, bool *ret_pending,
		      struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *path = NULL;
	SP_AUTO(sp_str_freep) char *class_code = NULL;
	SP_AUTO(sp_closep) int fd = -1;
	SP_AUTO(sp_strv_done) struct sp_strv interfaces = { 0 };
	SP_AUTO(sp_strv_done) struct sp_strv disks = { 0 };
	int r;

	path = sp_text_format("sys/bus/usb/devices/%s", name);
	if (!path)
		return sp_error_nomem(err);
	r = sp_root_open(root, path, O_RDONLY | O_DIRECTORY, &fd, err);
	if (r == 0)
		r = sp_root_read_line_at(fd, "bInterfaceClass", &class_code, err);
	if (r != 0 || strcmp(class_code, "08") != 0)
		return r < 0 ? r : 0;
	r = sp_behind_read(fd, "usb", &interfaces, &disks, err);
	if (r == 0 && disks.n == 0)
		*ret_pending = true;
	return r;
}

static int has_pending(const struct sp_root *root, bool *ret_pending,
		       struct sp_error *err)
{
	SP_AUTO(sp_strv_done) struct sp_strv names = { 0 };
	int r = sp_root_list(root, "sys/bus/usb/devices", &names, err);

	*ret_pending = false;
	for (size_t i = 0; r == 0 && !*ret_pending && i < names.n; i++)
		r = is_pending(root, names.items[i], ret_pending, err);
	return r < 0 ? r : 0;
}

/* Lets a moment pass. */
static int pause_for(const struct sp_patience *patience, int *fd, struct sp_error *err)
{
	struct pollfd news = { .fd = *fd, .events = POLLIN };

	(void)poll(&news, 1, POLL_MS);
	if (news.revents & POLLNVAL)
		*fd = -1;
	if (patience && patience->tick(patience->user) != 0)
		return sp_error_set(err, SP_ERR_CANCELLED,
				    "waiting for media was cancelled");
	return 0;
}

/* @media is what was there before, and becomes what is there now. */
static int look_again(const struct sp_root *root, struct sp_media *media,
		      bool *ret_unsettled, struct sp_error *err)
{
	struct sp_media now = { 0 };
	bool pending = false;
	int r = sp_media_list(root, &now, err);

	if (r < 0)
		return r;
	*ret_unsettled = !is_same_list(media, &now);
	sp_media_done(media);
	*media = now;
	r = has_pending(root, &pending, err);
	if (pending)
		*ret_unsettled = true;
	return r;
}

int sp_media_wait(const struct sp_root *root, unsigned settle_ms, unsigned limit_ms,
		  const struct sp_patience *patience, struct sp_media *media,
		  struct sp_error *err)
{
	SP_AUTO(sp_media_done) struct sp_media list = { 0 };
	int64_t start = sp_process_now_ms(), changed = start, now = start;
	int fd = patience ? patience->fd : -1, r = sp_media_list(root, &list, err);

	while (r == 0 && now - changed < settle_ms && now - start < limit_ms) {
		bool unsettled = false;

		r = pause_for(patience, &fd, err);
		if (r == 0)
			r = look_again(root, &list, &unsettled, err);
		now = sp_process_now_ms();
		if (unsettled)
			changed = now;
	}
	if (r < 0)
		return r;
	*media = list;
	list = (struct sp_media){ 0 };
	return 0;
}
