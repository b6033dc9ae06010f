/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whatever the operator confirmed is in the plan's digest: one thing other, another digest. */
#include "plan/steps.h"
#include "repo/pack.h"
#include "support/table.h"

#include <string.h>

#define T(text) ((char *)(uintptr_t)(text))

/* A plan for two packs, of which one or both are used. */
struct world {
	struct sp_package packages[2];
	struct sp_module modules[2];
	struct sp_pack packs[2];
	struct sp_pack_list list;
	struct sp_plan_package used[2];
	struct sp_plan_module loaded[2];
	struct sp_match matches[2];
	struct sp_plan plan;
};

typedef void (*change_fn)(struct world *world);

static void make(struct world *w)
{
	*w = (struct world){ 0 };
	for (size_t i = 0; i < 2; i++) {
		w->packages[i] = (struct sp_package){
			.name = T("driver"),
			.version = T("1"),
			.release = T("2"),
			.arch = T("x86_64"),
			.sha256 = T("ab"),
			.md5 = T("cd"),
			.size_bytes = 10,
		};
		w->modules[i] = (struct sp_module){ .name = T("mod"),
						    .srcversion = T("AAA"),
						    .path = T("lib/mod.ko") };
		w->packs[i] = (struct sp_pack){
			.id = T("id"),
			.version = T("1"),
			.metadata_digest = T("ef"),
			.trust = { .key = T("KEY") },
			.packages = &w->packages[i],
			.n_packages = 1,
			.modules = { &w->modules[i], 1 },
		};
		w->matches[i] = (struct sp_match){ .address = "0000:01:00.0" };
	}
	w->list = (struct sp_pack_list){ w->packs, 2 };
	w->plan = (struct sp_plan){
		.packages = w->used,
		.n_packages = 1,
		.modules = w->loaded,
		.n_modules = 1,
		.matches = w->matches,
		.n_matches = 1,
	};
}

#define CHANGE(name, act)                          \
	static void change_##name(struct world *w) \
	{                                          \
		act;                               \
	}

CHANGE(format, w->packs[0].format = SP_PACK_RPMS)
CHANGE(id, w->packs[0].id = T("di"))
CHANGE(version, w->packs[0].version = T("2"))
CHANGE(metadata, w->packs[0].metadata_digest = T("fe"))
CHANGE(state, w->packs[0].trust.state = SP_TRUST_WEAK)
CHANGE(key, w->packs[0].trust.key = T("YEK"))
CHANGE(no_key, w->packs[0].trust.key = NULL)
CHANGE(name, w->packages[0].name = T("other"))
CHANGE(package_version, w->packages[0].version = T("2"))
CHANGE(release, w->packages[0].release = T("3"))
CHANGE(arch, w->packages[0].arch = T("noarch"))
CHANGE(size, w->packages[0].size_bytes = 11)
CHANGE(sha256, w->packages[0].sha256 = T("ba"))
CHANGE(md5_only, w->packages[0].sha256 = NULL)
CHANGE(module, w->modules[0].name = T("dom"))
CHANGE(srcversion, w->modules[0].srcversion = T("BBB"))
CHANGE(path, w->modules[0].path = T("lib/dom.ko"))
CHANGE(address, w->matches[0].address = "0000:02:00.0")
CHANGE(replaced, w->matches[0].verdict = SP_VERDICT_REPLACE)
CHANGE(not_loaded, w->matches[0].verdict = SP_VERDICT_KEEP)
CHANGE(two_packages, (w->plan.n_packages = 2, w->used[1].pack = 1))
CHANGE(two_modules, (w->plan.n_modules = 2, w->loaded[1].pack = 1))
CHANGE(two_matches, w->plan.n_matches = 2)
CHANGE(nothing, (void)w)
CHANGE(location, w->packs[0].location = T("/mnt/elsewhere"))
CHANGE(digest_beside_sha256, w->packages[0].md5 = T("dc"))
CHANGE(another_pack, w->packs[1].id = T("unused"))

static void change_kept(struct world *w)
{
	w->plan.n_matches = 2;
	w->matches[1].verdict = SP_VERDICT_KEEP;
}

static const struct row {
	const char *name;
	change_fn change;
	bool same;
} rows[] = {
	// clang-format off
	{ "the pack's format", change_format, false },
	{ "the pack's id", change_id, false },
	{ "the pack's version", change_version, false },
	{ "its metadata", change_metadata, false },
	{ "its trust", change_state, false },
	{ "its key", change_key, false },
	{ "no key", change_no_key, false },
	{ "a package's name", change_name, false },
	{ "a package's version", change_package_version, false },
	{ "a package's release", change_release, false },
	{ "a package's architecture", change_arch, false },
	{ "a package's size", change_size, false },
	{ "a package's bytes", change_sha256, false },
	{ "a package of an md5 only", change_md5_only, false },
	{ "a module's name", change_module, false },
	{ "a module's source", change_srcversion, false },
	{ "a module's path", change_path, false },
	{ "the device", change_address, false },
	{ "what becomes of its driver", change_replaced, false },
	{ "not to be loaded", change_not_loaded, false },
	{ "one more package", change_two_packages, false },
	{ "one more module", change_two_modules, false },
	{ "one more device", change_two_matches, false },
	{ "nothing", change_nothing, true },
	{ "where it was found", change_location, true },
	{ "an md5 beside a sha256", change_digest_beside_sha256, true },
	{ "a pack that is not used", change_another_pack, true },
	{ "a device that keeps its driver", change_kept, true },
	// clang-format on
};

static void digest_of(struct world *world, char digest[65])
{
	const struct sp_plan_input input = { .packs = &world->list };
	struct sp_error err = SP_ERROR_INIT;

	assert_int_equal(sp_plan_digest_set(&input, &world->plan, &err), 0);
	assert_int_equal(strspn(world->plan.digest, "0123456789abcdef"), 64);
	memcpy(digest, world->plan.digest, 65);
}

static void is_in_the_digest(void **state)
{
	const struct row *row = *state;
	struct world world;
	char before[65], after[65];

	make(&world);
	digest_of(&world, before);
	row->change(&world);
	digest_of(&world, after);
	assert_int_equal(strcmp(before, after) == 0, row->same);
}

int main(void)
{
	return table_run("digest", rows, is_in_the_digest);
}
