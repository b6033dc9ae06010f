/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What test_hostile.c does, in breadth: every value the metadata has, as it must not be, and
 * the files themselves. */
#include "support/kit.h"

#define DAMAGED "damaged-metadata"
#define UNSAFE "unsafe-path"
#define LIMIT "limit-exceeded"
#define NEVRA "nevra-mismatch"
#define MISSING "missing-package"
#define PACKAGE "damaged-package"
#define SIGNATURE "bad-signature"

#define A64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define OTHER "Packages/update-test-test-1.0-1.noarch.rpm"

static const struct row {
	const char *name;
	enum part part;
	const char *from, *to; /* of the text */
	const char *code;
} rows[] = {
	// clang-format off
	{ "update: no label", UPDATE, "name-label=\"test-test\"", "", DAMAGED },
	{ "update: an empty label", UPDATE, "name-label=\"test-test\"", "name-label=\"\"", DAMAGED },
	{ "update: a label with a blank", UPDATE, "name-label=\"test-test\"", "name-label=\"a b\"", DAMAGED },
	{ "update: a label with a newline", UPDATE, "name-label=\"test-test\"", "name-label=\"a&#10;b\"", DAMAGED },
	{ "update: a label with a quote", UPDATE, "name-label=\"test-test\"", "name-label=\"a&quot;b\"", DAMAGED },
	{ "update: a label for a shell", UPDATE, "name-label=\"test-test\"", "name-label=\"a;reboot\"", DAMAGED },
	{ "update: a label with a substitution", UPDATE, "name-label=\"test-test\"", "name-label=\"$(reboot)\"", DAMAGED },
	{ "update: a label turned around", UPDATE, "name-label=\"test-test\"", "name-label=\"a&#x202e;b\"", DAMAGED },
	{ "update: a label of two dots", UPDATE, "name-label=\"test-test\"", "name-label=\"..\"", DAMAGED },
	{ "update: a label of one dot", UPDATE, "name-label=\"test-test\"", "name-label=\".\"", DAMAGED },
	{ "update: a hidden label", UPDATE, "name-label=\"test-test\"", "name-label=\".a\"", DAMAGED },
	{ "update: a label with a percent sign", UPDATE, "name-label=\"test-test\"", "name-label=\"a%2fb\"", DAMAGED },
	{ "update: a label with a backslash", UPDATE, "name-label=\"test-test\"", "name-label=\"a\\b\"", DAMAGED },
	{ "update: a label in another alphabet", UPDATE, "name-label=\"test-test\"", "name-label=\"Драйвер\"", DAMAGED },
	{ "update: a label without end", UPDATE, "name-label=\"test-test\"", "name-label=\"" A64 A64 A64 A64 A64 "\"", DAMAGED },
	{ "update: an empty version", UPDATE, " version=\"1.0\"", " version=\"\"", DAMAGED },
	{ "update: a version with a slash", UPDATE, " version=\"1.0\"", " version=\"1/0\"", DAMAGED },
	{ "update: a version that is an option", UPDATE, " version=\"1.0\"", " version=\"-1\"", DAMAGED },
	{ "update: a version with a blank", UPDATE, " version=\"1.0\"", " version=\"1 0\"", DAMAGED },
	{ "update: a version of two dots", UPDATE, " version=\"1.0\"", " version=\"..\"", DAMAGED },
	{ "update: a version for a shell", UPDATE, " version=\"1.0\"", " version=\"1|reboot\"", DAMAGED },
	{ "update: an empty uuid", UPDATE, "uuid=\"5ab1f3c0-2d1e-4c55-9e0b-6d1f0a5e0001\"", "uuid=\"\"", DAMAGED },
	{ "update: a uuid in braces", UPDATE, "uuid=\"5ab1f3c0-2d1e-4c55-9e0b-6d1f0a5e0001\"", "uuid=\"{5ab1f3c0-2d1e-4c55-9e0b-6d1f0a5e0001}\"", DAMAGED },
	{ "update: a uuid too short", UPDATE, "uuid=\"5ab1f3c0-2d1e-4c55-9e0b-6d1f0a5e0001\"", "uuid=\"5ab1f3c0-2d1e-4c55-9e0b-6d1f0a5e000\"", DAMAGED },
	{ "update: a uuid too long", UPDATE, "uuid=\"5ab1f3c0-2d1e-4c55-9e0b-6d1f0a5e0001\"", "uuid=\"5ab1f3c0-2d1e-4c55-9e0b-6d1f0a5e00011\"", DAMAGED },
	{ "update: a uuid of other digits", UPDATE, "uuid=\"5ab1f3c0-2d1e-4c55-9e0b-6d1f0a5e0001\"", "uuid=\"5ab1f3c0-2d1e-4c55-9e0b-6d1f0a5e000g\"", DAMAGED },
	{ "update: a uuid without dashes", UPDATE, "uuid=\"5ab1f3c0-2d1e-4c55-9e0b-6d1f0a5e0001\"", "uuid=\"5ab1f3c02d1e4c559e0b6d1f0a5e0001\"", DAMAGED },
	{ "update: a uuid and a newline", UPDATE, "uuid=\"5ab1f3c0-2d1e-4c55-9e0b-6d1f0a5e0001\"", "uuid=\"5ab1f3c0-2d1e-4c55-9e0b-6d1f0a5e0001&#10;x\"", DAMAGED },
	{ "update: a size in words", UPDATE, "installation-size=\"752\"", "installation-size=\"many\"", DAMAGED },
	{ "update: a size with a unit", UPDATE, "installation-size=\"752\"", "installation-size=\"1 MB\"", DAMAGED },
	{ "update: a size beyond 64 bits", UPDATE, "installation-size=\"752\"", "installation-size=\"99999999999999999999\"", DAMAGED },
	{ "update: a size in hexadecimal", UPDATE, "installation-size=\"752\"", "installation-size=\"0x10\"", DAMAGED },
	{ "update: a size with a sign", UPDATE, "installation-size=\"752\"", "installation-size=\"+1\"", DAMAGED },
	{ "update: a size with a point", UPDATE, "installation-size=\"752\"", "installation-size=\"1.5\"", DAMAGED },
	{ "update: an attribute without quotes", UPDATE, "control=\"control-test-test\"", "control=control-test-test", DAMAGED },
	{ "update: a bare ampersand", UPDATE, "Test driver", "Test & driver", DAMAGED },
	{ "update: a bare bracket", UPDATE, "Test driver", "Test < driver", DAMAGED },
	{ "update: a control character", UPDATE, "Test driver", "Test&#1;driver", DAMAGED },
	{ "update: half a surrogate", UPDATE, "Test driver", "Test&#xd800;driver", DAMAGED },
	{ "update: a character beyond Unicode", UPDATE, "Test driver", "Test&#x110000;driver", DAMAGED },
	{ "update: an escape sequence", UPDATE, "Test driver", "\x1b[2J", DAMAGED },
	{ "update: an overlong slash", UPDATE, "Test driver", "\xc0\xaf", DAMAGED },
	{ "update: a comment without end", UPDATE, "<name-d", "<!-- <name-d", DAMAGED },
	{ "update: a CDATA without end", UPDATE, "Test driver", "<![CDATA[ x", DAMAGED },
	{ "update: a declaration in the middle", UPDATE, "<name-d", "<?xml version=\"1.0\"?><name-d", DAMAGED },
	{ "update: a prefix of nobody", UPDATE, "<name-d", "<x:y/><name-d", DAMAGED },
	{ "update: closed by another", UPDATE, "</name-description>", "</name>", DAMAGED },
	{ "update: a web page", UPDATE, "<update", "<!DOCTYPE html><html><update", DAMAGED },
	{ "update: no XML", UPDATE, "<update", "{\"update\":1}<update", DAMAGED },
	{ "repomd: an empty path", REPOMD, "href=\"repodata/primary\"", "href=\"\"", UNSAFE },
	{ "repomd: one dot", REPOMD, "href=\"repodata/primary\"", "href=\".\"", UNSAFE },
	{ "repomd: two dots", REPOMD, "href=\"repodata/primary\"", "href=\"..\"", UNSAFE },
	{ "repomd: a dot within", REPOMD, "href=\"repodata/primary\"", "href=\"repodata/./primary\"", UNSAFE },
	{ "repomd: a slash last", REPOMD, "href=\"repodata/primary\"", "href=\"repodata/primary/\"", UNSAFE },
	{ "repomd: a URL", REPOMD, "href=\"repodata/primary\"", "href=\"http://server/primary\"", UNSAFE },
	{ "repomd: a file URL", REPOMD, "href=\"repodata/primary\"", "href=\"file:///etc/passwd\"", UNSAFE },
	{ "repomd: nobody's file", REPOMD, "href=\"repodata/primary\"", "href=\"repodata/other\"", DAMAGED },
	{ "repomd: a directory", REPOMD, "href=\"repodata/primary\"", "href=\"repodata\"", DAMAGED },
	{ "repomd: climbing in code", REPOMD, "href=\"repodata/primary\"", "href=\"%2e%2e/primary\"", DAMAGED },
	{ "repomd: a backslash", REPOMD, "href=\"repodata/primary\"", "href=\"repodata\\primary\"", DAMAGED },
	{ "repomd: seventeen parts", REPOMD, "href=\"repodata/primary\"", "href=\"a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q\"", UNSAFE },
	{ "repomd: the descriptor", REPOMD, "href=\"repodata/primary\"", "href=\"update.xml\"", DAMAGED },
	{ "repomd: a path without end", REPOMD, "href=\"repodata/primary\"", "href=\"" A64 A64 A64 A64 A64 A64 A64 A64 A64 A64 A64 A64 A64 A64 A64 A64 A64 "\"", UNSAFE },
	{ "repomd: a checksum of no kind", REPOMD, "<checksum type=\"sha256\">", "<checksum type=\"\">", DAMAGED },
	{ "repomd: a checksum without kind", REPOMD, "<checksum type=\"sha256\">", "<checksum>", DAMAGED },
	{ "repomd: sha224", REPOMD, "<checksum type=\"sha256\">", "<checksum type=\"sha224\">", DAMAGED },
	{ "repomd: sha384 by name only", REPOMD, "<checksum type=\"sha256\">", "<checksum type=\"sha384\">", DAMAGED },
	{ "repomd: crc32", REPOMD, "<checksum type=\"sha256\">", "<checksum type=\"crc32\">", DAMAGED },
	{ "repomd: a checksum in words", REPOMD, "<checksum type=\"sha256\">", "<checksum type=\"sha256\">x", DAMAGED },
	{ "repomd: a checksum and more", REPOMD, "<checksum type=\"sha256\">", "<checksum type=\"sha256\">0", DAMAGED },
	{ "repomd: sha256 in capitals", REPOMD, "<checksum type=\"sha256\">", "<checksum type=\"SHA256\">", DAMAGED },
	{ "repomd: a size in words", REPOMD, "<size>", "<size>x", DAMAGED },
	{ "repomd: a size with a point", REPOMD, "<size>", "<size>1.", DAMAGED },
	{ "repomd: a size of many digits", REPOMD, "<size>", "<size>99999999999999999999", DAMAGED },
	{ "repomd: a size in hexadecimal", REPOMD, "<size>", "<size>0x", DAMAGED },
	{ "repomd: a size with a blank", REPOMD, "<size>", "<size>1 ", DAMAGED },
	{ "repomd: two lists of files", REPOMD, "type=\"group\"", "type=\"filelists\"", DAMAGED },
	{ "repomd: two groups", REPOMD, "type=\"filelists\"", "type=\"group\"", DAMAGED },
	{ "repomd: entities", REPOMD, "<repomd", "<!ENTITY a \"b\"><repomd", DAMAGED },
	{ "repomd: a web page", REPOMD, "<repomd", "<!DOCTYPE html><html><repomd", DAMAGED },
	{ "repomd: a prefix of nobody", REPOMD, "<data", "<y:x/><data", DAMAGED },
	{ "primary: an empty name", PRIMARY, "<name>test-test</name>", "<name></name>", DAMAGED },
	{ "primary: a name of one dot", PRIMARY, "<name>test-test</name>", "<name>.</name>", DAMAGED },
	{ "primary: a name of two dots", PRIMARY, "<name>test-test</name>", "<name>..</name>", DAMAGED },
	{ "primary: a name with a blank", PRIMARY, "<name>test-test</name>", "<name>test test</name>", DAMAGED },
	{ "primary: a name with a newline", PRIMARY, "<name>test-test</name>", "<name>test&#10;test</name>", DAMAGED },
	{ "primary: a name for a shell", PRIMARY, "<name>test-test</name>", "<name>test;reboot</name>", DAMAGED },
	{ "primary: a name turned around", PRIMARY, "<name>test-test</name>", "<name>test&#x202e;</name>", DAMAGED },
	{ "primary: a name of 300 letters", PRIMARY, "<name>test-test</name>", "<name>" A64 A64 A64 A64 A64 "</name>", DAMAGED },
	{ "primary: two names", PRIMARY, "<name>test-test</name>", "<name>test-test</name><name>../x</name>", DAMAGED },
	{ "primary: an empty architecture", PRIMARY, "<arch>x86_64</arch>", "<arch></arch>", DAMAGED },
	{ "primary: an architecture that climbs", PRIMARY, "<arch>x86_64</arch>", "<arch>../x</arch>", DAMAGED },
	{ "primary: an architecture with a blank", PRIMARY, "<arch>x86_64</arch>", "<arch>x86 64</arch>", DAMAGED },
	{ "primary: a source package", PRIMARY, "<arch>x86_64</arch>", "<arch>src</arch>", NEVRA },
	{ "primary: an architecture for a shell", PRIMARY, "<arch>x86_64</arch>", "<arch>x;y</arch>", DAMAGED },
	{ "primary: no version", PRIMARY, "<arch>x86_64</arch>\n  <version epoch=\"0\" ver=\"1.0\" rel=\"1\"/>", "<arch>x86_64</arch>", DAMAGED },
	{ "primary: an empty version", PRIMARY, "<arch>x86_64</arch>\n  <version epoch=\"0\" ver=\"1.0\" rel=\"1\"/>", "<arch>x86_64</arch><version epoch=\"0\" ver=\"\" rel=\"1\"/>", DAMAGED },
	{ "primary: a version with a slash", PRIMARY, "<arch>x86_64</arch>\n  <version epoch=\"0\" ver=\"1.0\" rel=\"1\"/>", "<arch>x86_64</arch><version epoch=\"0\" ver=\"1/0\" rel=\"1\"/>", DAMAGED },
	{ "primary: a release with a slash", PRIMARY, "<arch>x86_64</arch>\n  <version epoch=\"0\" ver=\"1.0\" rel=\"1\"/>", "<arch>x86_64</arch><version epoch=\"0\" ver=\"1.0\" rel=\"../1\"/>", DAMAGED },
	{ "primary: an epoch in words", PRIMARY, "<arch>x86_64</arch>\n  <version epoch=\"0\" ver=\"1.0\" rel=\"1\"/>", "<arch>x86_64</arch><version epoch=\"x\" ver=\"1.0\" rel=\"1\"/>", NEVRA },
	{ "primary: an epoch below zero", PRIMARY, "<arch>x86_64</arch>\n  <version epoch=\"0\" ver=\"1.0\" rel=\"1\"/>", "<arch>x86_64</arch><version epoch=\"-1\" ver=\"1.0\" rel=\"1\"/>", DAMAGED },
	{ "primary: an epoch beyond 32 bits", PRIMARY, "<arch>x86_64</arch>\n  <version epoch=\"0\" ver=\"1.0\" rel=\"1\"/>", "<arch>x86_64</arch><version epoch=\"99999999999\" ver=\"1.0\" rel=\"1\"/>", NEVRA },
	{ "primary: no release", PRIMARY, "<arch>x86_64</arch>\n  <version epoch=\"0\" ver=\"1.0\" rel=\"1\"/>", "<arch>x86_64</arch><version epoch=\"0\" ver=\"1.0\"/>", NEVRA },
	{ "primary: an empty path", PRIMARY, "href=\"" DRIVER "\"", "href=\"\"", UNSAFE },
	{ "primary: one dot", PRIMARY, "href=\"" DRIVER "\"", "href=\".\"", UNSAFE },
	{ "primary: two dots", PRIMARY, "href=\"" DRIVER "\"", "href=\"..\"", UNSAFE },
	{ "primary: a dot within", PRIMARY, "href=\"" DRIVER "\"", "href=\"Packages/./x.rpm\"", UNSAFE },
	{ "primary: two slashes", PRIMARY, "href=\"" DRIVER "\"", "href=\"Packages//x.rpm\"", UNSAFE },
	{ "primary: a slash last", PRIMARY, "href=\"" DRIVER "\"", "href=\"" DRIVER "/\"", UNSAFE },
	{ "primary: a URL", PRIMARY, "href=\"" DRIVER "\"", "href=\"http://server/x.rpm\"", UNSAFE },
	{ "primary: the descriptor", PRIMARY, "href=\"" DRIVER "\"", "href=\"update.xml\"", PACKAGE },
	{ "primary: the list itself", PRIMARY, "href=\"" DRIVER "\"", "href=\"repodata/primary\"", PACKAGE },
	{ "primary: a directory", PRIMARY, "href=\"" DRIVER "\"", "href=\"Packages\"", PACKAGE },
	{ "primary: climbing in code", PRIMARY, "href=\"" DRIVER "\"", "href=\"Packages/%2e%2e/x.rpm\"", MISSING },
	{ "primary: a backslash", PRIMARY, "href=\"" DRIVER "\"", "href=\"..\\x.rpm\"", MISSING },
	{ "primary: seventeen parts", PRIMARY, "href=\"" DRIVER "\"", "href=\"a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q\"", UNSAFE },
	{ "primary: a path with escapes", PRIMARY, "href=\"" DRIVER "\"", "href=\"Packages/&#x9b;2J.rpm\"", MISSING },
	{ "primary: a path without end", PRIMARY, "href=\"" DRIVER "\"", "href=\"" A64 A64 A64 A64 A64 A64 A64 A64 A64 A64 A64 A64 A64 A64 A64 A64 A64 "\"", UNSAFE },
	{ "primary: sha512 by name only", PRIMARY, "<checksum type=\"sha256\" pkgid=\"YES\">", "<checksum type=\"sha512\" pkgid=\"YES\">", DAMAGED },
	{ "primary: sha384 by name only", PRIMARY, "<checksum type=\"sha256\" pkgid=\"YES\">", "<checksum type=\"sha384\" pkgid=\"YES\">", DAMAGED },
	{ "primary: sha224", PRIMARY, "<checksum type=\"sha256\" pkgid=\"YES\">", "<checksum type=\"sha224\" pkgid=\"YES\">", DAMAGED },
	{ "primary: a checksum of no kind", PRIMARY, "<checksum type=\"sha256\" pkgid=\"YES\">", "<checksum type=\"\" pkgid=\"YES\">", DAMAGED },
	{ "primary: a checksum in words", PRIMARY, "<checksum type=\"sha256\" pkgid=\"YES\">", "<checksum type=\"sha256\" pkgid=\"YES\">x", DAMAGED },
	{ "primary: a size below zero", PRIMARY, "<size package=\"5797\"", "<size package=\"-1\"", LIMIT },
	{ "primary: a size in words", PRIMARY, "<size package=\"5797\"", "<size package=\"x\"", DAMAGED },
	{ "primary: a size of nothing", PRIMARY, "<size package=\"5797\"", "<size package=\"0\"", DAMAGED },
	{ "primary: no packages at all", PRIMARY, "<metadata", "<metadata/><metadata", DAMAGED },
	{ "primary: another root", PRIMARY, "<metadata", "<otherdata", DAMAGED },
	{ "primary: a web page", PRIMARY, "<metadata", "<!DOCTYPE html><html><metadata", DAMAGED },
	{ "primary: a package without end", PRIMARY, "</package>", "", DAMAGED },
	{ "primary: a bare ampersand", PRIMARY, "Kernel modules", "Kernel & modules", DAMAGED },
	{ "primary: a control character", PRIMARY, "Kernel modules", "Kernel&#1;modules", DAMAGED },
	{ "primary: half a surrogate", PRIMARY, "Kernel modules", "Kernel&#xd800;modules", DAMAGED },
	{ "primary: no UTF-8", PRIMARY, "Kernel modules", "Kernel\xff", DAMAGED },
	{ "primary: an attribute twice", PRIMARY, "<package type=\"rpm\"", "<package type=\"rpm\" type=\"rpm\"", DAMAGED },
	{ "filelists: another root", FILELISTS, "<filelists", "<filelist", DAMAGED },
	{ "filelists: a package without end", FILELISTS, "</package>", "", DAMAGED },
	{ "filelists: a control character", FILELISTS, "test.ko", "test&#1;.ko", DAMAGED },
	{ "filelists: no UTF-8", FILELISTS, "test.ko", "\xff.ko", DAMAGED },
	{ "filelists: a bare ampersand", FILELISTS, "test.ko", "a&b.ko", DAMAGED },
	{ "groups: another root", GROUPS, "<comps>", "<x>", DAMAGED },
	{ "groups: a group without end", GROUPS, "</group>", "", DAMAGED },
	{ "groups: a bare ampersand", GROUPS, "<name>test-test</name>", "<name>a & b</name>", DAMAGED },
	{ "groups: a control character", GROUPS, "<name>test-test</name>", "<name>&#1;</name>", DAMAGED },
	{ "groups: no UTF-8", GROUPS, "<name>test-test</name>", "<name>\xff</name>", DAMAGED },
	// clang-format on
};

static void check(const struct seen *seen, const char *code)
{
	if (getenv("SHOW"))
		show(seen);
	if (has_code(seen, code))
		return;
	show(seen);
	fail_msg("not as it should be");
}

static void text_is_told(void **state)
{
	const struct row *row = *state;
	SP_AUTO(kit_done) struct kit kit = { 0 };
	SP_AUTO(seen_done) struct seen seen = { 0 };
	SP_AUTO(sp_str_freep) char *repomd = NULL;

	load_kit(&kit);
	if (row->part != REPOMD) {
		char *text = replaced(kit.texts[row->part], row->from, row->to);

		set(&kit, row->part, text, strlen(text));
	}
	repomd = describe(&kit);
	if (row->part == REPOMD) {
		char *text = replaced(repomd, row->from, row->to);

		free(repomd);
		repomd = text;
	}
	read_kit(&kit, repomd, NULL, &seen);
	check(&seen, row->code);
}

/* ---- files ---------------------------------------------------------------------- */

static const struct file_row {
	const char *name, *command, *code;
} files[] = {
	// clang-format off
	{ "a package is nothing", "truncate -s 0 " DRIVER, PACKAGE },
	{ "a package is ten bytes", "truncate -s 10 " DRIVER, PACKAGE },
	{ "a package is its lead", "truncate -s 96 " DRIVER, PACKAGE },
	{ "a package is cut in its header", "truncate -s 3000 " DRIVER, PACKAGE },
	{ "a package lacks its last byte", "truncate -s -1 " DRIVER, PACKAGE },
	{ "a package has a byte more", "echo >>" DRIVER, PACKAGE },
	{ "a package is text", "echo no RPM >" DRIVER, PACKAGE },
	{ "a package is another", "cp " OTHER " " DRIVER, PACKAGE },
	{ "two packages are exchanged", "mv " DRIVER " x; mv " OTHER " " DRIVER "; mv x " OTHER, PACKAGE },
	{ "a package is zeros", "truncate -s 0 " DRIVER "; truncate -s 7217 " DRIVER, PACKAGE },
	{ "a package is a hole", "truncate -s 0 " DRIVER "; truncate -s 1G " DRIVER, PACKAGE },
	{ "a package is a link to itself", "rm " DRIVER "; ln -s test-test-1.0-1.x86_64.rpm " DRIVER, PACKAGE },
	{ "a package is a link to a file", "mv " DRIVER " x; ln -s ../x " DRIVER, PACKAGE },
	{ "a package is a link out", "rm " DRIVER "; ln -s /etc/passwd " DRIVER, PACKAGE },
	{ "a package is a directory", "rm " DRIVER "; mkdir " DRIVER, PACKAGE },
	{ "a package is a FIFO", "rm " DRIVER "; mkfifo " DRIVER, PACKAGE },
	{ "a package is spelt otherwise", "mv " DRIVER " Packages/TEST-TEST-1.0-1.x86_64.rpm", MISSING },
	{ "the packages are a link", "mv Packages x; ln -s x Packages", PACKAGE },
	{ "the packages are a file", "rm -r Packages; echo x >Packages", PACKAGE },
	{ "the packages are gone", "rm -r Packages", MISSING },
	{ "a byte of the lead", "printf x | dd of=" DRIVER " bs=1 seek=20 conv=notrunc", PACKAGE },
	{ "a byte of the signatures", "printf x | dd of=" DRIVER " bs=1 seek=200 conv=notrunc", PACKAGE },
	{ "a byte of the header", "printf x | dd of=" DRIVER " bs=1 seek=5000 conv=notrunc", PACKAGE },
	{ "a byte of the payload", "printf x | dd of=" DRIVER " bs=1 seek=7000 conv=notrunc", PACKAGE },
	{ "repodata is a link", "mv repodata x; ln -s x repodata", DAMAGED },
	{ "repodata is a file", "rm -r repodata; echo x >repodata", DAMAGED },
	{ "repodata is gone", "rm -r repodata", DAMAGED },
	{ "repomd is nothing", "truncate -s 0 repodata/repomd.xml", DAMAGED },
	{ "repomd is a link", "mv repodata/repomd.xml x; ln -s ../x repodata/repomd.xml", DAMAGED },
	{ "repomd is a directory", "rm repodata/repomd.xml; mkdir repodata/repomd.xml", DAMAGED },
	{ "repomd is a FIFO", "rm repodata/repomd.xml; mkfifo repodata/repomd.xml", DAMAGED },
	{ "repomd is too large", "truncate -s 2M repodata/repomd.xml", LIMIT },
	{ "repomd is a hole", "truncate -s 5G repodata/repomd.xml", LIMIT },
	{ "the list is a link", "mv repodata/primary x; ln -s ../x repodata/primary", DAMAGED },
	{ "the list is a directory", "rm repodata/primary; mkdir repodata/primary", DAMAGED },
	{ "the list is a FIFO", "rm repodata/primary; mkfifo repodata/primary", DAMAGED },
	{ "the list has a byte more", "echo >>repodata/primary", DAMAGED },
	{ "the list is another", "cp repodata/filelists repodata/primary", DAMAGED },
	{ "the groups are gone", "rm repodata/group", DAMAGED },
	{ "the descriptor is a hole", "truncate -s 5G update.xml", LIMIT },
	{ "the descriptor is compressed", "gzip update.xml; mv update.xml.gz update.xml", DAMAGED },
	{ "an empty signature", "touch update.xml.asc repodata/repomd.xml.asc", SIGNATURE },
	{ "signatures of text", "echo x >update.xml.asc; echo x >repodata/repomd.xml.asc", SIGNATURE },
	{ "signatures of zeros", "truncate -s 1000 update.xml.asc repodata/repomd.xml.asc", SIGNATURE },
	{ "signatures too large", "truncate -s 20000 update.xml.asc repodata/repomd.xml.asc", SIGNATURE },
	{ "a signature of something else", "cp " PACKS "/good/update.xml.asc repodata/repomd.xml.asc; cp " PACKS "/good/repodata/repomd.xml.asc update.xml.asc; echo ' ' >>update.xml", SIGNATURE },
	{ "signatures of another pack", "cp " PACKS "/good/update.xml.asc .; cp " PACKS "/good/repodata/repomd.xml.asc repodata", SIGNATURE },
	// clang-format on
};

static const char *command; /* of the row */

static void arrange(const char *dir)
{
	SP_AUTO(sp_str_freep)
	char *text = sp_text_format("cd %s && { %s; } 2>&1", dir, command);

	run_command(text);
}

static void file_is_told(void **state)
{
	const struct file_row *row = *state;
	SP_AUTO(kit_done) struct kit kit = { 0 };
	SP_AUTO(seen_done) struct seen seen = { 0 };
	SP_AUTO(sp_str_freep) char *repomd = NULL;

	load_kit(&kit);
	repomd = describe(&kit);
	command = row->command;
	read_kit(&kit, repomd, arrange, &seen);
	check(&seen, row->code);
}

int main(void)
{
	int failed;

	open_verifier();
	failed = table_run("texts", rows, text_is_told);
	failed += table_run("files", files, file_is_told);
	close_verifier();
	return failed;
}
