/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The factory's good pack taken apart, so that a test can change one place of it and put it
 * together again with digests that are right. */

#include "base/archive.h"
#include "base/child.h"
#include "base/file.h"
#include "repo/digest.h"
#include "support/media.h"

#include <sys/stat.h>

#define DRIVER "Packages/test-test-1.0-1.x86_64.rpm"

enum part { UPDATE, PRIMARY, FILELISTS, GROUPS, N_TEXTS, REPOMD = N_TEXTS };

/* The pack's texts, inflated. */
struct kit {
	char *texts[N_TEXTS];
	size_t lens[N_TEXTS];
	bool missing[N_TEXTS];
};

typedef void (*change_fn)(struct kit *kit, enum part part);

static inline void kit_done(struct kit *kit)
{
	for (size_t i = 0; i < N_TEXTS; i++)
		free(kit->texts[i]);
}

/* ---- the good pack --------------------------------------------------------- */

static inline void load(struct kit *kit, enum part part, int dirfd, const char *path)
{
	SP_AUTO(sp_str_freep) char *bytes = NULL;
	struct sp_error err = SP_ERROR_INIT;
	size_t len;

	assert_int_equal(sp_file_load(dirfd, path, 1 << 20, &bytes, &len, &err), 0);
	assert_int_equal(sp_archive_inflate(bytes, len, 1 << 20, 0, &kit->texts[part],
					    &kit->lens[part], &err),
			 0);
}

static inline void load_kit(struct kit *kit)
{
	static const struct {
		enum part part;
		const char *end;
	} files[] = {
		{ PRIMARY, "-primary.xml.gz" },
		{ FILELISTS, "-filelists.xml.gz" },
		{ GROUPS, "-groups.xml" },
	};
	SP_AUTO(sp_closep)
	int fd = open(PACKS "/good", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	SP_AUTO(sp_tree_freep) struct sp_tree *tree = open_medium(PACKS, "good", false);
	size_t n;
	const struct sp_tree_entry *entries = sp_tree_entries(tree, &n);

	load(kit, UPDATE, fd, "update.xml");
	for (size_t i = 0; i < n; i++)
		for (size_t f = 0; f < 3; f++)
			if (sp_text_ends_with(entries[i].path, files[f].end))
				load(kit, files[f].part, fd, entries[i].path);
	for (size_t i = 0; i < N_TEXTS; i++)
		assert_non_null(kit->texts[i]);
}

/* ---- writing it ------------------------------------------------------------ */

static inline void write_file(const char *dir, const char *name, const void *bytes,
			      size_t len)
{
	SP_AUTO(sp_str_freep) char *path = sp_text_format("%s/%s", dir, name);
	SP_AUTO(sp_closep) int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	struct sp_error err = SP_ERROR_INIT;

	assert_int_equal(sp_file_write_all(fd, bytes, len, &err), 0);
}

static const char *const names[] = {
	[PRIMARY] = "primary",
	[FILELISTS] = "filelists",
	[GROUPS] = "group",
};

static inline char *describe(const struct kit *kit)
{
	struct sp_strbuf text = { 0 };
	struct sp_error err = SP_ERROR_INIT;

	sp_strbuf_add(&text, "<repomd xmlns=\"http://linux.duke.edu/metadata/repo\">\n");
	for (size_t i = PRIMARY; i < N_TEXTS; i++) {
		char hex[65];

		assert_int_equal(
			sp_digest_sha256_hex(kit->texts[i], kit->lens[i], hex, &err), 0);
		sp_strbuf_add(&text,
			      "<data type=\"%s\"><checksum type=\"sha256\">%s</checksum>"
			      "<location href=\"repodata/%s\"/><size>%zu</size></data>\n",
			      names[i], hex, names[i], kit->lens[i]);
	}
	sp_strbuf_add(&text, "</repomd>\n");
	return sp_strbuf_take(&text);
}

static inline void write_kit(const struct kit *kit, const char *repomd, const char *dir)
{
	SP_AUTO(sp_str_freep) char *repodata = sp_text_format("%s/repodata", dir);

	assert_int_equal(mkdir(repodata, 0700), 0);
	write_file(dir, "update.xml", kit->texts[UPDATE], kit->lens[UPDATE]);
	write_file(repodata, "repomd.xml", repomd, strlen(repomd));
	for (size_t i = PRIMARY; i < N_TEXTS; i++)
		if (!kit->missing[i])
			write_file(repodata, names[i], kit->texts[i], kit->lens[i]);
}

static inline void set(struct kit *kit, enum part part, char *text, size_t len)
{
	assert_non_null(text);
	free(kit->texts[part]);
	kit->texts[part] = text;
	kit->lens[part] = len;
}

static inline char *replaced(const char *text, const char *from, const char *to)
{
	const char *at = strstr(text, from);

	if (!at)
		fail_msg("there is no '%s' to replace", from);
	return sp_text_format("%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
}

static inline void run_command(const char *command)
{
	const char *argv[] = { "/bin/sh", "-c", command, NULL };
	struct sp_child_result result = { 0 };
	struct sp_error err = SP_ERROR_INIT;

	assert_int_equal(sp_child_run(argv, NULL, 20000, &result, &err), 0);
	if (result.status != 0)
		fail_msg("%s", result.output);
	free(result.output);
}

/* A program's output in place of the text. */
static inline void pack_by(struct kit *kit, enum part part, const char *command)
{
	char dir[] = "/tmp/test-hostile.XXXXXX", text[512];
	struct sp_error err = SP_ERROR_INIT;
	SP_AUTO(sp_closep) int fd = -1;
	char *bytes = NULL;
	size_t len;

	assert_non_null(mkdtemp(dir));
	write_file(dir, "in", kit->texts[part], kit->lens[part]);
	(void)snprintf(text, sizeof text, "cd %s && { %s; } >out", dir, command);
	run_command(text);
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(sp_file_load(fd, "out", 8 << 20, &bytes, &len, &err), 0);
	set(kit, part, bytes, len);
	(void)unlinkat(fd, "in", 0);
	(void)unlinkat(fd, "out", 0);
	(void)rmdir(dir);
}

/* ---- reading it ------------------------------------------------------------ */

static inline void remove_dir(const char *path)
{
	struct sp_error err = SP_ERROR_INIT;
	SP_AUTO(sp_closep) int fd = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_int_equal(sp_file_remove_tree(fd, path + strlen("/tmp/"), &err), 0);
}

static inline void link_packages(const char *dir)
{
	static const char *const files[] = {
		DRIVER,
		"Packages/control-test-test-1.0-1.noarch.rpm",
		"Packages/update-test-test-1.0-1.noarch.rpm",
	};
	SP_AUTO(sp_closep) int from = open(PACKS "/good", O_RDONLY | O_DIRECTORY);
	SP_AUTO(sp_str_freep) char *packages = sp_text_format("%s/Packages", dir);
	struct sp_error err = SP_ERROR_INIT;

	assert_int_equal(mkdir(packages, 0700), 0);
	for (size_t i = 0; i < 3; i++) {
		SP_AUTO(sp_str_freep) char *bytes = NULL;
		size_t len;

		assert_int_equal(
			sp_file_load(from, files[i], 1 << 20, &bytes, &len, &err), 0);
		write_file(dir, files[i], bytes, len);
	}
}

static inline bool has_refusal(const struct seen *seen)
{
	size_t n = sp_findings_first_refusal(&seen->findings) != NULL;

	/* "unsigned" they all are. */
	for (size_t i = 0; i < seen->packs.n; i++)
		for (size_t f = 0; f < seen->packs.items[i].findings.n; f++)
			n += strcmp(seen->packs.items[i].findings.items[f].code,
				    "unsigned") != 0;
	return n > 0;
}

static inline bool has_code(const struct seen *seen, const char *code)
{
	for (size_t i = 0; i < seen->packs.n; i++)
		if (sp_findings_has(&seen->packs.items[i].findings, code))
			return true;
	return sp_findings_has(&seen->findings, code);
}

static inline void show(const struct seen *seen)
{
	for (size_t i = 0; i < seen->findings.n; i++)
		print_message("  %s: %s\n", seen->findings.items[i].code,
			      seen->findings.items[i].text);
	for (size_t p = 0; p < seen->packs.n; p++)
		for (size_t i = 0; i < seen->packs.items[p].findings.n; i++)
			print_message("  %s: %s\n",
				      seen->packs.items[p].findings.items[i].code,
				      seen->packs.items[p].findings.items[i].text);
}

/* @arrange  does something to the medium before it is read; may be NULL. */
static inline void read_kit(const struct kit *kit, const char *repomd,
			    void (*arrange)(const char *dir), struct seen *seen)
{
	char dir[] = "/tmp/test-hostile.XXXXXX";
	SP_AUTO(sp_tree_freep) struct sp_tree *tree = NULL;
	SP_AUTO(sp_closep) int fd = -1;
	struct sp_error err = SP_ERROR_INIT;

	assert_non_null(mkdtemp(dir));
	link_packages(dir);
	write_kit(kit, repomd, dir);
	if (arrange)
		arrange(dir);
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(sp_tree_open_dir(fd, &tree, &err), 0);
	read_all(tree, seen);
	remove_dir(dir);
}
