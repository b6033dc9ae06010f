/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every question as a model: events in, answer out; no terminal. */
#include "ui/screen.h"

#include "base/json.h"
#include "base/text.h"
#include "support/table.h"

#include <stdlib.h>
#include <string.h>

struct row {
	const char *name;
	const char *question;
	/* What the operator does: n, b, a, v (next, back, again, verify), t (tick), + and -
	 * (cursor), and anything in brackets is typed into the first field. */
	const char *events;
	const char *answer; /* "" while there is none */
	const char *notice; /* NULL: there is none */
};

// clang-format off
#define SOURCE "{\"id\":1,\"ask\":\"source\",\"media\":[{\"location\":\"/dev/sr0\"," \
	"\"text\":\"CD-ROM\",\"hint\":\"\"},{\"location\":\"/dev/sdb\"}],\"orphans\":[\"a\"]"
#define PACKS "{\"id\":2,\"ask\":\"packs\",\"rows\":[" \
	"{\"key\":\"d\",\"heading\":true,\"text\":\"a device\"}," \
	"{\"key\":\"m0\",\"text\":\"e1000e\",\"checked\":true}," \
	"{\"key\":\"m1\",\"text\":\"igb\"}," \
	"{\"key\":\"m2\",\"text\":\"old\",\"fixed\":true,\"checked\":true}," \
	"{\"key\":\"m3\",\"text\":\"bad\",\"fixed\":true}]," \
	"\"findings\":[{\"text\":\"no\",\"advice\":\"buy\"}],\"sources\":[{\"location\":\"x\"}]}"
#define VERIFIABLE(more) "{\"id\":2,\"ask\":\"packs\",\"verify\":true,\"rows\":[" \
	"{\"key\":\"m0\",\"text\":\"e1000e\",\"checked\":true}," \
	"{\"key\":\"m1\",\"text\":\"igb\"},{\"key\":\"m2\",\"text\":\"bad\",\"fixed\":true}]" more "}"
#define CURSOR ",\"cursor\":\"m1\""
#define UPGRADE "{\"id\":9,\"ask\":\"upgrade\",\"rows\":[{\"heading\":true,\"text\":\"acme\"}," \
	"{\"plain\":true,\"text\":\"a card\"},{\"key\":\"p0\",\"text\":\"install\",\"checked\":true}]"
#define SERVER(protocol, address, user, password) "{'id':1,'answer':'next','typed':'','server':{" \
	"'protocol':'" protocol "','address':'" address "','user':'" user "','password':'" password "'}}"
#define NOT_TICKED "Nothing is ticked: tick a row with the space bar, or go back."
#define FIXED "This row cannot be ticked."

static const struct row rows[] = {
	{ "upgrade: as it is ticked", UPGRADE "}", "n", "{'id':9,'answer':'next','chosen':['p0']}", NULL },
	{ "upgrade: nothing ticked", UPGRADE "}", "+tn", "{'id':9,'answer':'next','chosen':[]}", NULL },
	{ "upgrade: a reason is not ticked", UPGRADE "}", "t", "", FIXED },
	{ "upgrade: another pack", UPGRADE "}", "a", "{'id':9,'answer':'again','chosen':['p0']}", NULL },
	{ "source: all media", SOURCE "}", "n",
	  "{'id':1,'answer':'next','typed':'','location':'local'}", NULL },
	{ "source: a medium", SOURCE "}", "+n",
	  "{'id':1,'answer':'next','typed':'','location':'/dev/sr0'}", NULL },
	{ "source: starts where it was", SOURCE ",\"chosen\":\"/dev/sdb\"}", "n",
	  "{'id':1,'answer':'next','typed':'','location':'/dev/sdb'}", NULL },
	{ "source: a medium that has gone", SOURCE ",\"chosen\":\"/dev/sdc\"}", "n",
	  "{'id':1,'answer':'next','typed':'','location':'local'}", NULL },
	{ "source: space does nothing", SOURCE "}", "t", "", NULL },
	{ "source: again", SOURCE ",\"typed\":\"x\",\"chosen\":\"local\"}", "a",
	  "{'id':1,'answer':'again','typed':'x','location':'local'}", NULL },
	{ "source: back", SOURCE "}", "b",
	  "{'id':1,'answer':'back','typed':'','location':'local'}", NULL },
	{ "source: typing is a page", SOURCE "}", "++++n", "", NULL },
	{ "source: typed", SOURCE "}", "++++n[http://h/]n",
	  "{'id':1,'answer':'next','typed':'http://h/'}", NULL },
	{ "source: nothing typed", SOURCE "}", "++++n[  ]n", "", "Type a location, or go back." },
	{ "source: back to the list", SOURCE "}", "++++n[http://h/]b", "", NULL },
	{ "source: what was typed stays", SOURCE "}", "++++n[http://h/]bnn",
	  "{'id':1,'answer':'next','typed':'http://h/'}", NULL },
	{ "source: and goes with another", SOURCE "}", "++++n[http://h/]b----n",
	  "{'id':1,'answer':'next','typed':'http://h/','location':'local'}", NULL },
	{ "source: a password that was typed is not seen again", SOURCE "}", "++++n[http://u:p@h/]bnn",
	  "{'id':1,'answer':'next','typed':'http://h/'}", NULL },
	{ "source: a server", SOURCE "}", "+++nn[h/p]n", SERVER("http", "h/p", "", ""), NULL },
	{ "source: by another protocol", SOURCE "}", "+++n+++n[h/p]n", SERVER("nfs", "h/p", "", ""), NULL },
	{ "source: a whole URL in the form", SOURCE "}", "+++nn[ftp://h:21/p]n",
	  SERVER("ftp", "h:21/p", "", ""), NULL },
	{ "source: one with credentials", SOURCE "}", "+++nn[HTTPS://jo%65:a%2Fb:c@h/p]n",
	  SERVER("https", "h/p", "joe", "a/b:c"), NULL },
	{ "source: they stay in their fields", SOURCE "}", "+++nn[http://joe:pw@h/p]bnn",
	  SERVER("http", "h/p", "joe", "pw"), NULL },
	{ "source: another scheme", SOURCE "}", "+++nn[smb://h/p]n", "", "Only HTTP, HTTPS, FTP and NFS." },
	{ "source: no server", SOURCE "}", "+++nn[ ]n", "", "Type a server's address, or go back." },
	{ "source: the server of last time", SOURCE ",\"chosen\":\"\",\"server\":{\"protocol\":\"ftp\","
	  "\"address\":\"h/p\",\"user\":\"joe\"}}", "nnn", SERVER("ftp", "h/p", "joe", ""), NULL },
	{ "source: typed last time", SOURCE ",\"typed\":\"h:/p\"}", "nn",
	  "{'id':1,'answer':'next','typed':'h:/p'}", NULL },

	{ "packs: as they are", PACKS, "n", "{'id':2,'answer':'next','chosen':['m0']}", NULL },
	{ "packs: one more", PACKS, "+tn", "{'id':2,'answer':'next','chosen':['m0','m1']}", NULL },
	{ "packs: none", PACKS, "tn", "", NOT_TICKED },
	{ "packs: none, and then one", PACKS, "tnt", "", NULL },
	{ "packs: loaded already", PACKS, "++t", "", FIXED },
	{ "packs: refused", PACKS, "+++t", "", FIXED },
	{ "packs: a device", PACKS, "-t", "", FIXED },
	{ "packs: a finding", PACKS, "+++++t", "", FIXED },
	{ "packs: fixed ones are not chosen", PACKS, "+++ttn",
	  "{'id':2,'answer':'next','chosen':['m0']}", NULL },
	{ "packs: back keeps the ticks", PACKS, "+tb",
	  "{'id':2,'answer':'back','chosen':['m0','m1']}", NULL },
	{ "packs: nothing there", "{\"id\":2,\"ask\":\"packs\"}", "a",
	  "{'id':2,'answer':'again','chosen':[]}", NULL },

	{ "packs: verified, ticks and all", VERIFIABLE(""), "+tv",
	  "{'id':2,'answer':'verify','chosen':['m0','m1'],'cursor':'m1'}", NULL },
	{ "packs: verified with nothing ticked", VERIFIABLE(""), "tv",
	  "{'id':2,'answer':'verify','chosen':[],'cursor':'m0'}", NULL },
	{ "packs: back where it was", VERIFIABLE(CURSOR), "tn",
	  "{'id':2,'answer':'next','chosen':['m0','m1']}", NULL },
	{ "packs: a row that has gone", VERIFIABLE(",\"cursor\":\"m7\""), "tn", "", NOT_TICKED },
	{ "verified", "{\"id\":10,\"ask\":\"verified\"}", "n", "{'id':10,'answer':'next'}", NULL },
	{ "verified: once more", "{\"id\":10,\"ask\":\"verified\"}", "a", "{'id':10,'answer':'again'}", NULL },

	{ "trust: yes", "{\"id\":3,\"ask\":\"trust\"}", "n", "{'id':3,'answer':'next'}", NULL },
	{ "trust: no", "{\"id\":3,\"ask\":\"trust\"}", "b", "{'id':3,'answer':'back'}", NULL },
	{ "confirm", "{\"id\":4,\"ask\":\"confirm\"}", "n", "{'id':4,'answer':'next'}", NULL },
	{ "licence", "{\"id\":5,\"ask\":\"licence\"}", "n", "{'id':5,'answer':'next'}", NULL },
	{ "form", "{\"id\":6,\"ask\":\"form\",\"fields\":[{\"key\":\"u\",\"value\":\"a\"},"
	  "{\"key\":\"p\",\"secret\":true}]}", "[b]n",
	  "{'id':6,'answer':'next','values':{'u':'b','p':''}}", NULL },
	{ "form: back", "{\"id\":6,\"ask\":\"form\",\"fields\":[{\"key\":\"u\"}]}", "[b]b",
	  "{'id':6,'answer':'back','values':{'u':'b'}}", NULL },
	{ "proof: another", "{\"id\":7,\"ask\":\"proof\",\"more\":true}", "a",
	  "{'id':7,'answer':'again'}", NULL },
	{ "problem", "{\"id\":8,\"ask\":\"problem\",\"retry\":true}", "a",
	  "{'id':8,'answer':'again'}", NULL },
	{ "keys of the wrong type", "{\"id\":\"x\",\"ask\":\"packs\",\"title\":1,\"rows\":7,"
	  "\"findings\":{},\"sources\":\"\"}", "b", "{'id':0,'answer':'back','chosen':[]}", NULL },
	{ "rows of the wrong type", "{\"id\":2,\"ask\":\"packs\",\"rows\":[1,null,[],{}]}", "b",
	  "{'id':2,'answer':'back','chosen':[]}", NULL },
};
// clang-format on

static struct sp_screen *screen_of(const char *question)
{
	struct sp_error err = SP_ERROR_INIT;
	struct json_object *json = NULL;
	struct sp_screen *screen = NULL;

	assert_int_equal(sp_json_parse(question, strlen(question), &json, &err), 0);
	assert_int_equal(sp_screen_new(json, &screen, &err), 0);
	sp_json_free(json);
	return screen;
}

static void type(struct sp_screen *screen, const char *text, size_t len)
{
	struct sp_field *field = &screen->page.fields[0];

	assert_int_not_equal(screen->page.n_fields, 0);
	free(field->value);
	field->value = strndup(text, len);
}

static enum sp_event event_of(char letter)
{
	static const char letters[] = "nbatv";
	static const enum sp_event events[] = { SP_EVENT_NEXT, SP_EVENT_BACK,
						SP_EVENT_AGAIN, SP_EVENT_TICK,
						SP_EVENT_VERIFY };
	const char *at = strchr(letters, letter);

	assert_non_null(at);
	return events[at - letters];
}

/* True once the answer is ready. */
static bool act(struct sp_screen *screen, const char *events)
{
	enum sp_next next = SP_NEXT_STAY;

	for (const char *at = events; *at; at++) {
		assert_int_not_equal(next, SP_NEXT_ANSWER);
		if (*at == '+' || *at == '-') {
			screen->page.cursor += *at == '+' ? 1 : SIZE_MAX;
			assert_true(screen->page.cursor < screen->page.n_rows);
		} else if (*at == '[') {
			type(screen, at + 1, strcspn(at + 1, "]"));
			at += strcspn(at, "]");
		} else {
			next = sp_screen_handle(screen, event_of(*at));
		}
	}
	assert_int_not_equal(next, SP_NEXT_FAILED);
	return next == SP_NEXT_ANSWER;
}

static void answers(void **state)
{
	const struct row *row = *state;
	struct sp_screen *screen = screen_of(row->question);
	char *text = NULL;

	if (act(screen, row->events)) {
		struct json_object *answer = sp_screen_answer(screen, NULL);

		text = sp_json_print(answer, false);
		for (char *at = text; (at = strchr(at, '"'));)
			*at = '\'';
		sp_json_free(answer);
	}
	assert_string_equal(text ? text : "", row->answer);
	if (row->notice)
		assert_string_equal(screen->page.notice, row->notice);
	else
		assert_null(screen->page.notice);
	free(text);
	sp_screen_free(screen);
}

struct default_row {
	const char *name;
	const char *question;
	enum sp_event event; /* of the button that Enter and F12 press */
	const char *buttons;
};

// clang-format off
static const struct default_row default_rows[] = {
	{ "source", SOURCE "}", SP_EVENT_NEXT, "Ok, Look Again, Back" },
	{ "packs", PACKS, SP_EVENT_NEXT, "Ok, Look Again, Back" },
	{ "packs: none", "{\"ask\":\"packs\"}", SP_EVENT_AGAIN, "Look Again, Back" },
	{ "packs: to be verified", VERIFIABLE(""), SP_EVENT_NEXT, "Ok, Verify, Look Again, Back" },
	{ "packs: useless", "{\"ask\":\"packs\",\"verify\":true}", SP_EVENT_AGAIN,
	  "Verify, Look Again, Back" },
	{ "verified", "{\"ask\":\"verified\"}", SP_EVENT_NEXT, "Ok, Verify Again" },
	{ "confirm: another way", "{\"ask\":\"confirm\",\"button\":\"Fetch\",\"other\":\"Do Not Fetch\"}",
	  SP_EVENT_NEXT, "Fetch, Do Not Fetch, Back" },
	{ "confirm: another way, back", "{\"ask\":\"confirm\",\"other\":\"O\",\"danger\":true}",
	  SP_EVENT_BACK, "Ok, O, Back" },
	{ "trust", "{\"ask\":\"trust\"}", SP_EVENT_BACK, "Use It Anyway, Back" },
	{ "confirm", "{\"ask\":\"confirm\",\"button\":\"Load\"}", SP_EVENT_NEXT, "Load, Back" },
	{ "confirm: back", "{\"ask\":\"confirm\",\"default\":\"back\"}", SP_EVENT_BACK, "Ok, Back" },
	{ "confirm: danger", "{\"ask\":\"confirm\",\"default\":\"next\",\"danger\":true}",
	  SP_EVENT_BACK, "Ok, Back" },
	{ "licence", "{\"ask\":\"licence\"}", SP_EVENT_NEXT, "Accept, Back" },
	{ "form", "{\"ask\":\"form\"}", SP_EVENT_NEXT, "Ok, Back" },
	{ "proof", "{\"ask\":\"proof\"}", SP_EVENT_NEXT, "Done" },
	{ "proof: more", "{\"ask\":\"proof\",\"more\":true}", SP_EVENT_NEXT, "Done, Another Disk" },
	{ "upgrade", UPGRADE "}", SP_EVENT_NEXT, "Ok, Insert a Pack, Back" },
	{ "upgrade: danger", UPGRADE ",\"danger\":true,\"button\":\"Go On Without\"}", SP_EVENT_BACK,
	  "Go On Without, Insert a Pack, Back" },
	{ "problem", "{\"ask\":\"problem\"}", SP_EVENT_BACK, "Go On Without, Back" },
	{ "problem: retry", "{\"ask\":\"problem\",\"retry\":true}", SP_EVENT_AGAIN,
	  "Try Again, Go On Without, Back" },
};
// clang-format on

static void defaults_are_safe(void **state)
{
	const struct default_row *row = *state;
	struct sp_screen *screen = screen_of(row->question);
	const struct sp_button *buttons = screen->page.buttons;
	struct sp_strbuf labels = { 0 };

	for (size_t i = 0; i < SP_PAGE_BUTTONS && buttons[i].label; i++)
		sp_strbuf_add(&labels, "%s%s", i ? ", " : "", buttons[i].label);
	assert_string_equal(labels.text, row->buttons);
	assert_int_equal(buttons[screen->page.button].event, row->event);
	sp_strbuf_done(&labels);
	sp_screen_free(screen);
}

static void is_told(const char *question, const char *text)
{
	struct sp_screen *screen = screen_of(question);

	assert_string_equal(screen->page.text, text);
	sp_screen_free(screen);
}

static void texts(void **state)
{
	(void)state;
	is_told("{\"ask\":\"source\",\"orphans\":[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\"]}",
		"Without a driver:\n- a\n- b\n- c\n- d\n  and 2 more\n\n"
		"Where is the driver disk?");
	is_told("{\"ask\":\"trust\",\"pack\":\"P\",\"location\":\"/dev/sr0\",\"key\":"
		"\"0123456789AB\",\"user_id\":\"U\",\"text\":\"T.\",\"advice\":\"A.\"}",
		"'P'\nat '/dev/sr0'\n\nT.\n\nSigned by a key whose fingerprint ends in\n"
		"  0123 4567 89AB\n"
		"which says it is of\n  U\n\nA.");
	is_told("{\"ask\":\"trust\",\"pack\":\"P\",\"key\":null,\"text\":\"unsigned\"}",
		"'P'\n\nUnsigned.");
	is_told("{\"ask\":\"trust\",\"pack\":\"P\",\"key\":"
		"\"0123456789012345678901234567890123456789\"}",
		"'P'\n\nSigned by the key with the fingerprint\n"
		"  0123 4567 8901 2345 6789 0123 4567 8901 2345 6789");
	is_told("{\"ask\":\"confirm\",\"text\":\"T:\",\"rows\":[\"a\",\"b\"],"
		"\"digest\":\"0123456789abcdef0123\"}",
		"T:\n- a\n- b\n\nPlan 0123456789abcdef");
	is_told("{\"ask\":\"proof\",\"text\":\"T:\",\"rows\":[{\"address\":\"x\",\"text\":"
		"\"is\",\"ok\":true},{\"address\":\"y\",\"text\":\"is not\"}],"
		"\"findings\":[{\"text\":\"F\",\"advice\":\"A\"}]}",
		"T:\n- works: x is\n- DOES NOT WORK: y is not\n\n- F\n  A");
	is_told("{\"ask\":\"verified\",\"text\":\"T.\",\"rows\":[{\"text\":\"'a': good\",\"ok\":true},"
		"{\"text\":\"'b': bad\"}],\"findings\":[{\"text\":\"F\",\"advice\":\"A\"}]}",
		"T.\n- 'a': good\n- NOT GOOD: 'b': bad\n\n- F\n  A");
	is_told("{\"ask\":\"problem\",\"text\":\"T.\",\"findings\":[{\"text\":\"F\","
		"\"advice\":\"A\"},{\"text\":\"G\"}]}",
		"T.\n\n- F\n  A\n- G");
	is_told("{\"ask\":\"problem\",\"text\":\"it is so\",\"findings\":[{\"text\":\"F\","
		"\"advice\":\"A\"},{\"text\":\"G\",\"advice\":\"A\"},{\"text\":\"H\",\"advice\":"
		"\"B\"}]}",
		"It is so.\n\n- F\n- G\n  A\n- H\n  B");
	is_told("{\"ask\":\"proof\",\"text\":\"T:\",\"rows\":[{\"address\":\"x\",\"text\":"
		"\"x: driven by e1000e\",\"ok\":true}]}",
		"T:\n- works: x: driven by e1000e");
}

static void unknown_kinds(void **state)
{
	static const char *const questions[] = { "{\"ask\":\"horoscope\"}", "{}",
						 "{\"ask\":null}", "{\"ask\":1}" };
	struct sp_error err = SP_ERROR_INIT;
	struct sp_screen *screen = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof questions / sizeof questions[0]; i++) {
		struct json_object *json = NULL;

		assert_int_equal(
			sp_json_parse(questions[i], strlen(questions[i]), &json, &err),
			0);
		assert_int_equal(sp_screen_new(json, &screen, &err), SP_SCREEN_UNKNOWN);
		assert_null(screen);
		sp_json_free(json);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts),
		cmocka_unit_test(unknown_kinds),
	};
	int failed = table_run("screen: answers", rows, answers);

	failed += table_run("screen: defaults", default_rows, defaults_are_safe);
	return failed + cmocka_run_group_tests_name("screen: texts", tests, NULL, NULL);
}
