/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Which disks an old host starts from and keeps its virtual machines on, by the names
 * that it had for them. */

#include <string.h>

#include "base/inside.h"
#include "repo/old_host_steps.h"

#define FIRST_BOOT "etc/firstboot.d/data/default-storage.conf"
#define STATE "var/xapi/state.db"
#define BY_ID "/dev/disk/by-id/"

enum {
	DISKS_MAX = 256,
	CONF_BYTES = 64 << 10,
	STATE_BYTES = 64 << 20,
	NAME_MAX_BYTES = 256
};

/* "/dev/sda3" -> "sda3" */
static int disk_add(struct sp_old_reading *reading, struct sp_strv *disks,
		    const char *path, size_t len)
{
	SP_AUTO(sp_str_freep) char *name = strndup(path, len);
	const char *disk = name;

	if (!name)
		return sp_error_nomem(reading->err);
	if (sp_text_starts_with(disk, "/dev/"))
		disk += strlen("/dev/");
	if (!sp_text_path_is_safe(disk) || sp_strv_has(disks, disk) ||
	    disks->n >= DISKS_MAX)
		return 0;
	return sp_strv_add(disks, disk, reading->err);
}

static int load(struct sp_old_reading *reading, const char *path, size_t max_bytes,
		char **ret_text)
{
	struct sp_error cause = SP_ERROR_INIT;
	size_t len;
	int r = sp_inside_load(reading->input->root_fd, path, max_bytes, ret_text, &len,
			       &cause);

	return r < 0 ? sp_old_host_complain(reading, path, &cause) : 0;
}

/* What the installer left for the first boot: XSPARTITIONS='/dev/sda3 /dev/sdb'. */
static int ask_first_boot(struct sp_old_reading *reading)
{
	static const char *const keys[] = { "XSPARTITIONS", "PARTITIONS" };
	SP_AUTO(sp_str_freep) char *text = NULL;
	int r = load(reading, FIRST_BOOT, CONF_BYTES, &text);

	for (size_t k = 0; r == 0 && text && k < sizeof keys / sizeof keys[0]; k++) {
		SP_AUTO(sp_str_freep) char *value = sp_old_host_value(text, keys[k]);

		for (const char *at = value; r == 0 && at && *at;) {
			size_t len = strcspn(at, " ");

			if (len)
				r = disk_add(reading, &reading->host->storage_disks, at,
					     len);
			at += len + (at[len] == ' ');
		}
	}
	return r;
}

/* What was plugged since: the pool's database names it in the configuration of its
 * storage. */
static int ask_pool(struct sp_old_reading *reading)
{
	SP_AUTO(sp_str_freep) char *text = NULL;
	int r = load(reading, STATE, STATE_BYTES, &text);

	for (const char *at = text; r == 0 && at && (at = strstr(at, BY_ID));) {
		size_t len = strcspn(at, " '\"<>&(),;\\\n");

		if (len < NAME_MAX_BYTES)
			r = disk_add(reading, &reading->host->storage_disks, at, len);
		at += len;
	}
	return r;
}

int sp_old_host_read_storage(struct sp_old_reading *reading)
{
	const char *disk = reading->host->inventory.primary_disk;
	int r = disk ? disk_add(reading, &reading->host->boot_disks, disk, strlen(disk))
		     : 0;

	if (r == 0)
		r = ask_first_boot(reading);
	return r == 0 ? ask_pool(reading) : r;
}

char *sp_old_host_value(const char *text, const char *key)
{
	size_t len = strlen(key);

	for (; text; text = strchr(text, '\n')) {
		const char *at;
		size_t n;

		text += strspn(text, "\r\n \t");
		if (strncmp(text, key, len) != 0 || text[len] != '=')
			continue;
		at = text + len + 1;
		n = strcspn(at, "\r\n");
		while (n && (at[n - 1] == ' ' || at[n - 1] == '\t'))
			n--;
		if (n >= 2 && (*at == '\'' || *at == '"') && at[n - 1] == *at)
			at++, n -= 2;
		return strndup(at, n);
	}
	return NULL;
}
