/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A recorded machine whose kernel is the test: while sp_bind_wait() waits, its tick
 * plays what a driver would do. */
#include "probe/bind.h"
#include "probe/root.h"
#include "support/machine.h"
#include "support/table.h"

#include "base/json.h"
#include "base/worker.h"

#define LONELY_NIC "0000:04:00.0"
#define LONELY_RAID "0000:03:00.0"
#define NIC "0000:06:00.0"
#define NIC_DIR "sys/devices/pci0000:00/0000:00:02.0/0000:04:00.0"
#define RAID_DIR "sys/devices/pci0000:00/0000:00:01.0/0000:03:00.0"

enum { TIMEOUT_MS = 1500, SHORT_MS = 350, LOOKS_BEFORE = 2 };

static struct machine machine;

static struct sp_root *open_root(void)
{
	struct sp_root *root = NULL;
	struct sp_error err = SP_ERROR_INIT;

	assert_int_equal(sp_root_new(machine.dir, &root, &err), 0);
	return root;
}

/* What a test may have changed. */
static const char *const traces[] = {
	NIC_DIR "/driver",
	NIC_DIR "/net",
	RAID_DIR "/driver",
	RAID_DIR "/host0",
	"sys/class/net/eth7",
	"sys/class/net/eth0/flags",
	("sys/bus/pci/devices/" LONELY_NIC),
};

static int restore_machine(void **state)
{
	const char *argv[16] = { "rm", "-rf", "--" };
	char paths[sizeof traces / sizeof traces[0]][PATH_MAX];
	size_t n = 3;

	(void)state;
	for (size_t i = 0; i < sizeof traces / sizeof traces[0]; i++) {
		(void)snprintf(paths[i], sizeof paths[i], "%s/%s", machine.dir,
			       traces[i]);
		argv[n++] = paths[i];
	}
	machine_run(argv);
	machine_link(&machine, "sys/bus/pci/devices/" LONELY_NIC, "../../../../" NIC_DIR);
	machine_write(&machine, "sys/bus/pci/drivers_probe", "");
	machine_write(&machine, "sys/bus/pci/drivers/igb/bind", "");
	machine_write(&machine, "sys/bus/pci/drivers/igb/unbind", "");
	return 0;
}

static void assert_file(const char *path, const char *expected)
{
	char text[256] = "";
	int fd = open(machine_path(&machine, path), O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0 && read(fd, text, sizeof text - 1) >= 0);
	(void)close(fd);
	assert_string_equal(text, expected);
}

/* ---- the kernel, played -------------------------------------------------------- */

struct play {
	int ticks;
	void (*act)(void);
	int cancel_at;
};

static int play(void *user)
{
	struct play *play = user;

	play->ticks++;
	if (play->ticks == LOOKS_BEFORE && play->act)
		play->act();
	return play->cancel_at && play->ticks == play->cancel_at;
}

static void nic_comes(void)
{
	machine_link(&machine, NIC_DIR "/driver", "../../../../bus/pci/drivers/e1000e");
	machine_write(&machine, NIC_DIR "/net/eth7/carrier", "1\n");
	machine_write(&machine, "sys/class/net/eth7/carrier", "1\n");
}

static void nic_comes_without_link(void)
{
	nic_comes();
	machine_write(&machine, "sys/class/net/eth7/carrier", "0\n");
}

static void nic_binds_without_interface(void)
{
	machine_link(&machine, NIC_DIR "/driver", "../../../../bus/pci/drivers/e1000e");
}

static void another_driver_comes(void)
{
	machine_link(&machine, NIC_DIR "/driver", "../../../../bus/pci/drivers/vfio-pci");
	machine_write(&machine, NIC_DIR "/net/eth7/carrier", "1\n");
}

static void raid_comes(void)
{
	machine_link(&machine, RAID_DIR "/driver",
		     "../../../../bus/pci/drivers/megaraid_sas");
	machine_write(&machine, RAID_DIR "/host0/target0:0:0/0:0:0:0/block/sdx/size",
		      "1\n");
}

static void nic_goes(void)
{
	(void)unlink(machine_path(&machine, "sys/bus/pci/devices/" LONELY_NIC));
}

// clang-format off
static const struct wait_row {
	const char *name;
	struct sp_bind_want want;
	void (*act)(void);
	unsigned timeout_ms;
	const char *driver, *appeared;
	enum sp_bind_link link;
	bool bound, complete, gone;
} wait_rows[] = {
	{ "an interface with carrier", { LONELY_NIC, "e1000e", true, false }, nic_comes, TIMEOUT_MS,
	  "e1000e", "eth7", SP_BIND_LINK_UP, true, true, false },
	{ "an interface without", { LONELY_NIC, "e1000e", true, false }, nic_comes_without_link, TIMEOUT_MS,
	  "e1000e", "eth7", SP_BIND_LINK_DOWN, true, true, false },
	{ "any driver", { LONELY_NIC, NULL, true, false }, nic_comes, TIMEOUT_MS,
	  "e1000e", "eth7", SP_BIND_LINK_UP, true, true, false },
	{ "bound, and no interface", { LONELY_NIC, "e1000e", true, false }, nic_binds_without_interface, SHORT_MS,
	  "e1000e", "", SP_BIND_LINK_UNKNOWN, true, false, false },
	{ "bound is all that is asked", { LONELY_NIC, "e1000e", false, false }, nic_binds_without_interface, TIMEOUT_MS,
	  "e1000e", "", SP_BIND_LINK_UNKNOWN, true, true, false },
	{ "another driver", { LONELY_NIC, "e1000e", true, false }, another_driver_comes, SHORT_MS,
	  "vfio-pci", "eth7", SP_BIND_LINK_UNKNOWN, false, false, false },
	{ "nothing", { LONELY_NIC, "e1000e", true, false }, NULL, SHORT_MS,
	  "", "", SP_BIND_LINK_UNKNOWN, false, false, false },
	{ "a disk", { LONELY_RAID, "megaraid_sas", false, true }, raid_comes, TIMEOUT_MS,
	  "megaraid_sas", "sdx", SP_BIND_LINK_UNKNOWN, true, true, false },
	{ "device removed", { LONELY_NIC, "e1000e", true, false }, nic_goes, TIMEOUT_MS,
	  "", "", SP_BIND_LINK_UNKNOWN, false, false, true },
	{ "never there", { "0000:99:00.0", "e1000e", true, false }, NULL, TIMEOUT_MS,
	  "", "", SP_BIND_LINK_UNKNOWN, false, false, true },
	{ "there before", { NIC, "igb", true, false }, NULL, TIMEOUT_MS,
	  "igb", "eth0", SP_BIND_LINK_UP, true, true, false },
};
// clang-format on

static void assert_proof(const struct wait_row *row, const struct sp_bind_proof *proof)
{
	SP_AUTO(sp_str_freep)
	char *appeared = sp_strv_join(
		proof->interfaces.n ? &proof->interfaces : &proof->disks, ",");

	assert_string_equal(proof->address, row->want.address);
	assert_string_equal(proof->driver ? proof->driver : "", row->driver);
	assert_string_equal(appeared, row->appeared);
	assert_int_equal(proof->link, row->link);
	assert_int_equal(proof->bound, row->bound);
	assert_int_equal(proof->complete, row->complete);
	assert_int_equal(proof->gone, row->gone);
}

static void waits_for_a_device(void **state)
{
	const struct wait_row *row = *state;
	struct play playing = { .act = row->act };
	const struct sp_patience patience = { -1, play, &playing };
	SP_AUTO(sp_root_freep) struct sp_root *root = NULL;
	struct sp_bind_proofs proofs = { 0 }, copy = { 0 };
	struct json_object *json;
	struct sp_error err = SP_ERROR_INIT;

	restore_machine(NULL);
	root = open_root();
	assert_int_equal(sp_bind_wait(root, &row->want, 1, row->timeout_ms, &patience,
				      &proofs, &err),
			 0);
	assert_int_equal(proofs.n, 1);
	assert_proof(row, &proofs.items[0]);
	json = sp_bind_proofs_to_json(&proofs);
	assert_int_equal(sp_bind_proofs_from_json(json, &copy, &err), 0);
	assert_proof(row, &copy.items[0]);
	if (row->complete)
		assert_true(playing.ticks * 100 < TIMEOUT_MS);
	sp_json_free(json);
	sp_bind_proofs_done(&proofs);
	sp_bind_proofs_done(&copy);
}

static void asks_for_drivers_where_there_is_none(void **state)
{
	const struct sp_bind_want wants[] = {
		{ LONELY_NIC, NULL, false, false },
		{ NIC, NULL, false, false },
		{ LONELY_RAID, NULL, false, false },
	};
	SP_AUTO(sp_root_freep) struct sp_root *root = open_root();
	SP_AUTO(sp_bind_proofs_done) struct sp_bind_proofs proofs = { 0 };
	struct sp_error err = SP_ERROR_INIT;

	(void)state;
	assert_int_equal(sp_bind_wait(root, wants, 3, SHORT_MS, NULL, &proofs, &err), 0);
	assert_file("sys/bus/pci/drivers_probe", LONELY_NIC LONELY_RAID);
	assert_false(proofs.items[0].bound);
	assert_true(proofs.items[1].complete);
}

static void can_be_cancelled(void **state)
{
	const struct sp_bind_want want = { LONELY_NIC, NULL, true, false };
	struct play playing = { .cancel_at = 1 };
	const struct sp_patience patience = { -1, play, &playing };
	SP_AUTO(sp_root_freep) struct sp_root *root = open_root();
	struct sp_bind_proofs proofs = { 0 };
	struct sp_error err = SP_ERROR_INIT;

	(void)state;
	assert_int_equal(sp_bind_wait(root, &want, 1, 0, &patience, &proofs, &err),
			 -SP_ERR_CANCELLED);
	assert_null(proofs.items);
}

static void changes_the_driver_and_goes_back(void **state)
{
	SP_AUTO(sp_root_freep) struct sp_root *root = open_root();
	SP_AUTO(sp_strv_done) struct sp_strv users = { 0 };
	SP_AUTO(sp_str_freep) char *driver = NULL;
	struct sp_error err = SP_ERROR_INIT;

	(void)state;
	machine_write(&machine, "sys/class/net/eth0/flags", "0x1003\n");
	assert_int_equal(sp_bind_release(root, NIC, &driver, &users, &err),
			 SP_BIND_IN_USE);
	assert_null(driver);
	assert_string_equal(users.items[0], "interface 'eth0' is up");
	assert_file("sys/bus/pci/drivers/igb/unbind", "");

	machine_write(&machine, "sys/class/net/eth0/flags", "0x1002\n");
	assert_int_equal(sp_bind_release(root, NIC, &driver, &users, &err), 0);
	assert_string_equal(driver, "igb");
	assert_file("sys/bus/pci/drivers/igb/unbind", NIC);
	assert_int_equal(sp_bind_attach(root, NIC, driver, &err), 0);
	assert_file("sys/bus/pci/drivers/igb/bind", NIC);
}

static void says_what_cannot_be_changed(void **state)
{
	SP_AUTO(sp_root_freep) struct sp_root *root = open_root();
	SP_AUTO(sp_strv_done) struct sp_strv users = { 0 };
	struct sp_error err = SP_ERROR_INIT;

	(void)state;
	assert_int_equal(sp_bind_release(root, LONELY_NIC, NULL, &users, &err),
			 SP_BIND_ABSENT);
	assert_int_equal(sp_bind_attach(root, LONELY_NIC, "e1000e", &err), -SP_ERR_LOAD);
	assert_string_equal(err.text, "there is no driver 'e1000e'");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(asks_for_drivers_where_there_is_none,
				       restore_machine),
		cmocka_unit_test_setup(can_be_cancelled, restore_machine),
		cmocka_unit_test_setup(changes_the_driver_and_goes_back, restore_machine),
		cmocka_unit_test_setup(says_what_cannot_be_changed, restore_machine),
	};
	int failed;

	machine_make(&machine, NULL, NULL);
	failed = table_run("wait", wait_rows, waits_for_a_device);
	failed += cmocka_run_group_tests_name("bind", tests, NULL, NULL);
	machine_done(&machine);
	return failed;
}
