/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "probe/modinfo.h"
#include "support/table.h"

#include "base/file.h"

#include <elf.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PATH "lib/modules/4.19.0+1/updates/sample-nic.ko"

enum { MAX_BYTES = 64 * 1024, TRUNCATE_STEP = 64 };

SP_DEFINE_FREEP(struct sp_module *, sp_module_done)

/* The sample in memory, to be bent. */
struct sample {
	union {
		unsigned char bytes[MAX_BYTES];
		Elf64_Ehdr header;
	};
	size_t len;
};

static Elf64_Shdr *section_at(struct sample *sample, size_t index)
{
	return (Elf64_Shdr *)(void *)(sample->bytes + sample->header.e_shoff) + index;
}

static Elf64_Shdr *find_section(struct sample *sample, const char *name)
{
	const Elf64_Shdr *names = section_at(sample, sample->header.e_shstrndx);

	for (size_t i = 1; i < sample->header.e_shnum; i++) {
		Elf64_Shdr *section = section_at(sample, i);

		if (!strcmp((char *)sample->bytes + names->sh_offset + section->sh_name,
			    name))
			return section;
	}
	fail_msg("the sample has no section %s", name);
	return NULL;
}

static unsigned char *content_of(struct sample *sample, const char *section)
{
	return sample->bytes + find_section(sample, section)->sh_offset;
}

static void load_sample(struct sample *sample)
{
	SP_AUTO(sp_closep) int fd = open(SAMPLES "/sample.ko", O_RDONLY | O_CLOEXEC);
	ssize_t len = read(fd, sample->bytes, MAX_BYTES / 2);

	assert_true(len > 0 && len < MAX_BYTES / 2);
	sample->len = (size_t)len;
}

static int read_bytes(const void *bytes, size_t len, struct sp_module *module,
		      struct sp_error *err)
{
	SP_AUTO(sp_closep) int fd = memfd_create("sample", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), len);
	return sp_modinfo_read(fd, PATH, module, err);
}

/* ---- what is right ----------------------------------------------------------- */

static void check_sample(const struct sp_module *module)
{
	assert_string_equal(module->name, "sample_nic");
	assert_string_equal(module->kernel, "4.19.0+1");
	assert_string_equal(module->version, "3.8.7-k");
	assert_string_equal(module->srcversion, "3D2F1A6B9E5C4D7081AAB1C");
	assert_string_equal(module->vermagic, "4.19.0+1 SMP mod_unload modversions ");
	assert_int_equal(module->aliases.n, 2);
	assert_string_equal(module->aliases.items[1],
			    "pci:v00008086d0000150Csv*sd*bc*sc*i*");
	assert_int_equal(module->depends.n, 2);
	assert_string_equal(module->depends.items[0], "mdio");
	assert_string_equal(module->depends.items[1], "i2c_algo_bit");
	assert_int_equal(module->firmware.n, 2);
	assert_string_equal(module->firmware.items[1], "sample/two.bin");
	assert_int_equal(module->softdeps.n, 1);
	assert_string_equal(module->softdeps.items[0], "pre: crc32c post: sample-late");
	assert_int_equal(module->n_symvers, 2);
	assert_int_equal(module->symvers[1].crc, 0xdeadbeef);
	assert_string_equal(module->symvers[1].name, "pci_enable_device");
}

static const struct file_row {
	const char *name, *file;
} file_rows[] = {
	{ "plain", SAMPLES "/sample.ko" },
	{ "gzip", SAMPLES "/sample.ko.gz" },
	{ "xz", SAMPLES "/sample.ko.xz" },
	{ "zstd", SAMPLES "/sample.ko.zst" },
};

static void reads_a_file(void **state)
{
	const struct file_row *row = *state;
	SP_AUTO(sp_closep) int fd = open(row->file, O_RDONLY | O_CLOEXEC);
	struct sp_module module = { 0 };
	SP_AUTO(sp_module_donep) struct sp_module *owned = &module;
	struct sp_error err = SP_ERROR_INIT;

	(void)owned;
	assert_true(fd >= 0);
	assert_int_equal(sp_modinfo_read(fd, PATH, &module, &err), 0);
	check_sample(&module);
	assert_string_equal(module.path, PATH);
	assert_false(module.has_signature);
}

/* ---- what is wrong, or odd ---------------------------------------------------- */

static void names_index_too_great(struct sample *sample)
{
	sample->header.e_shstrndx = sample->header.e_shnum;
}

static void names_index_zero(struct sample *sample)
{
	sample->header.e_shstrndx = 0;
}

static void names_index_extended(struct sample *sample)
{
	sample->header.e_shstrndx = SHN_XINDEX;
}

static void names_elsewhere(struct sample *sample)
{
	sample->header.e_shstrndx = 4;
}

static void no_sections(struct sample *sample)
{
	sample->header.e_shnum = 0;
}

static void too_many_sections(struct sample *sample)
{
	sample->header.e_shnum = 65535;
}

static void entry_size(struct sample *sample)
{
	sample->header.e_shentsize = 40;
}

static void table_far_away(struct sample *sample)
{
	sample->header.e_shoff = UINT64_MAX - 8;
}

static void table_over_header(struct sample *sample)
{
	sample->header.e_shoff = 8;
}

static void class_32(struct sample *sample)
{
	sample->header.e_ident[EI_CLASS] = ELFCLASS32;
}

static void big_endian(struct sample *sample)
{
	sample->header.e_ident[EI_DATA] = ELFDATA2MSB;
}

static void shared_object(struct sample *sample)
{
	sample->header.e_type = ET_DYN;
}

static void not_elf(struct sample *sample)
{
	memcpy(sample->bytes, "#!/bin/sh\n", 10);
}

static void offset_wraps(struct sample *sample)
{
	Elf64_Shdr *info = find_section(sample, ".modinfo");

	info->sh_offset = UINT64_MAX - info->sh_size + 2;
}

static void size_huge(struct sample *sample)
{
	find_section(sample, ".modinfo")->sh_size = UINT64_MAX;
}

static void size_past_the_end(struct sample *sample)
{
	Elf64_Shdr *info = find_section(sample, ".modinfo");

	info->sh_size = sample->len - info->sh_offset + 1;
}

static void other_section_past_the_end(struct sample *sample)
{
	find_section(sample, ".symtab")->sh_size = sample->len;
}

static void info_over_versions(struct sample *sample)
{
	Elf64_Shdr *info = find_section(sample, ".modinfo");
	Elf64_Shdr *versions = find_section(sample, "__versions");

	versions->sh_offset = info->sh_offset + 16;
}

static void info_over_header(struct sample *sample)
{
	find_section(sample, ".modinfo")->sh_offset = 0;
}

static void info_over_names(struct sample *sample)
{
	const Elf64_Shdr *names = section_at(sample, sample->header.e_shstrndx);

	find_section(sample, ".modinfo")->sh_offset = names->sh_offset;
}

static void info_twice(struct sample *sample)
{
	find_section(sample, ".comment")->sh_name =
		find_section(sample, ".modinfo")->sh_name;
}

static void info_absent(struct sample *sample)
{
	find_section(sample, ".modinfo")->sh_name = 0;
}

static void info_without_bytes(struct sample *sample)
{
	find_section(sample, ".modinfo")->sh_type = SHT_NOBITS;
}

static void info_compressed(struct sample *sample)
{
	find_section(sample, ".modinfo")->sh_flags |= SHF_COMPRESSED;
}

static void info_without_end(struct sample *sample)
{
	find_section(sample, ".modinfo")->sh_size--;
}

static void name_offset_huge(struct sample *sample)
{
	find_section(sample, ".modinfo")->sh_name = UINT32_MAX;
}

static void names_without_end(struct sample *sample)
{
	section_at(sample, sample->header.e_shstrndx)->sh_size--;
}

static void versions_odd(struct sample *sample)
{
	find_section(sample, "__versions")->sh_size -= 8;
}

static void version_without_end(struct sample *sample)
{
	memset(content_of(sample, "__versions") + 8, 'x', 56);
}

static void version_without_name(struct sample *sample)
{
	memset(content_of(sample, "__versions") + 8, 0, 56);
}

static void version_too_great(struct sample *sample)
{
	content_of(sample, "__versions")[7] = 1;
}

/* Replaces the first @from in the sample by @to, of the same length. */
static void replace(struct sample *sample, const char *from, const char *to)
{
	char *at = memmem(sample->bytes, sample->len, from, strlen(from));

	assert_non_null(at);
	memcpy(at, to, strlen(to));
}

static void name_with_slash(struct sample *sample)
{
	replace(sample, "name=sample_nic", "name=../ple_nic");
}

static void name_too_long(struct sample *sample)
{
	char *end = memmem(sample->bytes, sample->len, "\0srcversion=", 12);

	replace(sample, "softdep=pre: crc32c post: sample-late",
		"name=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
	assert_non_null(end);
	memset(end, 'a', strlen("_srcversion=3D2F1A6B9E5C4"));
}

static void no_name(struct sample *sample)
{
	replace(sample, "name=sample_nic", "nome=sample_nic");
}

static void entry_without_value(struct sample *sample)
{
	replace(sample, "license=GPL", "license_GPL");
}

static void sign(struct sample *sample, uint32_t len)
{
	static const char mark[] = "~Module signature appended~\n";
	unsigned char tail[12] = { [8] = (unsigned char)(len >> 24),
				   [9] = (unsigned char)(len >> 16),
				   [10] = (unsigned char)(len >> 8),
				   [11] = (unsigned char)len };

	memset(sample->bytes + sample->len, 0x55, 32);
	sample->len += 32;
	memcpy(sample->bytes + sample->len, tail, sizeof tail);
	sample->len += sizeof tail;
	memcpy(sample->bytes + sample->len, mark, sizeof mark - 1);
	sample->len += sizeof mark - 1;
}

static void signed_well(struct sample *sample)
{
	sign(sample, 32);
}

static void signature_too_long(struct sample *sample)
{
	sign(sample, UINT32_MAX);
}

static void signature_over_sections(struct sample *sample)
{
	sign(sample, 33);
}

static void nothing(struct sample *sample)
{
	(void)sample;
}

static void empty(struct sample *sample)
{
	sample->len = 0;
}

static void header_only(struct sample *sample)
{
	sample->len = sizeof sample->header;
}

// clang-format off
static const struct bent_row {
	const char *name;
	void (*bend)(struct sample *sample);
	const char *text; /* what the refusal says; NULL: it is read */
} bent_rows[] = {
	{ "as it is", nothing, NULL },
	{ "signed", signed_well, NULL },
	{ "names beyond the sections (kmod #277)", names_index_too_great, "table does not hold" },
	{ "names in section 0 (kmod #277)", names_index_zero, "table does not hold" },
	{ "names by extended numbering", names_index_extended, "table does not hold" },
	{ "names in a section that holds none", names_elsewhere, "no section names" },
	{ "names without an end", names_without_end, "section names do not end" },
	{ "no sections", no_sections, "table does not hold" },
	{ "65535 sections", too_many_sections, "outside the file" },
	{ "sections of 32-bit size", entry_size, "table does not hold" },
	{ "section table that wraps around", table_far_away, "outside the file" },
	{ "section table in the header", table_over_header, "overlap" },
	{ "32 bits", class_32, "no 64-bit" },
	{ "big endian", big_endian, "no 64-bit" },
	{ "a shared object", shared_object, "no 64-bit" },
	{ "a script", not_elf, "no 64-bit" },
	{ "section that wraps around", offset_wraps, "outside the file" },
	{ "section of 2^64-1 bytes", size_huge, "outside the file" },
	{ "section one byte past the end", size_past_the_end, "outside the file" },
	{ "some other section past the end", other_section_past_the_end, "outside the file" },
	{ "versions in .modinfo", info_over_versions, "overlap" },
	{ ".modinfo in the header", info_over_header, "overlap" },
	{ ".modinfo in the section names", info_over_names, "overlap" },
	{ "two .modinfo", info_twice, "two sections" },
	{ "no .modinfo", info_absent, "says nothing" },
	{ ".modinfo without bytes", info_without_bytes, "no bytes of its own" },
	{ ".modinfo compressed", info_compressed, "no bytes of its own" },
	{ ".modinfo without an end", info_without_end, "does not end" },
	{ "section name far away", name_offset_huge, "says nothing" },
	{ "versions of odd size", versions_odd, "versions do not end" },
	{ "version name without an end", version_without_end, "malformed" },
	{ "version without a name", version_without_name, "malformed" },
	{ "version above 32 bits", version_too_great, "malformed" },
	{ "a path as name", name_with_slash, "no module's name" },
	{ "a name of 56 bytes and more", name_too_long, "no module's name" },
	{ "no name: the file's counts", no_name, NULL },
	{ "an entry without value", entry_without_value, NULL },
	{ "signature longer than the file", signature_too_long, "signature is longer" },
	{ "signature over the sections", signature_over_sections, "outside the file" },
	{ "nothing", empty, "too short" },
	{ "only the header", header_only, "outside the file" },
};
// clang-format on

static void refuses_what_is_bent(void **state)
{
	const struct bent_row *row = *state;
	SP_AUTO(sp_str_freep) char *memory = calloc(1, sizeof(struct sample));
	struct sample *sample = (struct sample *)(void *)memory;
	struct sp_module module = { 0 };
	SP_AUTO(sp_module_donep) struct sp_module *owned = &module;
	struct sp_error err = SP_ERROR_INIT;
	int r;

	(void)owned;
	assert_non_null(sample);
	load_sample(sample);
	row->bend(sample);
	r = read_bytes(sample->bytes, sample->len, &module, &err);
	if (!row->text) {
		assert_int_equal(r, 0);
		check_sample(&module);
		assert_int_equal(module.has_signature, row->bend == signed_well);
		return;
	}
	assert_int_equal(r, -SP_ERR_DAMAGED);
	assert_non_null(strstr(err.text, row->text));
	assert_non_null(strstr(err.text, "'" PATH "'"));
}

static void refuses_every_truncation(void **state)
{
	SP_AUTO(sp_str_freep) char *memory = calloc(1, sizeof(struct sample));
	struct sample *sample = (struct sample *)(void *)memory;

	(void)state;
	assert_non_null(sample);
	load_sample(sample);
	for (size_t len = 0; len < sample->len; len += TRUNCATE_STEP) {
		struct sp_module module = { 0 };
		struct sp_error err = SP_ERROR_INIT;

		assert_int_equal(read_bytes(sample->bytes, len, &module, &err),
				 -SP_ERR_DAMAGED);
	}
}

/* Whatever a single byte does, the reader answers and keeps within its memory. */
static void survives_every_byte(void **state)
{
	SP_AUTO(sp_str_freep) char *memory = calloc(1, sizeof(struct sample));
	struct sample *sample = (struct sample *)(void *)memory;
	size_t n_read = 0;

	(void)state;
	assert_non_null(sample);
	load_sample(sample);
	for (size_t at = 0; at < sample->len; at++) {
		struct sp_module module = { 0 };
		struct sp_error err = SP_ERROR_INIT;

		sample->bytes[at] ^= 0xff;
		if (read_bytes(sample->bytes, sample->len, &module, &err) == 0)
			n_read++;
		sample->bytes[at] ^= 0xff;
		sp_module_done(&module);
	}
	assert_in_range(n_read, 1, sample->len - 1);
}

static void refuses_what_is_cut_in_its_compression(void **state)
{
	const struct file_row *row = *state;
	SP_AUTO(sp_str_freep) char *bytes = NULL;
	SP_AUTO(sp_closep) int fd = open(row->file, O_RDONLY | O_CLOEXEC);
	struct sp_error err = SP_ERROR_INIT;
	size_t len;

	assert_true(fd >= 0);
	assert_int_equal(sp_file_read_all(fd, MAX_BYTES, &bytes, &len, &err), 0);
	for (size_t cut = len / 2; cut < len - 8; cut += 16) {
		struct sp_module module = { 0 };

		assert_int_equal(read_bytes(bytes, cut, &module, &err), -SP_ERR_DAMAGED);
	}
}

static void refuses_what_is_too_large(void **state)
{
	SP_AUTO(sp_closep) int fd = memfd_create("large", MFD_CLOEXEC);
	struct sp_module module = { 0 };
	struct sp_error err = SP_ERROR_INIT;

	(void)state;
	assert_int_equal(ftruncate(fd, (off_t)SP_MODINFO_MAX_BYTES + 1), 0);
	assert_int_equal(sp_modinfo_read(fd, PATH, &module, &err), -SP_ERR_LIMIT);
	assert_int_equal(ftruncate(fd, SP_MODINFO_MAX_BYTES), 0);
	assert_int_equal(sp_modinfo_read(fd, PATH, &module, &err), -SP_ERR_DAMAGED);
}

static void names_the_file_in_clean_text(void **state)
{
	SP_AUTO(sp_closep) int fd = memfd_create("short", MFD_CLOEXEC);
	struct sp_module module = { 0 };
	struct sp_error err = SP_ERROR_INIT;

	(void)state;
	assert_int_equal(sp_modinfo_read(fd, "x\x1b[2J.ko", &module, &err),
			 -SP_ERR_DAMAGED);
	assert_string_equal(err.text, "module 'x?[2J.ko' is damaged: it is too short");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses_every_truncation),
		cmocka_unit_test(survives_every_byte),
		cmocka_unit_test(refuses_what_is_too_large),
		cmocka_unit_test(names_the_file_in_clean_text),
	};
	int failed = table_run("files", file_rows, reads_a_file);

	failed += table_run("bent", bent_rows, refuses_what_is_bent);
	failed += table_run("cut", file_rows, refuses_what_is_cut_in_its_compression);
	return failed + cmocka_run_group_tests_name("bytes", tests, NULL, NULL);
}
