/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The limits of the reader of XML itself, whatever those that use it check, too. */
#include "repo/xml.h"
#include "base/text.h"
#include "support/table.h"

#include <string.h>

enum { BAD = -SP_ERR_FORMAT, LIMIT = -SP_ERR_LIMIT };

/* Begins with @before and ends with @after, with @fill between them until it has @bytes. */
static const struct row {
	const char *name, *before, *fill, *after;
	size_t bytes; /* 0: @before is all */
	int r;
} rows[] = {
	// clang-format off
	{ "the least there may be", "<a/>", "", "", 0, 0 },
	{ "as large as may be", "<a>", " ", "</a>", SP_XML_MAX_BYTES, 0 },
	{ "a byte more", "<a>", " ", "</a>", SP_XML_MAX_BYTES + 1, LIMIT },
	{ "a tag as long as may be", "<a", " ", ">", SP_XML_MAX_TAG + 1, BAD }, /* not closed */
	{ "a closed tag as long as may be", "<a", " ", "/>", SP_XML_MAX_TAG + 1, 0 },
	{ "a tag a byte longer", "<a", " ", "/>", SP_XML_MAX_TAG + 2, LIMIT },
	{ "a tag without end", "<a/><a", " ", "", SP_XML_MAX_TAG + 6, LIMIT },
	{ "a later tag", "<a><b/><b", " ", "/></a>", SP_XML_MAX_TAG + 20, LIMIT },
	{ "a type", "<!DOCTYPE a><a/>", "", "", 0, BAD },
	{ "a type within a comment", "<a><!-- <!DOCTYPE a> --></a>", "", "", 0, BAD },
	{ "an entity's declaration", "<a><!ENTITY b 'c'></a>", "", "", 0, BAD },
	{ "an entity of its own", "<a>&b;</a>", "", "", 0, BAD },
	{ "entities there always are", "<a>&amp;&lt;&#65;</a>", "", "", 0, 0 },
	{ "no UTF-8", "<a>\xff</a>", "", "", 0, BAD },
	{ "no document", "", "", "", 0, BAD },
	{ "text alone", "a", "", "", 0, BAD },
	{ "a comment alone", "<!-- a -->", "", "", 0, BAD },
	{ "two roots", "<a/><b/>", "", "", 0, BAD },
	{ "something behind it", "<a/>b", "", "", 0, BAD },
	{ "not closed", "<a><b></b>", "", "", 0, BAD },
	{ "closed twice", "<a></a></a>", "", "", 0, BAD },
	{ "a prefix of nobody", "<b:a/>", "", "", 0, BAD },
	{ "an attribute twice", "<a b='' b=''/>", "", "", 0, BAD },
	// clang-format on
};

static char *text_of(const struct row *row)
{
	struct sp_strbuf text = { 0 };

	sp_strbuf_add(&text, "%s", row->before);
	while (text.len + strlen(row->after) < row->bytes)
		sp_strbuf_add(&text, "%s", row->fill);
	sp_strbuf_add(&text, "%s", row->after);
	return sp_strbuf_take(&text);
}

static void is_read_as_table_says(void **state)
{
	const struct row *row = *state;
	SP_AUTO(sp_str_freep) char *text = text_of(row);
	SP_AUTO(sp_xml_freep) struct sp_xml *xml = NULL;
	struct sp_error err = SP_ERROR_INIT;

	assert_non_null(text);
	assert_int_equal(sp_xml_parse(text, strlen(text), &xml, &err), row->r);
	assert_int_equal(xml != NULL, row->r == 0);
}

static void holds_no_zeros(void **state)
{
	static const char text[] = "<a/>\0<b/>";
	SP_AUTO(sp_xml_freep) struct sp_xml *xml = NULL;
	struct sp_error err = SP_ERROR_INIT;

	(void)state;
	assert_int_equal(sp_xml_parse(text, sizeof text - 1, &xml, &err), BAD);
	assert_int_equal(sp_xml_parse(text, 5, &xml, &err), BAD);
	assert_int_equal(sp_xml_parse(text, 4, &xml, &err), 0);
}

static int parse_nested(unsigned depth)
{
	struct sp_strbuf buf = { 0 };
	SP_AUTO(sp_str_freep) char *text = NULL;
	SP_AUTO(sp_xml_freep) struct sp_xml *xml = NULL;
	struct sp_error err = SP_ERROR_INIT;

	sp_strbuf_add(&buf, "<r><x/>text<x/>");
	for (unsigned i = 1; i < depth; i++)
		sp_strbuf_add(&buf, "<a>");
	for (unsigned i = 1; i < depth; i++)
		sp_strbuf_add(&buf, "</a>");
	sp_strbuf_add(&buf, "</r>");
	text = sp_strbuf_take(&buf);
	return sp_xml_parse(text, strlen(text), &xml, &err);
}

static void is_so_deep_and_no_deeper(void **state)
{
	(void)state;
	assert_int_equal(parse_nested(SP_XML_MAX_DEPTH - 1), 0);
	assert_int_equal(parse_nested(SP_XML_MAX_DEPTH), LIMIT);
	assert_int_equal(parse_nested(SP_XML_MAX_DEPTH + 1), LIMIT);
}

static void texts_are_trimmed_and_cleaned(void **state)
{
	static const char text[] =
		"<a b=' c\td '>\n e&#xd;<![CDATA[ f ]]>\xc2\x9bg <h/></a>";
	SP_AUTO(sp_xml_freep) struct sp_xml *xml = NULL;
	SP_AUTO(sp_str_freep) char *attribute = NULL, *content = NULL;
	struct sp_error err = SP_ERROR_INIT;

	(void)state;
	assert_int_equal(sp_xml_parse(text, sizeof text - 1, &xml, &err), 0);
	attribute = sp_xml_attribute(sp_xml_root(xml), "b");
	content = sp_xml_text(sp_xml_root(xml));
	assert_string_equal(attribute, "c d");
	assert_string_equal(content, "e f ?g");
	assert_null(sp_xml_attribute(sp_xml_root(xml), "x"));
}

int main(void)
{
	const struct CMUnitTest others[] = {
		cmocka_unit_test(holds_no_zeros),
		cmocka_unit_test(is_so_deep_and_no_deeper),
		cmocka_unit_test(texts_are_trimmed_and_cleaned),
	};

	return table_run("documents", rows, is_read_as_table_says) +
	       cmocka_run_group_tests(others, NULL, NULL);
}
