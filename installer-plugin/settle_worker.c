/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A pack is placed when it fits into the host and what was placed before it; then its
 * packages count as the host's.  What cannot be placed at all is asked once more with
 * everything else at hand: if it fits then, it is part of a circle. */

#include "installer-plugin/settle_worker.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/inside.h"
#include "base/json.h"
#include "installer-plugin/install.h"
#include "installer-plugin/settle.h"
#include "repo/pack.h"
#include "repo/rpmdb.h"
#include "repo/solve.h"

struct settling {
	const struct sp_settle *settle;
	const struct sp_settle_place *place;
	struct sp_outlet *outlet;
	struct sp_rpmdb_list database;
	struct sp_package *owned; /* what the host has */
	size_t n_owned;
	struct sp_package *there; /* of that what is still there, and what was placed:
				   * their insides are borrowed */
	size_t n_there;
	bool *placed;
};

static void settling_done(struct settling *settling)
{
	for (size_t i = 0; i < settling->n_owned; i++)
		sp_package_done(&settling->owned[i]);
	free(settling->owned);
	free(settling->there);
	free(settling->placed);
	sp_rpmdb_list_done(&settling->database);
}

/* ---- what the host has ----------------------------------------------------------------- */

/* "1:2.0-3" into its parts. */
static int split_evr(const char *evr, struct sp_package *package, struct sp_error *err)
{
	const char *colon = strchr(evr, ':');
	const char *version = colon ? colon + 1 : evr;
	const char *dash = strrchr(version, '-');

	package->epoch = colon ? strndup(evr, (size_t)(colon - evr)) : strdup("");
	package->version =
		dash ? strndup(version, (size_t)(dash - version)) : strdup(version);
	package->release = strdup(dash ? dash + 1 : "");
	return package->epoch && package->version && package->release
		       ? 0
		       : sp_error_nomem(err);
}

static int add_installed(struct settling *settling, struct sp_rpmdb_package *from,
			 struct sp_error *err)
{
	struct sp_package *package = sp_array_add(&settling->owned, &settling->n_owned);

	if (!package)
		return sp_error_nomem(err);
	package->name = strdup(from->name);
	package->arch = strdup(from->arch ? from->arch : "");
	package->provides = from->provides;
	package->requires_ = from->requires_;
	from->provides = (struct sp_strv){ 0 };
	from->requires_ = (struct sp_strv){ 0 };
	if (!package->name || !package->arch)
		return sp_error_nomem(err);
	return split_evr(from->evr, package, err);
}

/* It takes the place of what has its name. */
static int add_there(struct settling *settling, const struct sp_package *from,
		     struct sp_error *err)
{
	struct sp_package *package = NULL;

	for (size_t i = 0; i < settling->n_there && !package; i++)
		if (!strcmp(settling->there[i].name, from->name))
			package = &settling->there[i];
	if (!package)
		package = sp_array_add(&settling->there, &settling->n_there);
	if (!package)
		return sp_error_nomem(err);
	*package = *from;
	return 0;
}

static int list_there(struct settling *settling, struct sp_error *err)
{
	const char *path = settling->place->path;
	int r = !path ? 0
		      : sp_rpmdb_list_read(path, SP_RPMDB_DEPENDENCIES,
					   &settling->database, err);

	for (size_t i = 0; r == 0 && i < settling->database.n; i++)
		r = add_installed(settling, &settling->database.items[i], err);
	/* As they are, two of one name too: kernels. */
	for (size_t i = 0; r == 0 && i < settling->n_owned; i++) {
		struct sp_package *package =
			sp_array_add(&settling->there, &settling->n_there);

		if (!package)
			return sp_error_nomem(err);
		*package = settling->owned[i];
	}
	return r;
}

static bool has_file(void *user, const char *path)
{
	const struct settling *settling = user;
	SP_AUTO(sp_str_freep) char *real = NULL;
	struct sp_error ignored = SP_ERROR_INIT;

	return settling->place->path &&
	       sp_inside_resolve(settling->place->root_fd, path + strspn(path, "/"),
				 &real, &ignored) == 0;
}

/* ---- one pack ----------------------------------------------------------------------------- */

/* Legacy driver packages say which kernel they are for. */
static bool is_for_host(const struct settling *settling, const struct sp_package *package)
{
	return !package->kernel || !strcmp(package->kernel, "any") ||
	       sp_strv_has(settling->place->kernels, package->kernel);
}

static int list_asked(const struct sp_settle_pack *at, size_t **ret_wanted, size_t *ret_n,
		      struct sp_error *err)
{
	if (!at->wanted)
		return sp_solve_wanted(at->pack, false, ret_wanted, ret_n, err);
	*ret_wanted = calloc(at->n_wanted + 1, sizeof **ret_wanted);
	if (!*ret_wanted)
		return sp_error_nomem(err);
	memcpy(*ret_wanted, at->wanted, at->n_wanted * sizeof **ret_wanted);
	*ret_n = at->n_wanted;
	return 0;
}

static int list_wanted(const struct settling *settling, const struct sp_settle_pack *at,
		       size_t **ret_wanted, size_t *ret_n, struct sp_error *err)
{
	const struct sp_pack *pack = at->pack;
	size_t *wanted = NULL, n = 0, kept = 0;
	int r = list_asked(at, &wanted, &n, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < n; i++)
		if (sp_install_is_rpm(&pack->packages[wanted[i]]) &&
		    is_for_host(settling, &pack->packages[wanted[i]]))
			wanted[kept++] = wanted[i];
	*ret_wanted = wanted;
	*ret_n = kept;
	return 0;
}

static void free_wanted(size_t **wanted)
{
	free(*wanted);
}

static int solve(struct settling *settling, size_t index, struct sp_solution *solution,
		 struct sp_error *err)
{
	const struct sp_settle_pack *at = &settling->settle->packs[index];
	const struct sp_solve_host host = {
		.arch = settling->place->arch,
		.packages = settling->there,
		.n_packages = settling->n_there,
		.has_file = has_file,
		.user = settling,
		.provides = settling->place->provides,
		.allow_older = at->allow_older,
		.known_in_part = settling->place->known_in_part,
	};
	SP_AUTO(free_wanted) size_t *wanted = NULL;
	size_t n = 0;
	int r = list_wanted(settling, at, &wanted, &n, err);

	return r < 0 ? r : sp_solve(at->pack, wanted, n, &host, solution, err);
}

static bool is_in(const struct sp_solution *solution, size_t package)
{
	for (size_t i = 0; i < solution->n_order; i++)
		if (solution->order[i] == package)
			return true;
	return false;
}

/* That very package, from before: installed again to no harm, and proved. */
static bool is_there(const struct settling *settling, const struct sp_package *package)
{
	SP_AUTO(sp_str_freep) char *nevra = sp_package_nevra(package);

	for (size_t i = 0; nevra && i < settling->database.n; i++)
		if (!strcmp(settling->database.items[i].nevra, nevra))
			return true;
	return false;
}

/* What is there already is wanted all the same. */
static bool is_needed(const struct sp_settle_pack *at, const struct sp_solution *solution,
		      size_t package)
{
	for (size_t i = 0; i < at->n_wanted; i++)
		if (at->wanted[i] == package)
			return true;
	return is_in(solution, package);
}

static int list_needed(const struct sp_settle_pack *at,
		       const struct sp_solution *solution, struct sp_strv *needed,
		       struct sp_error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < at->pack->n_packages; i++) {
		SP_AUTO(sp_str_freep) char *text = sp_text_format("%zu", i);

		if (!text)
			return sp_error_nomem(err);
		if (is_needed(at, solution, i))
			r = sp_strv_add(needed, text, err);
	}
	return r;
}

static int send(struct settling *settling, size_t index,
		const struct sp_solution *solution, struct sp_error *err)
{
	const struct sp_pack *pack = settling->settle->packs[index].pack;
	SP_AUTO(sp_strv_done) struct sp_strv left_out = { 0 }, needed = { 0 };
	struct json_object *message = sp_json_object();
	int r = list_needed(&settling->settle->packs[index], solution, &needed, err);

	for (size_t i = 0; r == 0 && i < pack->n_packages; i++)
		if (!is_in(solution, i) && !is_there(settling, &pack->packages[i]))
			r = sp_strv_add(&left_out, pack->packages[i].name, err);
	sp_json_set_int(message, "pack", (int64_t)index);
	sp_json_set_strv(message, "problems", &solution->problems);
	sp_json_set_strv(message, "left_out", &left_out);
	sp_json_set_strv(message, "needed", &needed);
	if (r < 0) {
		sp_json_free(message);
		return r;
	}
	return sp_outlet_send(settling->outlet, message, err);
}

/* ---- all of them --------------------------------------------------------------------------- */

/* > 0: it does not fit yet. */
static int try_to_place(struct settling *settling, size_t index, struct sp_error *err)
{
	const struct sp_pack *pack = settling->settle->packs[index].pack;
	SP_AUTO(sp_solution_done) struct sp_solution solution = { 0 };
	int r = solve(settling, index, &solution, err);

	if (r != 0)
		return r;
	settling->placed[index] = true;
	r = send(settling, index, &solution, err);
	for (size_t i = 0; r == 0 && i < solution.n_order; i++)
		r = add_there(settling, &pack->packages[solution.order[i]], err);
	return r;
}

static int place_all(struct settling *settling, struct sp_error *err)
{
	bool moved = true;

	while (moved) {
		moved = false;
		for (size_t i = 0; i < settling->settle->n; i++) {
			int r;

			if (settling->placed[i])
				continue;
			r = try_to_place(settling, i, err);
			if (r < 0)
				return r;
			moved |= r == 0;
		}
	}
	return 0;
}

static void free_packages(struct sp_package **packages)
{
	free(*packages);
}

/* Would it fit if all the others that are left were there? */
static int fits_with_others(struct settling *settling, size_t index, bool *ret_fits,
			    struct sp_error *err)
{
	const struct sp_settle *settle = settling->settle;
	struct settling all = *settling;
	SP_AUTO(free_packages) struct sp_package *there = NULL;
	SP_AUTO(sp_solution_done) struct sp_solution solution = { 0 };
	size_t n = 0;
	int r;

	for (size_t i = 0; i < settle->n; i++)
		n += settle->packs[i].pack->n_packages;
	there = calloc(settling->n_there + n + 1, sizeof *there);
	if (!there)
		return sp_error_nomem(err);
	if (settling->n_there)
		memcpy(there, settling->there, settling->n_there * sizeof *there);
	all.there = there;
	for (size_t i = 0; i < settle->n; i++)
		for (size_t j = 0; i != index && !settling->placed[i] &&
				   j < settle->packs[i].pack->n_packages;
		     j++)
			there[all.n_there++] = settle->packs[i].pack->packages[j];
	r = solve(&all, index, &solution, err);
	*ret_fits = r == 0;
	return r < 0 ? r : 0;
}

static int refuse(struct settling *settling, size_t index, struct sp_error *err)
{
	SP_AUTO(sp_solution_done) struct sp_solution solution = { 0 };
	bool is_circle = false;
	int r = fits_with_others(settling, index, &is_circle, err);

	if (r == 0)
		r = solve(settling, index, &solution, err);
	if (r >= 0 && is_circle) {
		sp_strv_done(&solution.problems);
		solution.problems = (struct sp_strv){ 0 };
		r = sp_strv_add(&solution.problems,
				"it and another pack at hand require one another in a "
				"circle, or one that cannot be installed",
				err);
	}
	return r < 0 ? r : send(settling, index, &solution, err);
}

int sp_settle_worker(void *arg, struct sp_outlet *outlet, struct sp_error *err)
{
	const struct sp_settle_task *task = arg;
	SP_AUTO(settling_done)
	struct settling settling = { .settle = task->settle,
				     .place = task->place,
				     .outlet = outlet };
	int r = list_there(&settling, err);

	settling.placed = calloc(task->settle->n + 1, sizeof *settling.placed);
	if (r == 0 && !settling.placed)
		return sp_error_nomem(err);
	if (r == 0)
		r = place_all(&settling, err);
	for (size_t i = 0; r == 0 && i < task->settle->n; i++)
		if (!settling.placed[i])
			r = refuse(&settling, i, err);
	return r;
}
