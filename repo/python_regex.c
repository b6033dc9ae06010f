/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A pattern that does not compile takes the whole Server Status Report with it, so it is
 * found before the pack is on the host. */

#include "repo/python_regex.h"

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

enum { GROUPS_MAX = 100 };

struct scan {
	const char *at;
	int depth;       /* of groups that are open */
	bool repeatable; /* something stands before that can be repeated */
	bool repeated;   /* and it is repeated already */
	const char *fault;
};

static void fail(struct scan *scan, const char *fault)
{
	if (!scan->fault)
		scan->fault = fault;
	scan->at += strlen(scan->at);
}

static void take_atom(struct scan *scan, size_t n)
{
	scan->at += n;
	scan->repeatable = true;
	scan->repeated = false;
}

/* \d, \., \x41, \1; Python refuses letters that mean nothing. */
static size_t escape_len(struct scan *scan, const char *letters)
{
	unsigned char c = (unsigned char)scan->at[1];

	if (!c)
		fail(scan, "a backslash at the end");
	else if (isalpha(c) && !strchr(letters, c))
		fail(scan, "an unknown escape");
	else if (c == 'x' && (!isxdigit((unsigned char)scan->at[2]) ||
			      !isxdigit((unsigned char)scan->at[3])))
		fail(scan, "an incomplete escape");
	return 2;
}

/* One member of a class; its value for the order of ranges. */
static unsigned char class_member(struct scan *scan)
{
	unsigned char c = (unsigned char)*scan->at;

	if (c == '\\') {
		size_t len = escape_len(scan, "abfnrtvxdDsSwWuUN");

		if (scan->fault)
			return 0;
		c = (unsigned char)scan->at[1];
		scan->at += len;
		return isalnum(c) ? 0 : c;
	}
	scan->at++;
	return c;
}

static void take_class(struct scan *scan)
{
	bool first = true;

	scan->at += scan->at[1] == '^' ? 2 : 1;
	while (!scan->fault && *scan->at && (first || *scan->at != ']')) {
		unsigned char from = class_member(scan), to;

		first = false;
		if (scan->fault || scan->at[0] != '-' || !scan->at[1] ||
		    scan->at[1] == ']')
			continue;
		scan->at++;
		to = class_member(scan);
		if (from && to && from > to)
			fail(scan, "a range that runs backwards");
	}
	if (scan->fault || !*scan->at)
		fail(scan, "a class that is not closed");
	else
		take_atom(scan, 1);
}

static const char *group_name_end(const char *at)
{
	size_t n = strspn(at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			      "0123456789_");

	return n && !isdigit((unsigned char)*at) && at[n] == '>' ? at + n + 1 : NULL;
}

/* "(?:", "(?P<name>", "(?i)": what may follow the question mark.  The end of it. */
static const char *extension_end(const char *at)
{
	if (*at == 'P')
		at++;
	if (*at == '<' && (at[1] == '=' || at[1] == '!'))
		return at + 2;
	if (*at == '<')
		return group_name_end(at + 1);
	if (*at == '(')
		return at;
	return *at && strchr(":=!#aiLmsux-", *at) ? at + 1 : NULL;
}

static void take_open(struct scan *scan)
{
	const char *end = scan->at[1] == '?' ? extension_end(scan->at + 2) : scan->at + 1;

	if (!end || ++scan->depth > GROUPS_MAX) {
		fail(scan, end ? "too many groups" : "an unknown kind of group");
		return;
	}
	scan->at = end;
	scan->repeatable = false;
	scan->repeated = false;
}

static void take_close(struct scan *scan)
{
	if (scan->depth-- == 0)
		fail(scan, "a group that is not open");
	else
		take_atom(scan, 1);
}

/* "{2}", "{2,}", "{,3}", "{2,3}"; any other brace is itself.  Its length, or 0. */
static size_t braces_len(const char *at)
{
	size_t low = strspn(at + 1, "0123456789");
	size_t comma = at[1 + low] == ',';
	size_t high = comma ? strspn(at + 2 + low, "0123456789") : 0;

	if (!low && !comma)
		return 0;
	return at[1 + low + comma + high] == '}' ? 2 + low + comma + high : 0;
}

static void take_repeat(struct scan *scan, size_t n)
{
	if (!scan->repeatable || scan->repeated) {
		fail(scan, scan->repeated ? "a repetition of a repetition"
					  : "nothing to repeat");
		return;
	}
	scan->at += n;
	scan->at += *scan->at == '?'; /* as few as possible */
	scan->repeated = true;
}

static void take_one(struct scan *scan)
{
	switch (*scan->at) {
	case '\\':
		take_atom(scan, escape_len(scan, "AbBdDsSwWZabfnrtvxuUN"));
		break;
	case '[':
		take_class(scan);
		break;
	case '(':
		take_open(scan);
		break;
	case ')':
		take_close(scan);
		break;
	case '|':
		scan->at++;
		scan->repeatable = false;
		scan->repeated = false;
		break;
	case '*':
	case '+':
	case '?':
		take_repeat(scan, 1);
		break;
	case '{':
		if (braces_len(scan->at))
			take_repeat(scan, braces_len(scan->at));
		else
			take_atom(scan, 1);
		break;
	default:
		take_atom(scan, 1);
	}
}

const char *sp_python_regex_fault(const char *pattern)
{
	struct scan scan = { .at = pattern };

	while (!scan.fault && *scan.at)
		take_one(&scan);
	if (!scan.fault && scan.depth)
		return "a group that is not closed";
	return scan.fault;
}
