/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Payloads behind a real RPM's header: cpio archives, some of which are written to
 * harm whoever unpacks them. */
#include "repo/payload.h"
#include "base/text.h"
#include "support/machine.h"
#include "support/table.h"

#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>

#include "base/file.h"

enum { MAX_BYTES = 64, LEAD = 96, INTRO = 16, MAX_ENTRIES = 4 };

#define F(a_path, a_text)                          \
	{                                          \
		.path = (a_path), .text = (a_text) \
	}

/* One entry of the archive: newc, the only format of RPM payloads. */
struct entry {
	const char *path, *text;
	unsigned mode;   /* 0: a regular file */
	int more;        /* how much more it claims to hold than there is */
	bool is_endless; /* claims 4 GiB - 1 */
};

static const struct row {
	const char *name;
	struct entry entries[MAX_ENTRIES];
	const char *wanted[MAX_ENTRIES]; /* sorted */
	const char *got;                 /* "path=text;" for each that was handed over */
	int want;                        /* 0, or -code */
	const char *text;
	size_t cut;          /* bytes missing at the end */
	const char *pipe;    /* the archive goes through this command */
	const char *instead; /* the whole file */
	bool refuses;        /* who takes the files */
} rows[] = {
	// clang-format off
	{ "one of three", { F("./lib/a.ko", "alpha"), F("./lib/b.ko", "bravo"), F("./lib/c.ko", "charlie") },
	  { "lib/b.ko" }, .got = "lib/b.ko=bravo;" },
	{ "two, in the archive's order", { F("./lib/b.ko", "bravo"), F("./x", "x"), F("./lib/a.ko", "alpha") },
	  { "lib/a.ko", "lib/b.ko" }, .got = "lib/b.ko=bravo;lib/a.ko=alpha;" },
	{ "none wanted", { F("./lib/a.ko", "alpha") }, { NULL }, .got = "" },
	{ "one that is not there", { F("./lib/a.ko", "alpha") }, { "lib/a.ko", "lib/z.ko" }, .got = "lib/a.ko=alpha;" },
	{ "an empty file", { F("./lib/a.ko", "") }, { "lib/a.ko" }, .got = "lib/a.ko=;" },
	{ "an empty archive", { { .path = NULL } }, { "lib/a.ko" }, .got = "" },
	{ "gz", { F("./lib/a.ko", "alpha") }, { "lib/a.ko" }, .got = "lib/a.ko=alpha;", .pipe = "gzip -n" },
	{ "xz", { F("./lib/a.ko", "alpha") }, { "lib/a.ko" }, .got = "lib/a.ko=alpha;", .pipe = "xz" },
	{ "zstd", { F("./lib/a.ko", "alpha") }, { "lib/a.ko" }, .got = "lib/a.ko=alpha;", .pipe = "zstd -q" },
	{ "bzip2", { F("./lib/a.ko", "alpha") }, { "lib/a.ko" }, .got = "lib/a.ko=alpha;", .pipe = "bzip2" },

	{ "a directory of that name", { { .path = "./lib/a.ko", .text = "", .mode = 040755 } }, { "lib/a.ko" }, .got = "" },
	{ "a link of that name", { { .path = "./lib/a.ko", .text = "/etc/passwd", .mode = 0120777 } }, { "lib/a.ko" }, .got = "" },
	{ "a device of that name", { { .path = "./lib/a.ko", .text = "", .mode = 020644 } }, { "lib/a.ko" }, .got = "" },
	{ "a FIFO of that name", { { .path = "./lib/a.ko", .text = "", .mode = 010644 } }, { "lib/a.ko" }, .got = "" },
	{ "a link, then a file", { { .path = "./lib/a.ko", .text = "/etc/passwd", .mode = 0120777 }, F("./lib/a.ko", "alpha") },
	  { "lib/a.ko" }, .got = "lib/a.ko=alpha;" },
	{ "a name that climbs there", { F("./lib/../lib/a.ko", "alpha") }, { "lib/a.ko" }, .got = "" },
	{ "absolute names are those of the root", { F("/lib/a.ko", "alpha") }, { "lib/a.ko" }, .got = "lib/a.ko=alpha;" },
	{ "a longer name", { F("./lib/a.ko.xz", "alpha") }, { "lib/a.ko" }, .got = "" },

	{ "as large as may be", { F("./lib/a.ko", "0123456789012345678901234567890123456789012345678901234567890123") },
	  { "lib/a.ko" }, .got = "lib/a.ko=0123456789012345678901234567890123456789012345678901234567890123;" },
	{ "one byte more", { F("./lib/a.ko", "01234567890123456789012345678901234567890123456789012345678901234") },
	  { "lib/a.ko" }, .got = "", .want = -SP_ERR_LIMIT, .text = "'lib/a.ko'" },
	{ "what is not wanted may be larger", { F("./lib/b.ko", "01234567890123456789012345678901234567890123456789012345678901234"),
	  F("./lib/a.ko", "alpha") }, { "lib/a.ko" }, .got = "lib/a.ko=alpha;" },
	{ "it claims more than there is", { { .path = "./lib/a.ko", .text = "alpha", .more = 4 } }, { "lib/a.ko" }, .got = "", .want = -SP_ERR_FORMAT,
	  .cut = 124 },
	{ "it claims 4 GiB", { { .path = "./lib/a.ko", .text = "alpha", .is_endless = true } }, { "lib/a.ko" }, .got = "",
	  .want = -SP_ERR_FORMAT, .text = "'lib/a.ko'" },
	{ "cut in the file", { F("./lib/a.ko", "alpha, and more of it") }, { "lib/a.ko" }, .got = "", .want = -SP_ERR_FORMAT,
	  .cut = 124 + 8 },
	{ "cut in an entry's head", { F("./lib/a.ko", "alpha") }, { "lib/a.ko", "lib/b.ko" }, .got = "lib/a.ko=alpha;",
	  .want = -SP_ERR_FORMAT, .cut = 100 },
	{ "cut behind what is wanted", { F("./lib/a.ko", "alpha") }, { "lib/a.ko" }, .got = "lib/a.ko=alpha;", .cut = 100 },
	{ "gz, cut", { F("./lib/a.ko", "alpha") }, { "lib/a.ko", "lib/b.ko" }, .got = NULL, .want = -SP_ERR_FORMAT,
	  .pipe = "gzip -n", .cut = 12 },
	{ "no archive", { { .path = NULL } }, { "lib/a.ko" }, .got = "", .want = -SP_ERR_FORMAT, .pipe = "tr -c x x" },
	{ "a tar in its place", { { .path = NULL } }, { "hostname" }, .got = "", .want = -SP_ERR_FORMAT,
	  .pipe = "cat >/dev/null; tar -C /etc -c hostname" },
	{ "no RPM", { { .path = NULL } }, { "lib/a.ko" }, .got = "", .want = -SP_ERR_FORMAT, .instead = "this is no RPM" },
	{ "an empty file for an RPM", { { .path = NULL } }, { "lib/a.ko" }, .got = "", .want = -SP_ERR_FORMAT, .instead = "" },

	{ "who takes it says no", { F("./lib/a.ko", "alpha"), F("./lib/b.ko", "bravo") },
	  { "lib/a.ko", "lib/b.ko" }, .got = "lib/a.ko=alpha;", .want = -SP_ERR_USAGE, .text = "no more", .refuses = true },
	// clang-format on
};

/* ---- the RPM ----------------------------------------------------------------------- */

struct bytes {
	char *data;
	size_t len;
};

static void add(struct bytes *bytes, const void *data, size_t len)
{
	bytes->data = realloc(bytes->data, bytes->len + len + 1);
	assert_non_null(bytes->data);
	memcpy(bytes->data + bytes->len, data, len);
	bytes->len += len;
}

static void pad(struct bytes *bytes)
{
	while (bytes->len % 4)
		add(bytes, "", 1);
}

static void add_entry(struct bytes *cpio, const struct entry *entry)
{
	unsigned len = (unsigned)strlen(entry->text);
	unsigned mode = entry->mode ? entry->mode : 0100644;
	unsigned claims = entry->is_endless ? UINT32_MAX : len + (unsigned)entry->more;
	char head[111];

	(void)snprintf(head, sizeof head,
		       "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X", 1,
		       mode, 0, 0, 1, 0, claims, 0, 0, 0, 0,
		       (unsigned)strlen(entry->path) + 1, 0);
	add(cpio, head, 110);
	add(cpio, entry->path, strlen(entry->path) + 1);
	pad(cpio);
	add(cpio, entry->text, len);
	pad(cpio);
}

static unsigned number_at(const struct bytes *bytes, size_t at)
{
	unsigned number;

	memcpy(&number, bytes->data + at, sizeof number);
	return __builtin_bswap32(number);
}

static size_t header_end(const struct bytes *bytes, size_t at)
{
	return at + INTRO + (size_t)16 * number_at(bytes, at + 8) +
	       number_at(bytes, at + 12);
}

static void read_whole(int fd, struct bytes *bytes)
{
	struct sp_error err = SP_ERROR_INIT;

	assert_int_equal(sp_file_read_all(fd, 1 << 24, &bytes->data, &bytes->len, &err),
			 0);
	(void)close(fd);
}

/* A real RPM as far as its header goes. */
static void add_header(struct bytes *rpm)
{
	read_whole(open(RPM, O_RDONLY | O_CLOEXEC), rpm);
	rpm->len = header_end(rpm, (header_end(rpm, LEAD) + 7) / 8 * 8);
}

static void run_through(const char *command, struct bytes *bytes)
{
	SP_AUTO(machine_done) struct machine place = { 0 };
	SP_AUTO(sp_str_freep) char *line = NULL;

	machine_init(&place);
	machine_write_bytes(&place, "in", bytes->data, bytes->len);
	line = sp_text_format("cd '%s' && { %s; } <in >out", place.dir, command);
	machine_run((const char *const[]){ "sh", "-c", line, NULL });
	free(bytes->data);
	*bytes = (struct bytes){ 0 };
	read_whole(open(machine_path(&place, "out"), O_RDONLY | O_CLOEXEC), bytes);
}

static int make_rpm(const struct row *row)
{
	static const struct entry end = F("TRAILER!!!", "");
	struct bytes rpm = { 0 }, cpio = { 0 };
	int fd = memfd_create("rpm", MFD_CLOEXEC);

	if (row->instead) {
		add(&rpm, row->instead, strlen(row->instead));
	} else {
		add_header(&rpm);
		for (size_t i = 0; i < MAX_ENTRIES && row->entries[i].path; i++)
			add_entry(&cpio, &row->entries[i]);
		add_entry(&cpio, &end);
		if (row->pipe)
			run_through(row->pipe, &cpio);
		add(&rpm, cpio.data, cpio.len - row->cut);
	}
	assert_int_equal(write(fd, rpm.data, rpm.len), rpm.len);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	free(cpio.data);
	free(rpm.data);
	return fd;
}

/* ---- who takes the files ------------------------------------------------------------ */

struct taker {
	struct sp_strbuf got;
	bool refuses;
};

static int take(void *user, const char *path, int fd, struct sp_error *err)
{
	struct taker *taker = user;
	SP_AUTO(sp_str_freep) char *text = NULL;
	size_t len = 0;

	assert_int_equal(sp_file_read_all(fd, MAX_BYTES, &text, &len, err), 0);
	sp_strbuf_add(&taker->got, "%s=%s;", path, text);
	return taker->refuses ? sp_error_set(err, SP_ERR_USAGE, "no more") : 0;
}

static void hands_over_as_table_says(void **state)
{
	const struct row *row = *state;
	SP_AUTO(sp_strv_done) struct sp_strv wanted = { 0 };
	SP_AUTO(sp_str_freep) char *got = NULL;
	struct taker taker = { .refuses = row->refuses };
	struct sp_error err = SP_ERROR_INIT;
	SP_AUTO(sp_closep) int fd = make_rpm(row);
	int r;

	for (size_t i = 0; i < MAX_ENTRIES && row->wanted[i]; i++)
		assert_int_equal(sp_strv_add(&wanted, row->wanted[i], &err), 0);
	sp_strbuf_add(&taker.got, "%s", "");
	r = sp_payload_read_fd(fd, &wanted, MAX_BYTES, take, &taker, &err);
	if (r != row->want)
		fail_msg("%d (%s), not %d", r, err.text, row->want);
	if (row->text && !strstr(err.text, row->text))
		fail_msg("'%s' does not say '%s'", err.text, row->text);
	got = sp_strbuf_take(&taker.got);
	if (row->got)
		assert_string_equal(got, row->got);
}

int main(void)
{
	return table_run("payload", rows, hands_over_as_table_says);
}
