/* SPDX-License-Identifier: GPL-2.0-or-later */

/* libxml2 with everything off that can be turned off, behind a scan for what makes it
 * slow: attributes by the hundred thousand cost it minutes (measured), so no tag may
 * be long. */

#include "repo/xml.h"

#include <string.h>

#include <libxml/parser.h>
#include <libxml/tree.h>

#include "base/text.h"

enum { TEXT_MAX = 4000 };

struct sp_xml {
	xmlDoc *doc;
};

static const xmlNode *raw(const struct sp_xml_node *node)
{
	return (const xmlNode *)(const void *)node;
}

static const struct sp_xml_node *cooked(const xmlNode *node)
{
	return (const struct sp_xml_node *)(const void *)node;
}

/* ---- before the parser sees it ----------------------------------------------- */

static int scan(const char *bytes, size_t len, struct sp_error *err)
{
	const char *at = bytes, *end = bytes + len;

	if (len > SP_XML_MAX_BYTES)
		return sp_error_set(err, SP_ERR_LIMIT,
				    "the document has %zu bytes, more than %d", len,
				    SP_XML_MAX_BYTES);
	if (memchr(bytes, '\0', len) || !sp_text_is_utf8(bytes, len))
		return sp_error_set(err, SP_ERR_FORMAT, "the document is no UTF-8 text");
	if (memmem(bytes, len, "<!DOCTYPE", 9) || memmem(bytes, len, "<!ENTITY", 8))
		return sp_error_set(
			err, SP_ERR_FORMAT,
			"the document declares a type or entities of its own");
	while (at < end && (at = memchr(at, '<', (size_t)(end - at)))) {
		const char *close = memchr(at, '>', (size_t)(end - at));

		if ((size_t)((close ? close : end) - at) > SP_XML_MAX_TAG)
			return sp_error_set(
				err, SP_ERR_LIMIT,
				"the document has a tag of more than %d bytes",
				SP_XML_MAX_TAG);
		at = close ? close : end;
	}
	return 0;
}

/* ---- the parser ------------------------------------------------------------------ */

static xmlParserInput *refuse_entity(const char *url, const char *id,
				     xmlParserCtxt *context)
{
	(void)url;
	(void)id;
	(void)context;
	return NULL;
}

static void ignore_error(void *user, const char *fmt, ...)
{
	(void)user;
	(void)fmt;
}

static int check_depth(const xmlNode *node, unsigned depth, struct sp_error *err)
{
	if (depth > SP_XML_MAX_DEPTH)
		return sp_error_set(err, SP_ERR_LIMIT,
				    "the document is nested deeper than %d",
				    SP_XML_MAX_DEPTH);
	for (; node; node = node->next) {
		int r = node->type == XML_ELEMENT_NODE
				? check_depth(node->children, depth + 1, err)
				: 0;

		if (r < 0)
			return r;
	}
	return 0;
}

static xmlDoc *read_memory(const char *bytes, size_t len, struct sp_error *err)
{
	xmlParserCtxt *context = xmlNewParserCtxt();
	xmlDoc *doc;
	bool sound;

	if (!context) {
		(void)sp_error_nomem(err);
		return NULL;
	}
	doc = xmlCtxtReadMemory(context, bytes, (int)len, NULL, "UTF-8",
				XML_PARSE_NONET | XML_PARSE_NOERROR |
					XML_PARSE_NOWARNING | XML_PARSE_COMPACT);
	sound = doc && context->wellFormed && context->errNo == 0 && !doc->intSubset &&
		!doc->extSubset && xmlDocGetRootElement(doc);
	if (!sound) {
		(void)sp_error_set(err, SP_ERR_FORMAT, "it is no XML (line %d)",
				   context->input ? context->input->line : 0);
		if (doc)
			xmlFreeDoc(doc);
		doc = NULL;
	}
	xmlFreeParserCtxt(context);
	return doc;
}

int sp_xml_parse(const char *bytes, size_t len, struct sp_xml **ret_xml,
		 struct sp_error *err)
{
	SP_AUTO(sp_xml_freep) struct sp_xml *xml = NULL;
	int r = scan(bytes, len, err);

	if (r < 0)
		return r;
	xmlSetGenericErrorFunc(NULL, ignore_error);
	xmlSetExternalEntityLoader(refuse_entity);
	xml = calloc(1, sizeof *xml);
	if (!xml)
		return sp_error_nomem(err);
	xml->doc = read_memory(bytes, len, err);
	if (!xml->doc)
		return -(int)err->code;
	r = check_depth(xmlDocGetRootElement(xml->doc), 1, err);
	if (r < 0)
		return r;
	*ret_xml = sp_steal(xml);
	return 0;
}

void sp_xml_free(struct sp_xml *xml)
{
	if (!xml)
		return;
	if (xml->doc)
		xmlFreeDoc(xml->doc);
	free(xml);
}

/* ---- the tree --------------------------------------------------------------------- */

const struct sp_xml_node *sp_xml_root(const struct sp_xml *xml)
{
	return cooked(xmlDocGetRootElement(xml->doc));
}

const char *sp_xml_name(const struct sp_xml_node *node)
{
	return (const char *)raw(node)->name;
}

unsigned sp_xml_line(const struct sp_xml_node *node)
{
	return raw(node)->line;
}

static const xmlNode *element_from(const xmlNode *node, const char *name)
{
	while (node && (node->type != XML_ELEMENT_NODE ||
			(name && strcmp((const char *)node->name, name) != 0)))
		node = node->next;
	return node;
}

const struct sp_xml_node *sp_xml_child(const struct sp_xml_node *node, const char *name)
{
	return cooked(element_from(raw(node)->children, name));
}

const struct sp_xml_node *sp_xml_next(const struct sp_xml_node *node, const char *name)
{
	return cooked(element_from(raw(node)->next, name));
}

/* The next element in document order, without leaving @top. */
static const xmlNode *follow(const xmlNode *top, const xmlNode *at)
{
	const xmlNode *next = element_from(at->children, NULL);

	while (!next && at != top) {
		next = element_from(at->next, NULL);
		at = at->parent;
	}
	return next;
}

const struct sp_xml_node *sp_xml_find(const struct sp_xml_node *top, const char *name,
				      const struct sp_xml_node *at)
{
	const xmlNode *node = at ? follow(raw(top), raw(at)) : raw(top);

	while (node && strcmp((const char *)node->name, name) != 0)
		node = follow(raw(top), node);
	return cooked(node);
}

/* Packs keep these texts. */
static char *fitted(char *text)
{
	char *smaller = text ? realloc(text, strlen(text) + 1) : NULL;

	return smaller ? smaller : text;
}

static char *take_clean(xmlChar *text)
{
	char *clean = NULL;

	if (!text)
		return NULL;
	clean = malloc(TEXT_MAX);
	if (clean) {
		const char *at = (const char *)text;
		size_t len;

		at += strspn(at, " \t\r\n");
		len = strlen(at);
		while (len && strchr(" \t\r\n", at[len - 1]))
			len--;
		sp_text_clean(at, len, clean, TEXT_MAX);
	}
	xmlFree(text);
	return fitted(clean);
}

char *sp_xml_attribute(const struct sp_xml_node *node, const char *name)
{
	return take_clean(xmlGetNoNsProp(raw(node), (const xmlChar *)name));
}

char *sp_xml_text(const struct sp_xml_node *node)
{
	return take_clean(xmlNodeGetContent(raw(node)));
}

const char *sp_xml_attribute_name(const struct sp_xml_node *node, size_t index)
{
	const xmlAttr *attribute = raw(node)->properties;

	while (attribute && index--)
		attribute = attribute->next;
	return attribute ? (const char *)attribute->name : NULL;
}
