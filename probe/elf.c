/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libkmod aborts its process on a module whose section table is bent in two bytes,
 * and a driver disk is the last place to trust a section table.  So this reads the
 * few bytes that are needed, each after its bounds were checked. */
#include "probe/elf.h"

#include "base/archive.h"
#include "base/text.h"

#include <elf.h>
#include <endian.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

enum {
	NAME_BYTES = 160, /* in messages */
	MAX_RANGES = 8,   /* the headers, and the sections somebody asks for */
	MAX_SECTIONS = 65535,
};

static const char signature_mark[] = "~Module signature appended~\n";

/* What stands before the mark, behind the signature (linux/module_signature.h). */
struct signature_tail {
	uint8_t algo, hash, id_type, signer_len, key_id_len, pad[3];
	uint32_t sig_len; /* big-endian */
};

/* Bytes of the file that are spoken for. */
struct range {
	uint64_t start, end;
};

struct sp_elf {
	char name[NAME_BYTES];
	int fd;         /* borrowed */
	char *inflated; /* owned; NULL: read from fd */
	uint64_t size;  /* without the signature */
	bool has_signature;
	Elf64_Shdr *sections; /* as in the file: little-endian */
	size_t n_sections;
	char *section_names; /* NUL-terminated */
	size_t section_names_len;
	struct range taken[MAX_RANGES];
	size_t n_taken;
};

void sp_elf_free(struct sp_elf *elf)
{
	if (!elf)
		return;
	free(elf->inflated);
	free(elf->sections);
	free(elf->section_names);
	free(elf);
}

const char *sp_elf_name(const struct sp_elf *elf)
{
	return elf->name;
}

bool sp_elf_has_signature(const struct sp_elf *elf)
{
	return elf->has_signature;
}

static int damaged(const struct sp_elf *elf, const char *why, struct sp_error *err)
{
	return sp_error_set(err, SP_ERR_DAMAGED, "module '%s' is damaged: %s", elf->name,
			    why);
}

/* ---- bytes ----------------------------------------------------------------- */

static bool is_inside(const struct sp_elf *elf, uint64_t offset, uint64_t len)
{
	uint64_t end;

	return !__builtin_add_overflow(offset, len, &end) && end <= elf->size;
}

static int read_at(const struct sp_elf *elf, uint64_t offset, void *buf, size_t len,
		   struct sp_error *err)
{
	char *to = buf;

	if (!is_inside(elf, offset, len))
		return damaged(elf, "it ends too early", err);
	if (elf->inflated) {
		memcpy(buf, elf->inflated + offset, len);
		return 0;
	}
	while (len > 0) {
		ssize_t n = pread(elf->fd, to, len, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return sp_error_set_errno(err, errno, "reading module '%s'",
						  elf->name);
		if (n == 0)
			return damaged(elf, "it became shorter while it was read", err);
		to += n;
		offset += (uint64_t)n;
		len -= (size_t)n;
	}
	return 0;
}

/* Same, into fresh memory with a NUL behind it. */
static int load_at(const struct sp_elf *elf, uint64_t offset, size_t len,
		   char **ret_bytes, struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *bytes = NULL;
	int r;

	if (!is_inside(elf, offset, len))
		return damaged(elf, "it ends too early", err);
	bytes = malloc(len + 1);
	if (!bytes)
		return sp_error_nomem(err);
	r = read_at(elf, offset, bytes, len, err);
	if (r < 0)
		return r;
	bytes[len] = '\0';
	*ret_bytes = sp_steal(bytes);
	return 0;
}

static int take_range(struct sp_elf *elf, uint64_t start, uint64_t len,
		      struct sp_error *err)
{
	struct range range = { start, start + len };

	if (!is_inside(elf, start, len))
		return damaged(elf, "a section lies outside the file", err);
	for (size_t i = 0; i < elf->n_taken; i++)
		if (range.start < elf->taken[i].end && elf->taken[i].start < range.end)
			return damaged(elf, "its sections overlap", err);
	if (elf->n_taken == MAX_RANGES)
		return sp_error_set(err, SP_ERR_INTERNAL,
				    "too many sections of module '%s' are asked for",
				    elf->name);
	elf->taken[elf->n_taken++] = range;
	return 0;
}

/* ---- the file -------------------------------------------------------------- */

/* What the kernel's own loader knows, too. */
static bool is_compressed(const char *magic)
{
	return memcmp(magic, "\x1f\x8b", 2) == 0 ||       /* gzip */
	       memcmp(magic, "\3757zXZ", 6) == 0 ||       /* xz */
	       memcmp(magic, "\x28\xb5\x2f\xfd", 4) == 0; /* zstd */
}

static int inflate(struct sp_elf *elf, size_t max_bytes, struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *packed = NULL;
	size_t len;
	int r = load_at(elf, 0, (size_t)elf->size, &packed, err);

	if (r < 0)
		return r;
	r = sp_archive_inflate(packed, (size_t)elf->size, max_bytes, 0, &elf->inflated,
			       &len, err);
	if (r < 0) {
		if (err->code == SP_ERR_FORMAT)
			err->code = SP_ERR_DAMAGED;
		return sp_error_context(err, "module '%s'", elf->name);
	}
	elf->size = len;
	return 0;
}

static int find_bytes(struct sp_elf *elf, size_t max_bytes, struct sp_error *err)
{
	char magic[8] = { 0 };
	struct stat st;
	int r;

	if (fstat(elf->fd, &st) < 0)
		return sp_error_set_errno(err, errno, "reading module '%s'", elf->name);
	if (!S_ISREG(st.st_mode))
		return damaged(elf, "it is no regular file", err);
	elf->size = (uint64_t)st.st_size;
	if (elf->size > max_bytes)
		return sp_error_set(err, SP_ERR_LIMIT,
				    "module '%s' is more than %zu bytes", elf->name,
				    max_bytes);
	if (elf->size < sizeof magic)
		return damaged(elf, "it is too short", err);
	r = read_at(elf, 0, magic, sizeof magic, err);
	if (r == 0 && is_compressed(magic))
		r = inflate(elf, max_bytes, err);
	return r;
}

/* What the kernel does first: takes the signature off the end. */
static int cut_signature(struct sp_elf *elf, struct sp_error *err)
{
	const size_t mark_len = sizeof signature_mark - 1;
	char mark[sizeof signature_mark];
	struct signature_tail tail;
	uint64_t len;
	int r;

	if (elf->size < mark_len + sizeof tail)
		return 0;
	r = read_at(elf, elf->size - mark_len, mark, mark_len, err);
	if (r < 0 || memcmp(mark, signature_mark, mark_len) != 0)
		return r;
	r = read_at(elf, elf->size - mark_len - sizeof tail, &tail, sizeof tail, err);
	if (r < 0)
		return r;
	len = (uint64_t)be32toh(tail.sig_len) + sizeof tail + mark_len;
	if (len > elf->size)
		return damaged(elf, "its signature is longer than the file", err);
	elf->has_signature = true;
	elf->size -= len;
	return 0;
}

static bool is_module_header(const Elf64_Ehdr *header)
{
	return memcmp(header->e_ident, ELFMAG, SELFMAG) == 0 &&
	       header->e_ident[EI_CLASS] == ELFCLASS64 &&
	       header->e_ident[EI_DATA] == ELFDATA2LSB &&
	       le16toh(header->e_type) == ET_REL;
}

static int check_sections(const struct sp_elf *elf, struct sp_error *err)
{
	for (size_t i = 1; i < elf->n_sections; i++) {
		const Elf64_Shdr *section = &elf->sections[i];
		uint32_t type = le32toh(section->sh_type);

		if (type == SHT_NULL || type == SHT_NOBITS)
			continue;
		if (!is_inside(elf, le64toh(section->sh_offset),
			       le64toh(section->sh_size)))
			return damaged(elf, "a section lies outside the file", err);
	}
	return 0;
}

static int read_section_names(struct sp_elf *elf, const Elf64_Shdr *names,
			      struct sp_error *err)
{
	uint64_t offset = le64toh(names->sh_offset), len = le64toh(names->sh_size);
	int r;

	if (le32toh(names->sh_type) != SHT_STRTAB || len == 0)
		return damaged(elf, "it has no section names", err);
	if (len > SP_ELF_MAX_NAMES_BYTES)
		return sp_error_set(err, SP_ERR_LIMIT,
				    "module '%s' has more than %d bytes of section names",
				    elf->name, SP_ELF_MAX_NAMES_BYTES);
	r = take_range(elf, offset, len, err);
	if (r == 0)
		r = load_at(elf, offset, (size_t)len, &elf->section_names, err);
	if (r < 0)
		return r;
	elf->section_names_len = (size_t)len;
	if (elf->section_names[len - 1] != '\0')
		return damaged(elf, "its section names do not end", err);
	return 0;
}

static int read_section_table(struct sp_elf *elf, struct sp_error *err)
{
	Elf64_Ehdr header;
	size_t n, names, bytes;
	char *table = NULL;
	int r;

	if (elf->size < sizeof header)
		return damaged(elf, "it is too short", err);
	r = read_at(elf, 0, &header, sizeof header, err);
	if (r < 0)
		return r;
	if (!is_module_header(&header))
		return damaged(elf, "it is no 64-bit little-endian kernel module", err);
	n = le16toh(header.e_shnum);
	names = le16toh(header.e_shstrndx);
	if (le16toh(header.e_shentsize) != sizeof(Elf64_Shdr) || n == 0 ||
	    n > MAX_SECTIONS || names == 0 || names >= n)
		return damaged(elf, "its section table does not hold", err);
	bytes = n * sizeof(Elf64_Shdr);
	r = take_range(elf, 0, sizeof header, err);
	if (r == 0)
		r = take_range(elf, le64toh(header.e_shoff), bytes, err);
	if (r == 0)
		r = load_at(elf, le64toh(header.e_shoff), bytes, &table, err);
	if (r < 0)
		return r;
	elf->sections = (Elf64_Shdr *)(void *)table;
	elf->n_sections = n;
	r = check_sections(elf, err);
	return r < 0 ? r : read_section_names(elf, &elf->sections[names], err);
}

int sp_elf_open(int fd, const char *name, size_t max_bytes, struct sp_elf **ret_elf,
		struct sp_error *err)
{
	SP_AUTO(sp_elf_freep) struct sp_elf *elf = calloc(1, sizeof *elf);
	int r;

	if (!elf)
		return sp_error_nomem(err);
	elf->fd = fd;
	sp_text_clean(name, strlen(name), elf->name, sizeof elf->name);
	r = find_bytes(elf, max_bytes, err);
	if (r == 0)
		r = cut_signature(elf, err);
	if (r == 0)
		r = read_section_table(elf, err);
	if (r == 0)
		*ret_elf = sp_steal(elf);
	return r;
}

/* ---- one section ----------------------------------------------------------- */

static bool is_named(const struct sp_elf *elf, const Elf64_Shdr *section,
		     const char *name)
{
	uint32_t at = le32toh(section->sh_name);

	return at < elf->section_names_len && !strcmp(elf->section_names + at, name);
}

int sp_elf_read_section(struct sp_elf *elf, const char *section, size_t max_bytes,
			char **ret_bytes, size_t *ret_len, struct sp_error *err)
{
	const Elf64_Shdr *found = NULL;
	uint64_t offset, len;
	int r;

	for (size_t i = 1; i < elf->n_sections; i++) {
		if (!is_named(elf, &elf->sections[i], section))
			continue;
		if (found)
			return damaged(elf, "it has two sections of one name", err);
		found = &elf->sections[i];
	}
	if (!found || found->sh_size == 0)
		return SP_ELF_ABSENT;
	offset = le64toh(found->sh_offset);
	len = le64toh(found->sh_size);
	if (le32toh(found->sh_type) == SHT_NOBITS ||
	    le32toh(found->sh_type) == SHT_NULL ||
	    (le64toh(found->sh_flags) & SHF_COMPRESSED))
		return damaged(elf, "a section has no bytes of its own", err);
	if (len > max_bytes)
		return sp_error_set(err, SP_ERR_LIMIT,
				    "section '%s' of module '%s' is more than %zu bytes",
				    section, elf->name, max_bytes);
	r = take_range(elf, offset, len, err);
	if (r == 0)
		r = load_at(elf, offset, (size_t)len, ret_bytes, err);
	if (r == 0)
		*ret_len = (size_t)len;
	return r;
}
