/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "probe/kmsg.h"
#include "support/table.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const struct about_row {
	const char *name; /* the line */
	const char *module;
	bool is_about;
} about_rows[] = {
	{ "e1000e: Intel(R) PRO/1000 Network Driver", "e1000e", true },
	{ "e1000e 0000:04:00.0 eth0: registered", "e1000e", true },
	{ "snd-hda-intel 0000:00:1b.0: bound", "snd_hda_intel", true },
	{ "pci 0000:04:00.0: [8086:10d3] by e1000e", "e1000e", true },
	{ "e1000: another driver", "e1000e", false },
	{ "igb_e1000e: another driver", "e1000e", false },
	{ "e1000e-oem: another driver", "e1000e", false },
	{ "nothing", "", false },
	{ "", "e1000e", false },
};

static void knows_what_a_line_is_about(void **state)
{
	const struct about_row *row = *state;

	assert_int_equal(sp_kmsg_is_about(row->name, row->module), row->is_about);
}

/* /dev/kmsg gives one record a read, and so do these packets. */
static void collect(const char *const records[], size_t n, const struct sp_strv *names,
		    struct sp_strv *lines)
{
	struct sp_error err = SP_ERROR_INIT;
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, ends), 0);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(write(ends[0], records[i], strlen(records[i])),
				 strlen(records[i]));
	assert_int_equal(sp_kmsg_collect(ends[1], names, lines, &err), 0);
	(void)close(ends[0]);
	(void)close(ends[1]);
}

static void keeps_what_concerns_us(void **state)
{
	static const char *const records[] = {
		"6,1,100,-;e1000e: loading out-of-tree module taints kernel.\n",
		"6,2,101,-;usb 1-1: new high-speed USB device\n",
		"4,3,102,-;r8169 0000:05:00.0: Direct firmware load for "
		"rtl_nic/rtl8168g-2.fw failed with error -2\n SUBSYSTEM=pci\n "
		"DEVICE=+pci:0000:05:00.0\n",
		"no record at all",
		"4,4,103,-;e1000e: Unknown\\x1b symbol\x01 foo (err -2)",
	};
	char *name = (char[]){ "e1000e" };
	const struct sp_strv names = { &name, 1 };
	SP_AUTO(sp_strv_done) struct sp_strv lines = { 0 };

	(void)state;
	collect(records, 5, &names, &lines);
	assert_int_equal(lines.n, 3);
	assert_string_equal(lines.items[0],
			    "e1000e: loading out-of-tree module taints kernel.");
	assert_string_equal(lines.items[1],
			    "r8169 0000:05:00.0: Direct firmware load for "
			    "rtl_nic/rtl8168g-2.fw failed with error -2");
	assert_string_equal(lines.items[2], "e1000e: Unknown\\x1b symbol? foo (err -2)");
}

static void keeps_the_last_lines(void **state)
{
	const char *records[SP_KMSG_MAX_LINES + 5];
	char texts[SP_KMSG_MAX_LINES + 5][32];
	char *name = (char[]){ "m" };
	const struct sp_strv names = { &name, 1 };
	SP_AUTO(sp_strv_done) struct sp_strv lines = { 0 };

	(void)state;
	for (int i = 0; i < SP_KMSG_MAX_LINES + 5; i++) {
		(void)snprintf(texts[i], sizeof texts[i], "6,1,1,-;m: line %d", i);
		records[i] = texts[i];
	}
	collect(records, SP_KMSG_MAX_LINES + 5, &names, &lines);
	assert_int_equal(lines.n, SP_KMSG_MAX_LINES);
	assert_string_equal(lines.items[0], "m: line 5");
	assert_string_equal(lines.items[SP_KMSG_MAX_LINES - 1], "m: line 24");
}

static void does_without_a_log(void **state)
{
	const struct sp_strv names = { 0 };
	SP_AUTO(sp_strv_done) struct sp_strv lines = { 0 };
	struct sp_error err = SP_ERROR_INIT;

	(void)state;
	assert_int_equal(sp_kmsg_collect(-1, &names, &lines, &err), 0);
	assert_int_equal(lines.n, 0);
}

static void reports_missing_firmware_once(void **state)
{
	char *items[] = {
		(char[]){ "r8169: Direct firmware load for a/b.fw failed with error -2" },
		(char[]){ "bnx2x 0000:05:00.0: firmware: failed to load c.fw (-2)" },
		(char[]){ "r8169: Direct firmware load for a/b.fw failed with error -2" },
		(char[]){ "firmware: direct-loading firmware d.fw" },
		(char[]){ "Direct firmware load for " },
	};
	const struct sp_strv lines = { items, 5 };
	SP_AUTO(sp_findings_done) struct sp_findings findings = { 0 };
	struct sp_error err = SP_ERROR_INIT;

	(void)state;
	assert_int_equal(sp_kmsg_report_firmware(&lines, &findings, &err), 0);
	assert_int_equal(findings.n, 2);
	assert_string_equal(findings.items[0].code, "firmware-missing");
	assert_string_equal(findings.items[0].about, "a/b.fw");
	assert_string_equal(findings.items[1].about, "c.fw");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_what_concerns_us),
		cmocka_unit_test(keeps_the_last_lines),
		cmocka_unit_test(does_without_a_log),
		cmocka_unit_test(reports_missing_firmware_once),
	};
	int failed = table_run("about", about_rows, knows_what_a_line_is_about);

	return failed + cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
