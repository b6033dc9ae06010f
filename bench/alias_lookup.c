/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Is our index over alias patterns faster than libkmod's, and does it say the same? */
#include "plan/alias.h"

#include <fcntl.h>
#include <libkmod.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>

#include "base/array.h"
#include "base/text.h"

enum { ROUNDS = 5, MAX_HITS = 256 };

/* Of the processor, so that neighbours do not count. */
static double now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/* ---- a device for every pattern ---------------------------------------------- */

/* What stands for a star behind the part @label of a modalias. */
static const char *example_of(const char *label)
{
	static const struct {
		const char *label, *value;
	} examples[] = {
		{ "v", "00001AF4" },  { "d", "00001100" },  { "sv", "00001AF4" },
		{ "sd", "00001100" }, { "bc", "02" },       { "sc", "00" },
		{ "i", "00" },        { "N", "ethernet0" }, { "T", "(null)" },
	};

	for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++)
		if (!strcmp(examples[i].label, label))
			return examples[i].value;
	return "00";
}

static void make_modalias(const char *pattern, size_t len, struct sp_strbuf *text)
{
	char label[8] = "";
	size_t label_len = 0;

	for (size_t i = 0; i < len; i++) {
		char c = pattern[i];

		if (c == '*' && i + 1 < len) {
			sp_strbuf_add(text, "%s", example_of(label));
		} else if (c == '*') {
			sp_strbuf_add(text, "%s", *label ? example_of(label) : "");
		} else if (c == '[') {
			sp_strbuf_add(text, "%c", pattern[i + 1]);
			i += strcspn(pattern + i, "]");
		} else {
			sp_strbuf_add(text, "%c", c == '?' ? '0' : c);
		}
		label_len = c >= 'A' && label_len + 1 < sizeof label ? label_len + 1 : 0;
		if (label_len > 0)
			label[label_len - 1] = c;
		label[label_len] = '\0';
	}
}

static int make_modaliases(const char *text, size_t len, struct sp_strv *modaliases,
			   struct sp_error *err)
{
	const char *end = text + len;
	int r = 0;

	for (const char *line = text; line < end && r == 0;) {
		struct sp_strbuf modalias = { 0 };
		const char *eol = memchr(line, '\n', (size_t)(end - line));
		const char *pattern = line + strlen("alias ");

		if (!eol)
			break;
		/* Without a bus it might be a module's name, which libkmod looks for
		 * before any alias. */
		if (!strncmp(line, "alias ", strlen("alias ")) &&
		    memchr(pattern, ':', strcspn(pattern, " "))) {
			make_modalias(pattern, strcspn(pattern, " "), &modalias);
			r = sp_strv_add(modaliases, modalias.text, err);
		}
		sp_strbuf_done(&modalias);
		line = eol + 1;
	}
	return r;
}

/* ---- the two ------------------------------------------------------------------ */

static double time_ours(struct sp_alias_index *index, const struct sp_strv *modaliases)
{
	double start = now_us();

	for (int round = 0; round < ROUNDS; round++)
		for (size_t i = 0; i < modaliases->n; i++) {
			struct sp_alias_hit hits[MAX_HITS];

			(void)sp_alias_index_find(index, modaliases->items[i], hits,
						  MAX_HITS);
		}
	return (now_us() - start) / ROUNDS / (double)modaliases->n;
}

static double time_kmod(struct kmod_ctx *kmod, const struct sp_strv *modaliases)
{
	double start = now_us();

	for (size_t i = 0; i < modaliases->n; i++) {
		struct kmod_list *list = NULL;

		(void)kmod_module_new_from_lookup(kmod, modaliases->items[i], &list);
		kmod_module_unref_list(list);
	}
	return (now_us() - start) / (double)modaliases->n;
}

static bool has_hit(const struct sp_alias_hit *hits, size_t n, const char *module)
{
	for (size_t i = 0; i < n; i++)
		if (hits[i].module_len == strlen(module) &&
		    !memcmp(hits[i].module, module, hits[i].module_len))
			return true;
	return false;
}

static bool is_same_answer(struct sp_alias_index *index, struct kmod_ctx *kmod,
			   const char *modalias)
{
	struct sp_alias_hit hits[MAX_HITS];
	struct kmod_list *list = NULL, *item;
	struct sp_strv seen = { 0 };
	struct sp_error err = SP_ERROR_INIT;
	size_t n = sp_alias_index_find(index, modalias, hits, MAX_HITS);
	bool is_same = kmod_module_new_from_lookup(kmod, modalias, &list) >= 0;

	kmod_list_foreach(item, list)
	{
		struct kmod_module *module = kmod_module_get_module(item);
		const char *name = kmod_module_get_name(module);

		is_same = is_same && has_hit(hits, n, name);
		if (!sp_strv_has(&seen, name) && sp_strv_add(&seen, name, &err) < 0)
			is_same = false;
		kmod_module_unref(module);
	}
	is_same = is_same && seen.n == n;
	sp_strv_done(&seen);
	kmod_module_unref_list(list);
	return is_same;
}

static size_t count_differences(struct sp_alias_index *index, struct kmod_ctx *kmod,
				const struct sp_strv *modaliases)
{
	size_t n = 0;

	for (size_t i = 0; i < modaliases->n; i++) {
		if (is_same_answer(index, kmod, modaliases->items[i]))
			continue;
		if (n++ < 5)
			printf("  differs: %s\n", modaliases->items[i]);
	}
	return n;
}

/* ---- the run ------------------------------------------------------------------ */

static void report(const char *what, struct sp_alias_index *index, struct kmod_ctx *kmod,
		   const struct sp_strv *modaliases)
{
	double ours = time_ours(index, modaliases), theirs;

	(void)time_kmod(kmod, modaliases);
	theirs = time_kmod(kmod, modaliases);
	printf("%zu %s: %.3f us, libkmod %.3f us, ratio %.3f, answers that differ: %zu\n",
	       modaliases->n, what, ours, theirs, ours / theirs,
	       count_differences(index, kmod, modaliases));
}

static int read_modaliases(const char *path, struct sp_strv *modaliases,
			   struct sp_error *err)
{
	char line[4096];
	FILE *file = fopen(path, "re");
	int r = 0;

	if (!file)
		return sp_error_set(err, SP_ERR_USAGE, "there is no '%s'", path);
	while (r == 0 && fgets(line, sizeof line, file)) {
		line[strcspn(line, "\n")] = '\0';
		r = sp_strv_add(modaliases, line, err);
	}
	fclose(file);
	return r;
}

static int compare(const char *dir, const char *path, const char *text, size_t len,
		   struct sp_error *err)
{
	static const char *const no_config[] = { NULL };
	SP_AUTO(sp_alias_index_freep) struct sp_alias_index *index = NULL;
	struct sp_strv made = { 0 }, recorded = { 0 };
	struct kmod_ctx *kmod = kmod_new(dir, no_config);
	double start = now_us();
	int r = sp_alias_index_new(&index, err);

	if (r == 0)
		r = sp_alias_index_add_file(index, text, len, 0, err);
	if (r == 0)
		(void)sp_alias_index_find(index, "pci:", NULL, 0);
	printf("index built in %.1f ms\n", (now_us() - start) / 1e3);
	if (r == 0)
		r = make_modaliases(text, len, &made, err);
	if (r == 0 && path)
		r = read_modaliases(path, &recorded, err);
	if (r == 0 && (!kmod || kmod_load_resources(kmod) < 0))
		r = sp_error_set(err, SP_ERR_USAGE, "'%s' has no modules.alias.bin", dir);
	if (r == 0)
		report("devices, one for each alias", index, kmod, &made);
	if (r == 0 && path)
		report("recorded devices", index, kmod, &recorded);
	sp_strv_done(&made);
	sp_strv_done(&recorded);
	kmod_unref(kmod);
	return r;
}

int main(int argc, char *argv[])
{
	struct sp_error err = SP_ERROR_INIT;
	SP_AUTO(sp_str_freep) char *path = NULL;
	SP_AUTO(sp_closep) int fd = -1;
	struct stat st;
	char *text;

	if (argc != 2 && argc != 3) {
		fprintf(stderr, "usage: %s .../lib/modules/<kver> [MODALIASES]\n",
			argv[0]);
		return 2;
	}
	path = sp_text_format("%s/modules.alias", argv[1]);
	fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	if (fd < 0 || fstat(fd, &st) < 0 || st.st_size == 0) {
		fprintf(stderr, "there is no '%s'\n", path ? path : "");
		return 1;
	}
	text = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (text == MAP_FAILED ||
	    compare(argv[1], argv[2], text, (size_t)st.st_size, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	return 0;
}
