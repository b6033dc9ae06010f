/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plan/requirements.h"
#include "support/table.h"

#include <string.h>

#include "base/array.h"
#include "repo/pack.h"
#include "repo/target.h"

/* A host: XenServer 8.2.0 on platform 3.2.1, kernel 4.19.0+1, 100 MiB free, 2 GiB for
 * the control domain, and a legacy pack "acme:tools" 1.5 on record. */
struct pack_row {
	const char *id, *version, *requires_, *product, *arch, *kernel;
	uint64_t installed_mib, memory_mb;
	bool modern;
};

static const struct row {
	const char *name;
	struct pack_row pack,
		other;       /* @other: a second pack of the batch; id NULL: none */
	const char *want[3]; /* findings of @pack, in any order */
} rows[] = {
	// clang-format off
	{ "nothing required", .pack = { .id = "a:b" } },
	{ "product met", .pack = { .id = "a:b", .requires_ = "xs:main ge 8.0.0" } },
	{ "product too new", .pack = { .id = "a:b", .requires_ = "xs:main eq 8.1.0" },
	  .want = { "requirement-missing" } },
	{ "platform met", .pack = { .id = "a:b", .requires_ = "xcp:main eq 3.2.1" } },
	{ "pack on record", .pack = { .id = "a:b", .requires_ = "acme:tools ge 1.5" } },
	{ "pack on record is too old", .pack = { .id = "a:b", .requires_ = "acme:tools gt 1.5" },
	  .want = { "requirement-missing" } },
	{ "pack not there", .pack = { .id = "a:b", .requires_ = "acme:none ge 1" },
	  .want = { "requirement-missing" } },
	{ "pack not there, ne", .pack = { .id = "a:b", .requires_ = "acme:none ne 1" },
	  .want = { "requirement-missing" } },
	{ "pack at hand", .pack = { .id = "a:b", .requires_ = "acme:new ge 2" },
	  .other = { .id = "acme:new", .version = "2.1" } },
	{ "pack at hand renews the record", .pack = { .id = "a:b", .requires_ = "acme:tools ge 2" },
	  .other = { .id = "acme:tools", .version = "2.0" } },
	{ "brand", .pack = { .id = "a:b", .product = "XenServer" } },
	{ "platform's name", .pack = { .id = "a:b", .product = "XCP" } },
	{ "another product", .pack = { .id = "a:b", .product = "Other" },
	  .want = { "requirement-missing" } },
	{ "modern gate met", .pack = { .id = "u", .modern = true,
	  .requires_ = "product-version = 8.2.0" } },
	{ "modern gate missed", .pack = { .id = "u", .modern = true,
	  .requires_ = "product-version = 7.1.1" }, .want = { "requirement-missing" } },
	{ "modern platform gate missed", .pack = { .id = "u", .modern = true,
	  .requires_ = "platform-version = 9" }, .want = { "requirement-missing" } },
	{ "not our gate", .pack = { .id = "u", .modern = true, .requires_ = "libfoo >= 9" } },
	{ "architecture", .pack = { .id = "a:b", .arch = "aarch64" },
	  .want = { "wrong-architecture" } },
	{ "kernel there", .pack = { .id = "a:b", .kernel = "4.19.0+1" } },
	{ "kernel not there", .pack = { .id = "a:b", .kernel = "4.19.0+2" },
	  .want = { "wrong-kernel" } },
	{ "space", .pack = { .id = "a:b", .installed_mib = 90 } },
	{ "no space, with the reserve", .pack = { .id = "a:b", .installed_mib = 95 },
	  .want = { "no-space" } },
	{ "memory", .pack = { .id = "a:b", .memory_mb = 2048 } },
	{ "not enough memory", .pack = { .id = "a:b", .memory_mb = 2049 },
	  .want = { "requirement-missing" } },
	{ "all problems at once", .pack = { .id = "a:b", .kernel = "5", .arch = "i686",
	  .installed_mib = 1000 }, .want = { "wrong-kernel", "wrong-architecture", "no-space" } },
	// clang-format on
};

static char *copy(const char *text)
{
	char *copied = strdup(text);

	assert_non_null(copied);
	return copied;
}

static void target_init(struct sp_target *target)
{
	struct sp_error err = SP_ERROR_INIT;
	struct sp_target_pack *tools = sp_array_add(&target->packs, &target->n_packs);

	target->inventory.product_brand = copy("XenServer");
	target->inventory.product_version = copy("8.2.0");
	target->inventory.platform_name = copy("XCP");
	target->inventory.platform_version = copy("3.2.1");
	target->arch = copy("x86_64");
	target->free_bytes = 100 << 20;
	target->memory_mb = 2048;
	assert_int_equal(sp_strv_add(&target->kernels, "4.19.0+1", &err), 0);
	*tools =
		(struct sp_target_pack){ copy("acme:tools"), copy("Tools"), copy("1.5") };
}

static void add_pack(struct sp_pack_list *batch, const struct pack_row *row)
{
	struct sp_error err = SP_ERROR_INIT;
	struct sp_pack *pack = sp_array_add(&batch->items, &batch->n);
	struct sp_package *package = sp_array_add(&pack->packages, &pack->n_packages);

	pack->format = row->modern ? SP_PACK_UPDATE : SP_PACK_LEGACY;
	pack->id = copy(row->id);
	pack->label = copy(row->id);
	pack->version = copy(row->version ? row->version : "1");
	pack->product = row->product ? copy(row->product) : NULL;
	pack->memory_mb = row->memory_mb;
	package->name = copy("payload");
	package->arch = copy(row->arch ? row->arch : "noarch");
	package->installed_bytes = row->installed_mib << 20;
	if (row->requires_)
		assert_int_equal(sp_strv_add(&pack->requires_, row->requires_, &err), 0);
	if (row->kernel) {
		struct sp_module *module =
			sp_array_add(&pack->modules.items, &pack->modules.n);

		module->name = copy("m");
		module->kernel = copy(row->kernel);
	}
}

static void checks_as_table_says(void **state)
{
	const struct row *row = *state;
	SP_AUTO(sp_target_done) struct sp_target target = { 0 };
	SP_AUTO(sp_pack_list_done) struct sp_pack_list batch = { 0 };
	SP_AUTO(sp_findings_done) struct sp_findings findings = { 0 };
	struct sp_error err = SP_ERROR_INIT;
	size_t n = 0;

	target_init(&target);
	add_pack(&batch, &row->pack);
	if (row->other.id)
		add_pack(&batch, &row->other);
	assert_int_equal(sp_requirements_check(&target, &batch, 0, &findings, &err), 0);
	for (; n < 3 && row->want[n]; n++)
		assert_true(sp_findings_has(&findings, row->want[n]));
	assert_int_equal(findings.n, n);
}

static const struct order_row {
	const char *name;
	const char *requires_[3]; /* of packs "p:0", "p:1", "p:2" */
	size_t want[3], want_circles;
} order_rows[] = {
	// clang-format off
	{ "as they stand", .want = { 0, 1, 2 } },
	{ "the last one first", .requires_ = { "p:2 ge 1" }, .want = { 1, 2, 0 } },
	{ "a chain", .requires_ = { "p:1 ge 1", "p:2 ge 1" }, .want = { 2, 1, 0 } },
	{ "a circle of two", .requires_ = { "p:1 ge 1", "p:0 ge 1" }, .want = { 2, 0, 1 }, .want_circles = 2 },
	{ "itself is no circle", .requires_ = { "p:0 ge 1" }, .want = { 0, 1, 2 } },
	// clang-format on
};

static void orders_as_table_says(void **state)
{
	const struct order_row *row = *state;
	SP_AUTO(sp_pack_list_done) struct sp_pack_list batch = { 0 };
	SP_AUTO(sp_findings_done) struct sp_findings findings = { 0 };
	struct sp_error err = SP_ERROR_INIT;
	static const char *const ids[] = { "p:0", "p:1", "p:2" };
	size_t order[3];

	for (size_t i = 0; i < 3; i++)
		add_pack(&batch, &(struct pack_row){ .id = ids[i],
						     .requires_ = row->requires_[i] });
	assert_int_equal(sp_requirements_order(&batch, order, &findings, &err), 0);
	assert_memory_equal(order, row->want, sizeof order);
	assert_int_equal(findings.n, row->want_circles);
}

int main(void)
{
	return table_run("requirements", rows, checks_as_table_says) +
	       table_run("order of packs", order_rows, orders_as_table_says);
}
