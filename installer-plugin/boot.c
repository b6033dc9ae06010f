/* SPDX-License-Identifier: GPL-2.0-or-later */

/* One row for each parameter. */

#include "installer-plugin/boot.h"

#include <stdlib.h>
#include <string.h>

#include "probe/root.h"

enum { MAX_BYTES = 64 << 10 };

void sp_boot_done(struct sp_boot *boot)
{
	sp_strv_done(&boot->extrarepo);
	sp_strv_done(&boot->blacklist);
	sp_strv_done(&boot->extramodules);
	sp_accept_done(&boot->accept);
	*boot = (struct sp_boot){ 0 };
}

typedef int (*take_fn)(void *field, const char *value, struct sp_error *err);

static int take_text(void *field, const char *value, struct sp_error *err)
{
	return sp_strv_add(field, value, err);
}

static int take_accept(void *field, const char *value, struct sp_error *err)
{
	return sp_accept_parse(field, value, err);
}

// clang-format off
static const struct parameter {
	const char *name;
	take_fn take;
	size_t offset;
	bool is_list; /* with commas between */
} parameters[] = {
	{ "extrarepo",          take_text,   offsetof(struct sp_boot, extrarepo),    false },
	{ "blacklist",          take_text,   offsetof(struct sp_boot, blacklist),    true },
	{ "modprobe.blacklist", take_text,   offsetof(struct sp_boot, blacklist),    true },
	{ "extramodules",       take_text,   offsetof(struct sp_boot, extramodules), true },
	{ "suppack.accept",     take_accept, offsetof(struct sp_boot, accept),       true },
};
// clang-format on

static int take_list(const struct parameter *parameter, char *value, struct sp_boot *boot,
		     struct sp_error *err)
{
	char *rest = value, *item;
	int r = 0;

	if (!parameter->is_list)
		return *value ? parameter->take((char *)boot + parameter->offset, value,
						err)
			      : 0;
	while (r == 0 && (item = strsep(&rest, ",")))
		if (*item)
			r = parameter->take((char *)boot + parameter->offset, item, err);
	return r;
}

static int take_word(char *word, struct sp_boot *boot, struct sp_error *err)
{
	char *value = strchr(word, '=');

	boot->onecd |= !strcmp(word, "onecd");
	if (!value)
		return 0;
	*value++ = '\0';
	for (size_t i = 0; i < sizeof parameters / sizeof parameters[0]; i++)
		if (!strcmp(parameters[i].name, word))
			return take_list(&parameters[i], value, boot, err) < 0
				       ? sp_error_context(
						 err, "kernel command line, '%s'", word)
				       : 0;
	return 0;
}

/* Cuts the next word off, its quotes taken out; NULL past the last. */
static char *next_word(char **rest)
{
	char *from = *rest + strspn(*rest, " \t\r\n"), *word = from, *to = from;
	bool quoted = false;

	if (!*from)
		return NULL;
	for (; *from && (quoted || !strchr(" \t\r\n", *from)); from++)
		if (*from == '"')
			quoted = !quoted;
		else
			*to++ = *from;
	*rest = *from ? from + 1 : from;
	*to = '\0';
	return word;
}

int sp_boot_parse(const char *text, struct sp_boot *ret_boot, struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *copy = strdup(text);
	char *rest = copy, *word;
	int r = copy ? 0 : sp_error_nomem(err);

	while (r == 0 && (word = next_word(&rest)))
		r = take_word(word, ret_boot, err);
	return r;
}

int sp_boot_read(const struct sp_root *root, struct sp_boot *ret_boot,
		 struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *text = NULL;
	size_t len = 0;
	int r = sp_root_load(root, "proc/cmdline", MAX_BYTES, &text, &len, err);

	if (r == SP_ROOT_ABSENT)
		return 0;
	return r < 0 ? r : sp_boot_parse(text, ret_boot, err);
}
