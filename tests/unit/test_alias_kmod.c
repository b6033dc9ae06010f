/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Our index and libkmod's, over modules made for the purpose and one depmod: the same
 * answers for every modalias. */
#include "plan/alias.h"
#include "support/table.h"

#include "base/array.h"
#include "base/child.h"
#include "base/file.h"
#include "base/text.h"

#include <fcntl.h>
#include <libkmod.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
	MODULES = 6,
	GENERATED = 120,
	MAX_HITS = 16,
	ALIAS_BYTES = 96,
	DEADLINE_MS = 15000
};

#define KERNEL "4.19.0+1"

/* Oddities; what is generated below is added to them. */
static const char *const odd_patterns[] = {
	"acpi*:PNP0C0A:*",
	"auxiliary:mlx5_core.eth-rep",
	"dmi*:rvn*Kontron*:rn*COMe-cTH6*:",
	"input:b*v*p*e*-e*1,*k*2C0,*r*a*m*l*s*f*w*",
	"mdio:0000000000100010010101100001????",
	"of:N*T*Cvirtio,mmioC*",
	"of:N*T*Cvirtio,mmio",
	"pci:*",
	"platform:x[0-3]y[!a-c]z",
	"scsi:t-0x01*",
	"spi:tpm-tis_spi",
	"*:anything",
};

static const char *const odd_texts[] = {
	"acpi:PNP0C0A:",
	"acpi:ACPI0003:PNP0C0A:",
	"auxiliary:mlx5_core.eth_rep",
	"dmi:bvnX:rvnKontron:rnCOMe-cTH6:cvn",
	"input:b0003v046DpC52Be0111-e0,1,2,k71,2C0,r0,1,a2,m4,lsfw",
	"mdio:00000000001000100101011000011111",
	"of:NethernetT(null)Cvirtio,mmio",
	"of:NethernetT(null)Cvirtio,mmioCother",
	"pci:v00000000d00000000sv00000000sd00000000bc00sc00i00",
	"platform:x2ydz",
	"platform:x2yaz",
	"platform:x-yaz",
	"scsi:t-0x01",
	"scsi:t_0x01",
	"spi:tpm_tis-spi",
	"usb:anything",
	"",
	"a",
};

struct host {
	char dir[64];           /* its root */
	struct sp_strv aliases; /* "alias PATTERN mN" lines went there */
	struct sp_strv texts;
};

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 16;
}

static void make_alias(uint32_t *seed, bool is_pattern, char *text)
{
	static const char *const labels[] = { "pci:v", "d", "sv", "sd", "bc", "sc", "i" };
	static const char *const ids[] = { "00008086", "000010D3", "02", "0-A01F" };
	size_t len = 0;

	for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++) {
		const char *id = ids[next_random(seed) % 4];

		if (is_pattern && next_random(seed) % 5 < 3)
			id = next_random(seed) % 9 ? "*" : "0[0-2]*";
		len += (size_t)snprintf(text + len, ALIAS_BYTES - len, "%s%s", labels[i],
					id);
	}
}

static void run(const char *const argv[])
{
	struct sp_child_result result = { 0 };
	struct sp_error err = SP_ERROR_INIT;

	assert_int_equal(sp_child_run(argv, NULL, DEADLINE_MS, &result, &err), 0);
	if (result.status != 0)
		fail_msg("%s: %s", argv[0], result.output);
	free(result.output);
}

/* Every sixth pattern, and the first of all, so that claims of two modules meet. */
static void make_module(const struct host *host, size_t number)
{
	char out[128];
	const char *argv[8 + 2 * (GENERATED + 32)] = {
		"/bin/bash", FACTORY "/make-module", "--out", out, "--kernel", KERNEL
	};
	size_t n = 6;

	snprintf(out, sizeof out, "%s/lib/modules/" KERNEL "/kernel/m%zu.ko", host->dir,
		 number);
	for (size_t i = 0; i < host->aliases.n; i++) {
		if (i % MODULES != number && i != 0)
			continue;
		argv[n++] = "--alias";
		argv[n++] = host->aliases.items[i];
	}
	run(argv);
}

static int make_host(void **state)
{
	struct host *host = calloc(1, sizeof *host);
	struct sp_error err = SP_ERROR_INIT;
	char text[ALIAS_BYTES];
	uint32_t seed = 3;

	assert_non_null(host);
	strcpy(host->dir, "/tmp/suppack-alias-XXXXXX");
	assert_non_null(mkdtemp(host->dir));
	for (size_t i = 0; i < sizeof odd_patterns / sizeof odd_patterns[0]; i++)
		assert_int_equal(sp_strv_add(&host->aliases, odd_patterns[i], &err), 0);
	for (size_t i = 0; i < sizeof odd_texts / sizeof odd_texts[0]; i++)
		assert_int_equal(sp_strv_add(&host->texts, odd_texts[i], &err), 0);
	for (size_t i = 0; i < GENERATED; i++) {
		make_alias(&seed, true, text);
		assert_int_equal(sp_strv_add(&host->aliases, text, &err), 0);
		make_alias(&seed, false, text);
		assert_int_equal(sp_strv_add(&host->texts, text, &err), 0);
	}
	for (size_t i = 0; i < MODULES; i++)
		make_module(host, i);
	run((const char *const[]){ "/sbin/depmod", "-b", host->dir, KERNEL, NULL });
	*state = host;
	return 0;
}

static int drop_host(void **state)
{
	struct host *host = *state;
	struct sp_error err = SP_ERROR_INIT;
	SP_AUTO(sp_closep) int tmp = open("/tmp", O_DIRECTORY | O_RDONLY | O_CLOEXEC);

	assert_int_equal(sp_file_remove_tree(tmp, strrchr(host->dir, '/') + 1, &err), 0);
	sp_strv_done(&host->aliases);
	sp_strv_done(&host->texts);
	free(host);
	return 0;
}

static struct sp_strv ask_kmod(struct kmod_ctx *kmod, const char *text)
{
	struct kmod_list *list = NULL, *item;
	struct sp_strv names = { 0 };
	struct sp_error err = SP_ERROR_INIT;

	assert_true(kmod_module_new_from_lookup(kmod, text, &list) >= 0);
	kmod_list_foreach(item, list)
	{
		struct kmod_module *module = kmod_module_get_module(item);
		const char *name = kmod_module_get_name(module);

		if (!sp_strv_has(&names, name))
			assert_int_equal(sp_strv_add(&names, name, &err), 0);
		kmod_module_unref(module);
	}
	kmod_module_unref_list(list);
	sp_strv_sort(&names);
	return names;
}

static struct sp_strv ask_us(struct sp_alias_index *index, const char *text)
{
	struct sp_alias_hit hits[MAX_HITS];
	struct sp_strv names = { 0 };
	struct sp_error err = SP_ERROR_INIT;
	size_t n = sp_alias_index_find(index, text, hits, MAX_HITS);

	assert_true(n <= MAX_HITS);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(
			sp_strv_add_n(&names, hits[i].module, hits[i].module_len, &err),
			0);
	sp_strv_sort(&names);
	return names;
}

static void gives_the_answers_of_libkmod(void **state)
{
	static const char *const no_config[] = { NULL };
	const struct host *host = *state;
	SP_AUTO(sp_alias_index_freep) struct sp_alias_index *index = NULL;
	SP_AUTO(sp_str_freep)
	char *dir = sp_text_format("%s/lib/modules/" KERNEL, host->dir);
	SP_AUTO(sp_str_freep) char *alias_path = sp_text_format("%s/modules.alias", dir);
	SP_AUTO(sp_str_freep) char *aliases = NULL;
	struct kmod_ctx *kmod = kmod_new(dir, no_config);
	SP_AUTO(sp_closep) int fd = open(alias_path, O_RDONLY | O_CLOEXEC);
	struct sp_error err = SP_ERROR_INIT;
	size_t len, n_claimed = 0;

	assert_non_null(kmod);
	assert_int_equal(sp_file_read_all(fd, 1 << 20, &aliases, &len, &err), 0);
	assert_int_equal(sp_alias_index_new(&index, &err), 0);
	assert_int_equal(sp_alias_index_add_file(index, aliases, len, 0, &err), 0);
	for (size_t i = 0; i < host->texts.n; i++) {
		struct sp_strv theirs = ask_kmod(kmod, host->texts.items[i]);
		struct sp_strv ours = ask_us(index, host->texts.items[i]);
		SP_AUTO(sp_str_freep) char *expected = sp_strv_join(&theirs, " ");
		SP_AUTO(sp_str_freep) char *got = sp_strv_join(&ours, " ");

		if (strcmp(expected, got) != 0)
			fail_msg("'%s': libkmod says '%s', we say '%s'",
				 host->texts.items[i], expected, got);
		n_claimed += theirs.n;
		sp_strv_done(&theirs);
		sp_strv_done(&ours);
	}
	assert_true(n_claimed > host->texts.n);
	kmod_unref(kmod);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_the_answers_of_libkmod),
	};
	return cmocka_run_group_tests(tests, make_host, drop_host);
}
