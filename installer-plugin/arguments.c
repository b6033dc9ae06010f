/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What stands before the last '@' is hidden, be it a password with an '@' of its own or,
 * once in a while, the beginning of a path. */

#include "installer-plugin/arguments.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

enum { MAX_BYTES = 64 << 10 };

static void hide(char *argument)
{
	char *scheme = strstr(argument, "://");
	char *at = scheme ? strrchr(scheme, '@') : NULL;

	if (at)
		memset(scheme + 3, 'x', (size_t)(at - scheme - 3));
}

void sp_arguments_freep(char ***copy)
{
	for (char **at = *copy; at && *at; at++)
		free(*at);
	free(*copy);
}

int sp_arguments_take(int argc, char *argv[], char ***ret_copy, struct sp_error *err)
{
	SP_AUTO(sp_arguments_freep) char **copy = calloc((size_t)argc + 1, sizeof *copy);

	for (int i = 0; copy && i < argc; i++) {
		copy[i] = strdup(argv[i]);
		if (!copy[i])
			return sp_error_nomem(err);
		hide(argv[i]);
	}
	*ret_copy = sp_steal(copy);
	return *ret_copy ? 0 : sp_error_nomem(err);
}

static int load(const char *path, char **ret_text, size_t *ret_len, struct sp_error *err)
{
	bool is_stdin = !strcmp(path, "-");
	SP_AUTO(sp_closep)
	int fd = is_stdin ? dup(STDIN_FILENO)
			  : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct sp_error cause = SP_ERROR_INIT;

	if (fd < 0)
		return sp_error_set(err, SP_ERR_USAGE, "'%s' cannot be opened: %s", path,
				    strerror(errno));
	if (sp_file_read_all(fd, MAX_BYTES, ret_text, ret_len, &cause) < 0)
		return sp_error_set(err, SP_ERR_USAGE, "'%s' cannot be read: %s", path,
				    cause.text);
	return 0;
}

static int add_lines(const char *path, struct sp_strv *list, struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *text = NULL;
	size_t len = 0, before = list->n;
	int r = load(path, &text, &len, err);
	const char *at = text;

	while (r == 0 && *at) {
		size_t line = strcspn(at, "\r\n");

		if (line > strspn(at, " \t") && *at != '#')
			r = sp_strv_add_n(list, at, line, err);
		at += line;
		at += strspn(at, "\r\n");
	}
	if (text)
		explicit_bzero(text, len);
	if (r == 0 && list->n == before)
		return sp_error_set(err, SP_ERR_USAGE, "'%s' names no location", path);
	return r;
}

int sp_arguments_expand(struct sp_strv *arguments, struct sp_error *err)
{
	SP_AUTO(sp_strv_done) struct sp_strv list = { 0 };
	int r = 0;

	for (size_t i = 0; r == 0 && i < arguments->n; i++)
		r = arguments->items[i][0] == '@'
			    ? add_lines(arguments->items[i] + 1, &list, err)
			    : sp_strv_add(&list, arguments->items[i], err);
	if (r < 0)
		return r;
	sp_strv_done(arguments);
	*arguments = list;
	list = (struct sp_strv){ 0 };
	return 0;
}
