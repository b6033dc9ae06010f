/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "repo/solve.h"
#include "base/array.h"
#include "repo/pack.h"
#include "support/table.h"

#include <stdlib.h>
#include <string.h>

/* A package in one line: "name 1:2-3 x86_64 R dep; dep P dep C dep O dep F file". */
static char *take(const char **at, const char *stop)
{
	size_t len = strcspn(*at, stop);
	char *word = strndup(*at, len);

	assert_non_null(word);
	*at += len + ((*at)[len] != '\0');
	return word;
}

static void take_list(const char **at, struct sp_strv *list)
{
	struct sp_error err = SP_ERROR_INIT;

	while (**at && strncmp(*at, "| ", 2) != 0) {
		SP_AUTO(sp_str_freep) char *dep = take(at, ";|");
		size_t len = strlen(dep), blanks = strspn(dep, " ");

		while (len > blanks && dep[len - 1] == ' ')
			dep[--len] = '\0';
		assert_int_equal(sp_strv_add(list, dep + blanks, &err), 0);
		if ((*at)[-1] == '|')
			return;
	}
}

static void add_package(struct sp_package **packages, size_t *n, const char *line)
{
	struct sp_package *package = sp_array_add(packages, n);
	SP_AUTO(sp_str_freep) char *evr = NULL;
	const char *at = line, *colon, *dash;

	assert_non_null(package);
	package->name = take(&at, " ");
	evr = take(&at, " ");
	package->arch = take(&at, " |");
	colon = strchr(evr, ':');
	dash = strchr(evr, '-');
	package->epoch = colon ? strndup(evr, (size_t)(colon - evr)) : strdup("");
	package->version = colon ? strndup(colon + 1, (size_t)(dash - colon - 1))
				 : strndup(evr, (size_t)(dash - evr));
	package->release = strdup(dash + 1);
	package->file = sp_text_format("%s.rpm", package->name);
	package->type = strdup("rpm");
	while (*at) {
		char kind;

		at += strspn(at, " |");
		kind = *at;
		at += *at != '\0';
		take_list(&at, kind == 'R'   ? &package->requires_
			       : kind == 'P' ? &package->provides
			       : kind == 'C' ? &package->conflicts
			       : kind == 'O' ? &package->obsoletes
					     : &package->files);
	}
}

enum { MAX_LINES = 6 };

static const struct row {
	const char *name;
	const char *packages[MAX_LINES], *installed[MAX_LINES];
	const char *provides[MAX_LINES], *files[MAX_LINES];
	const char *wanted; /* names, in any order */
	bool allow_older, in_part;
	const char *order;   /* names in order of installation; NULL: problems */
	const char *problem; /* one of them, whole */
} rows[] = {
	// clang-format off
	{ "one alone", { "a 1-1 x86_64" }, .wanted = "a", .order = "a" },
	{ "what it needs comes first",
	  { "update-x 1-1 noarch | R b >= 1-1", "b 1-1 x86_64" }, .wanted = "update-x", .order = "b update-x" },
	{ "a chain",
	  { "a 1-1 noarch | R b", "b 1-1 noarch | R c", "c 1-1 noarch" }, .wanted = "a", .order = "c b a" },
	{ "a ring",
	  { "a 1-1 noarch | R b", "b 1-1 noarch | R a" }, .wanted = "b", .order = "b a" },
	{ "what nobody wants stays out",
	  { "a 1-1 noarch", "b 1-1 noarch" }, .wanted = "b", .order = "b" },
	{ "by what another provides",
	  { "a 1-1 noarch | R vendor-driver", "b 1-1 x86_64 | P vendor-driver; b = 1-1" }, .wanted = "a", .order = "b a" },
	{ "by the host's kernel",
	  { "a 1-1 x86_64 | R kernel-uname-r = 4.19.0+1" }, .provides = { "kernel-uname-r = 4.19.0+1" },
	  .wanted = "a", .order = "a" },
	{ "by the kernel of a Debian host",
	  { "a 1-1 x86_64 | R kernel-uname-r = 6.1.0-56-amd64" }, .provides = { "kernel-uname-r = 6.1.0-56-amd64" },
	  .wanted = "a", .order = "a" },
	{ "for another kernel",
	  { "a 1-1 x86_64 | R kernel-uname-r = 4.19.0+1" }, .provides = { "kernel-uname-r = 4.19.0+2" }, .wanted = "a",
	  .problem = "'a-1-1.x86_64' needs 'kernel-uname-r = 4.19.0+1', which neither the pack nor this host provides" },
	{ "for another product, one link away",
	  { "u 1-1 noarch | R control-x", "control-x 1-1 noarch | R product-version = 7.1.1" },
	  .provides = { "product-version = 8.2.0" }, .wanted = "u",
	  .problem = "'control-x-1-1.noarch' needs 'product-version = 7.1.1', which neither the pack nor this host provides" },
	{ "by a file of the host",
	  { "a 1-1 x86_64 | R /usr/sbin/depmod" }, .files = { "/usr/sbin/depmod" }, .wanted = "a", .order = "a" },
	{ "without that file",
	  { "a 1-1 x86_64 | R /usr/sbin/depmod" }, .files = { "/sbin/depmod" }, .wanted = "a",
	  .problem = "'a-1-1.x86_64' needs '/usr/sbin/depmod', which neither the pack nor this host provides" },
	{ "by whatever a host has that is known in part",
	  { "a 1-1 x86_64 | R /usr/sbin/depmod; b; libx.so.1", "b 1-1 noarch | R c >= 2" }, .wanted = "a",
	  .in_part = true, .order = "b a" },
	{ "by a file of the pack",
	  { "a 1-1 x86_64 | R /usr/bin/tool", "b 1-1 x86_64 | F usr/bin/tool" }, .wanted = "a", .order = "b a" },
	{ "rpm's own abilities are no matter",
	  { "a 1-1 x86_64 | R rpmlib(PayloadIsZstd) <= 5.4.18-1" }, .wanted = "a", .order = "a" },
	{ "by an installed package",
	  { "a 1-1 noarch | R base >= 2" }, { "base 2-5 noarch" }, .wanted = "a", .order = "a" },
	{ "by an installed one that is too old",
	  { "a 1-1 noarch | R base >= 1:2" }, { "base 2-5 noarch" }, .wanted = "a",
	  .problem = "'a-1-1.noarch' needs 'base >= 1:2', which neither the pack nor this host provides" },
	{ "an installed one is renewed for it",
	  { "a 1-1 noarch | R base >= 3", "base 3-1 noarch" }, { "base 2-5 noarch" }, .wanted = "a", .order = "base a" },
	{ "a newer one is there already",
	  { "u 1-1 noarch | R drv >= 1-1", "drv 1-1 x86_64" }, { "drv 2-1 x86_64" }, .wanted = "u", .order = "u" },
	{ "a newer one takes its place",
	  { "a 2-1 x86_64" }, { "a 1-1 x86_64" }, .wanted = "a", .order = "a" },
	{ "an older one does not",
	  { "a 1-1 x86_64" }, { "a 2-1 x86_64" }, .wanted = "a",
	  .problem = "'a-2-1.x86_64' is installed, and newer than 'a-1-1.x86_64'" },
	{ "an older one does if it may",
	  { "a 1-1 x86_64" }, { "a 2-1 x86_64" }, .wanted = "a", .allow_older = true, .order = "a" },
	{ "conflict with an installed one",
	  { "a 1-1 noarch | C b < 2" }, { "b 1-1 noarch" }, .wanted = "a",
	  .problem = "'a-1-1.noarch' conflicts with 'b-1-1.noarch'" },
	{ "an installed one's conflict",
	  { "a 1-1 noarch" }, { "b 1-1 noarch | C a" }, .wanted = "a",
	  .problem = "'b-1-1.noarch' conflicts with 'a-1-1.noarch'" },
	{ "conflict within the pack",
	  { "a 1-1 noarch | C b", "b 1-1 noarch" }, .wanted = "a b",
	  .problem = "'a-1-1.noarch' conflicts with 'b-1-1.noarch'" },
	{ "an obsolete one goes",
	  { "new 1-1 noarch | O old < 2" }, { "old 1-1 noarch" }, .wanted = "new", .order = "new" },
	{ "another architecture",
	  { "a 1-1 aarch64" }, .wanted = "a", .problem = "'a-1-1.aarch64' is for another architecture than this host's" },
	{ "32 bits will do",
	  { "a 1-1 i686" }, .wanted = "a", .order = "a" },
	{ "either of two",
	  { "a 1-1 noarch | R (b or c)", "c 1-1 noarch" }, .wanted = "a", .order = "c a" },
	{ "neither of two",
	  { "a 1-1 noarch | R (b or c)" }, .wanted = "a",
	  .problem = "'a-1-1.noarch' needs '(b or c)', which neither the pack nor this host provides" },
	{ "two kernels are installed",
	  { "a 1-1 noarch | R kernel = 2-1" }, { "kernel 1-1 x86_64", "kernel 2-1 x86_64" }, .wanted = "a", .order = "a" },
	{ "two problems are both said",
	  { "a 1-1 noarch | R x; y" }, .wanted = "a",
	  .problem = "'a-1-1.noarch' needs 'y', which neither the pack nor this host provides" },
	// clang-format on
};

static bool has_file(void *user, const char *path)
{
	const struct row *row = user;

	for (size_t i = 0; i < MAX_LINES && row->files[i]; i++)
		if (strcmp(row->files[i], path) == 0)
			return true;
	return false;
}

static bool is_word_of(const char *text, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = text; (at = strstr(at, word)); at += len)
		if ((at == text || at[-1] == ' ') && (at[len] == ' ' || !at[len]))
			return true;
	return false;
}

static size_t find_wanted(const struct row *row, const struct sp_pack *pack,
			  size_t wanted[MAX_LINES])
{
	size_t n = 0;

	for (size_t i = 0; i < pack->n_packages; i++)
		if (is_word_of(row->wanted, pack->packages[i].name))
			wanted[n++] = i;
	return n;
}

static char *names_in_order(const struct sp_pack *pack,
			    const struct sp_solution *solution)
{
	struct sp_strbuf text = { 0 };

	for (size_t i = 0; i < solution->n_order; i++)
		sp_strbuf_add(&text, "%s%s", i ? " " : "",
			      pack->packages[solution->order[i]].name);
	return sp_strbuf_take(&text);
}

static void is_solved(void **state)
{
	const struct row *row = *state;
	SP_AUTO(sp_pack_done) struct sp_pack pack = { 0 };
	SP_AUTO(sp_pack_done) struct sp_pack installed = { 0 };
	SP_AUTO(sp_strv_done) struct sp_strv provides = { 0 };
	SP_AUTO(sp_solution_done) struct sp_solution solution = { 0 };
	SP_AUTO(sp_str_freep) char *order = NULL;
	struct sp_solve_host host = { .arch = "x86_64",
				      .provides = &provides,
				      .has_file = has_file };
	struct sp_error err = SP_ERROR_INIT;
	size_t wanted[MAX_LINES], n;
	int r;

	for (size_t i = 0; i < MAX_LINES && row->packages[i]; i++)
		add_package(&pack.packages, &pack.n_packages, row->packages[i]);
	for (size_t i = 0; i < MAX_LINES && row->installed[i]; i++)
		add_package(&installed.packages, &installed.n_packages,
			    row->installed[i]);
	for (size_t i = 0; i < MAX_LINES && row->provides[i]; i++)
		assert_int_equal(sp_strv_add(&provides, row->provides[i], &err), 0);
	host.packages = installed.packages;
	host.n_packages = installed.n_packages;
	host.user = (void *)(uintptr_t)row;
	host.allow_older = row->allow_older;
	host.known_in_part = row->in_part;
	n = find_wanted(row, &pack, wanted);
	r = sp_solve(&pack, wanted, n, &host, &solution, &err);
	if (r < 0)
		fail_msg("%s", err.text);
	if (row->order && r == SP_SOLVE_PROBLEMS)
		fail_msg("%s", solution.problems.items[0]);
	assert_int_equal(r, row->order ? 0 : SP_SOLVE_PROBLEMS);
	order = names_in_order(&pack, &solution);
	assert_string_equal(order, row->order ? row->order : "");
	if (row->problem && !sp_strv_has(&solution.problems, row->problem))
		fail_msg("it says: %s", solution.problems.items[0]);
}

static const struct bad_row {
	const char *name, *package;
} bad_rows[] = {
	{ "no test", "a 1-1 noarch | R b ~ 1" },
	{ "no version", "a 1-1 noarch | R b =" },
	{ "too much", "a 1-1 noarch | R b = 1 2" },
	{ "an open bracket", "a 1-1 noarch | R (b or c" },
	{ "nothing", "a 1-1 noarch | P  ; x" },
};

static void is_refused(void **state)
{
	const struct bad_row *row = *state;
	SP_AUTO(sp_pack_done) struct sp_pack pack = { 0 };
	SP_AUTO(sp_solution_done) struct sp_solution solution = { 0 };
	const struct sp_solve_host host = { .arch = "x86_64" };
	struct sp_error err = SP_ERROR_INIT;
	size_t wanted = 0;

	add_package(&pack.packages, &pack.n_packages, row->package);
	assert_int_equal(sp_solve(&pack, &wanted, 1, &host, &solution, &err),
			 -SP_ERR_FORMAT);
}

int main(void)
{
	int failed = table_run("solve", rows, is_solved);

	return failed + table_run("refused", bad_rows, is_refused);
}
