/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One good pack, made bad in one place at a time, its digests made right again, so that
 * each layer meets what the one before it would have kept away. */
#include "support/kit.h"

#include <time.h>

/* ---- ways to spoil it ------------------------------------------------------ */

static void cut_short(struct kit *kit, enum part part)
{
	kit->lens[part] -= 20;
	kit->texts[part][kit->lens[part]] = '\0';
}

static void make_empty(struct kit *kit, enum part part)
{
	set(kit, part, strdup(""), 0);
}

static void remove_it(struct kit *kit, enum part part)
{
	kit->missing[part] = true;
}

static void change_after(struct kit *kit, enum part part)
{
	(void)part;
	kit->missing[PRIMARY] = true;
}

/* Text with a great deal of @word where its first @before stands. */
static void stuff(struct kit *kit, enum part part, const char *before, const char *format,
		  unsigned n)
{
	struct sp_strbuf text = { 0 };
	const char *at = strstr(kit->texts[part], before);

	assert_non_null(at);
	sp_strbuf_add_bytes(&text, kit->texts[part], (size_t)(at - kit->texts[part]));
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	for (unsigned i = 0; i < n; i++)
		sp_strbuf_add(&text, format, i);
#pragma GCC diagnostic pop
	sp_strbuf_add(&text, "%s", at);
	set(kit, part, text.text, text.len);
}

static void many_attributes(struct kit *kit, enum part part)
{
	stuff(kit, part, " name-label", " a%u=\"\"", 200000);
}

static void many_attributes_within(struct kit *kit, enum part part)
{
	stuff(kit, part, " name-label", " a%u=\"\"", 6000);
}

static void many_attributes_in_primary(struct kit *kit, enum part part)
{
	stuff(kit, part, " type=\"rpm\"", " a%u=\"\"", 100000);
}

static void deep(struct kit *kit, enum part part)
{
	stuff(kit, part, "<name-description", "<d%u>", 1000);
}

static void deep_in_primary(struct kit *kit, enum part part)
{
	stuff(kit, part, "<package", "<d%u>", 100000);
}

static void many_packages(struct kit *kit, enum part part)
{
	stuff(kit, part, "</metadata>",
	      "<package type=\"rpm\"><name>p%u</name><arch>noarch</arch><version epoch=\"0\" "
	      "ver=\"1\" rel=\"1\"/><checksum type=\"sha256\" pkgid=\"YES\">0123456789abcdef"
	      "0123456789abcdef0123456789abcdef0123456789abcdef</checksum><size "
	      "package=\"1\"/><location href=\"p%1$u\"/><format/></package>",
	      5000);
}

static void many_requires(struct kit *kit, enum part part)
{
	stuff(kit, part, "</rpm:requires>", "<rpm:entry name=\"r%u\"/>", 70000);
}

static void many_files(struct kit *kit, enum part part)
{
	stuff(kit, part, "</package>", "<file>/lib/modules/4.19.0+1/x%u.ko</file>",
	      17000);
}

static void twice(struct kit *kit, enum part part)
{
	const char *from = strstr(kit->texts[part], "<package ");
	const char *to = strstr(from, "</package>") + strlen("</package>");

	set(kit, part,
	    sp_text_format("%.*s%.*s%s", (int)(from - kit->texts[part]), kit->texts[part],
			   (int)(to - from), from, from),
	    strlen(kit->texts[part]) + (size_t)(to - from));
}

static void nul_byte(struct kit *kit, enum part part)
{
	kit->texts[part][kit->lens[part] / 2] = '\0';
}

static void pad_with_blanks(struct kit *kit, enum part part)
{
	size_t len = kit->lens[part];
	char *text = malloc(len + (300 << 10));

	memset(text, ' ', len + (300 << 10));
	memcpy(text, kit->texts[part], len);
	set(kit, part, text, len + (300 << 10));
}

static void expand_entities(struct kit *kit, enum part part)
{
	static const char laughs[] =
		"<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\">"
		"<!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\">"
		"<!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;\">"
		"<!ENTITY d \"&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;\">"
		"<!ENTITY e \"&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;\">"
		"<!ENTITY f \"&e;&e;&e;&e;&e;&e;&e;&e;&e;&e;&e;&e;&e;&e;&e;&e;\">]>";
	const char *text = kit->texts[part];
	const char *body = strstr(text, "<comps");

	body = body ? body : strstr(text, "<metadata");
	body = body ? body : strstr(text, "<update");
	set(kit, part, sp_text_format("%s%s", laughs, body),
	    sizeof laughs - 1 + strlen(body));
	body = strchr(strstr(kit->texts[part], "]>") + 3, '>') + 1;
	set(kit, part,
	    sp_text_format("%.*s<name>&f;</name>%s", (int)(body - kit->texts[part]),
			   kit->texts[part], body),
	    kit->lens[part] + strlen("<name>&f;</name>"));
}

static void bomb_gz(struct kit *kit, enum part part)
{
	pack_by(kit, part, "{ cat in; head -c 4M /dev/zero | tr '\\0' ' '; } | gzip -9");
}

static void bomb_xz(struct kit *kit, enum part part)
{
	pack_by(kit, part, "{ cat in; head -c 4M /dev/zero | tr '\\0' ' '; } | xz -6");
}

static void bomb_zst(struct kit *kit, enum part part)
{
	pack_by(kit, part, "{ cat in; head -c 4M /dev/zero | tr '\\0' ' '; } | zstd -q");
}

static void bomb_bz2(struct kit *kit, enum part part)
{
	pack_by(kit, part, "{ cat in; head -c 4M /dev/zero | tr '\\0' ' '; } | bzip2");
}

static void gz_within_gz(struct kit *kit, enum part part)
{
	pack_by(kit, part, "gzip <in | gzip");
}

static void gz_cut(struct kit *kit, enum part part)
{
	pack_by(kit, part, "gzip <in | head -c 300");
}

static void gz_with_more(struct kit *kit, enum part part)
{
	pack_by(kit, part, "gzip <in; echo more");
}

static void gz_flipped(struct kit *kit, enum part part)
{
	pack_by(kit, part, "gzip <in");
	kit->texts[part][kit->lens[part] / 2] ^= 0x10;
}

/* ---- rows ------------------------------------------------------------------ */

#define DAMAGED "damaged-metadata"
#define LIMIT "limit-exceeded"
#define UNSAFE "unsafe-path"
#define CHECKSUM "<checksum type=\"sha256\" pkgid=\"YES\">"

static const struct row {
	const char *name;
	enum part part;
	change_fn spoil;       /* or: */
	const char *from, *to; /* of the text */
	const char *code;
} rows[] = {
	// clang-format off
	{ "nothing",                      UPDATE, .code = NULL },

	{ "update: empty",                UPDATE, make_empty, .code = DAMAGED },
	{ "update: cut short",            UPDATE, cut_short, .code = DAMAGED },
	{ "update: a NUL",                UPDATE, nul_byte, .code = DAMAGED },
	{ "update: too large",            UPDATE, pad_with_blanks, .code = LIMIT },
	{ "update: 200,000 attributes",   UPDATE, many_attributes, .code = LIMIT },
	{ "update: 6,000 attributes",     UPDATE, many_attributes_within, .code = NULL },
	{ "update: nested deeply",        UPDATE, deep, .code = DAMAGED },
	{ "update: a document type",      UPDATE, .from = "<update", .to = "<!DOCTYPE update SYSTEM \"file:///etc/passwd\"><update", .code = DAMAGED },
	{ "update: entities",             UPDATE, expand_entities, .code = DAMAGED },
	{ "update: undeclared entity",    UPDATE, .from = "Test driver", .to = "&x;", .code = DAMAGED },
	{ "update: no UTF-8",             UPDATE, .from = "Test driver", .to = "\xff\xfe", .code = DAMAGED },
	{ "update: another document",     UPDATE, .from = "<update", .to = "<x/><update", .code = DAMAGED },
	{ "update: another root",         UPDATE, .from = "uuid=", .to = "guid=", .code = DAMAGED },
	{ "update: uuid twice",           UPDATE, .from = "uuid=", .to = "uuid=\"\" uuid=", .code = DAMAGED },
	{ "update: uuid a path",          UPDATE, .from = "uuid=\"5ab1f3c0-2d1e", .to = "uuid=\"../../../etc/", .code = DAMAGED },
	{ "update: uuid in capitals",     UPDATE, .from = "uuid=\"5ab1f3c0", .to = "uuid=\"5AB1F3C0", .code = DAMAGED },
	{ "update: label a path",         UPDATE, .from = "name-label=\"", .to = "name-label=\"../", .code = DAMAGED },
	{ "update: label an option",      UPDATE, .from = "name-label=\"", .to = "name-label=\"--root=", .code = DAMAGED },
	{ "update: no version",           UPDATE, .from = "version=\"1.0\"", .to = "", .code = DAMAGED },
	{ "update: no description",       UPDATE, .from = "name-description>Test driver disk for test</name-description", .to = "x/", .code = DAMAGED },
	{ "update: a size that is none",  UPDATE, .from = "installation-size=\"", .to = "installation-size=\"-", .code = DAMAGED },

	{ "repomd: cut short",            REPOMD, .from = "</repomd>", .to = "", .code = DAMAGED },
	{ "repomd: a document type",      REPOMD, .from = "<repomd", .to = "<!DOCTYPE x><repomd", .code = DAMAGED },
	{ "repomd: something else",       REPOMD, .from = "<repomd xmlns=\"http://linux.duke.edu/metadata/repo\">", .to = "<repomd/><x>", .code = DAMAGED },
	{ "repomd: no primary",           REPOMD, .from = "type=\"primary\"", .to = "type=\"primary_db\"", .code = DAMAGED },
	{ "repomd: two primaries",        REPOMD, .from = "type=\"filelists\"", .to = "type=\"primary\"", .code = DAMAGED },
	{ "repomd: primary is another",   REPOMD, .from = "href=\"repodata/primary\"", .to = "href=\"repodata/filelists\"", .code = DAMAGED },
	{ "repomd: md5",                  REPOMD, .from = "<checksum type=\"sha256\">", .to = "<checksum type=\"md5\">", .code = DAMAGED },
	{ "repomd: sha1",                 REPOMD, .from = "<checksum type=\"sha256\">", .to = "<checksum type=\"sha\">", .code = DAMAGED },
	{ "repomd: sha512 by name only",  REPOMD, .from = "<checksum type=\"sha256\">", .to = "<checksum type=\"sha512\">", .code = DAMAGED },
	{ "repomd: no checksum",          REPOMD, .from = "checksum", .to = "chucksum", .code = DAMAGED },
	{ "repomd: a checksum too long",  REPOMD, .from = "</checksum>", .to = "0</checksum>", .code = DAMAGED },
	{ "repomd: climbing",             REPOMD, .from = "href=\"repodata/primary", .to = "href=\"../good/repodata/primary", .code = UNSAFE },
	{ "repomd: climbing inside",      REPOMD, .from = "href=\"repodata/primary", .to = "href=\"repodata/../repodata/primary", .code = UNSAFE },
	{ "repomd: absolute",             REPOMD, .from = "href=\"repodata/primary", .to = "href=\"/etc/passwd", .code = UNSAFE },
	{ "repomd: empty part",           REPOMD, .from = "href=\"repodata/primary", .to = "href=\"repodata//primary", .code = UNSAFE },
	{ "repomd: no location",          REPOMD, .from = "<location", .to = "<lacation", .code = DAMAGED },
	{ "repomd: a size that is none",  REPOMD, .from = "<size>", .to = "<size>-", .code = DAMAGED },
	{ "repomd: another size",         REPOMD, .from = "<size>", .to = "<size>1", .code = DAMAGED },

	{ "primary: missing",             PRIMARY, remove_it, .code = DAMAGED },
	{ "primary: empty",               PRIMARY, make_empty, .code = DAMAGED },
	{ "primary: cut short",           PRIMARY, cut_short, .code = DAMAGED },
	{ "primary: a NUL",               PRIMARY, nul_byte, .code = DAMAGED },
	{ "primary: entities",            PRIMARY, expand_entities, .code = DAMAGED },
	{ "primary: a gz bomb",           PRIMARY, bomb_gz, .code = LIMIT },
	{ "primary: an xz bomb",          PRIMARY, bomb_xz, .code = LIMIT },
	{ "primary: a zstd bomb",         PRIMARY, bomb_zst, .code = LIMIT },
	{ "primary: a bz2 bomb",          PRIMARY, bomb_bz2, .code = LIMIT },
	{ "primary: gz within gz",        PRIMARY, gz_within_gz, .code = DAMAGED },
	{ "primary: gz cut short",        PRIMARY, gz_cut, .code = DAMAGED },
	{ "primary: gz and more",         PRIMARY, gz_with_more, .code = DAMAGED },
	{ "primary: gz flipped",          PRIMARY, gz_flipped, .code = DAMAGED },
	{ "primary: 5,000 packages",      PRIMARY, many_packages, .code = LIMIT },
	{ "primary: 70,000 requirements", PRIMARY, many_requires, .code = LIMIT },
	{ "primary: 100,000 attributes",  PRIMARY, many_attributes_in_primary, .code = NULL },
	{ "primary: nested deeply",       PRIMARY, deep_in_primary, .code = DAMAGED },
	{ "primary: a package twice",     PRIMARY, twice, .code = DAMAGED },
	{ "primary: md5",                 PRIMARY, .from = CHECKSUM, .to = "<checksum type=\"md5\" pkgid=\"YES\">", .code = DAMAGED },
	{ "primary: sha1",                PRIMARY, .from = CHECKSUM, .to = "<checksum type=\"sha\" pkgid=\"YES\">", .code = DAMAGED },
	{ "primary: no checksum",         PRIMARY, .from = CHECKSUM, .to = "<chucksum>", .code = DAMAGED },
	{ "primary: another checksum",    PRIMARY, .from = CHECKSUM, .to = CHECKSUM "0", .code = DAMAGED },
	{ "primary: no name",             PRIMARY, .from = "<name>test-test</name>", .to = "", .code = DAMAGED },
	{ "primary: a name with a slash", PRIMARY, .from = "<name>test-test", .to = "<name>../../x", .code = DAMAGED },
	{ "primary: a name of an option", PRIMARY, .from = "<name>test-test", .to = "<name>--force", .code = DAMAGED },
	{ "primary: a name with escapes", PRIMARY, .from = "<name>test-test", .to = "<name>\xc2\x9b" "2J", .code = DAMAGED },
	{ "primary: no architecture",     PRIMARY, .from = "<arch>x86_64</arch>", .to = "", .code = "nevra-mismatch" },
	{ "primary: another architecture", PRIMARY, .from = "<arch>x86_64", .to = "<arch>aarch64", .code = "nevra-mismatch" },
	{ "primary: another name",        PRIMARY, .from = "<name>test-test", .to = "<name>other", .code = "nevra-mismatch" },
	{ "primary: another version",     PRIMARY, .from = "ver=\"1.0\"", .to = "ver=\"2.0\"", .code = "nevra-mismatch" },
	{ "primary: another release",     PRIMARY, .from = "rel=\"1\"", .to = "rel=\"2\"", .code = "nevra-mismatch" },
	{ "primary: another epoch",       PRIMARY, .from = "epoch=\"0\"", .to = "epoch=\"1\"", .code = "nevra-mismatch" },
	{ "primary: climbing",            PRIMARY, .from = "href=\"" DRIVER, .to = "href=\"../" DRIVER, .code = UNSAFE },
	{ "primary: climbing later",      PRIMARY, .from = "href=\"" DRIVER, .to = "href=\"Packages/../../x", .code = UNSAFE },
	{ "primary: absolute",            PRIMARY, .from = "href=\"" DRIVER, .to = "href=\"/etc/shadow", .code = UNSAFE },
	{ "primary: elsewhere",           PRIMARY, .from = "<location href=\"" DRIVER, .to = "<location xml:base=\"http://x/\" href=\"" DRIVER, .code = DAMAGED },
	{ "primary: no location",         PRIMARY, .from = "<location href=\"" DRIVER "\"", .to = "<lacation", .code = DAMAGED },
	{ "primary: another's file",      PRIMARY, .from = "href=\"" DRIVER, .to = "href=\"Packages/update-test-test-1.0-1.noarch.rpm", .code = DAMAGED },
	{ "primary: missing file",        PRIMARY, .from = "href=\"" DRIVER, .to = "href=\"Packages/x.rpm", .code = "missing-package" },
	{ "primary: no size",             PRIMARY, .from = "<size package=", .to = "<size packet=", .code = DAMAGED },
	{ "primary: larger than it is",   PRIMARY, .from = "<size package=\"", .to = "<size package=\"1", .code = "damaged-package" },
	{ "primary: larger than anything", PRIMARY, .from = "<size package=\"", .to = "<size package=\"99999999999", .code = LIMIT },

	{ "filelists: missing",           FILELISTS, remove_it, .code = DAMAGED },
	{ "filelists: cut short",         FILELISTS, cut_short, .code = DAMAGED },
	{ "filelists: a bomb",            FILELISTS, bomb_gz, .code = LIMIT },
	{ "filelists: 17,000 modules",    FILELISTS, many_files, .code = LIMIT },
	{ "filelists: a module that is not there", FILELISTS, .from = "test.ko", .to = "toast.ko", .code = NULL },

	{ "groups: missing",              GROUPS, remove_it, .code = DAMAGED },
	{ "groups: cut short",            GROUPS, cut_short, .code = DAMAGED },
	{ "groups: entities",             GROUPS, expand_entities, .code = DAMAGED },
	{ "groups: a bomb",               GROUPS, bomb_xz, .code = LIMIT },
	{ "metadata changed on the way",  UPDATE, change_after, .code = DAMAGED },
	// clang-format on
};

/* ---- reading it ------------------------------------------------------------ */

static void is_told(void **state)
{
	const struct row *row = *state;
	SP_AUTO(kit_done) struct kit kit = { 0 };
	SP_AUTO(seen_done) struct seen seen = { 0 };
	SP_AUTO(sp_str_freep) char *repomd = NULL;
	clock_t before;

	load_kit(&kit);
	if (row->spoil)
		row->spoil(&kit, row->part);
	else if (row->part != REPOMD && row->from) {
		char *text = replaced(kit.texts[row->part], row->from, row->to);

		set(&kit, row->part, text, strlen(text));
	}
	repomd = describe(&kit);
	if (row->part == REPOMD) {
		char *text = replaced(repomd, row->from, row->to);

		free(repomd);
		repomd = text;
	}
	before = clock();
	read_kit(&kit, repomd, NULL, &seen);
	if (getenv("SHOW"))
		show(&seen);
	assert_true(clock() - before < 10 * CLOCKS_PER_SEC); /* what a worker has */
	if (!row->code && !has_refusal(&seen))
		return;
	if (!row->code || !has_code(&seen, row->code)) {
		show(&seen);
		fail_msg("not as it should be");
	}
}

int main(void)
{
	return table_run("hostile", rows, is_told);
}
