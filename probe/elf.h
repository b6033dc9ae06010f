/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Sections of a 64-bit little-endian relocatable ELF file (a kernel module), from
 * hostile bytes too: every offset and size is checked against the file before it is
 * used, and nothing larger than a named limit is read. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { SP_ELF_MAX_NAMES_BYTES = 1024 * 1024 }; /* all section names together */

struct sp_elf;

/* Opens the module that the seekable @fd holds from its beginning: as it is, or in
 * gzip, xz or zstd (told by its first bytes), which is then inflated in memory.  @fd is
 * borrowed until sp_elf_free(); its offset is neither used nor changed.
 *
 * @name       what messages call it; cleaned here, copied
 * @max_bytes  of the file, and of what it inflates to
 *
 * Errors: SP_ERR_DAMAGED if it is no such ELF file, or its section table does not hold;
 * SP_ERR_LIMIT, SP_ERR_IO, SP_ERR_NOMEM. */
SP_MUST_CHECK
int sp_elf_open(int fd, const char *name, size_t max_bytes, struct sp_elf **ret_elf,
		struct sp_error *err);

/* NULL is allowed. */
void sp_elf_free(struct sp_elf *elf);
SP_DEFINE_FREEP(struct sp_elf *, sp_elf_free)

/* The file's name as it may be shown. */
const char *sp_elf_name(const struct sp_elf *elf);

/* Ends in a kernel module's appended signature (which is not verified here). */
bool sp_elf_has_signature(const struct sp_elf *elf);

/* Outcome: there is no such section, or it is empty. */
#define SP_ELF_ABSENT 1

/* Reads the section @section, of at most @max_bytes.  *@ret_bytes has a NUL behind its
 * last byte; caller frees.
 *
 * Errors: SP_ERR_DAMAGED if there are two of that name (the kernel might take the
 * other one), if it is compressed or has no bytes in the file, or if it shares bytes
 * with the headers or with a section read before; SP_ERR_LIMIT. */
SP_MUST_CHECK
int sp_elf_read_section(struct sp_elf *elf, const char *section, size_t max_bytes,
			char **ret_bytes, size_t *ret_len, struct sp_error *err);
