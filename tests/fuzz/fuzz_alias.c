/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A modules.alias file, an empty line, and modaliases: the index must say what a walk
 * over all patterns says, and each match what fnmatch() says. */
#include "plan/alias.h"
#include "plan/glob.h"
#include "fuzz/memory.h"

#include <fnmatch.h>

enum { MAX_HITS = 8, MAX_STARS = 4, LINE_BYTES = 128 };

/* libc's takes exponential time. */
static bool is_cheap(const char *pattern, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += pattern[i] == '*';
	return len < LINE_BYTES && n <= MAX_STARS;
}

/* fnmatch() may see letters of several bytes, and other dashes than ours. */
static bool is_plain(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] <= 0 || text[i] == '-')
			return false;
	return true;
}

static bool check_match(const char *pattern, size_t len, const char *text,
			size_t text_len)
{
	bool matches = sp_glob_match(pattern, len, text, text_len);
	char zero_pattern[LINE_BYTES], zero_text[LINE_BYTES];

	if (!is_cheap(pattern, len) || text_len >= LINE_BYTES ||
	    !is_plain(pattern, len) || !is_plain(text, text_len))
		return matches;
	memcpy(zero_pattern, pattern, len);
	zero_pattern[len] = '\0';
	memcpy(zero_text, text, text_len);
	zero_text[text_len] = '\0';
	FUZZ_PROMISE(matches == (fnmatch(zero_pattern, zero_text, 0) == 0));
	return matches;
}

static size_t word_length(const char *at, const char *end)
{
	size_t len = 0;

	while (at + len < end && at[len] != ' ' && at[len] != '\t')
		len++;
	return len;
}

static const char *skip_blanks(const char *at, const char *end)
{
	while (at < end && (*at == ' ' || *at == '\t'))
		at++;
	return at;
}

/* Does any alias line of the file claim the text? */
static bool walk(const char *file, size_t size, const char *text, size_t text_len)
{
	char folded[SP_GLOB_MAX_TEXT_BYTES];
	const char *end = file + size, *eol;
	bool claimed = false;

	if (text_len > sizeof folded)
		return false;
	sp_glob_fold(text, text_len, folded);
	for (const char *line = file; line < end; line = eol + 1) {
		const char *pattern, *module;
		size_t len;

		eol = memchr(line, '\n', (size_t)(end - line));
		if (!eol)
			eol = end;
		line = skip_blanks(line, eol);
		if (word_length(line, eol) != 5 || memcmp(line, "alias", 5) != 0)
			continue;
		pattern = skip_blanks(line + 5, eol);
		len = word_length(pattern, eol);
		module = skip_blanks(pattern + len, eol);
		if (word_length(module, eol) == 0 ||
		    word_length(module, eol) > SP_GLOB_MAX_BYTES ||
		    !sp_glob_is_sound(pattern, len))
			continue;
		if (check_match(pattern, len, folded, text_len))
			claimed = true;
	}
	return claimed;
}

static void look_up(struct sp_alias_index *index, const char *file, size_t file_size,
		    const char *text)
{
	struct sp_alias_hit hits[MAX_HITS];
	size_t n = sp_alias_index_find(index, text, hits, MAX_HITS);

	FUZZ_PROMISE((n > 0) == walk(file, file_size, text, strlen(text)));
	for (size_t i = 0; i < n && i < MAX_HITS; i++) {
		FUZZ_PROMISE(hits[i].rank > SP_RANK_NONE);
		FUZZ_PROMISE(hits[i].rank <= SP_RANK_SUBSYSTEM);
		FUZZ_PROMISE(i == 0 || hits[i].rank <= hits[i - 1].rank);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sp_alias_index *index = NULL;
	struct sp_error err = SP_ERROR_INIT;
	char *file = malloc(size + 1), *texts, *line;
	size_t file_size;

	if (!file)
		return 0;
	if (size)
		memcpy(file, data, size);
	file[size] = '\0';
	texts = memmem(file, size, "\n\n", 2);
	file_size = texts ? (size_t)(texts - file) : size;
	FUZZ_PROMISE(sp_alias_index_new(&index, &err) == 0);
	FUZZ_PROMISE(sp_alias_index_add_file(index, file, file_size, 1, &err) == 0);
	for (line = texts ? texts + 2 : file + size; *line;) {
		size_t len = strcspn(line, "\n");
		bool is_last = line[len] == '\0';

		line[len] = '\0';
		look_up(index, file, file_size, line);
		line += len + (is_last ? 0 : 1);
	}
	sp_alias_index_free(index);
	free(file);
	return 0;
}
