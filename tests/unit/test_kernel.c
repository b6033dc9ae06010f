/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "probe/kernel.h"
#include "probe/root.h"
#include "support/table.h"
#include "support/machine.h"

#define LIB "lib/modules/4.19.0+1/"
#define SYMVERS                                                 \
	"0x11111111\tmodule_layout\tvmlinux\tEXPORT_SYMBOL\t\n" \
	"0x22222222\tpci_enable\tvmlinux\tEXPORT_SYMBOL\n"      \
	"0x33333333\tpci_enable_device\tvmlinux\tEXPORT_SYMBOL_GPL\t\n"

static int read_kernel(const struct machine *machine, const char *release,
		       struct sp_root **ret_root, struct sp_kernel *kernel,
		       struct sp_error *err)
{
	int r = sp_root_new(machine->dir, ret_root, err);

	return r < 0 ? r : sp_kernel_read(*ret_root, release, kernel, err);
}

/* Puts the sample module into @machine, compressed as the ending of @path says. */
static void add_sample(const struct machine *machine, const char *path)
{
	const char *ending = strstr(path, ".ko");
	char sample[PATH_MAX];

	(void)snprintf(sample, sizeof sample, SAMPLES "/sample%s", ending);
	machine_make_parents(machine, path);
	machine_run((const char *[]){ "cp", sample, machine_path(machine, path), NULL });
}

static void reads_what_a_host_has(void **state)
{
	SP_AUTO(sp_kernel_done) struct sp_kernel kernel = { 0 };
	SP_AUTO(sp_root_freep) struct sp_root *root = NULL;
	struct sp_error err = SP_ERROR_INIT;
	struct machine machine;

	(void)state;
	machine_make(&machine, NULL, NULL);
	machine_write(&machine, "proc/sys/kernel/arch", "aarch64\n");
	assert_int_equal(read_kernel(&machine, NULL, &root, &kernel, &err), 0);
	assert_string_equal(kernel.release, "4.19.0+1");
	assert_string_equal(kernel.arch, "aarch64");
	assert_int_equal(kernel.loaded.n, 12);
	assert_true(sp_strv_has(&kernel.loaded, "usb_storage"));
	assert_int_equal(kernel.builtin.n, 4);
	assert_true(sp_strv_has(&kernel.builtin, "virtio_blk"));
	assert_int_equal(kernel.available.n, 12);
	assert_true(sp_strv_has(&kernel.available, "xhci_pci"));
	assert_false(sp_strv_has(&kernel.available, "e1000e"));
	assert_false(kernel.enforces_signatures);
	assert_null(kernel.vermagic_flags);
	assert_int_equal(kernel.alias_len, strlen(kernel.alias_text));
	assert_non_null(strstr(kernel.alias_text, "\nalias usb:v*p*d*dc*dsc*dp*ic08"));
	machine_done(&machine);
}

static void takes_the_kernel_it_is_given(void **state)
{
	SP_AUTO(sp_kernel_done) struct sp_kernel kernel = { 0 };
	SP_AUTO(sp_root_freep) struct sp_root *root = NULL;
	struct sp_error err = SP_ERROR_INIT;
	struct machine machine;

	(void)state;
	machine_make(&machine, NULL, NULL);
	assert_int_equal(read_kernel(&machine, "6.6.1", &root, &kernel, &err), 0);
	assert_string_equal(kernel.release, "6.6.1");
	assert_int_equal(kernel.available.n, 0);
	assert_null(kernel.alias_text);
	machine_done(&machine);
}

static void takes_names_from_paths_of_every_kind(void **state)
{
	SP_AUTO(sp_kernel_done) struct sp_kernel kernel = { 0 };
	SP_AUTO(sp_root_freep) struct sp_root *root = NULL;
	struct sp_error err = SP_ERROR_INIT;
	struct machine machine;

	(void)state;
	machine_init(&machine);
	machine_write(
		&machine, LIB "modules.dep",
		"kernel/a/snd-hda-intel.ko.xz: kernel/b.ko\nb.ko:\n\n"
		"/lib/modules/4.19.0+1/c.ko.zst:\nkernel/e.kobo.ko.gz:\n.ko:\nno\n");
	assert_int_equal(read_kernel(&machine, "4.19.0+1", &root, &kernel, &err), 0);
	assert_int_equal(kernel.available.n, 5);
	assert_string_equal(kernel.available.items[0], "b");
	assert_string_equal(kernel.available.items[1], "c");
	assert_string_equal(kernel.available.items[2], "e.kobo");
	assert_string_equal(kernel.available.items[3], "no");
	assert_string_equal(kernel.available.items[4], "snd_hda_intel");
	machine_done(&machine);
}

// clang-format off
static const struct release_row {
	const char *name, *release, *text;
} release_rows[] = {
	{ "not said anywhere", NULL, "does not say which kernel it runs" },
	{ "with a way out", "../../etc", "'../../etc' is no kernel version" },
	{ "a path", "a/b", "'a/b' is no kernel version" },
	{ "empty", "", "'' is no kernel version" },
};
// clang-format on

static void refuses_release(void **state)
{
	const struct release_row *row = *state;
	SP_AUTO(sp_kernel_done) struct sp_kernel kernel = { 0 };
	SP_AUTO(sp_root_freep) struct sp_root *root = NULL;
	struct sp_error err = SP_ERROR_INIT;
	struct machine machine;

	machine_init(&machine);
	assert_int_equal(read_kernel(&machine, row->release, &root, &kernel, &err),
			 -SP_ERR_USAGE);
	assert_non_null(strstr(err.text, row->text));
	assert_null(kernel.release);
	machine_done(&machine);
}

// clang-format off
static const struct enforcement_row {
	const char *name, *path, *text;
	bool enforces;
} enforcement_rows[] = {
	{ "nothing", "proc/other", "", false },
	{ "parameter off", "sys/module/module/parameters/sig_enforce", "N\n", false },
	{ "parameter on", "sys/module/module/parameters/sig_enforce", "Y\n", true },
	{ "no lockdown", "sys/kernel/security/lockdown",
	  "[none] integrity confidentiality\n", false },
	{ "lockdown", "sys/kernel/security/lockdown",
	  "none [integrity] confidentiality\n", true },
	{ "strict lockdown", "sys/kernel/security/lockdown",
	  "none integrity [confidentiality]\n", true },
	{ "command line", "proc/cmdline", "ro module.sig_enforce quiet\n", true },
	{ "command line, a value", "proc/cmdline", "module.sig_enforce=1\n", true },
	{ "command line, off", "proc/cmdline", "ro module.sig_enforce=0 quiet\n", false },
	{ "command line, another word", "proc/cmdline", "amodule.sig_enforce\n", false },
};
// clang-format on

static void enforces(void **state)
{
	const struct enforcement_row *row = *state;
	SP_AUTO(sp_kernel_done) struct sp_kernel kernel = { 0 };
	SP_AUTO(sp_root_freep) struct sp_root *root = NULL;
	struct sp_error err = SP_ERROR_INIT;
	struct machine machine;

	machine_init(&machine);
	machine_write(&machine, row->path, row->text);
	assert_int_equal(read_kernel(&machine, "4.19.0+1", &root, &kernel, &err), 0);
	assert_int_equal(kernel.enforces_signatures, row->enforces);
	machine_done(&machine);
}

// clang-format off
static const struct flags_row {
	const char *name, *dep, *sample, *broken;
	const char *flags;
} flags_rows[] = {
	{ "plain", "kernel/x.ko:\n", LIB "kernel/x.ko", NULL, "SMP mod_unload modversions " },
	{ "xz, after those that are not there", "kernel/a.ko:\nkernel/x.ko.xz: kernel/a.ko\n",
	  LIB "kernel/x.ko.xz", NULL, "SMP mod_unload modversions " },
	{ "zst, after one that is broken", "kernel/a.ko:\nkernel/x.ko.zst:\n",
	  LIB "kernel/x.ko.zst", LIB "kernel/a.ko", "SMP mod_unload modversions " },
	{ "not in modules.dep", "kernel/a.ko:\n", LIB "kernel/x.ko", NULL, NULL },
	{ "of another kernel", "../4.19.0+2/kernel/x.ko:\n", "lib/modules/4.19.0+2/kernel/x.ko",
	  NULL, "SMP mod_unload modversions " },
};
// clang-format on

static void tells_flags(void **state)
{
	const struct flags_row *row = *state;
	SP_AUTO(sp_kernel_done) struct sp_kernel kernel = { 0 };
	SP_AUTO(sp_root_freep) struct sp_root *root = NULL;
	struct sp_error err = SP_ERROR_INIT;
	struct machine machine;

	machine_init(&machine);
	machine_write(&machine, LIB "modules.dep", row->dep);
	add_sample(&machine, row->sample);
	if (row->broken)
		machine_write(&machine, row->broken,
			      "\x7f"
			      "ELF, or not\n");
	assert_int_equal(read_kernel(&machine, "4.19.0+1", &root, &kernel, &err), 0);
	if (row->flags)
		assert_string_equal(kernel.vermagic_flags, row->flags);
	else
		assert_null(kernel.vermagic_flags);
	machine_done(&machine);
}

enum { N_NAMES = 4 };

// clang-format off
static const struct symvers_row {
	const char *name;
	const char *list, *packed; /* where the list goes, and the tool it is packed by */
	bool sample, loaded;
	uint32_t crcs[N_NAMES]; /* 0: not known */
} symvers_rows[] = {
	{ "none", NULL, NULL, false, false, { 0 } },
	{ "gz in lib", LIB "symvers", "gzip", false, false,
	  { 0x33333333, 0x11111111, 0, 0x33333333 } },
	{ "xz in lib", LIB "symvers", "xz", false, false,
	  { 0x33333333, 0x11111111, 0, 0x33333333 } },
	{ "gz in boot", "boot/symvers-4.19.0+1", "gzip", false, false,
	  { 0x33333333, 0x11111111, 0, 0x33333333 } },
	{ "headers", LIB "build/Module.symvers", NULL, false, false,
	  { 0x33333333, 0x11111111, 0, 0x33333333 } },
	{ "modules only", NULL, NULL, true, false, { 0xdeadbeef, 0x1a2b3c4d, 0, 0xdeadbeef } },
	{ "loaded module", NULL, NULL, true, true, { 0xdeadbeef, 0x1a2b3c4d, 0, 0xdeadbeef } },
	{ "list before modules", LIB "symvers", "gzip", true, false,
	  { 0x33333333, 0x11111111, 0, 0x33333333 } },
};
// clang-format on

static void knows_symvers(void **state)
{
	static const char *const names[N_NAMES] = { "pci_enable_device", "module_layout",
						    "nowhere", "pci_enable_device" };
	const struct symvers_row *row = *state;
	SP_AUTO(sp_kernel_done) struct sp_kernel kernel = { 0 };
	SP_AUTO(sp_root_freep) struct sp_root *root = NULL;
	struct sp_error err = SP_ERROR_INIT;
	uint32_t crcs[N_NAMES];
	bool known[N_NAMES];
	struct machine machine;

	machine_init(&machine);
	machine_write(&machine, LIB "modules.dep",
		      "kernel/a.ko:\nkernel/sample-nic.ko:\n");
	if (row->loaded)
		machine_write(&machine, "proc/modules", "sample_nic 1 0 - Live 0x0\n");
	if (row->list)
		machine_write(&machine, row->list, SYMVERS);
	if (row->packed)
		machine_run((const char *[]){ row->packed,
					      machine_path(&machine, row->list), NULL });
	if (row->sample)
		add_sample(&machine, LIB "kernel/sample-nic.ko");
	assert_int_equal(read_kernel(&machine, "4.19.0+1", &root, &kernel, &err), 0);
	assert_int_equal(
		sp_kernel_symvers(root, &kernel, names, N_NAMES, crcs, known, &err), 0);
	for (size_t i = 0; i < N_NAMES; i++) {
		assert_int_equal(known[i], row->crcs[i] != 0);
		assert_int_equal(crcs[i], row->crcs[i]);
	}
	machine_done(&machine);
}

/* A broken list is passed over for the next one, lines that are none for the rest. */
static void passes_over_broken_lists(void **state)
{
	static const char *const names[] = { "module_layout", "short", "x" };
	SP_AUTO(sp_kernel_done) struct sp_kernel kernel = { 0 };
	SP_AUTO(sp_root_freep) struct sp_root *root = NULL;
	struct sp_error err = SP_ERROR_INIT;
	uint32_t crcs[3];
	bool known[3];
	struct machine machine;

	(void)state;
	machine_init(&machine);
	machine_write(&machine, LIB "symvers.gz", "\x1f\x8b\x08 not gzip at all");
	machine_write(&machine, LIB "build/Module.symvers",
		      "garbage\n0x1ffffffff\tmodule_layout\tv\tE\n0x5 module_layout\n"
		      "0x00000007\tmodule_layout\tvmlinux\tE\n0x9\tx");
	assert_int_equal(read_kernel(&machine, "4.19.0+1", &root, &kernel, &err), 0);
	assert_int_equal(sp_kernel_symvers(root, &kernel, names, 3, crcs, known, &err),
			 0);
	assert_int_equal(crcs[0], 7);
	assert_false(known[1]);
	assert_int_equal(crcs[2], 9);
	assert_int_equal(sp_kernel_symvers(root, &kernel, names, 0, crcs, known, &err),
			 0);
	machine_done(&machine);
}

// clang-format off
static const struct firmware_row {
	const char *name, *path;
	bool there;
} firmware_rows[] = {
	{ "plain", "lib/firmware/vendor/fw.bin", true },
	{ "of this kernel", "lib/firmware/4.19.0+1/vendor/fw.bin", true },
	{ "updates", "lib/firmware/updates/vendor/fw.bin", true },
	{ "updates of this kernel", "lib/firmware/updates/4.19.0+1/vendor/fw.bin", true },
	{ "xz", "lib/firmware/vendor/fw.bin.xz", true },
	{ "zst", "lib/firmware/updates/vendor/fw.bin.zst", true },
	{ "a directory", "lib/firmware/vendor/fw.bin/x", false },
	{ "of another kernel", "lib/firmware/4.19.0+2/vendor/fw.bin", false },
	{ "no directory", "lib/firmware/fw.bin", false },
};
// clang-format on

static void finds_firmware(void **state)
{
	const struct firmware_row *row = *state;
	SP_AUTO(sp_kernel_done) struct sp_kernel kernel = { 0 };
	SP_AUTO(sp_root_freep) struct sp_root *root = NULL;
	struct sp_error err = SP_ERROR_INIT;
	struct machine machine;

	machine_init(&machine);
	machine_write(&machine, row->path, "");
	assert_int_equal(read_kernel(&machine, "4.19.0+1", &root, &kernel, &err), 0);
	assert_int_equal(sp_kernel_has_firmware(root, &kernel, "vendor/fw.bin"),
			 row->there);
	assert_false(sp_kernel_has_firmware(root, &kernel, "../firmware/vendor/fw.bin"));
	assert_false(sp_kernel_has_firmware(root, &kernel, ""));
	machine_done(&machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_a_host_has),
		cmocka_unit_test(takes_the_kernel_it_is_given),
		cmocka_unit_test(takes_names_from_paths_of_every_kind),
		cmocka_unit_test(passes_over_broken_lists),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	failed += table_run("release", release_rows, refuses_release);
	failed += table_run("enforcement", enforcement_rows, enforces);
	failed += table_run("flags", flags_rows, tells_flags);
	failed += table_run("symvers", symvers_rows, knows_symvers);
	failed += table_run("firmware", firmware_rows, finds_firmware);
	return failed;
}
