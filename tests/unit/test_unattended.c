/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "installer-plugin/unattended.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "repo/answerfile.h"
#include "support/table.h"

#define TOP(body) "<installation>" body "</installation>"
#define MAIN "<source type=\"local\"/>"
#define DRIVER(attributes)                                   \
	TOP(MAIN "\n<driver-source type=\"url\" " attributes \
		 ">http://h/d</driver-source>")
#define KEY "0123456789ABCDEF0123456789ABCDEF01234567"
#define DIGEST_END "6789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define DIGEST "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static int read_text(const char *text, struct sp_unattended *unattended,
		     struct sp_error *err)
{
	SP_AUTO(sp_json_freep) struct json_object *json = NULL;
	int r = sp_answerfile_read(text, strlen(text), &json, err);

	return r < 0 ? r : sp_unattended_read(json, unattended, err);
}

/* ---- what is wrong, and how that is said ------------------------------------------ */

static const struct bad {
	const char *name, *text, *says;
} bads[] = {
	// clang-format off
	{ "no XML",        "installation",          "Answerfile is incorrectly formatted" },
	{ "nothing",       "",                      "Answerfile is incorrectly formatted" },
	{ "cut",           "<installation><source", "Answerfile is incorrectly formatted" },
	{ "DOCTYPE",       "<!DOCTYPE x [<!ENTITY a 'b'>]>" TOP(MAIN), "Answerfile is incorrectly formatted" },
	{ "another top",   "<appliance>" MAIN "</appliance>",
	  "line 1: Unexpected top level element <appliance>: it must be <installation>, <upgrade> or <restore>" },
	{ "unknown mode",  "<installation mode='repair'>" MAIN "</installation>",
	  "line 1: Unknown mode, repair: <installation> has fresh, reinstall or upgrade" },
	{ "no source",     TOP(""),                 "Missing mandatory element source" },
	{ "no source but drivers", TOP("<driver-source type='local'/>"), "Missing mandatory element source" },
	{ "no type",       TOP("\n<source>x</source>"),
	  "line 2, <source>: Missing mandatory attribute type: it must be local, url or nfs" },
	{ "no driver type", TOP(MAIN "\n\n<driver-source/>"), "line 3, <driver-source>: Missing mandatory attribute type" },
	{ "bad type",      TOP("<source type='usb'/>"), "Invalid type for <source> media specified. 'usb' is none of local, url and nfs" },
	{ "bad driver type", TOP(MAIN "<driver-source type=''/>"), "Invalid type for <driver-source> media specified." },
	{ "no URL",        TOP("<source type='url'>h/x</source>"), "the text of <source> with the type 'url' is no URL" },
	{ "empty URL",     TOP("<source type='url'/>"), "is no URL" },
	{ "no host",       TOP("<source type='url'>http:///x</source>"), "line 1, <source>: the address has no valid host name" },
	{ "no NFS path",   TOP("<source type='nfs'>server</source>"), "an NFS location needs a path" },
	{ "required",      DRIVER("required='maybe'"),
	  "line 2: attribute 'required' of <driver-source> is 'maybe': it must be yes or no" },
	{ "timeout 0",     DRIVER("timeout='0'"),   "it must be a number of seconds from 1 to 86400" },
	{ "timeout high",  DRIVER("timeout='86401'"), "from 1 to 86400" },
	{ "timeout of ten digits", DRIVER("timeout='0000000001'"), "from 1 to 86400" },
	{ "key of 65 digits", DRIVER("key='" DIGEST "0'"), "a key's full fingerprint" },
	{ "key of 39 digits", DRIVER("key='012345678901234567890123456789012345678'"), "a key's full fingerprint" },
	{ "digest of 65 digits", DRIVER("digest='" DIGEST "0'"), "a SHA-256 in 64 hexadecimal digits" },
	{ "expect, a letter as function", DRIVER("expect-device='0000:84:00./'"), "PCI addresses as in 0000:84:00.0" },
	{ "expect, and more", DRIVER("expect-device='0000:84:00.01'"), "PCI addresses as in 0000:84:00.0" },
	{ "proxy without host", DRIVER("proxy='http:///x'"), "attribute 'proxy'" },
	{ "timeout -1",    DRIVER("timeout='-1'"),  "from 1 to 86400" },
	{ "timeout 9s",    DRIVER("timeout='9s'"),  "from 1 to 86400" },
	{ "retries",       DRIVER("retries='101'"), "attribute 'retries' of <driver-source> is '101': it must be a number from 0 to 100" },
	{ "retries empty", DRIVER("retries=''"),    "a number from 0 to 100" },
	{ "short key",     DRIVER("key='0123456789ABCDEF'"), "a key's full fingerprint" },
	{ "long key",      DRIVER("key='" DIGEST "0'"), "a key's full fingerprint" },
	{ "key of letters", DRIVER("key='" "g123456789ABCDEF0123456789ABCDEF01234567" "'"), "a key's full fingerprint" },
	{ "digest",        DRIVER("digest='" KEY "'"), "a SHA-256 in 64 hexadecimal digits" },
	{ "accept",        DRIVER("accept='unsigned damaged'"), "it must be one or more of unsigned, weak" },
	{ "accept nothing", DRIVER("accept=' '"),   "it must be one or more of" },
	{ "expect",        DRIVER("expect-device='84:00.0'"), "PCI addresses as in 0000:84:00.0" },
	{ "expect, function 8", DRIVER("expect-device='0000:84:00.8'"), "PCI addresses as in 0000:84:00.0" },
	{ "replace",       DRIVER("replace='some'"), "PCI addresses as in 0000:84:00.0, or all" },
	{ "ca-file",       DRIVER("ca-file='ca.pem'"), "an absolute path" },
	{ "proxy",         DRIVER("proxy='u:geheim@p'"), "attribute 'proxy' of <driver-source> is 'wrong'" },
	{ "misspelt",      DRIVER("time-out='9'"),
	  "line 2: <driver-source> has no attribute 'time-out': there are required, timeout, retries, key, digest, accept" },
	{ "misspelt, on source", TOP("<source type='local' requierd='yes'/>"), "<source> has no attribute 'requierd'" },
	{ "pack-loss",     "<installation pack-loss='maybe'>" MAIN "</installation>",
	  "attribute 'pack-loss' of <installation> is 'maybe': it must be stop, warn or go-on" },
	{ "misspelt, on top", "<installation pack-lost='stop'>" MAIN "</installation>",
	  "line 1: <installation> has no attribute 'pack-lost': there are pack-loss" },
	{ "driver without name", TOP(MAIN "<selected-multiversion-drivers>\n<driver>x</driver></selected-multiversion-drivers>"),
	  "line 2, <driver>: Missing mandatory attribute name" },
	// clang-format on
};

static void is_refused(void **state)
{
	const struct bad *row = *state;
	SP_AUTO(sp_unattended_done) struct sp_unattended unattended = { 0 };
	struct sp_error err = SP_ERROR_INIT;

	assert_int_equal(read_text(row->text, &unattended, &err), -SP_ERR_USAGE);
	assert_non_null(strstr(err.text, row->says) ? err.text : NULL);
	assert_null(strstr(err.text, "geheim"));
	assert_int_equal(unattended.n_sources, 0);
}

/* ---- sources as the installer has them ------------------------------------------------ */

static const struct good {
	const char *name, *text;
	size_t n, at; /* how many sources; the one that is looked at */
	bool is_driver, required;
	const char *location, *shown;
} goods[] = {
	// clang-format off
	{ "local",        TOP(MAIN), 1, 0, false, false, "local", "local" },
	{ "local, text",  TOP("<source type='local'>dvd</source>"), 1, 0, false, false, "local", "local" },
	{ "url",          TOP("<source type='url'> http://h/a </source>"), 1, 0, false, false, "http://h/a", "http://h/a" },
	{ "credentials",  TOP(MAIN "<driver-source type='url'>https://u:p%40@h/a</driver-source>"), 2, 1, true, true,
	  "https://u:p%40@h/a", "https://h/a" },
	{ "ftp",          TOP("<source type='url'>ftp://h/a</source>"), 1, 0, false, false, "ftp://h/a", "ftp://h/a" },
	{ "file",         TOP("<source type='url'>file:///a</source>"), 1, 0, false, false, "file:///a", "/a" },
	{ "url of nfs",   TOP("<source type='url'>nfs://s:/a</source>"), 1, 0, false, false, "nfs://s:/a", "s:/a" },
	{ "nfs",          TOP("<source type='nfs'>s:/a</source>"), 1, 0, false, false, "nfs://s:/a", "s:/a" },
	{ "CDATA",        TOP("<source type='url'><![CDATA[http://h/a&b]]></source>"), 1, 0, false, false, "http://h/a&b", "http://h/a&b" },
	{ "deep",         TOP("<a><b>" MAIN "</b></a>"), 1, 0, false, false, "local", "local" },
	{ "two sources",  TOP(MAIN "<source type='url'>http://h/2</source>"), 2, 1, false, false, "http://h/2", "http://h/2" },
	{ "sources first", TOP("<driver-source type='url'>http://h/d</driver-source>" MAIN), 2, 1, true, true, "http://h/d", "http://h/d" },
	{ "restore needs none", "<restore/>", 0, 0, false, false, NULL, NULL },
	{ "gpgcheck",     TOP("<source type='local' gpgcheck='false' repo-gpgcheck='no'/>"), 1, 0, false, false, "local", "local" },
	{ "not required", DRIVER("required='no'"), 2, 1, true, false, "http://h/d", "http://h/d" },
	{ "required source", TOP("<source type='local' required='yes'/>"), 1, 0, false, true, "local", "local" },
	// clang-format on
};

static void is_read(void **state)
{
	const struct good *row = *state;
	SP_AUTO(sp_unattended_done) struct sp_unattended unattended = { 0 };
	struct sp_error err = SP_ERROR_INIT;
	const struct sp_unattended_source *source;

	assert_int_equal(read_text(row->text, &unattended, &err), 0);
	assert_int_equal(unattended.n_sources, row->n);
	if (!row->n)
		return;
	source = &unattended.sources[row->at];
	assert_int_equal(source->is_driver, row->is_driver);
	assert_int_equal(source->required, row->required);
	assert_string_equal(source->location, row->location);
	assert_string_equal(source->shown, row->shown);
}

/* ---- modes -------------------------------------------------------------------------------- */

static const struct mode_row {
	const char *name, *text;
	enum sp_unattended_mode mode;
} modes[] = {
	// clang-format off
	{ "no mode",    "<installation>" MAIN "</installation>",                   SP_UNATTENDED_FRESH },
	{ "fresh",      "<installation mode='fresh'>" MAIN "</installation>",      SP_UNATTENDED_FRESH },
	{ "reinstall",  "<installation mode='reinstall'>" MAIN "</installation>",  SP_UNATTENDED_REINSTALL },
	{ "upgrade",    "<installation mode='upgrade'>" MAIN "</installation>",    SP_UNATTENDED_UPGRADE },
	{ "<upgrade>",  "<upgrade>" MAIN "</upgrade>",                             SP_UNATTENDED_FRESH },
	{ "<upgrade mode>", "<upgrade mode='upgrade'>" MAIN "</upgrade>",          SP_UNATTENDED_UPGRADE },
	{ "restore",    "<restore/>",                                              SP_UNATTENDED_RESTORE },
	// clang-format on
};

static void has_mode(void **state)
{
	const struct mode_row *row = *state;
	SP_AUTO(sp_unattended_done) struct sp_unattended unattended = { 0 };
	struct sp_error err = SP_ERROR_INIT;

	assert_int_equal(read_text(row->text, &unattended, &err), 0);
	assert_int_equal(unattended.mode, row->mode);
}

static void takes_the_most_there_may_be(void **state)
{
	SP_AUTO(sp_unattended_done) struct sp_unattended unattended = { 0 };
	struct sp_error err = SP_ERROR_INIT;
	const struct sp_unattended_source *source;

	(void)state;
	assert_int_equal(read_text(DRIVER("timeout='86400' retries='100' key='" DIGEST
					  "' digest='ABCDEF" DIGEST_END
					  "' expect-device='ABCD:84:00.7'"),
				   &unattended, &err),
			 0);
	source = &unattended.sources[1];
	assert_int_equal(source->timeout_s, 86400);
	assert_int_equal(source->retries, 100);
	assert_int_equal(strlen(source->key), 64);
	assert_string_equal(source->digest, "abcdef" DIGEST_END);
	assert_string_equal(source->expect.items[0], "abcd:84:00.7");
}

/* ---- all attributes --------------------------------------------------------------------------- */

static void attributes_are_kept(void **state)
{
	SP_AUTO(sp_unattended_done) struct sp_unattended unattended = { 0 };
	struct sp_error err = SP_ERROR_INIT;
	const struct sp_unattended_source *source;

	(void)state;
	assert_int_equal(
		read_text("<installation pack-loss='go-on'>" MAIN
			  "<driver-source type='nfs' timeout='60' retries='0' "
			  "key='0123 4567 89ab cdef 0123 4567 89ab cdef 0123 4567' "
			  "digest='" DIGEST "' accept='unsigned, licence key=" KEY "' "
			  "expect-device='0000:84:00.0 0000:8A:00.1' replace='all' "
			  "ca-file='/ca.pem' proxy='http://u:p@proxy:3128'>s:/p"
			  "</driver-source></installation>",
			  &unattended, &err),
		0);
	assert_int_equal(unattended.loss, SP_UNATTENDED_LOSS_GO_ON);
	source = &unattended.sources[1];
	assert_int_equal(source->timeout_s, 60);
	assert_int_equal(source->retries, 0);
	assert_string_equal(source->key, KEY);
	assert_string_equal(source->digest, DIGEST);
	assert_true(source->accept.unsigned_ && source->accept.licence);
	assert_false(source->accept.weak || source->accept.expired ||
		     source->accept.older);
	assert_string_equal(source->accept.keys.items[0], KEY);
	assert_int_equal(source->expect.n, 2);
	assert_string_equal(source->expect.items[1], "0000:8a:00.1");
	assert_string_equal(source->replace.items[0], "all");
	assert_string_equal(source->ca_file, "/ca.pem");
	assert_string_equal(source->proxy, "http://u:p@proxy:3128");
	assert_true(unattended.sources[0].retries < 0);
	assert_int_equal(unattended.sources[0].timeout_s, 0);
}

/* Only the first list counts, as in the installer. */
static void drivers_are_listed(void **state)
{
	SP_AUTO(sp_unattended_done) struct sp_unattended unattended = { 0 };
	struct sp_error err = SP_ERROR_INIT;

	(void)state;
	assert_int_equal(
		read_text(TOP(MAIN "<selected-multiversion-drivers>"
				   "<driver name='ice'>supermicro</driver>"
				   "<driver name='i40e'/>"
				   "</selected-multiversion-drivers>"
				   "<selected-multiversion-drivers><driver name='x'>y"
				   "</driver></selected-multiversion-drivers>"),
			  &unattended, &err),
		0);
	assert_int_equal(unattended.n_drivers, 2);
	assert_string_equal(unattended.drivers[0].name, "ice");
	assert_string_equal(unattended.drivers[0].variant, "supermicro");
	assert_string_equal(unattended.drivers[1].variant, "");
}

static void too_many_are_refused(void **state)
{
	SP_AUTO(sp_unattended_done) struct sp_unattended unattended = { 0 };
	struct sp_error err = SP_ERROR_INIT;
	struct sp_strbuf text = { 0 };

	(void)state;
	sp_strbuf_add(&text, "<installation>");
	for (size_t i = 0; i < 1025; i++)
		sp_strbuf_add(&text, "<source type='local'/>");
	sp_strbuf_add(&text, "</installation>");
	assert_int_equal(read_text(text.text, &unattended, &err), -SP_ERR_USAGE);
	assert_non_null(strstr(err.text, "more than 1024"));
	sp_strbuf_done(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_the_most_there_may_be),
		cmocka_unit_test(attributes_are_kept),
		cmocka_unit_test(drivers_are_listed),
		cmocka_unit_test(too_many_are_refused),
	};

	return table_run("refused", bads, is_refused) +
	       table_run("sources", goods, is_read) +
	       table_run("modes", modes, has_mode) +
	       cmocka_run_group_tests(tests, NULL, NULL);
}
