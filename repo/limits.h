/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* How much of anything a pack or a medium may hold.  What is larger is refused with
 * SP_ERR_LIMIT, by name: no pack ever published comes near any of these. */

#include <stdint.h>

enum {
	SP_LIMIT_DESCRIPTOR_BYTES = 256
				    << 10, /* update.xml, XS-REPOSITORY, XS-PACKAGES */
	SP_LIMIT_REPOMD_BYTES = 1 << 20,
	SP_LIMIT_METADATA_BYTES = 64 << 20, /* primary, filelists: inflated */
	SP_LIMIT_METADATA_RATIO = 200,      /* to their compressed size */
	SP_LIMIT_COMPS_BYTES = 1 << 20,
	SP_LIMIT_SIGNATURE_BYTES = 16 << 10,
	SP_LIMIT_KEY_BYTES = 64 << 10,
	SP_LIMIT_KEYS = 8,                /* that came with a pack */
	SP_LIMIT_HEADER_BYTES = 8 << 20,  /* an RPM's lead and headers */
	SP_LIMIT_KEPT_BYTES = 32 << 20,   /* an RPM held in memory to be unpacked */
	SP_LIMIT_MODULE_BYTES = 64 << 20, /* one module, as it is in its package */
	SP_LIMIT_LICENCE_BYTES = 1 << 20,
	SP_LIMIT_PACKS = 256,     /* of one medium */
	SP_LIMIT_PACKAGES = 4096, /* of one pack */
	SP_LIMIT_MODULES = 4096,  /* of one pack */
	SP_LIMIT_LIST = 65536,    /* dependencies of one package */
	SP_LIMIT_FILES = 16384,   /* files of interest of one package */
	SP_LIMIT_IMAGES = 64,     /* .iso files lying on one medium */
};

/* One RPM, and all that is unpacked of it to look for modules. */
static const uint64_t sp_limit_rpm_bytes = UINT64_C(2) << 30;
static const uint64_t sp_limit_payload_bytes = UINT64_C(4) << 30;
