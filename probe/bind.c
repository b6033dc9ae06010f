/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A module that is loaded proves nothing: the device has to be bound, and its interface
 * or disk to be there, before an operator may believe it. */
#include "probe/bind.h"

#include "base/array.h"
#include "base/process.h"
#include "base/worker.h"
#include "probe/behind.h"
#include "probe/in_use.h"
#include "probe/root.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>

enum {
	LOOK_EVERY_MS = 100,
	SETTLE_MS = 300, /* without a change: more disks follow the first, udev renames */
};

static void proof_done(struct sp_bind_proof *proof)
{
	free(proof->address);
	free(proof->driver);
	sp_strv_done(&proof->interfaces);
	sp_strv_done(&proof->disks);
	*proof = (struct sp_bind_proof){ 0 };
}

void sp_bind_proofs_done(struct sp_bind_proofs *proofs)
{
	for (size_t i = 0; i < proofs->n; i++)
		proof_done(&proofs->items[i]);
	free(proofs->items);
	*proofs = (struct sp_bind_proofs){ 0 };
}

SP_DEFINE_FREEP(struct sp_bind_proofs *, sp_bind_proofs_done)

/* ---- one look ------------------------------------------------------------------ */

static int read_link(const struct sp_root *root, struct sp_bind_proof *proof,
		     struct sp_error *err)
{
	for (size_t i = 0; i < proof->interfaces.n; i++) {
		SP_AUTO(sp_str_freep)
		char *path = sp_text_format("sys/class/net/%s/carrier",
					    proof->interfaces.items[i]);
		SP_AUTO(sp_str_freep) char *carrier = NULL;
		struct sp_error ignored = SP_ERROR_INIT;

		if (!path)
			return sp_error_nomem(err);
		/* An interface that is down answers with EINVAL. */
		if (sp_root_read_line(root, path, &carrier, &ignored) != 0)
			continue;
		if (strcmp(carrier, "1") == 0)
			proof->link = SP_BIND_LINK_UP;
		else if (proof->link == SP_BIND_LINK_UNKNOWN)
			proof->link = SP_BIND_LINK_DOWN;
	}
	return 0;
}

static void judge(const struct sp_bind_want *want, struct sp_bind_proof *proof)
{
	proof->bound = proof->driver &&
		       (!want->driver || strcmp(want->driver, proof->driver) == 0);
	proof->complete = proof->bound && (!want->interface || proof->interfaces.n > 0) &&
			  (!want->disk || proof->disks.n > 0);
}

static int look(const struct sp_root *root, const struct sp_bind_want *want,
		struct sp_bind_proof *proof, struct sp_error *err)
{
	SP_AUTO(sp_str_freep)
	char *path = sp_text_format("sys/bus/pci/devices/%s", want->address);
	SP_AUTO(sp_closep) int fd = -1;
	int r;

	proof->address = strdup(want->address);
	if (!path || !proof->address)
		return sp_error_nomem(err);
	r = sp_root_open(root, path, O_RDONLY | O_DIRECTORY, &fd, err);
	if (r != 0) {
		proof->gone = r > 0;
		return r < 0 ? r : 0;
	}
	r = sp_root_link_name_at(fd, "driver", &proof->driver, err);
	if (r >= 0)
		r = sp_behind_read(fd, "pci", &proof->interfaces, &proof->disks, err);
	if (r == 0)
		r = read_link(root, proof, err);
	judge(want, proof);
	return r;
}

static bool is_same_list(const struct sp_strv *a, const struct sp_strv *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->items[i], b->items[i]) != 0)
			return false;
	return true;
}

static bool is_same(const struct sp_bind_proof *a, const struct sp_bind_proof *b)
{
	return a->complete == b->complete && a->gone == b->gone && a->link == b->link &&
	       is_same_list(&a->interfaces, &b->interfaces) &&
	       is_same_list(&a->disks, &b->disks);
}

/* ---- writing to sysfs ----------------------------------------------------------- */

/* Writes @address to the file @path, in one write(): 0, SP_BIND_ABSENT if there is no
 * such file, or < 0. */
static int tell(const struct sp_root *root, const char *path, const char *address,
		struct sp_error *err)
{
	SP_AUTO(sp_closep) int fd = -1;
	int r = sp_root_open(root, path, O_WRONLY | O_APPEND, &fd, err);

	if (r != 0)
		return r < 0 ? r : SP_BIND_ABSENT;
	if (write(fd, address, strlen(address)) < 0)
		return sp_error_set_errno(err, errno, "writing '%s' to '/%s'", address,
					  path);
	return 0;
}

/* What the kernel says to it is seen by looking. */
static void ask_for_drivers(const struct sp_root *root, const struct sp_bind_want *wants,
			    const struct sp_bind_proofs *proofs)
{
	for (size_t i = 0; i < proofs->n; i++) {
		struct sp_error ignored = SP_ERROR_INIT;

		if (!proofs->items[i].gone && !proofs->items[i].driver)
			(void)!tell(root, "sys/bus/pci/drivers_probe", wants[i].address,
				    &ignored);
	}
}

/* ---- waiting -------------------------------------------------------------------- */

static int look_at_all(const struct sp_root *root, const struct sp_bind_want *wants,
		       size_t n, struct sp_bind_proofs *proofs, struct sp_error *err)
{
	for (size_t i = 0; i < n; i++) {
		struct sp_bind_proof *proof = sp_array_add(&proofs->items, &proofs->n);
		int r = proof ? look(root, &wants[i], proof, err) : sp_error_nomem(err);

		if (r < 0)
			return sp_error_context(err, "device '%s'", wants[i].address);
	}
	return 0;
}

/* What another driver holds will not change by waiting. */
static bool is_finished(const struct sp_bind_proofs *proofs)
{
	for (size_t i = 0; i < proofs->n; i++) {
		const struct sp_bind_proof *proof = &proofs->items[i];

		if (!proof->complete && !proof->gone && (proof->bound || !proof->driver))
			return false;
	}
	return true;
}

static bool is_changed(const struct sp_bind_proofs *before,
		       const struct sp_bind_proofs *now)
{
	for (size_t i = 0; i < now->n; i++)
		if (!is_same(&before->items[i], &now->items[i]))
			return true;
	return false;
}

static int wait_a_while(const struct sp_patience *patience, struct sp_error *err)
{
	struct pollfd news = { .fd = patience ? patience->fd : -1, .events = POLLIN };

	(void)poll(&news, 1, LOOK_EVERY_MS);
	if (patience && patience->tick && patience->tick(patience->user) != 0)
		return sp_error_set(err, SP_ERR_CANCELLED,
				    "waiting for devices was cancelled");
	return 0;
}

/* Looks again until there is nothing more to wait for. */
static int wait_for_all(const struct sp_root *root, const struct sp_bind_want *wants,
			unsigned timeout_ms, const struct sp_patience *patience,
			struct sp_bind_proofs *proofs, struct sp_error *err)
{
	int64_t now = sp_process_now_ms(), until = now + timeout_ms, changed = now;

	while (now < until && !(is_finished(proofs) && now - changed >= SETTLE_MS)) {
		struct sp_bind_proofs fresh = { 0 };
		SP_AUTO(sp_bind_proofs_donep) struct sp_bind_proofs *owned = &fresh;
		struct sp_bind_proofs before = *proofs;
		int r = wait_a_while(patience, err);

		if (r == 0)
			r = look_at_all(root, wants, before.n, &fresh, err);
		if (r < 0)
			return r;
		now = sp_process_now_ms();
		if (is_changed(&before, &fresh))
			changed = now;
		*proofs = fresh;
		*owned = before; /* to be freed */
	}
	return 0;
}

int sp_bind_wait(const struct sp_root *root, const struct sp_bind_want *wants, size_t n,
		 unsigned timeout_ms, const struct sp_patience *patience,
		 struct sp_bind_proofs *ret_proofs, struct sp_error *err)
{
	struct sp_bind_proofs proofs = { 0 };
	SP_AUTO(sp_bind_proofs_donep) struct sp_bind_proofs *owned = &proofs;
	int r = look_at_all(root, wants, n, &proofs, err);

	if (r < 0)
		return r;
	ask_for_drivers(root, wants, &proofs);
	r = wait_for_all(root, wants, timeout_ms ? timeout_ms : SP_BIND_TIMEOUT_MS,
			 patience, &proofs, err);
	if (r < 0)
		return r;
	*ret_proofs = proofs;
	(void)sp_steal(owned);
	return 0;
}

/* ---- changing the driver ---------------------------------------------------------- */

int sp_bind_release(const struct sp_root *root, const char *address, char **ret_driver,
		    struct sp_strv *users, struct sp_error *err)
{
	SP_AUTO(sp_str_freep)
	char *link = sp_text_format("sys/bus/pci/devices/%s/driver", address);
	SP_AUTO(sp_str_freep) char *unbind = NULL;
	SP_AUTO(sp_str_freep) char *driver = NULL;
	size_t n_users = users->n;
	int r;

	if (!link)
		return sp_error_nomem(err);
	r = sp_root_link_name(root, link, &driver, err);
	if (r != 0)
		return r < 0 ? r : SP_BIND_ABSENT;
	r = sp_in_use_device(root, address, users, err);
	if (r < 0 || users->n > n_users)
		return r < 0 ? r : SP_BIND_IN_USE;
	unbind = sp_text_format("sys/bus/pci/drivers/%s/unbind", driver);
	if (!unbind)
		return sp_error_nomem(err);
	r = tell(root, unbind, address, err);
	if (r == 0 && ret_driver)
		*ret_driver = sp_steal(driver);
	return r;
}

int sp_bind_attach(const struct sp_root *root, const char *address, const char *driver,
		   struct sp_error *err)
{
	SP_AUTO(sp_str_freep)
	char *bind = sp_text_format("sys/bus/pci/drivers/%s/bind", driver);
	int r;

	if (!bind)
		return sp_error_nomem(err);
	r = tell(root, bind, address, err);
	if (r == SP_BIND_ABSENT)
		return sp_error_set(err, SP_ERR_LOAD, "there is no driver '%s'", driver);
	if (r < 0) {
		err->code = SP_ERR_LOAD;
		return sp_error_context(err, "driver '%s' did not take device '%s'",
					driver, address);
	}
	return 0;
}
