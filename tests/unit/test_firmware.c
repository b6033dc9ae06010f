/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "installer-plugin/firmware.h"
#include "base/array.h"
#include "base/finding.h"
#include "base/json.h"
#include "base/worker.h"
#include "installer-plugin/drive_worker.h"
#include "probe/root.h"
#include "repo/pack.h"
#include "support/table.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const struct row {
	const char *name;
	const char *about, *code;
	const char *ends; /* the sentence, afterwards */
} rows[] = {
	{ "a pack has it", "vendor/chip.bin", "firmware-missing",
	  "; 'Acme firmware 2' in '/dev/sr1' has it" },
	{ "no pack has it", "vendor/chip2.bin", "firmware-missing",
	  "; no pack at hand has it" },
	{ "the end of a name is not the name", "hip.bin", "firmware-missing",
	  "; no pack at hand has it" },
	{ "what is not about firmware", "vendor/chip.bin", "not-bound", "said" },
};

static void names_the_pack(void **state)
{
	const struct row *row = *state;
	char *file = (char[]){ "lib/firmware/vendor/chip.bin" };
	struct sp_package package = { .files = { &file, 1 } };
	struct sp_pack pack = { .label = (char[]){ "Acme firmware" },
				.version = (char[]){ "2" },
				.location = (char[]){ "/dev/sr1" },
				.packages = &package,
				.n_packages = 1 };
	const struct sp_pack_list packs = { &pack, 1 };
	SP_AUTO(sp_findings_done) struct sp_findings findings = { 0 };
	struct sp_error err = SP_ERROR_INIT;

	assert_int_equal(sp_findings_add(&findings, row->code, row->about, &err, "said"),
			 0);
	sp_firmware_name_packs(&packs, &findings);
	assert_true(sp_text_ends_with(findings.items[0].text, row->ends));
	assert_true(sp_text_starts_with(findings.items[0].text, "said"));
}

static int take(void *user, struct json_object *message, struct sp_error *err)
{
	return sp_findings_from_json(sp_json_get(message, "findings"), user, err);
}

/* The kernel's log, as one record a read. */
static void hears_of_it_while_waiting(void **state)
{
	static const char record[] = "4,3,102,-;r8169 0000:05:00.0: Direct firmware load "
				     "for rtl_nic/x.fw failed with error -2\n";
	SP_AUTO(sp_root_freep) struct sp_root *root = NULL;
	SP_AUTO(sp_findings_done) struct sp_findings findings = { 0 };
	struct sp_error err = SP_ERROR_INIT;
	struct sp_drive_task task = { 0 };
	struct sp_worker_job job = { .what = "waiting",
				     .run = sp_drive_worker_wait,
				     .arg = &task,
				     .on_message = take,
				     .user = &findings,
				     .flags = SP_WORKER_PRIVILEGED,
				     .limits = { .deadline_ms = 60000 } };
	int ends[2];

	(void)state;
	assert_int_equal(sp_root_new("/", &root, &err), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, ends), 0);
	task.root = root;
	task.kmsg_fd = ends[1];
	assert_int_equal(write(ends[0], record, sizeof record - 1), sizeof record - 1);
	assert_int_equal(sp_worker_run(&job, NULL, &err), 0);
	assert_int_equal(findings.n, 1);
	assert_string_equal(findings.items[0].code, "firmware-missing");
	assert_string_equal(findings.items[0].about, "rtl_nic/x.fw");
	(void)close(ends[0]);
	(void)close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(hears_of_it_while_waiting) };

	return table_run("firmware", rows, names_the_pack) +
	       cmocka_run_group_tests(tests, NULL, NULL);
}
