/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Packs of the releases before 7.1: two files, XS-REPOSITORY and XS-PACKAGES, in XML
 * (5.6 to 7.0) or in plain text (4.0 to 5.5), in the medium's root or in one of a few
 * subdirectories.  They carry no signature; the MD5 of each file is all there is. */

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/text.h"

struct sp_findings;
struct sp_pack;
struct sp_package;

#define SP_LEGACY_REPOSITORY "XS-REPOSITORY"
#define SP_LEGACY_PACKAGES "XS-PACKAGES"
#define SP_LEGACY_LIST "XS-REPOSITORY-LIST"

enum {
	SP_LEGACY_MAX_BYTES = 256 * 1024, /* of each of the two files */
	SP_LEGACY_MAX_PACKAGES = 1024,
	SP_LEGACY_LIST_MAX_BYTES = 64 * 1024,
	SP_LEGACY_MAX_DIRECTORIES = 64,
};

/* The bytes of both files; borrowed. */
struct sp_legacy_files {
	const char *repository;
	size_t repository_len;
	const char *packages;
	size_t packages_len;
};

/* Fills @pack (zero-initialised): format, id, label, version ("6.5.0-90233c"),
 * description, product, hidden, homogeneous, memory_mb, requires_ ("xs:main ge 6.0.0"),
 * metadata_digest (md5 of both files, as vendors publish it), packages in their order
 * of installation, driver_disk, installation_bytes (at least that much), trust
 * (unsigned).  Modules are not looked at.
 *
 * What is wrong with one package is a finding of the pack that refuses it
 * (damaged-metadata, unsafe-path): unknown type, size or MD5 that cannot be one, file or
 * destination outside of the pack or of the target, an option that is none of ours.  A
 * package of no known type or with no safe file is left out of the list.
 *
 * The product's own repository (xs:main, xcp:main) is a finding (installation-source).
 *
 * SP_ERR_FORMAT: one of the files is neither of the formats, or they are of different
 * ones; no identifier, version or description, or one that could not be recorded; a
 * requirement that is none.  SP_ERR_LIMIT: more than the limits above. */
SP_MUST_CHECK
int sp_legacy_read(const struct sp_legacy_files *files, struct sp_pack *pack,
		   struct sp_error *err);

/* XS-REPOSITORY alone, as hosts keep it in their records: id, label, version,
 * description, product, hidden, homogeneous, memory_mb, requires_ and format. */
SP_MUST_CHECK
int sp_legacy_read_repository(const char *bytes, size_t len, struct sp_pack *pack,
			      struct sp_error *err);

/* XS-PACKAGES alone, of the pack whose XS-REPOSITORY is in @pack already: its packages and
 * their findings. */
SP_MUST_CHECK
int sp_legacy_read_packages(const char *bytes, size_t len, struct sp_pack *pack,
			    struct sp_error *err);

/* Where packs of this family may lie on a medium, in the order to look: "" (its root),
 * "packages", "packages.main", "packages.linux", "packages.site", then what the
 * XS-REPOSITORY-LIST @bytes (NULL: there is none) names, each once.  A line that is no
 * safe path is a finding (unsafe-path), and is left out.  SP_ERR_LIMIT: too many. */
SP_MUST_CHECK
int sp_legacy_directories(const char *bytes, size_t len, struct sp_strv *ret_directories,
			  struct sp_findings *findings, struct sp_error *err);

/* Outcome: a package of this type goes where rpm puts it. */
#define SP_LEGACY_BY_RPM 1

/* Where @package goes below the target's root, with @kernel (its version) put in where
 * the pack leaves it open: the file of a driver or firmware, the directory of a tbz2
 * ("" is the root itself).  SP_ERR_FORMAT: it would leave the root.  Caller frees. */
SP_MUST_CHECK
int sp_legacy_destination(const struct sp_package *package, const char *kernel,
			  char **ret_path, struct sp_error *err);
