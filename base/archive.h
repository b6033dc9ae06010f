/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Compressed bytes and archives, over libarchive, whose headers appear in archive.c
 * and inflate.c only.  Everything is read as a stream in bounded memory; nothing is
 * ever unpacked to a disk, no link is followed, no other program is started.
 *
 * Input is an opponent's: call this in a worker (base/worker.h).
 *
 *         SP_AUTO(sp_archive_freep) struct sp_archive *iso = NULL;
 *         struct sp_archive_entry entry;
 *
 *         r = sp_archive_open_fd(fd, SP_ARCHIVE_ISO, max_bytes, &iso, err);
 *         while (r == 0 && (r = sp_archive_next(iso, &entry, err)) == 0)
 *                 ...
 *         return r == SP_ARCHIVE_END ? 0 : r;
 */

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

/* ---- one compressed blob --------------------------------------------------- */

/* Decompresses @len @bytes of gzip, xz, zstd or bzip2, as their first bytes say;
 * anything else is copied as it is.  *@ret_bytes has a NUL behind its last byte;
 * caller frees.
 * @max_bytes: the greatest result.  @max_ratio: how many times @len it may be
 * (0: any); asked only of a result above 1 MiB.
 * SP_ERR_LIMIT beyond either; SP_ERR_FORMAT for truncated or malformed input, for
 * anything behind it, and for gzip of more than one member. */
SP_MUST_CHECK
int sp_archive_inflate(const void *bytes, size_t len, size_t max_bytes,
		       unsigned max_ratio, char **ret_bytes, size_t *ret_len,
		       struct sp_error *err);

/* The same piece by piece, for what would be large. */
struct sp_inflater;

/* @bytes are borrowed until sp_inflater_free(). */
SP_MUST_CHECK
int sp_inflater_new(const void *bytes, size_t len, size_t max_bytes, unsigned max_ratio,
		    struct sp_inflater **ret_inflater, struct sp_error *err);
/* NULL is allowed. */
void sp_inflater_free(struct sp_inflater *inflater);
SP_DEFINE_FREEP(struct sp_inflater *, sp_inflater_free)
/* A sp_archive_source_fn; @user is the inflater.  Whether the whole was sound is known
 * when it has returned 0. */
SP_MUST_CHECK
ssize_t sp_inflater_read(void *user, void *buf, size_t size, struct sp_error *err);

/* ---- archives -------------------------------------------------------------- */

enum sp_archive_kind {
	SP_ARCHIVE_ISO,  /* ISO 9660 with Rock Ridge or Joliet names: image or device */
	SP_ARCHIVE_RPM,  /* the payload of an RPM: cpio in gzip, xz, zstd or bzip2 */
	SP_ARCHIVE_TBZ2, /* tar in bzip2 */
	SP_ARCHIVE_CPIO, /* cpio, plain or in gzip, xz, zstd, lz4 or bzip2: an initrd's part */
};

enum sp_archive_type {
	SP_ARCHIVE_FILE,
	SP_ARCHIVE_DIR,
	SP_ARCHIVE_SYMLINK,
	SP_ARCHIVE_HARD_LINK, /* the same file as one met before, or the data of it */
	SP_ARCHIVE_OTHER,     /* a device, a FIFO, a socket */
};

/* Strings are borrowed until the next call with the archive. */
struct sp_archive_entry {
	const char *path; /* as it stands there, but without leading "/" and "./"
			   * and trailing "/": check it with sp_text_path_is_safe() */
	uint64_t size;    /* what the archive says; bytes of the content */
	enum sp_archive_type type;
	mode_t mode;             /* permission bits */
	const char *link_target; /* of both kinds of links, else NULL; as it stands
				  * there (a hard link's without leading "/" and "./") */
};

struct sp_archive;

/* NULL is allowed. */
void sp_archive_free(struct sp_archive *archive);
SP_DEFINE_FREEP(struct sp_archive *, sp_archive_free)

/* Outcome: there are no more entries. */
#define SP_ARCHIVE_END 1

enum { SP_ARCHIVE_MAX_ENTRIES = 65536 };

/* Opens what @fd (a file or block device; borrowed until sp_archive_free(), its offset
 * is neither used nor changed) holds from its beginning.
 * @max_bytes: how many bytes may be read out of the archive in all; of compressed kinds
 * those that are passed over count too.  Beyond it sp_archive_next() and _read() fail
 * with SP_ERR_LIMIT.
 * SP_ERR_FORMAT if it is no such archive, SP_ERR_IO if it cannot be read. */
SP_MUST_CHECK
int sp_archive_open_fd(int fd, enum sp_archive_kind kind, uint64_t max_bytes,
		       struct sp_archive **ret_archive, struct sp_error *err);

/* Gives up to @size bytes of a stream in order: how many, 0 at its end, < 0 with @err
 * set if it failed. */
typedef ssize_t (*sp_archive_source_fn)(void *user, void *buf, size_t size,
					struct sp_error *err);

/* Same, from a stream.  Its own errors come out of sp_archive_next() and _read()
 * as they are. */
SP_MUST_CHECK
int sp_archive_open_stream(sp_archive_source_fn source, void *user,
			   enum sp_archive_kind kind, uint64_t max_bytes,
			   struct sp_archive **ret_archive, struct sp_error *err);

/* Same, from the content of @outer's current entry (an RPM on an ISO image), without
 * a copy.  Until *@ret_archive is freed @outer must not be used. */
SP_MUST_CHECK
int sp_archive_open_inner(struct sp_archive *outer, enum sp_archive_kind kind,
			  uint64_t max_bytes, struct sp_archive **ret_archive,
			  struct sp_error *err);

/* Goes to the next entry, past what was not read of this one.  Returns SP_ARCHIVE_END
 * after the last.  SP_ERR_LIMIT for more than SP_ARCHIVE_MAX_ENTRIES.  The archive's
 * root directory is no entry.  After an error the archive can only be freed. */
SP_MUST_CHECK
int sp_archive_next(struct sp_archive *archive, struct sp_archive_entry *ret_entry,
		    struct sp_error *err);

/* Reads the next up to @size bytes of the current entry's content: how many, 0 at its
 * end, < 0 if it failed. */
SP_MUST_CHECK
ssize_t sp_archive_read(struct sp_archive *archive, void *buf, size_t size,
			struct sp_error *err);
