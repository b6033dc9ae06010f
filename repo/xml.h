/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* XML documents from outside, over libxml2, whose headers appear in xml.c only: no
 * DTD, no entity of the document's own, no network, no file, and limits on everything.
 * Runs in a worker. */

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum { SP_XML_MAX_BYTES = 256 * 1024, SP_XML_MAX_TAG = 64 * 1024, SP_XML_MAX_DEPTH = 32 };

struct sp_xml;
struct sp_xml_node; /* lives as long as its document */

/* @len at most SP_XML_MAX_BYTES.  SP_ERR_FORMAT (malformed, a DTD, not UTF-8),
 * SP_ERR_LIMIT (too large, a tag too long, too deep). */
SP_MUST_CHECK
int sp_xml_parse(const char *bytes, size_t len, struct sp_xml **ret_xml,
		 struct sp_error *err);
void sp_xml_free(struct sp_xml *xml);
SP_DEFINE_FREEP(struct sp_xml *, sp_xml_free)

/* The outermost element. */
const struct sp_xml_node *sp_xml_root(const struct sp_xml *xml);
/* Local name of an element. */
const char *sp_xml_name(const struct sp_xml_node *node);
unsigned sp_xml_line(const struct sp_xml_node *node);

/* The first child element called @name (NULL: any), and the next one after @node. */
const struct sp_xml_node *sp_xml_child(const struct sp_xml_node *node, const char *name);
const struct sp_xml_node *sp_xml_next(const struct sp_xml_node *node, const char *name);

/* Every element called @name below @top in document order, one after another: @at NULL
 * starts.  NULL: no more. */
const struct sp_xml_node *sp_xml_find(const struct sp_xml_node *top, const char *name,
				      const struct sp_xml_node *at);

/* An attribute's value, or an element's text without the white space around it, as
 * cleaned text (base/text.h) of at most 4,000 bytes; caller frees.  NULL: absent, or
 * out of memory. */
char *sp_xml_attribute(const struct sp_xml_node *node, const char *name);
char *sp_xml_text(const struct sp_xml_node *node);

/* The name of the attribute at @index; NULL past the last. */
const char *sp_xml_attribute_name(const struct sp_xml_node *node, size_t index);
