/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* All that can be wrong with an RPM, or with the root it goes into, before a transaction. */

#include "repo/digest.h"
#include "support/stage.h"

enum twist {
	AS_IT_IS,
	OTHER_DIGEST,    /* the pack says another sha256 */
	OTHER_SIZE,      /* or size */
	OTHER_NAME,      /* it is another package than it should be */
	FLIPPED_PAYLOAD, /* and nobody says a digest */
	FLIPPED_HEADER,
	TRUNCATED,
	SWAPPED,        /* the file's name is given to another one after it was opened */
	PLANTED_ORPHAN, /* an interrupted transaction left an unfinished file */
	PLANTED_FILE,   /* a file is in the way, of nobody's */
	MOVED_LIB,      /* lib is a link to usr/lib */
	ABSOLUTE_LINK,  /* lib/modules is a link to /data, which is in the root */
	MISSING_FILE,   /* of the package that is installed already */
	CHANGED_FILE,
	CHANGED_SETTINGS, /* by the operator, in a configuration file */
	FULL_DISK,        /* 2 MiB for all of it */
	FULL_DATABASE,    /* no room for the database */
	READ_ONLY,
	CANCEL_EARLY,
	CANCEL_LATE,
};

/* ---- of a package ---------------------------------------------------------------------- */

static inline void twist_bytes(enum twist twist, char *bytes, size_t *len)
{
	if (twist == FLIPPED_PAYLOAD)
		bytes[*len - 40] ^= 1;
	if (twist == FLIPPED_HEADER) {
		char *at = memmem(bytes, *len, "It does one thing", 17);

		assert_non_null(at);
		*at ^= 1;
	}
	if (twist == TRUNCATED)
		*len -= 60;
}

static inline void twist_package(enum twist twist, struct sp_package *package)
{
	if (twist == OTHER_DIGEST)
		package->sha256[0] = package->sha256[0] == '0' ? '1' : '0';
	if (twist == OTHER_SIZE)
		package->size_bytes++;
	if (twist == OTHER_NAME) {
		free(package->version);
		package->version = strdup("1.1");
	}
	if (twist == FLIPPED_PAYLOAD || twist == FLIPPED_HEADER || twist == TRUNCATED) {
		free(package->sha256);
		package->sha256 = NULL;
		package->size_bytes = 0;
	}
}

static inline int seal(const struct stage *stage, enum twist twist, const char *bytes,
		       size_t len)
{
	struct sp_error err = SP_ERROR_INIT;
	int fd = -1;

	if (twist != SWAPPED) {
		assert_int_equal(sp_file_sealed("rpm", bytes, len, &fd, &err), 0);
		return fd;
	}
	/* In a file, whose name then means another package. */
	fd = openat(stage->fd, "spool.rpm", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(sp_file_write_all(fd, bytes, len, &err), 0);
	assert_int_equal(unlinkat(stage->fd, "spool.rpm", 0), 0);
	put(stage, "spool.rpm", "something else");
	return fd;
}

static inline void twist_take(struct stage *stage, const char *name, enum twist twist)
{
	size_t len = 0;
	SP_AUTO(sp_str_freep) char *bytes = load_rpm(name, &len);
	struct sp_package package = { 0 };
	struct sp_error err = SP_ERROR_INIT;
	char digest[65];

	assert_int_equal(sp_digest_sha256_hex(bytes, len, digest, &err), 0);
	fill_package(&package, name);
	package.sha256 = strdup(digest);
	package.size_bytes = len;
	twist_package(twist, &package);
	twist_bytes(twist, bytes, &len);
	stage_add(stage, seal(stage, twist, bytes, len), &package);
}

/* ---- of the root ------------------------------------------------------------------------ */

static inline void twist_root(struct stage *stage, enum twist twist)
{
	if (twist == MOVED_LIB) {
		make_dirs(stage, "usr/lib");
		assert_int_equal(symlinkat("usr/lib", stage->fd, "lib"), 0);
	} else if (twist == ABSOLUTE_LINK) {
		make_dirs(stage, "lib");
		make_dirs(stage, "data");
		assert_int_equal(symlinkat("/data", stage->fd, "lib/modules"), 0);
	} else if (twist == PLANTED_ORPHAN) {
		make_dirs(stage, UPDATES "..");
	} else if (twist == MISSING_FILE) {
		assert_int_equal(unlinkat(stage->fd, UPDATES "plain.ko", 0), 0);
	} else if (twist == CHANGED_FILE) {
		put(stage, UPDATES "plain.ko", "Plain \n");
	} else if (twist == CHANGED_SETTINGS) {
		put(stage, "etc/modprobe.d/settings.conf", "options of my own\n");
	} else if (twist == FULL_DISK) {
		mount_small(stage, "", "size=2m");
	} else if (twist == FULL_DATABASE) {
		make_dirs(stage, "var/lib/rpm");
		mount_small(stage, "var/lib/rpm", "size=64k");
	} else if (twist == READ_ONLY) {
		mount_small(stage, "", "ro");
	}
}

static inline void plant(struct stage *stage, enum twist twist)
{
	if (twist == PLANTED_ORPHAN) {
		make_dirs(stage, "lib/modules/4.19.0+1/updates");
		put(stage, UPDATES "plain.ko;65f0c0de", "half of it");
		put(stage, UPDATES "plain.ko;65f0c0dex", "somebody's");
	}
	if (twist == PLANTED_FILE) {
		make_dirs(stage, "lib/modules/4.19.0+1/updates");
		put(stage, UPDATES "plain.ko", "mine");
	}
}
