/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* A sample record, a root to keep it in, and what is on record there. */

#include "repo/record.h"
#include "support/table.h"
#include "support/tree.h"

#include "base/file.h"

#define REPOS "etc/xensource/installed-repos/"
#define STAGED "etc/xensource/.suppack-staged/"
#define PACK                                                                              \
	"\"pack\":{\"format\":\"update\",\"id\":\"i\",\"label\":\"l\",\"version\":\"1\"," \
	"\"trust\":{\"state\":\"trusted\"}}"
#define UUID "e4b9fe85-ffe6-4cbf-9fcb-1d88ecf5b102"

/* ---- a record ---------------------------------------------------------------------------- */

static inline char *text(const char *of)
{
	return (char *)(uintptr_t)of;
}

/* On the stack, borrowed: not to be done. */
struct sample {
	char *modules[1];
	struct sp_record_device device;
	struct sp_record_file file;
	struct sp_record record;
};

static inline struct sp_record *sample_init(struct sample *s, const char *label,
					    const char *version, const char *bytes)
{
	*s = (struct sample){ { text("lib/modules/4.19/updates/e.ko") },
			      { text("0000:04:00.0"), text("pci:v1"), text("NIC"),
				text("e1000e") },
			      { text("update.xml"), text(bytes), strlen(bytes) },
			      { .pack = { .id = text(UUID),
					  .label = text(label),
					  .version = text(version) },
				.directory = text(UUID),
				.decision = text("accepted-unsigned"),
				.plan_digest = text("d1"),
				.product_brand = text("XenServer"),
				.product_version = text("8.4.0"),
				.platform_version = text("3.4.0"),
				.kernel = text("4.19.0+1"),
				.time = text("2026-11-25T03:04:05Z") } };
	s->record.installed_modules = (struct sp_strv){ s->modules, 1 };
	s->record.devices = &s->device;
	s->record.n_devices = 1;
	s->record.files = &s->file;
	s->record.n_files = 1;
	return &s->record;
}

/* What both lists say: "directory label version;…|staged directory version;…". */
static inline char *tell(int root_fd)
{
	SP_AUTO(sp_record_list_done) struct sp_record_list there = { 0 };
	SP_AUTO(sp_record_list_done) struct sp_record_list staged = { 0 };
	SP_AUTO(sp_findings_done) struct sp_findings findings = { 0 };
	struct sp_error err = SP_ERROR_INIT;
	struct sp_strbuf out = { 0 };

	assert_int_equal(sp_record_list_read(root_fd, &there, &findings, &err), 0);
	assert_int_equal(sp_record_list_staged(root_fd, &staged, &findings, &err), 0);
	for (size_t i = 0; i < there.n; i++)
		sp_strbuf_add(&out, "%s%s %s %s", i ? ";" : "", there.items[i].directory,
			      there.items[i].pack.label, there.items[i].pack.version);
	sp_strbuf_add(&out, "|");
	for (size_t i = 0; i < staged.n; i++)
		sp_strbuf_add(&out, "%s%s %s", i ? ";" : "", staged.items[i].directory,
			      staged.items[i].pack.version);
	for (size_t i = 0; i < findings.n; i++)
		sp_strbuf_add(&out, "!%s", findings.items[i].about);
	return sp_strbuf_take(&out);
}

static inline void expect(int root_fd, const char *want)
{
	SP_AUTO(sp_str_freep) char *is = tell(root_fd);

	assert_string_equal(is, want);
}

static inline void expect_file(int root_fd, const char *path, const char *want)
{
	SP_AUTO(sp_str_freep) char *bytes = NULL;
	struct sp_error err = SP_ERROR_INIT;
	size_t len;
	int r = sp_file_load(root_fd, path, 1 << 20, &bytes, &len, &err);

	if (want && r == 0)
		assert_string_equal(bytes, want);
	else
		assert_int_equal(r, want ? 0 : SP_FILE_ABSENT);
}

static inline bool exists(const struct machine *machine, const char *path)
{
	struct stat st;

	return lstat(machine_path(machine, path), &st) == 0;
}

struct host {
	struct machine machine;
	int fd;
};

static inline void host_init(struct host *host, const struct tree_file *files)
{
	static const struct tree_file plain[TREE_MAX_FILES] = { { "etc/", NULL } };

	host->fd = tree_make(&host->machine, files ? files : plain);
}

static inline void host_done(struct host *host)
{
	close(host->fd);
	machine_done(&host->machine);
}

static inline void stage_and_commit(int fd, const struct sp_record *record)
{
	struct sp_error err = SP_ERROR_INIT;

	if (sp_record_stage(fd, record, &err) != 0 ||
	    sp_record_commit(fd, record->directory, &err) != 0)
		fail_msg("%s", err.text);
}
