/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plan/alias.h"
#include "support/table.h"

#include "plan/glob.h"

#include <stdio.h>
#include <string.h>

enum { MAX_HITS = 64, GENERATED = 2000, TEXTS = 300, PATTERN_BYTES = 96 };

/* ---- rows ---------------------------------------------------------------------- */

static const char aliases[] =
	"# Aliases extracted from modules themselves.\n"
	"alias pci:v00008086d000010D3sv*sd*bc*sc*i* e1000e\n"
	"alias pci:v00008086d000010D3sv00008086sd0000A01Fbc*sc*i* e1000e_oem\n"
	"alias pci:v00008086d*sv*sd*bc02sc00i* intel_any\n"
	"alias pci:v*d*sv*sd*bc02sc00i* generic_nic\n"
	"alias pci:v00008086d000010D3sv*sd*bc*sc*i* e1000e\n"
	"alias pci:v*d*sv*sd*bc01sc08i02* nvme\n"
	"alias usb:v0BDApB812d*dc*dsc*dp*ic*isc*ip*in* rtl8xxxu\n"
	"alias mdio:00000000001000100101011000001??? \tamd\n"
	"  alias scsi:t-0x01* st\n"
	"alias spi:tpm_tis-spi tpm_tis_spi\n"
	"alias usb:v0421p0600d0[1-3]*dc*dsc*dp*ic*isc*ip*in* nokia\n"
	"alias pci:v[0 broken\n"
	"alias lonely\n"
	"options pci:v00008086d000010D3sv*sd*bc*sc*i* no_alias\n"
	"alias pci:v00001AF4d00001000sv*sd*bc*sc*i* virtio_pci";

static const struct find_row {
	const char *name;
	const char *modalias;
	const char *hits; /* "module rank, ..." */
} find_rows[] = {
	{ "every rank, best first",
	  "pci:v00008086d000010D3sv00008086sd0000A01Fbc02sc00i00",
	  "e1000e_oem subsystem, e1000e device, intel_any vendor, generic_nic class" },
	{ "another subsystem", "pci:v00008086d000010D3sv00008086sd00000001bc02sc00i00",
	  "e1000e device, intel_any vendor, generic_nic class" },
	{ "by class only", "pci:v00001B36d00000010sv00001AF4sd00001100bc01sc08i02",
	  "nvme class" },
	{ "nobody", "pci:v00001B36d00000010sv00001AF4sd00001100bc06sc00i00", "" },
	{ "last line without its end",
	  "pci:v00001AF4d00001000sv00001AF4sd00000001bc00sc00i00", "virtio_pci device" },
	{ "usb", "usb:v0BDApB812d0210dc00dsc00dp00icFFiscFFipFFin00", "rtl8xxxu device" },
	{ "question marks", "mdio:00000000001000100101011000001101", "amd device" },
	{ "dash in the file", "spi:tpm_tis_spi", "tpm_tis_spi device" },
	{ "dash in the modalias", "spi:tpm-tis-spi", "tpm_tis_spi device" },
	{ "blanks before the line", "scsi:t-0x01", "st class" },
	{ "bracket", "usb:v0421p0600d0200dc00dsc00dp00icFFiscFFipFFin00",
	  "nokia device" },
	{ "beside the bracket", "usb:v0421p0600d0400dc00dsc00dp00icFFiscFFipFFin00", "" },
	{ "empty", "", "" },
	{ "a start of one", "pci:v0000", "" },
};

static struct sp_alias_index *new_index(void)
{
	struct sp_alias_index *index = NULL;
	struct sp_error err = SP_ERROR_INIT;

	assert_int_equal(sp_alias_index_new(&index, &err), 0);
	return index;
}

static void add_text(char *text, size_t size, const struct sp_alias_hit *hit)
{
	size_t len = strlen(text);

	snprintf(text + len, size - len, "%s%.*s %s", len ? ", " : "",
		 (int)hit->module_len, hit->module, sp_rank_name(hit->rank));
}

static void finds_what_claims(void **state)
{
	const struct find_row *row = *state;
	SP_AUTO(sp_alias_index_freep) struct sp_alias_index *index = new_index();
	struct sp_error err = SP_ERROR_INIT;
	struct sp_alias_hit hits[MAX_HITS];
	char text[512] = "";
	size_t n;

	assert_int_equal(
		sp_alias_index_add_file(index, aliases, strlen(aliases), 7, &err), 0);
	assert_int_equal(sp_alias_index_n_ignored(index), 2);
	n = sp_alias_index_find(index, row->modalias, hits, MAX_HITS);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(hits[i].tag, 7);
		add_text(text, sizeof text, &hits[i]);
	}
	assert_string_equal(text, row->hits);
}

/* ---- tags, room, growth ----------------------------------------------------------- */

#define NIC "pci:v00008086d000010D3sv*sd*bc*sc*i*"
#define NIC_DEVICE "pci:v00008086d000010D3sv00008086sd0000A01Fbc02sc00i00"

static void names_each_claim_once_and_counts_all(void **state)
{
	SP_AUTO(sp_alias_index_freep) struct sp_alias_index *index = new_index();
	struct sp_error err = SP_ERROR_INIT;
	struct sp_alias_hit hits[2];

	(void)state;
	for (size_t tag = 0; tag < 3; tag++) {
		assert_int_equal(sp_alias_index_add(index, "pci:v*d*sv*sd*bc02sc*i*",
						    "e1000e", 2 - tag, &err),
				 0);
		assert_int_equal(sp_alias_index_add(index, NIC, "e1000e", 2 - tag, &err),
				 0);
	}
	assert_int_equal(sp_alias_index_find(index, NIC_DEVICE, hits, 2), 3);
	assert_int_equal(hits[0].tag, 0);
	assert_int_equal(hits[1].tag, 1);
	assert_int_equal(hits[0].rank, SP_RANK_DEVICE);
	assert_int_equal(sp_alias_index_find(index, NIC_DEVICE, NULL, 0), 3);
}

static void finds_what_was_added_after_a_lookup(void **state)
{
	SP_AUTO(sp_alias_index_freep) struct sp_alias_index *index = new_index();
	struct sp_error err = SP_ERROR_INIT;
	struct sp_alias_hit hits[2];

	(void)state;
	assert_int_equal(sp_alias_index_find(index, NIC_DEVICE, hits, 2), 0);
	assert_int_equal(sp_alias_index_add(index, NIC, "a", 0, &err), 0);
	assert_int_equal(sp_alias_index_find(index, NIC_DEVICE, hits, 2), 1);
	assert_int_equal(sp_alias_index_add(index, NIC, "ab", 0, &err), 0);
	assert_int_equal(sp_alias_index_find(index, NIC_DEVICE, hits, 2), 2);
	assert_int_equal(hits[0].module_len, 1);
}

static void ignores_a_modalias_without_end(void **state)
{
	SP_AUTO(sp_alias_index_freep) struct sp_alias_index *index = new_index();
	struct sp_error err = SP_ERROR_INIT;
	struct sp_alias_hit hits[1];
	char text[SP_GLOB_MAX_TEXT_BYTES + 2];

	(void)state;
	memset(text, 'a', sizeof text);
	assert_int_equal(sp_alias_index_add(index, "a*", "a", 0, &err), 0);
	text[SP_GLOB_MAX_TEXT_BYTES] = '\0';
	assert_int_equal(sp_alias_index_find(index, text, hits, 1), 1);
	text[SP_GLOB_MAX_TEXT_BYTES] = 'a';
	text[SP_GLOB_MAX_TEXT_BYTES + 1] = '\0';
	assert_int_equal(sp_alias_index_find(index, text, hits, 1), 0);
}

/* ---- against a walk over all patterns ---------------------------------------------- */

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 16;
}

/* Ids from a few, so that patterns and texts meet; stars in every combination. */
static void make_alias(uint32_t *seed, bool is_pattern, char *text)
{
	static const char *const labels[] = { "pci:v", "d", "sv", "sd", "bc", "sc", "i" };
	static const char *const ids[] = { "00008086", "000010D3", "02", "0C",
					   "0000-A01F" };
	size_t len = 0;

	for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++) {
		const char *id = ids[next_random(seed) % 5];

		if (is_pattern && next_random(seed) % 5 < 3)
			id = next_random(seed) % 9 ? "*" : "0[0-2]*";
		len += (size_t)snprintf(text + len, PATTERN_BYTES - len, "%s%s",
					labels[i], id);
	}
}

static void agrees_with_a_walk(void **state)
{
	SP_AUTO(sp_alias_index_freep) struct sp_alias_index *index = new_index();
	SP_AUTO(sp_str_freep) char *memory = malloc(GENERATED * PATTERN_BYTES);
	struct sp_error err = SP_ERROR_INIT;
	uint32_t seed = 5;
	size_t n_hits = 0;

	(void)state;
	assert_non_null(memory);
	for (size_t i = 0; i < GENERATED; i++) {
		char *pattern = memory + i * PATTERN_BYTES;

		make_alias(&seed, true, pattern);
		assert_int_equal(sp_alias_index_add(index, pattern, "m", i, &err), 0);
	}
	for (size_t t = 0; t < TEXTS; t++) {
		char text[PATTERN_BYTES], folded[PATTERN_BYTES];
		size_t expected = 0, len;

		make_alias(&seed, false, text);
		len = strlen(text);
		sp_glob_fold(text, len, folded);
		for (size_t i = 0; i < GENERATED; i++)
			expected += sp_glob_match(memory + i * PATTERN_BYTES,
						  strlen(memory + i * PATTERN_BYTES),
						  folded, len);
		assert_int_equal(sp_alias_index_find(index, text, NULL, 0), expected);
		n_hits += expected;
	}
	assert_true(n_hits > TEXTS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_each_claim_once_and_counts_all),
		cmocka_unit_test(finds_what_was_added_after_a_lookup),
		cmocka_unit_test(ignores_a_modalias_without_end),
		cmocka_unit_test(agrees_with_a_walk),
	};
	int failed = table_run("find", find_rows, finds_what_claims);

	return failed + cmocka_run_group_tests_name("index", tests, NULL, NULL);
}
