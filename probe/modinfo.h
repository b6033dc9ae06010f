/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Reads what a kernel module says about itself, from hostile bytes too: our own
 * bounded ELF reader (libkmod 30 aborts its process on a crafted module).
 * Sections .modinfo and __versions, and the mark of an appended signature. */

#include "base/module.h"

enum { SP_MODINFO_MAX_BYTES = 64 * 1024 * 1024 }; /* a module, inflated */

/* @fd    a seekable file: .ko, or .ko.gz, .ko.xz, .ko.zst (told by its first bytes)
 * @path  where it stands ("lib/modules/<kver>/updates/x.ko"): name and kernel come
 *        from it where the module does not say its name
 *
 * Errors: SP_ERR_DAMAGED (no ELF64 little-endian relocatable with a sound .modinfo),
 * SP_ERR_LIMIT, SP_ERR_IO.  Zero-initialised @ret_module; caller owns its content. */
SP_MUST_CHECK
int sp_modinfo_read(int fd, const char *path, struct sp_module *ret_module,
		    struct sp_error *err);
