/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packs that look strange and are valid: other tools, other habits, other media.  Every one
 * of them must be taken, whole. */
#include "support/kit.h"

#include <ctype.h>

/* ---- the texts ----------------------------------------------------------------- */

static void replace_all(struct kit *kit, enum part part, const char *from, const char *to)
{
	struct sp_strbuf text = { 0 };
	const char *at = kit->texts[part], *next;
	char *all;

	while ((next = strstr(at, from))) {
		sp_strbuf_add_bytes(&text, at, (size_t)(next - at));
		sp_strbuf_add(&text, "%s", to);
		at = next + strlen(from);
	}
	sp_strbuf_add(&text, "%s", at);
	all = sp_strbuf_take(&text);
	set(kit, part, all, strlen(all));
}

static void with_crlf(struct kit *kit, enum part part)
{
	replace_all(kit, part, "\n", "\r\n");
}

static void with_single_quotes(struct kit *kit, enum part part)
{
	replace_all(kit, part, "\"", "'");
}

static void on_one_line(struct kit *kit, enum part part)
{
	replace_all(kit, part, "\n", " ");
}

static void with_a_long_description(struct kit *kit, enum part part)
{
	SP_AUTO(sp_str_freep) char *text = malloc(100001);

	memset(text, 'x', 100000);
	text[100000] = '\0';
	replace_all(kit, part, "Kernel modules test-test.", text);
}

/* The first package becomes the last. */
static void in_another_order(struct kit *kit, enum part part)
{
	const char *all = kit->texts[part];
	const char *first = strstr(all, "<package ");
	const char *second = strstr(first + 1, "<package ");
	const char *end = strrchr(all, '<');
	char *text = sp_text_format("%.*s%.*s%.*s%s", (int)(first - all), all,
				    (int)(end - second), second, (int)(second - first),
				    first, end);

	set(kit, part, text, strlen(text));
}

static void with_capital_digests(struct kit *kit, enum part part)
{
	char *at = kit->texts[part];

	while ((at = strstr(at, "pkgid=\"YES\">")))
		for (at += strlen("pkgid=\"YES\">"); *at != '<'; at++)
			*at = (char)toupper((unsigned char)*at);
}

#define PACKED_BY(name, command)                          \
	static void name(struct kit *kit, enum part part) \
	{                                                 \
		pack_by(kit, part, command " <in");       \
	}

PACKED_BY(as_gz, "gzip")
PACKED_BY(as_gz_with_name, "gzip -1 -N")
PACKED_BY(as_xz, "xz")
PACKED_BY(as_xz_crc32, "xz --check=crc32")
PACKED_BY(as_zst, "zstd -q -19")
PACKED_BY(as_bz2, "bzip2")

/* ---- the list of them ------------------------------------------------------------ */

/* "primary" and the others with digests of another kind. */
static char *describe_with(const struct kit *kit, enum sp_digest_kind kind,
			   bool backwards)
{
	struct sp_strbuf text = { 0 };
	struct sp_error err = SP_ERROR_INIT;

	sp_strbuf_add(&text, "<repomd>");
	for (size_t i = PRIMARY; i < N_TEXTS; i++) {
		SP_AUTO(sp_digest_freep) struct sp_digest *digest = NULL;
		size_t part = backwards ? N_TEXTS - i : i;
		char hex[SP_DIGEST_HEX_SIZE];

		assert_int_equal(sp_digest_new(kind, &digest, &err), 0);
		sp_digest_add(digest, kit->texts[part], kit->lens[part]);
		assert_int_equal(sp_digest_take(digest, hex, &err), 0);
		sp_strbuf_add(&text,
			      "<data type='%s'><location href='repodata/%s'/>"
			      "<checksum type='%s'>%s</checksum></data>",
			      names[part], names[part], sp_digest_kind_name(kind), hex);
	}
	sp_strbuf_add(&text, "</repomd>");
	return sp_strbuf_take(&text);
}

static char *with_sha384(const struct kit *kit)
{
	return describe_with(kit, SP_DIGEST_SHA384, false);
}

static char *with_sha512(const struct kit *kit)
{
	return describe_with(kit, SP_DIGEST_SHA512, false);
}

static char *backwards(const struct kit *kit)
{
	return describe_with(kit, SP_DIGEST_SHA256, true);
}

static char *in_capitals(const struct kit *kit)
{
	char *text = describe(kit);
	char *at = text;

	while ((at = strstr(at, "sha256\">")))
		for (at += strlen("sha256\">"); *at != '<'; at++)
			*at = (char)toupper((unsigned char)*at);
	return text;
}

/* ---- what else is on the medium ---------------------------------------------------- */

#define ARRANGED_BY(name, command)                                             \
	static void name(const char *dir)                                      \
	{                                                                      \
		SP_AUTO(sp_str_freep)                                          \
		char *text = sp_text_format("cd %s && { %s; }", dir, command); \
                                                                               \
		run_command(text);                                             \
	}

ARRANGED_BY(has_readme, "echo hello >README.txt")
ARRANGED_BY(has_empty_file, ": >empty; : >Packages/empty")
ARRANGED_BY(has_hidden_files, "echo x >.hidden; mkdir .Trash-0; echo x >.Trash-0/x")
ARRANGED_BY(has_spaces, "echo x >'a name with spaces'; mkdir ' '; echo x >' /x'")
ARRANGED_BY(has_unicode, "echo x >'\303\244\303\266\303\274.txt'; mkdir '\346\274\242'")
ARRANGED_BY(has_bytes, "touch \"$(printf 'a\\377b')\" \"$(printf 'a\\033b')\"")
ARRANGED_BY(has_hard_link, "ln " DRIVER " Packages/again")
ARRANGED_BY(has_broken_link, "ln -s nowhere link; ln -s / root; ln -s . self")
ARRANGED_BY(has_fifo, "mkfifo fifo Packages/fifo")
ARRANGED_BY(has_directory_like_package, "mkdir Packages/x.rpm repodata/x.xml")
ARRANGED_BY(has_large_hole, "truncate -s 3G hole")
ARRANGED_BY(has_many_files, "mkdir docs; cd docs; seq 1000 | xargs touch")
ARRANGED_BY(has_deep_directory, "mkdir -p a/b/c/d/e/f/g/h; echo x >a/b/c/d/e/f/g/h/i")
ARRANGED_BY(has_old_databases, "echo x >repodata/primary.sqlite.bz2")
ARRANGED_BY(has_old_metadata, "cp repodata/primary repodata/0123-primary.xml")
ARRANGED_BY(has_backup, "cp update.xml update.xml~; cp update.xml update.xml.bak")
ARRANGED_BY(is_all_executable, "chmod -R a+x .")
ARRANGED_BY(is_from_the_future, "find . -exec touch -d 2099-01-01 {} +")
ARRANGED_BY(is_from_the_past, "find . -exec touch -d 1970-01-01 {} +")
ARRANGED_BY(is_read_only, "find . -type f -exec chmod a-w {} +")
ARRANGED_BY(has_long_name, "touch $(printf '%0250d' 0)")
ARRANGED_BY(has_lost_and_found, "mkdir lost+found 'System Volume Information'")
ARRANGED_BY(has_packages_elsewhere, "mkdir -p x/y; mv Packages/test-test* x/y/")
ARRANGED_BY(has_packages_at_top, "mv Packages/test-test* .")

/* ---- rows ------------------------------------------------------------------------ */

#define DOCTYPE \
	"<!DOCTYPE comps PUBLIC \"-//Red Hat, Inc.//DTD Comps info//EN\" \"comps.dtd\">"
#define GROUP(id) "<comps><group><id>" id "</id><name>x</name><packagelist>"
#define REQ(type) "<packagereq type=\"" type "\">test-test</packagereq>"
#define UUID "uuid=\"5ab1f3c0-2d1e-4c55-9e0b-6d1f0a5e0001\""

static const struct row {
	const char *name;
	enum part part;
	change_fn change;
	const char *from, *to;
	char *(*describe)(const struct kit *kit);
	void (*arrange)(const char *dir);
	bool no_drivers; /* not in the groups: no driver disk */
} rows[] = {
	// clang-format off
	{ "nothing odd", .change = NULL },

	{ "update: a declaration",      UPDATE, .from = "<update", .to = "<?xml version='1.0' encoding='utf-8' standalone='yes'?>\n<update" },
	{ "update: a byte order mark",  UPDATE, .from = "<update", .to = "\xef\xbb\xbf<update" },
	{ "update: a comment first",    UPDATE, .from = "<update", .to = "<!-- made by hand -->\n<update" },
	{ "update: a comment within",   UPDATE, .from = "<name-d", .to = "<!-- < & > --><name-d" },
	{ "update: an instruction",     UPDATE, .from = "<update", .to = "<?xml-stylesheet href='x'?><update" },
	{ "update: CRLF",               UPDATE, .change = with_crlf },
	{ "update: single quotes",      UPDATE, .change = with_single_quotes },
	{ "update: on one line",        UPDATE, .change = on_one_line },
	{ "update: blank lines first",  UPDATE, .from = "<update", .to = "\n \n\t<update" },
	{ "update: blank lines last",   UPDATE, .from = "</update>", .to = "</update>\n\n\n<!-- end -->\n" },
	{ "update: a namespace",        UPDATE, .from = "<update", .to = "<update xmlns='http://x/' xmlns:y='http://y/' y:z='1'" },
	{ "update: unknown attribute",  UPDATE, .from = "<update", .to = "<update colour='red'" },
	{ "update: unknown element",    UPDATE, .from = "<name-d", .to = "<url>http://x/</url><name-d" },
	{ "update: empty description",  UPDATE, .from = "Test driver disk for test", .to = "" },
	{ "update: CDATA",              UPDATE, .from = "Test driver disk for test", .to = "<![CDATA[<b> & </b>]]>" },
	{ "update: characters by number", UPDATE, .from = "Test driver", .to = "&lt;&#65;&amp;&#x263a;&gt;" },
	{ "update: other alphabets",    UPDATE, .from = "Test driver", .to = "Драйвер 驅動程式 \xf0\x9f\x90\x84" },
	{ "update: no key",             UPDATE, .from = "key=\"RPM-GPG-KEY-good\"", .to = "" },
	{ "update: no control package", UPDATE, .from = "control=\"control-test-test\"", .to = "" },
	{ "update: no size",            UPDATE, .from = "installation-size=\"752\"", .to = "" },
	{ "update: of no size",         UPDATE, .from = "installation-size=\"752\"", .to = "installation-size=\"0\"" },
	{ "update: of a great size",    UPDATE, .from = "installation-size=\"752\"", .to = "installation-size=\"9000000000000\"" },
	{ "update: a version of signs", UPDATE, .from = " version=\"1.0\"", .to = " version=\"2:1.0~rc1^git.7-3_x+y\"" },
	{ "update: a label of signs",   UPDATE, .from = "name-label=\"test-test", .to = "name-label=\"Test.pack_2+x-test" },
	{ "update: other guidance",     UPDATE, .from = "<update", .to = "<update after-apply-guidance='restartSomethingNew'" },
	{ "update: for all hosts",      UPDATE, .from = "<update", .to = "<update enforce-homogeneity='true'" },
	{ "update: rolls up others",    UPDATE, .from = "<name-d", .to = "<rollsup " UUID "/><rollsup uuid='x'/><name-d" },

	{ "repomd: sha384",             .describe = with_sha384 },
	{ "repomd: sha512",             .describe = with_sha512 },
	{ "repomd: backwards",          .describe = backwards },
	{ "repomd: capital digits",     .describe = in_capitals },
	{ "repomd: more kinds",         REPOMD, .from = "<data type=\"primary\"", .to = "<data type=\"updateinfo\"><location href=\"../x\"/></data><data type=\"primary\"" },
	{ "repomd: more elements",      REPOMD, .from = "<data type=\"primary\">", .to = "<revision>7</revision><tags><distro>x</distro></tags><data type=\"primary\"><timestamp>1.5</timestamp>" },
	{ "repomd: a declaration",      REPOMD, .from = "<repomd", .to = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<repomd xmlns:rpm=\"x\"" },
	{ "repomd: blanks in a digest", REPOMD, .from = "<checksum type=\"sha256\">", .to = "<checksum type=\"sha256\">\n  " },
	{ "repomd: groups of another name", REPOMD, .from = "type=\"group\"", .to = "type=\"group_xz\"" },
	{ "repomd: no groups",          REPOMD, .from = "type=\"group\"", .to = "type=\"modules\"", .no_drivers = true },

	{ "primary: gz",                PRIMARY, .change = as_gz },
	{ "primary: gz, named",         PRIMARY, .change = as_gz_with_name },
	{ "primary: xz",                PRIMARY, .change = as_xz },
	{ "primary: xz, crc32",         PRIMARY, .change = as_xz_crc32 },
	{ "primary: zst",               PRIMARY, .change = as_zst },
	{ "primary: bz2",               PRIMARY, .change = as_bz2 },
	{ "primary: another order",     PRIMARY, .change = in_another_order },
	{ "primary: CRLF",              PRIMARY, .change = with_crlf },
	{ "primary: on one line",       PRIMARY, .change = on_one_line },
	{ "primary: single quotes",     PRIMARY, .change = with_single_quotes },
	{ "primary: capital digits",    PRIMARY, .change = with_capital_digests },
	{ "primary: a comment",         PRIMARY, .from = "<package", .to = "<!-- x --><package" },
	{ "primary: wrong count",       PRIMARY, .from = "packages=\"3\"", .to = "packages=\"2\"" },
	{ "primary: no count",          PRIMARY, .from = " packages=\"3\"", .to = "" },
	{ "primary: unknown element",   PRIMARY, .from = "<summary>", .to = "<changes/><summary>" },
	{ "primary: no summary",        PRIMARY, .from = "<summary>Driver test-test for kernel 4.19.0+1</summary>", .to = "" },
	{ "primary: a long description", PRIMARY, .change = with_a_long_description },
	{ "primary: other alphabets",   PRIMARY, .from = "Kernel modules", .to = "Модули 模組" },
	{ "primary: more relations",    PRIMARY, .from = "<rpm:provides>", .to = "<rpm:recommends><rpm:entry name=\"x\"/></rpm:recommends><rpm:supplements><rpm:entry name=\"(a or b)\"/></rpm:supplements><rpm:provides>" },
	{ "primary: a rich relation",   PRIMARY, .from = "<rpm:entry name=\"vendor-driver\"/>", .to = "<rpm:entry name=\"x(y) = z\"/>" },
	{ "primary: no relations",      PRIMARY, .from = "<rpm:entry name=\"vendor-driver\"/>", .to = "" },
	{ "primary: no time",           PRIMARY, .from = "<time file=\"1700000000\" build=\"1700000000\"/>", .to = "" },
	{ "primary: no licence",        PRIMARY, .from = "<rpm:license>GPL</rpm:license>", .to = "" },
	{ "primary: files, too",        PRIMARY, .from = "</format>", .to = "<file>/etc/x</file><file type=\"dir\">/lib</file></format>" },
	{ "primary: packages at the top", PRIMARY, .from = "href=\"Packages/test-test", .to = "href=\"test-test", .arrange = has_packages_at_top },
	{ "primary: a dot first",       PRIMARY, .from = "href=\"" DRIVER, .to = "href=\"./" DRIVER },
	{ "primary: packages elsewhere", PRIMARY, .from = "href=\"Packages/test-test", .to = "href=\"x/y/test-test", .arrange = has_packages_elsewhere },

	{ "filelists: gz",              FILELISTS, .change = as_gz },
	{ "filelists: xz",              FILELISTS, .change = as_xz },
	{ "filelists: zst",             FILELISTS, .change = as_zst },
	{ "filelists: bz2",             FILELISTS, .change = as_bz2 },
	{ "filelists: another order",   FILELISTS, .change = in_another_order },
	{ "filelists: ghosts and directories", FILELISTS, .from = "<file>", .to = "<file type=\"dir\">/lib/modules/4.19.0+1/updates</file><file type=\"ghost\">/var/x</file><file>" },
	{ "filelists: names of signs",  FILELISTS, .from = "<file>", .to = "<file>/usr/share/doc/a b&amp;c/\xc3\xa4 (1).txt</file><file>" },
	{ "filelists: CRLF",            FILELISTS, .change = with_crlf },

	{ "groups: gz",                 GROUPS, .change = as_gz },
	{ "groups: xz",                 GROUPS, .change = as_xz },
	{ "groups: zst",                GROUPS, .change = as_zst },
	{ "groups: bz2",                GROUPS, .change = as_bz2 },
	{ "groups: CRLF",               GROUPS, .change = with_crlf },
	{ "groups: no document type",   GROUPS, .from = DOCTYPE, .to = "" },
	{ "groups: translations",       GROUPS, .from = "<name></name>", .to = "<name>x</name><name xml:lang=\"de\">Treiber</name>" },
	{ "groups: a description",      GROUPS, .from = "<description/>", .to = "<description>a &lt;b&gt;</description>" },
	{ "groups: an empty group",     GROUPS, .from = "<comps>", .to = "<comps><group><id>x</id></group>" },
	{ "groups: an empty list",      GROUPS, .from = "<comps>", .to = GROUP("x") "</packagelist></group>" },
	{ "groups: optional packages",  GROUPS, .from = "<comps>", .to = GROUP("x") REQ("optional") REQ("default") REQ("conditional") "</packagelist></group>" },
	{ "groups: a package nobody has", GROUPS, .from = "<comps>", .to = GROUP("x") "<packagereq>nobody</packagereq></packagelist></group>" },
	{ "groups: a category",         GROUPS, .from = "</comps>", .to = "<category><id>c</id><grouplist><groupid>drivers</groupid></grouplist></category></comps>" },
	{ "groups: an environment",     GROUPS, .from = "</comps>", .to = "<environment><id>e</id></environment><langpacks/></comps>" },
	{ "groups: drivers twice",      GROUPS, .from = "<comps>", .to = GROUP("drivers") REQ("mandatory") "</packagelist></group>" },
	{ "groups: no drivers",         GROUPS, .from = "<id>drivers</id>", .to = "<id>others</id>", .no_drivers = true },

	{ "medium: a readme",           .arrange = has_readme },
	{ "medium: empty files",        .arrange = has_empty_file },
	{ "medium: hidden files",       .arrange = has_hidden_files },
	{ "medium: spaces",             .arrange = has_spaces },
	{ "medium: other alphabets",    .arrange = has_unicode },
	{ "medium: names of bytes",     .arrange = has_bytes },
	{ "medium: a hard link",        .arrange = has_hard_link },
	{ "medium: links to nowhere",   .arrange = has_broken_link },
	{ "medium: a FIFO",             .arrange = has_fifo },
	{ "medium: a directory x.rpm",  .arrange = has_directory_like_package },
	{ "medium: a large hole",       .arrange = has_large_hole },
	{ "medium: many files",         .arrange = has_many_files },
	{ "medium: a deep directory",   .arrange = has_deep_directory },
	{ "medium: databases",          .arrange = has_old_databases },
	{ "medium: old metadata",       .arrange = has_old_metadata },
	{ "medium: an editor's backup", .arrange = has_backup },
	{ "medium: all executable",     .arrange = is_all_executable },
	{ "medium: from the future",    .arrange = is_from_the_future },
	{ "medium: from the past",      .arrange = is_from_the_past },
	{ "medium: read-only",          .arrange = is_read_only },
	{ "medium: a long name",        .arrange = has_long_name },
	{ "medium: of a Windows stick", .arrange = has_lost_and_found },
	// clang-format on
};

/* ---- reading it ------------------------------------------------------------------ */

static size_t count_verified(const struct sp_pack *pack)
{
	size_t n = 0;

	for (size_t i = 0; i < pack->n_packages; i++)
		n += pack->packages[i].verified;
	return n;
}

static void check_pack(const struct seen *seen, bool driver_disk)
{
	if (seen->packs.n != 1 || has_refusal(seen)) {
		show(seen);
		fail_msg("refused");
	}
	assert_int_equal(seen->packs.items[0].driver_disk, driver_disk);
	assert_int_equal(seen->packs.items[0].n_packages, 3);
	assert_int_equal(count_verified(&seen->packs.items[0]), 3);
	assert_int_equal(seen->packs.items[0].modules.n, 1);
	assert_string_equal(seen->packs.items[0].modules.items[0].name, "test");
}

static char *describe_row(const struct row *row, const struct kit *kit)
{
	char *text = row->describe ? row->describe(kit) : describe(kit), *other;

	if (row->part != REPOMD)
		return text;
	other = replaced(text, row->from, row->to);
	free(text);
	return other;
}

static void is_taken(void **state)
{
	const struct row *row = *state;
	SP_AUTO(kit_done) struct kit kit = { 0 };
	SP_AUTO(seen_done) struct seen seen = { 0 };
	SP_AUTO(sp_str_freep) char *repomd = NULL;

	load_kit(&kit);
	if (row->change)
		row->change(&kit, row->part);
	else if (row->part != REPOMD && row->from) {
		char *text = replaced(kit.texts[row->part], row->from, row->to);

		set(&kit, row->part, text, strlen(text));
	}
	repomd = describe_row(row, &kit);
	read_kit(&kit, repomd, row->arrange, &seen);
	check_pack(&seen, !row->no_drivers);
}

/* ---- images ---------------------------------------------------------------------- */

static const struct image_row {
	const char *name, *command; /* of "out" from the directory "in" */
} images[] = {
	// clang-format off
	{ "Rock Ridge",            "genisoimage -quiet -R -o out in" },
	{ "Rock Ridge, as it is",  "genisoimage -quiet -r -o out in" },
	{ "Joliet",                "genisoimage -quiet -J -joliet-long -o out in" },
	{ "both",                  "genisoimage -quiet -R -J -o out in" },
	{ "UDF beside",            "genisoimage -quiet -R -J -udf -o out in" },
	{ "ISO 9660:1999",         "genisoimage -quiet -iso-level 4 -R -o out in" },
	{ "no label",              "genisoimage -quiet -V '' -R -o out in" },
	{ "a label of signs",      "genisoimage -quiet -V 'my disk! #1' -R -o out in" },
	{ "not padded",            "genisoimage -quiet -no-pad -R -o out in" },
	{ "padded",                "genisoimage -quiet -R -o out in; truncate -s +1M out" },
	{ "something behind it",   "genisoimage -quiet -R -o out in; head -c 100000 /dev/urandom >>out" },
	{ "translation tables",    "genisoimage -quiet -R -T -o out in" },
	{ "xorriso's",             "xorriso -as mkisofs -quiet -R -o out in" },
	{ "xorriso's, both",       "xorriso -as mkisofs -quiet -R -J -o out in" },
	{ "a partition table",     "xorriso -as mkisofs -quiet -R -partition_offset 16 -o out in" },
	{ "MD5 tags",              "xorriso -as mkisofs -quiet -R --md5 -o out in" },
	{ "a second session",      "xorriso -outdev out -blank as_needed -map in / -commit -map /etc/hostname /more -commit >/dev/null 2>&1" },
	{ "a hard link",           "cp -rl in d; ln d/" DRIVER " d/x; genisoimage -quiet -R -cache-inodes -o out d" },
	{ "deep directories",      "cp -rl in d; mkdir -p d/1/2/3/4/5/6/7/8/9/10; echo >d/1/2/3/4/5/6/7/8/9/10/x; genisoimage -quiet -R -o out d" },
	{ "devices",               "cp -rl in d; mkfifo d/fifo; ln -s / d/root; genisoimage -quiet -R -o out d 2>/dev/null" },
	// clang-format on
};

static void image_is_taken(void **state)
{
	const struct image_row *row = *state;
	char dir[] = "/tmp/test-hostile.XXXXXX";
	SP_AUTO(sp_str_freep) char *command = NULL, *path = NULL;
	SP_AUTO(sp_tree_freep) struct sp_tree *tree = NULL;
	SP_AUTO(seen_done) struct seen seen = { 0 };
	SP_AUTO(sp_closep) int fd = -1;
	struct sp_error err = SP_ERROR_INIT;

	assert_non_null(mkdtemp(dir));
	command = sp_text_format("cd %s && cp -r %s/good in && rm in/*.asc in/*/*.asc",
				 dir, PACKS);
	run_command(command);
	free(command);
	command = sp_text_format("cd %s && %s", dir, row->command);
	run_command(command);
	path = sp_text_format("%s/out", dir);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_int_equal(sp_tree_open_iso(fd, &tree, &err), 0);
	read_all(tree, &seen);
	remove_dir(dir);
	check_pack(&seen, true);
}

int main(void)
{
	int failed = table_run("odd", rows, is_taken);

	return failed + table_run("images", images, image_is_taken);
}
