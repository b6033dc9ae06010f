/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A recorded machine, and what happens to it: each row is one way to be in use. */
#include "probe/in_use.h"
#include "probe/root.h"
#include "support/machine.h"
#include "support/table.h"

#define AHCI "0000:00:1f.2"
#define NIC "0000:06:00.0"

static struct machine machine;

// clang-format off
static const struct use_row {
	const char *name, *address;
	const char *file, *content; /* written; a content that starts with '@' is a link */
	const char *users;
} use_rows[] = {
	{ "nobody uses the disks", AHCI, NULL, NULL, "" },
	{ "nobody uses the interface", NIC, NULL, NULL, "" },
	{ "no such device", "0000:99:00.0", NULL, NULL, "" },
	{ "a card without driver", "0000:04:00.0", NULL, NULL, "" },
	{ "interface down", NIC, "sys/class/net/eth0/flags", "0x1002\n", "" },
	{ "interface up", NIC, "sys/class/net/eth0/flags", "0x1003\n", "interface 'eth0' is up" },
	{ "another card's interface", "0000:06:00.1", "sys/class/net/eth0/flags", "0x1003\n", "" },
	{ "bonded", NIC, "sys/class/net/eth0/master", "@../bond0", "interface 'eth0' is part of 'bond0'" },
	{ "disk mounted, by number", AHCI, "proc/self/mountinfo",
	  "21 1 0:19 / /proc rw - proc proc rw\n36 35 8:1 / /mnt/target rw,noatime - ext4 /dev/root rw\n",
	  "disk 'sda1' is mounted on '/mnt/target'" },
	{ "disk mounted, by name", AHCI, "proc/self/mountinfo",
	  "36 35 0:40 / /srv rw shared:1 - btrfs /dev/sda1 rw\n", "disk 'sda1' is mounted on '/srv'" },
	{ "whole disk mounted", AHCI, "proc/self/mountinfo",
	  "36 35 8:0 / /a rw - ext4 /dev/sda rw", "disk 'sda' is mounted on '/a'" },
	{ "another disk mounted", AHCI, "proc/self/mountinfo",
	  "36 35 8:17 / /mnt rw - vfat /dev/sdb1 rw\n37 35 8:10 / /mnt rw - vfat /dev/sda10 rw\n", "" },
	{ "mount point that moves the cursor", AHCI, "proc/self/mountinfo",
	  "36 35 8:1 / /\x1b[2J rw - ext4 /dev/sda1 rw\n", "disk 'sda1' is mounted on '/?[2J'" },
	{ "broken table", AHCI, "proc/self/mountinfo", "36\n\n - \n8:1 8:1", "" },
	{ "swap", AHCI, "proc/swaps", "Filename Type Size Used Priority\n/dev/sda2\tpartition 1 0 -2\n",
	  "disk 'sda2' is used for swapping" },
	{ "part of an array", AHCI, "sys/block/sda/holders/md127", "", "disk 'sda' is part of 'md127'" },
};

static const struct module_row {
	const char *name, *module;
	const char *file, *content;
	const char *users;
} module_rows[] = {
	{ "no such module", "nope", NULL, NULL, "" },
	{ "no users", "igb", NULL, NULL, "" },
	{ "another module", "igb", "sys/module/igb/holders/rdma", "", "module 'rdma' needs it" },
	{ "an interface of its driver", "igb", "sys/class/net/eth1/flags", "0x1003", "interface 'eth1' is up" },
};
// clang-format on

static void change(const char *file, const char *content)
{
	if (!file)
		return;
	if (content[0] == '@')
		machine_link(&machine, file, content + 1);
	else
		machine_write(&machine, file, content);
}

static void change_back(const char *file)
{
	if (file && unlink(machine_path(&machine, file)) < 0)
		fail_msg("%s is not there", file);
}

static struct sp_root *open_root(void)
{
	struct sp_root *root = NULL;
	struct sp_error err = SP_ERROR_INIT;

	assert_int_equal(sp_root_new(machine.dir, &root, &err), 0);
	return root;
}

static void names_the_users_of_a_device(void **state)
{
	const struct use_row *row = *state;
	SP_AUTO(sp_root_freep) struct sp_root *root = open_root();
	SP_AUTO(sp_strv_done) struct sp_strv users = { 0 };
	SP_AUTO(sp_str_freep) char *text = NULL;
	struct sp_error err = SP_ERROR_INIT;

	change(row->file, row->content);
	assert_int_equal(sp_in_use_device(root, row->address, &users, &err), 0);
	text = sp_strv_join(&users, "; ");
	change_back(row->file);
	assert_string_equal(text, row->users);
}

static void names_the_users_of_a_module(void **state)
{
	const struct module_row *row = *state;
	SP_AUTO(sp_root_freep) struct sp_root *root = open_root();
	SP_AUTO(sp_strv_done) struct sp_strv users = { 0 };
	SP_AUTO(sp_str_freep) char *text = NULL;
	struct sp_error err = SP_ERROR_INIT;

	change(row->file, row->content);
	assert_int_equal(sp_in_use_module(root, row->module, &users, &err), 0);
	text = sp_strv_join(&users, "; ");
	change_back(row->file);
	assert_string_equal(text, row->users);
}

/* What sysfs has and a recorded machine has not. */
static void fill_machine(void)
{
	machine_write(&machine, "sys/block/sda/dev", "8:0\n");
	machine_write(&machine, "sys/block/sda/sda1/dev", "8:1\n");
	machine_write(&machine, "sys/block/sda/sda2/dev", "8:2\n");
	machine_write(&machine, "sys/module/igb/refcnt", "0\n");
	machine_link(&machine, "sys/module/igb/drivers/pci:igb",
		     "../../../bus/pci/drivers/igb");
	machine_link(&machine, "sys/bus/pci/drivers/igb/0000:06:00.1",
		     "../../devices/0000:06:00.1");
}

int main(void)
{
	int failed;

	machine_make(&machine, NULL, NULL);
	fill_machine();
	failed = table_run("device", use_rows, names_the_users_of_a_device);
	failed += table_run("module", module_rows, names_the_users_of_a_module);
	machine_done(&machine);
	return failed;
}
