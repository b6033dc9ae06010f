/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The old host wrote down names; which devices they mean today is asked of this
 * machine.  Where it does not know, every candidate counts: a stop too many costs a
 * look, one too few costs the host. */

#include "installer-plugin/roles.h"

#include <string.h>
#include <sys/stat.h>

#include "installer-plugin/context.h"
#include "probe/disk_name.h"
#include "probe/root.h"
#include "repo/old_host.h"

void sp_roles_done(struct sp_roles *roles)
{
	sp_strv_done(&roles->boot);
	sp_strv_done(&roles->storage);
	sp_strv_done(&roles->management);
	*roles = (struct sp_roles){ 0 };
}

static int add_once(struct sp_strv *list, const char *text, struct sp_error *err)
{
	return sp_strv_has(list, text) ? 0 : sp_strv_add(list, text, err);
}

static bool has_any(const struct sp_strv *list, const struct sp_strv *of)
{
	for (size_t i = 0; i < of->n; i++)
		if (sp_strv_has(list, of->items[i]))
			return true;
	return false;
}

/* ---- disks ----------------------------------------------------------------------------- */

static int add_behind(const struct sp_context *context, const struct sp_strv *disks,
		      struct sp_strv *addresses, struct sp_error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < context->devices.n; i++)
		if (has_any(&context->devices.items[i].disks, disks))
			r = add_once(addresses, context->devices.items[i].address, err);
	return r;
}

static int find_disks(const struct sp_context *context, const struct sp_strv *names,
		      struct sp_strv *addresses, struct sp_error *err)
{
	SP_AUTO(sp_strv_done) struct sp_strv disks = { 0 };
	int r = 0;

	for (size_t i = 0; r == 0 && i < names->n; i++)
		r = sp_disk_name_resolve(context->root, names->items[i], &disks, err);
	return r < 0 ? r : add_behind(context, &disks, addresses, err);
}

/* The disk that the old root itself is on. */
static int find_own(const struct sp_context *context, const char *path,
		    struct sp_strv *addresses, struct sp_error *err)
{
	SP_AUTO(sp_strv_done) struct sp_strv disks = { 0 };
	struct stat info;
	int r;

	if (!sp_context_is_live(context) || stat(path, &info) < 0)
		return 0;
	r = sp_disk_name_of_number(context->root,
				   S_ISBLK(info.st_mode) ? info.st_rdev : info.st_dev,
				   &disks, err);
	return r < 0 ? r : add_behind(context, &disks, addresses, err);
}

/* ---- interfaces ------------------------------------------------------------------------ */

static bool has_mac(const struct sp_context *context, const char *interface,
		    const struct sp_strv *macs)
{
	SP_AUTO(sp_str_freep)
	char *path = sp_text_format("sys/class/net/%s/address", interface);
	SP_AUTO(sp_str_freep) char *mac = NULL;
	struct sp_error ignored = SP_ERROR_INIT;

	return path && sp_root_read_line(context->root, path, &mac, &ignored) == 0 &&
	       sp_strv_has(macs, mac);
}

static bool is_management(const struct sp_context *context,
			  const struct sp_device *device, const struct sp_old_host *old)
{
	for (size_t i = 0; i < device->interfaces.n; i++)
		if (has_mac(context, device->interfaces.items[i], &old->management_macs))
			return true;
	/* One without a driver has no interface to ask. */
	return !device->interfaces.n &&
	       sp_strv_has(&old->management_addresses, device->address);
}

static int find_management(const struct sp_context *context,
			   const struct sp_old_host *old, struct sp_strv *addresses,
			   struct sp_error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < context->devices.n; i++)
		if (is_management(context, &context->devices.items[i], old))
			r = add_once(addresses, context->devices.items[i].address, err);
	return r;
}

/* ---- all of it ------------------------------------------------------------------------- */

static int add_kind(const struct sp_context *context, enum sp_device_kind kind,
		    struct sp_strv *addresses, struct sp_error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < context->devices.n; i++)
		if (context->devices.items[i].kind == kind)
			r = add_once(addresses, context->devices.items[i].address, err);
	return r;
}

int sp_roles_find(const struct sp_context *context, const struct sp_old_host *old,
		  const char *root, struct sp_roles *roles, struct sp_error *err)
{
	int r = find_disks(context, &old->boot_disks, &roles->boot, err);

	if (r == 0)
		r = find_own(context, root, &roles->boot, err);
	if (r == 0)
		r = find_disks(context, &old->storage_disks, &roles->storage, err);
	if (r == 0)
		r = find_management(context, old, &roles->management, err);
	roles->boot_is_guess = !roles->boot.n;
	roles->management_is_guess = !roles->management.n;
	if (r == 0 && roles->boot_is_guess)
		r = add_kind(context, SP_DEVICE_STORAGE, &roles->boot, err);
	if (r == 0 && roles->management_is_guess)
		r = add_kind(context, SP_DEVICE_NETWORK, &roles->management, err);
	return r;
}
