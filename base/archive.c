/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Archives as streams of entries.  libarchive is given exactly the formats and
 * decompressors a kind may have, reads through our callbacks, and every byte it
 * gives is counted against the limit. */
#include "base/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <linux/fs.h>
#include <locale.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/stall.h"

enum { BUFFER_BYTES = 64 * 1024, SKIP_BYTES = 16 * 1024 };

/* Where the bytes come from. */
struct origin {
	enum sp_archive_kind kind;
	int fd; /* unless it is a stream: */
	sp_archive_source_fn source;
	void *user;
};

struct sp_archive {
	struct archive *handle;
	struct origin from;
	int64_t offset;
	/* libarchive turns Joliet's names into the locale's characters: while it does,
	 * this thread has one that can express them.  0 where there is none. */
	locale_t utf8;

	struct sp_error source_error; /* of a read that failed; code 0 if none did */
	uint64_t bytes_left;
	size_t n_entries;
	bool in_entry;
	char *path, *link_target; /* of the current entry */
	char buffer[BUFFER_BYTES];
};

/* ---- kinds ----------------------------------------------------------------- */

typedef int (*enable_fn)(struct archive *handle);

enum { MAX_FILTERS = 6, ANY = -1 };

struct kind {
	const char *name;
	enable_fn format;
	enable_fn filters[MAX_FILTERS]; /* up to the first NULL */
	int innermost;    /* the filter next to the bytes, which there must be; or ANY */
	int filter_count; /* at most, with libarchive's own last one */
};

// clang-format off
static const struct kind kinds[] = {
	[SP_ARCHIVE_ISO] = { "ISO 9660 image", archive_read_support_format_iso9660,
		{ NULL }, ARCHIVE_FILTER_NONE, 1 },
	[SP_ARCHIVE_RPM] = { "RPM package", archive_read_support_format_cpio,
		{ archive_read_support_filter_rpm, archive_read_support_filter_gzip,
		  archive_read_support_filter_xz, archive_read_support_filter_zstd,
		  archive_read_support_filter_bzip2, NULL }, ARCHIVE_FILTER_RPM, 3 },
	[SP_ARCHIVE_TBZ2] = { "tar archive", archive_read_support_format_tar,
		{ archive_read_support_filter_bzip2, NULL }, ARCHIVE_FILTER_BZIP2, 2 },
	[SP_ARCHIVE_CPIO] = { "cpio archive", archive_read_support_format_cpio,
		{ archive_read_support_filter_gzip, archive_read_support_filter_xz,
		  archive_read_support_filter_zstd, archive_read_support_filter_lz4,
		  archive_read_support_filter_bzip2, NULL }, ANY, 2 },
};
// clang-format on

/* Where libarchive lacks a decompressor it would start a program instead, and says
 * so with a warning when it is enabled. */
static bool is_built_in(enable_fn filter)
{
	struct archive *scratch = archive_read_new();
	bool built_in = scratch && filter(scratch) == ARCHIVE_OK;

	(void)archive_read_free(scratch);
	return built_in;
}

static int enable(const struct kind *kind, struct archive *handle, struct sp_error *err)
{
	for (const enable_fn *filter = kind->filters; *filter; filter++)
		if (is_built_in(*filter) && (*filter)(handle) != ARCHIVE_OK)
			return sp_error_nomem(err);
	if (kind->format(handle) != ARCHIVE_OK)
		return sp_error_nomem(err);
	return 0;
}

/* ---- libarchive's way to the bytes ----------------------------------------- */

static ssize_t read_source(struct sp_archive *archive)
{
	ssize_t n;

	if (archive->from.source)
		return archive->from.source(archive->from.user, archive->buffer,
					    BUFFER_BYTES, &archive->source_error);
	n = sp_stall_pread(archive->from.fd, archive->buffer, BUFFER_BYTES,
			   archive->offset);
	if (n < 0)
		(void)sp_error_set_errno(&archive->source_error, errno, "reading the %s",
					 kinds[archive->from.kind].name);
	return n;
}

static la_ssize_t on_read(struct archive *handle, void *user, const void **ret_bytes)
{
	struct sp_archive *archive = user;
	ssize_t n = read_source(archive);

	if (n < 0) {
		archive_set_error(handle, EIO, "reading failed");
		return ARCHIVE_FATAL;
	}
	archive->offset += n;
	*ret_bytes = archive->buffer;
	return n;
}

static la_int64_t on_skip(struct archive *handle, void *user, la_int64_t request)
{
	struct sp_archive *archive = user;

	(void)handle;
	if (request < 0 ||
	    __builtin_add_overflow(archive->offset, request, &archive->offset))
		return 0;
	return request;
}

static int64_t size_of(int fd)
{
	uint64_t bytes = 0;
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -1;
	if (!S_ISBLK(st.st_mode))
		return st.st_size;
	if (ioctl(fd, BLKGETSIZE64, &bytes) < 0 || bytes > INT64_MAX)
		return -1;
	return (int64_t)bytes;
}

static la_int64_t on_seek(struct archive *handle, void *user, la_int64_t offset,
			  int whence)
{
	struct sp_archive *archive = user;
	int64_t from = whence == SEEK_SET   ? 0
		       : whence == SEEK_CUR ? archive->offset
					    : size_of(archive->from.fd);
	int64_t to;

	(void)handle;
	if (from < 0 || __builtin_add_overflow(from, offset, &to) || to < 0)
		return ARCHIVE_FATAL;
	archive->offset = to;
	return to;
}

/* ---- opening --------------------------------------------------------------- */

/* What went wrong below libarchive, or else what it says itself. */
static int fail(struct sp_archive *archive, struct sp_error *err)
{
	const char *why = archive_error_string(archive->handle);

	if (archive->source_error.code) {
		*err = archive->source_error;
		return -(int)err->code;
	}
	if (archive_errno(archive->handle) == ENOMEM)
		return sp_error_nomem(err);
	return sp_error_set(err, SP_ERR_FORMAT, "the %s is damaged: %s",
			    kinds[archive->from.kind].name,
			    why ? why : "it ends too early");
}

void sp_archive_free(struct sp_archive *archive)
{
	if (!archive)
		return;
	(void)archive_read_free(archive->handle);
	if (archive->utf8)
		freelocale(archive->utf8);
	free(archive->path);
	free(archive->link_target);
	free(archive);
}

static int open_origin(const struct origin *from, uint64_t max_bytes,
		       struct sp_archive **ret_archive, struct sp_error *err)
{
	SP_AUTO(sp_archive_freep) struct sp_archive *archive = calloc(1, sizeof *archive);
	int r;

	if (!archive)
		return sp_error_nomem(err);
	archive->from = *from;
	archive->bytes_left = max_bytes;
	archive->utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	archive->handle = archive_read_new();
	if (!archive->handle)
		return sp_error_nomem(err);
	r = enable(&kinds[from->kind], archive->handle, err);
	if (r < 0)
		return r;
	(void)archive_read_set_read_callback(archive->handle, on_read);
	if (!from->source) {
		(void)archive_read_set_skip_callback(archive->handle, on_skip);
		(void)archive_read_set_seek_callback(archive->handle, on_seek);
	}
	(void)archive_read_set_callback_data(archive->handle, archive);
	if (archive_read_open1(archive->handle) != ARCHIVE_OK)
		return fail(archive, err);
	*ret_archive = sp_steal(archive);
	return 0;
}

int sp_archive_open_fd(int fd, enum sp_archive_kind kind, uint64_t max_bytes,
		       struct sp_archive **ret_archive, struct sp_error *err)
{
	const struct origin from = { .kind = kind, .fd = fd };

	return open_origin(&from, max_bytes, ret_archive, err);
}

int sp_archive_open_stream(sp_archive_source_fn source, void *user,
			   enum sp_archive_kind kind, uint64_t max_bytes,
			   struct sp_archive **ret_archive, struct sp_error *err)
{
	const struct origin from = {
		.kind = kind,
		.fd = -1,
		.source = source,
		.user = user,
	};

	return open_origin(&from, max_bytes, ret_archive, err);
}

static ssize_t read_outer(void *user, void *buf, size_t size, struct sp_error *err)
{
	return sp_archive_read(user, buf, size, err);
}

int sp_archive_open_inner(struct sp_archive *outer, enum sp_archive_kind kind,
			  uint64_t max_bytes, struct sp_archive **ret_archive,
			  struct sp_error *err)
{
	return sp_archive_open_stream(read_outer, outer, kind, max_bytes, ret_archive,
				      err);
}

/* ---- entries --------------------------------------------------------------- */

static bool is_compressed(const struct sp_archive *archive)
{
	return kinds[archive->from.kind].filter_count > 1;
}

static int fail_limit(const struct sp_archive *archive, struct sp_error *err)
{
	return sp_error_set(err, SP_ERR_LIMIT, "the %s holds more than is accepted",
			    kinds[archive->from.kind].name);
}

/* libarchive would pass over a compressed entry of any size in one call. */
static int skip_rest(struct sp_archive *archive, struct sp_error *err)
{
	char bytes[SKIP_BYTES];
	ssize_t n;

	if (!archive->in_entry || !is_compressed(archive))
		return 0;
	do
		n = sp_archive_read(archive, bytes, sizeof bytes, err);
	while (n > 0);
	return (int)n;
}

/* A copy without what leads to the root or ends a directory's name. */
static char *trimmed(const char *path)
{
	size_t len;

	for (;;) {
		if (path[0] == '/')
			path++;
		else if (path[0] == '.' && path[1] == '/')
			path += 2;
		else
			break;
	}
	if (path[0] == '.' && path[1] == '\0')
		path++;
	len = strlen(path);
	while (len > 0 && path[len - 1] == '/')
		len--;
	return strndup(path, len);
}

static enum sp_archive_type type_of(struct archive_entry *entry)
{
	if (archive_entry_hardlink(entry))
		return SP_ARCHIVE_HARD_LINK;
	switch (archive_entry_filetype(entry)) {
	case AE_IFREG:
		return SP_ARCHIVE_FILE;
	case AE_IFDIR:
		return SP_ARCHIVE_DIR;
	case AE_IFLNK:
		return SP_ARCHIVE_SYMLINK;
	default:
		return SP_ARCHIVE_OTHER;
	}
}

static char *link_of(struct archive_entry *entry, enum sp_archive_type type)
{
	const char *target =
		type == SP_ARCHIVE_SYMLINK ? archive_entry_symlink(entry) : NULL;

	if (type == SP_ARCHIVE_HARD_LINK)
		return trimmed(archive_entry_hardlink(entry));
	return strdup(target ? target : "");
}

static int describe(struct sp_archive *archive, struct archive_entry *entry,
		    struct sp_archive_entry *ret_entry, struct sp_error *err)
{
	enum sp_archive_type type = type_of(entry);
	const char *path = archive_entry_pathname(entry);
	la_int64_t size = archive_entry_size(entry);

	/* A Joliet name that this locale cannot express is no reason to give up the
	 * medium: such an entry is passed over like the root. */
	if (!path && archive->from.kind == SP_ARCHIVE_ISO)
		path = "";
	if (!path || size < 0)
		return fail(archive, err);
	free(archive->path);
	free(archive->link_target);
	archive->path = trimmed(path);
	archive->link_target = link_of(entry, type);
	if (!archive->path || !archive->link_target)
		return sp_error_nomem(err);
	*ret_entry = (struct sp_archive_entry){
		.path = archive->path,
		.size = (uint64_t)size,
		.type = type,
		.mode = archive_entry_perm(entry),
	};
	if (type == SP_ARCHIVE_HARD_LINK || type == SP_ARCHIVE_SYMLINK)
		ret_entry->link_target = archive->link_target;
	return 0;
}

/* Zeros are an empty tar archive, and a cpio archive needs no RPM around it: what
 * libarchive found must be what was asked for. */
static int check_kind(struct sp_archive *archive, struct sp_error *err)
{
	const struct kind *kind = &kinds[archive->from.kind];
	int n = archive_filter_count(archive->handle);

	if (n > kind->filter_count ||
	    (kind->innermost != ANY &&
	     archive_filter_code(archive->handle, n > 1 ? n - 2 : 0) != kind->innermost))
		return sp_error_set(err, SP_ERR_FORMAT, "this is no %s as it should be",
				    kind->name);
	return 0;
}

static int next_entry(struct sp_archive *archive, struct sp_archive_entry *ret_entry,
		      struct sp_error *err)
{
	struct archive_entry *entry = NULL;
	int r = skip_rest(archive, err);

	if (r < 0)
		return r;
	archive->in_entry = false;
	r = archive_read_next_header(archive->handle, &entry);
	if (archive->source_error.code)
		return fail(archive, err);
	if (r != ARCHIVE_OK && r != ARCHIVE_WARN && r != ARCHIVE_EOF)
		return fail(archive, err);
	if (check_kind(archive, err) < 0)
		return -SP_ERR_FORMAT;
	if (r == ARCHIVE_EOF)
		return SP_ARCHIVE_END;
	/* A warning is about something we do not use, such as an owner's name. */
	r = describe(archive, entry, ret_entry, err);
	if (r < 0)
		return r;
	if (++archive->n_entries > SP_ARCHIVE_MAX_ENTRIES ||
	    (is_compressed(archive) && ret_entry->size > archive->bytes_left))
		return fail_limit(archive, err);
	archive->in_entry = true;
	return 0;
}

int sp_archive_next(struct sp_archive *archive, struct sp_archive_entry *ret_entry,
		    struct sp_error *err)
{
	struct sp_archive_entry entry = { 0 };
	locale_t before = uselocale(archive->utf8);
	int r;

	do
		r = next_entry(archive, &entry, err);
	while (r == 0 && entry.path[0] == '\0');
	(void)uselocale(before);
	if (r == 0)
		*ret_entry = entry;
	return r;
}

ssize_t sp_archive_read(struct sp_archive *archive, void *buf, size_t size,
			struct sp_error *err)
{
	la_ssize_t n;

	if (!archive->in_entry)
		return 0;
	n = archive_read_data(archive->handle, buf, size);
	if (n < 0)
		return fail(archive, err);
	if ((uint64_t)n > archive->bytes_left)
		return fail_limit(archive, err);
	archive->bytes_left -= (uint64_t)n;
	return n;
}
