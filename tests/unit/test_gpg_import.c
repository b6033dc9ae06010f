/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Key files of every sort brought in by gpg itself, by way of a script that counts how
 * often it is started. */
#include "repo/gpg_import.h"
#include "base/file.h"
#include "base/text.h"
#include "repo/keys.h"
#include "support/machine.h"
#include "support/table.h"

#define PUBLIC KEYS "/public/RPM-GPG-KEY-"
/* What stands before the files in the argument list has 11 words. */
#define COUNT "echo run >> \"${0%/*}/runs\"\n"
#define REAL COUNT "exec /usr/bin/gpg \"$@\"\n"
#define DIES_OF_SEVERAL COUNT "[ $# -le 12 ] || kill -9 $$\nexec /usr/bin/gpg \"$@\"\n"
#define STOPS_EARLY                                                                      \
	COUNT "/usr/bin/gpg \"$@\" | while read -r line; do echo \"$line\"; case $line " \
	      "in *IMPORT_OK*) exit ;; esac; done\n"

static const struct row {
	const char *name;
	const char *files[4]; /* paths */
	const char *want[4];  /* names of keys */
	int runs;
	const char *program; /* NULL: REAL */
} rows[] = {
	// clang-format off
	{ "no file", { 0 }, { 0 }, 0, NULL },
	{ "one", { PUBLIC "good" }, { "good" }, 1, NULL },
	{ "several, one run", { PUBLIC "good", PUBLIC "partner", PUBLIC "weak" },
	  { "good", "partner", "weak" }, 1, NULL },
	{ "one that is cut short between others",
	  { PUBLIC "good", SIGNATURES "/keys.cut", PUBLIC "partner" },
	  { "good", "partner" }, 1, NULL },
	{ "an empty one, garbage and a signature before a key",
	  { SIGNATURES "/empty", SIGNATURES "/garbage", SIGNATURES "/good", PUBLIC "good" },
	  { "good" }, 1, NULL },
	{ "armoured and not, several keys in one file",
	  { PUBLIC "stranger", SIGNATURES "/keys.spliced", PUBLIC "ed25519" },
	  { "stranger", "good", "ed25519" }, 1, NULL },
	{ "only text", { SIGNATURES "/text-file" }, { 0 }, 1, NULL },
	{ "gpg dies of several: each alone",
	  { PUBLIC "good", SIGNATURES "/garbage", PUBLIC "partner" },
	  { "good", "partner" }, 4, DIES_OF_SEVERAL },
	{ "gpg stops in the middle: each alone",
	  { PUBLIC "good", PUBLIC "partner" }, { "good", "partner" }, 3, STOPS_EARLY },
	// clang-format on
};

/* NULL if it is not there. */
static char *read_file(const char *path, size_t *ret_len)
{
	SP_AUTO(sp_closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct sp_error err = SP_ERROR_INIT;
	char *bytes = NULL;

	if (fd >= 0)
		assert_int_equal(sp_file_read_all(fd, 1 << 20, &bytes, ret_len, &err), 0);
	return bytes;
}

static void load(struct sp_keys *keys, const char *path)
{
	struct sp_error err = SP_ERROR_INIT;
	size_t len = 0;
	SP_AUTO(sp_str_freep) char *bytes = read_file(path, &len);

	assert_non_null(bytes);
	assert_int_equal(sp_keys_add_bytes(keys, path, bytes, len, &err), 0);
}

/* "NAME FINGERPRINT", a line each, is what make-keys leaves. */
static const char *fingerprint_of(const char *name, const char *all)
{
	SP_AUTO(sp_str_freep) char *start = sp_text_format("%s ", name);

	for (; all; all = strchr(all, '\n'), all += all ? 1 : 0)
		if (sp_text_starts_with(all, start))
			return all + strlen(start);
	fail_msg("no key '%s'", name);
	return NULL;
}

static void expect(const struct row *row, const struct sp_strv *imported)
{
	size_t len = 0;
	SP_AUTO(sp_str_freep) char *all = read_file(KEYS "/fingerprints", &len);

	for (size_t i = 0; i < 4 && row->want[i]; i++) {
		SP_AUTO(sp_str_freep)
		char *want = strndup(fingerprint_of(row->want[i], all), 40);

		if (!sp_strv_has(imported, want))
			fail_msg("key '%s' was not imported", row->want[i]);
	}
	for (size_t i = 0; i < imported->n; i++)
		assert_non_null(strstr(all, imported->items[i]));
}

static int count_runs(const struct machine *home)
{
	size_t len = 0;

	free(read_file(machine_path(home, "runs"), &len));
	return (int)(len / strlen("run\n"));
}

static void brings_in_what_is_a_key(void **state)
{
	const struct row *row = *state;
	SP_AUTO(sp_keys_done) struct sp_keys keys = { 0 };
	SP_AUTO(sp_strv_done) struct sp_strv imported = { 0 };
	SP_AUTO(machine_done) struct machine home = { 0 };
	SP_AUTO(sp_str_freep)
	char *script =
		sp_text_format("#!/bin/sh\n%s", row->program ? row->program : REAL);
	struct sp_gpg_importer importer = { .deadline_ms = 20000 };
	struct sp_error err = SP_ERROR_INIT;

	machine_init(&home);
	machine_write(&home, "gpg.conf", "no-autostart\n");
	machine_write(&home, "gpg", script);
	importer.program = machine_path(&home, "gpg");
	importer.directory = home.dir;
	assert_int_equal(chmod(importer.program, 0700), 0);
	for (size_t i = 0; i < 4 && row->files[i]; i++)
		load(&keys, row->files[i]);
	if (sp_gpg_import(&importer, &keys, &imported, &err) < 0)
		fail_msg("%s", err.text);
	expect(row, &imported);
	assert_int_equal(count_runs(&home), row->runs);
	assert_int_not_equal(access(machine_path(&home, "import"), F_OK), 0);
}

int main(void)
{
	return table_run("gpg_import", rows, brings_in_what_is_a_key);
}
