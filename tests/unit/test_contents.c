/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Files of packs, and what is said of them. */

#include "repo/contents.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "support/table.h"

#define REG (S_IFREG | 0644)
#define EXE (S_IFREG | 0755)
#define MIB (1024 * 1024)

static const struct row {
	const char *name;
	struct sp_contents_file files[4];
	const char *want; /* "code about;…" */
} rows[] = {
	// clang-format off
	{ "nothing", { { 0 } }, "" },
	{ "plain files", { { "/usr/bin/acme", "acme", "root", NULL, EXE, 10 },
	  { "/usr/share/acme", "acme", "root", NULL, S_IFDIR | 02755, 0 },
	  { "/usr/lib/acme.so", "acme", "root", "", S_IFLNK | 0777, 7 } }, "" },
	{ "driver", { { "/lib/modules/4.19.0+1/updates/e.ko", "acme", "root", NULL, REG, 10 } }, "" },
	{ "a file of the base", { { "/etc/base.conf", "acme", "root", NULL, REG, 1 } },
	  "replaces-base-file /etc/base.conf" },
	{ "a link over one", { { "/etc/base.conf", "acme", "root", NULL, S_IFLNK | 0777, 1 } },
	  "replaces-base-file /etc/base.conf" },
	{ "a directory of the base", { { "/etc/base.conf", "acme", "root", NULL, S_IFDIR | 0755, 1 } }, "" },
	{ "a newer package of the base", { { "/etc/base.conf", "base", "root", NULL, REG, 1 } }, "" },
	{ "kernel", { { "/boot/vmlinuz-4.20", "acme", "root", NULL, REG, 1 } }, "brings-kernel /boot/vmlinuz-4.20" },
	{ "kernel's list", { { "/usr/lib/modules/4.20/modules.builtin", "acme", "root", NULL, REG, 1 } },
	  "brings-kernel /usr/lib/modules/4.20/modules.builtin" },
	{ "hypervisor", { { "/boot/xen-4.17.gz", "acme", "root", NULL, REG, 1 } }, "brings-kernel /boot/xen-4.17.gz" },
	{ "setuid", { { "/usr/bin/a", "acme", "root", NULL, EXE | S_ISUID, 1 } }, "brings-setuid /usr/bin/a" },
	{ "setgid", { { "/usr/bin/a", "acme", NULL, NULL, EXE | S_ISGID, 1 } }, "brings-setuid /usr/bin/a" },
	{ "capabilities", { { "/usr/bin/a", "acme", NULL, "= cap_net_raw+ep", EXE, 1 } }, "brings-setuid /usr/bin/a" },
	{ "character device", { { "/dev/a", "acme", NULL, NULL, S_IFCHR | 0666, 0 } }, "brings-device-node /dev/a" },
	{ "block device", { { "/dev/a", "acme", NULL, NULL, S_IFBLK | 0666, 0 } }, "brings-device-node /dev/a" },
	{ "pipe", { { "/run/a", "acme", NULL, NULL, S_IFIFO | 0666, 0 } }, "brings-device-node /run/a" },
	{ "unit alone", { { "/usr/lib/systemd/system/a.service", "acme", NULL, NULL, REG, 1 } }, "" },
	{ "unit enabled", { { "/usr/lib/systemd/system/multi-user.target.wants/a.service", "acme", NULL, NULL,
	  S_IFLNK | 0777, 1 } }, "enables-service /usr/lib/systemd/system/multi-user.target.wants/a.service" },
	{ "unit enabled in etc", { { "/etc/systemd/system/x.service.requires/a.service", "acme", NULL, NULL,
	  S_IFLNK | 0777, 1 } }, "enables-service /etc/systemd/system/x.service.requires/a.service" },
	{ "directory of wants", { { "/etc/systemd/system/a.target.wants", "acme", NULL, NULL, S_IFDIR | 0755, 1 } }, "" },
	{ "runlevel", { { "/etc/rc.d/rc3.d/S99a", "acme", NULL, NULL, S_IFLNK | 0777, 1 },
	  { "/etc/rc.d/rc3.d/K01a", "acme", NULL, NULL, S_IFLNK | 0777, 1 } }, "enables-service /etc/rc.d/rc3.d/S99a" },
	{ "preset", { { "/usr/lib/systemd/system-preset/90-a.preset", "acme", NULL, NULL, REG, 1 } },
	  "enables-service /usr/lib/systemd/system-preset/90-a.preset" },
	{ "clock", { { "/etc/cron.d/a", "acme", NULL, NULL, REG, 1 } }, "enables-service /etc/cron.d/a" },
	{ "100 MiB", { { "/a", "acme", NULL, NULL, REG, 100 * MIB } }, "" },
	{ "above it", { { "/a", "acme", NULL, NULL, REG, 100 * MIB }, { "/b", "acme", NULL, NULL, REG, MIB } },
	  "large-for-dom0 pack" },
	{ "sizes past counting", { { "/a", "acme", NULL, NULL, REG, UINT64_MAX }, { "/b", "acme", NULL, NULL, REG, 2 } },
	  "large-for-dom0 pack" },
	{ "climbs", { { "/usr/../../etc/x", "acme", NULL, NULL, REG, 1 } }, "unsafe-path /usr/../../etc/x" },
	{ "climbs at once", { { "../x", "acme", NULL, NULL, REG, 1 } }, "unsafe-path ../x" },
	{ "empty component", { { "/usr//x", "acme", NULL, NULL, REG, 1 } }, "unsafe-path /usr//x" },
	{ "the root", { { "/", "acme", NULL, NULL, S_IFDIR, 1 } }, "unsafe-path /" },
	{ "two slashes", { { "//x", "acme", NULL, NULL, REG, 1 } }, "unsafe-path //x" },
	{ "escape", { { "/usr/\033[2J", "acme", NULL, NULL, REG, 1 } }, "unsafe-path /usr/?[2J" },
	{ "the last of the control characters", { { "/usr/\037x", "acme", NULL, NULL, REG, 1 } }, "unsafe-path /usr/?x" },
	{ "the one above the others", { { "/usr/\177x", "acme", NULL, NULL, REG, 1 } }, "unsafe-path /usr/?x" },
	{ "a blank", { { "/usr/a b", "acme", NULL, NULL, REG, 1 } }, "" },
	{ "a dot", { { "/usr/./x", "acme", NULL, NULL, REG, 1 } }, "unsafe-path /usr/./x" },
	{ "a dot at once", { { "./x", "acme", NULL, NULL, REG, 1 } }, "unsafe-path ./x" },
	{ "dots are no climbing", { { "/usr/..x/.y/z..", "acme", NULL, NULL, REG, 1 } }, "" },
	{ "below a link of its own", { { "/opt/a", "acme", NULL, NULL, S_IFLNK | 0777, 1 },
	  { "opt/a/passwd", "acme", NULL, NULL, REG, 1 }, { "/opt/ab", "acme", NULL, NULL, REG, 1 } },
	  "unsafe-path opt/a/passwd" },
	{ "several at once", { { "/etc/base.conf", "acme", NULL, NULL, EXE | S_ISUID, 1 } },
	  "replaces-base-file /etc/base.conf;brings-setuid /etc/base.conf" },
	// clang-format on
};

static const char *owner_of(void *context, const char *path)
{
	assert_string_equal(context, "here");
	return strcmp(path, "etc/base.conf") == 0 ? "base" : NULL;
}

static void is_so_long_and_no_longer(void **state)
{
	char here[] = "here", path[PATH_MAX + 2];
	struct sp_contents_file file = { path, "acme", NULL, NULL, REG, 1 };
	const struct sp_contents contents = { "pack", &file, 1, owner_of, here };

	(void)state;
	for (size_t len = PATH_MAX - 1; len <= PATH_MAX; len++) {
		SP_AUTO(sp_findings_done) struct sp_findings findings = { 0 };
		struct sp_error err = SP_ERROR_INIT;

		memset(path, 'a', len);
		path[len] = '\0';
		assert_int_equal(sp_contents_check(&contents, &findings, &err), 0);
		assert_int_equal(sp_findings_has(&findings, "unsafe-path"),
				 len == PATH_MAX);
	}
}

static char *tell(const struct sp_findings *findings)
{
	struct sp_strbuf out = { 0 };

	for (size_t i = 0; i < findings->n; i++)
		sp_strbuf_add(&out, "%s%s %s", i ? ";" : "", findings->items[i].code,
			      findings->items[i].about);
	return sp_strbuf_take(&out);
}

static void checks(void **state)
{
	const struct row *row = *state;
	SP_AUTO(sp_findings_done) struct sp_findings findings = { 0 };
	SP_AUTO(sp_str_freep) char *is = NULL;
	char here[] = "here";
	struct sp_contents contents = { "pack", row->files, 0, owner_of, here };
	struct sp_error err = SP_ERROR_INIT;

	while (contents.n < 4 && row->files[contents.n].path)
		contents.n++;
	assert_int_equal(sp_contents_check(&contents, &findings, &err), 0);
	is = tell(&findings);
	assert_string_equal(is, row->want);
	for (size_t i = 0; i < findings.n; i++)
		assert_int_equal(sp_finding_weight(findings.items[i].code),
				 strcmp(findings.items[i].code, "unsafe-path") == 0 ||
						 strcmp(findings.items[i].code,
							"brings-device-node") == 0
					 ? SP_WEIGHT_REFUSAL
					 : SP_WEIGHT_WARNING);
}

static void many_are_counted(void **state)
{
	struct sp_contents_file files[SP_CONTENTS_MAX_SAID + 5] = { { 0 } };
	const struct sp_contents contents = { "pack", files, SP_CONTENTS_MAX_SAID + 5,
					      NULL, NULL };
	SP_AUTO(sp_findings_done) struct sp_findings findings = { 0 };
	struct sp_error err = SP_ERROR_INIT;

	(void)state;
	for (size_t i = 0; i < contents.n; i++)
		files[i] = (struct sp_contents_file){
			"/etc/cron.d/a", "acme", NULL, NULL, REG, 1
		};
	assert_int_equal(sp_contents_check(&contents, &findings, &err), 0);
	assert_int_equal(findings.n, SP_CONTENTS_MAX_SAID + 1);
	assert_non_null(strstr(findings.items[SP_CONTENTS_MAX_SAID].text, "5 more"));
}

int main(void)
{
	static const struct CMUnitTest others[] = {
		cmocka_unit_test(many_are_counted),
		cmocka_unit_test(is_so_long_and_no_longer),
	};
	int failed = table_run("contents", rows, checks);

	return failed + cmocka_run_group_tests(others, NULL, NULL);
}
