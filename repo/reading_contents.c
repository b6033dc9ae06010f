/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Gathered while the packages go by, judged when all were seen: a file below a link is
 * unsafe whichever of the packages brings the link. */

#include "repo/reading.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/file.h"
#include "repo/bugtool.h"
#include "repo/contents.h"
#include "repo/limits.h"
#include "repo/rpmfile.h"

/* One file, with all that it needs to be judged by. */
struct sp_reading_file {
	struct sp_rpmfile_entry entry;
	size_t package; /* index */
};

/* One that says what a status report is to collect. */
struct sp_reading_report {
	char *path, *bytes;
	size_t len;
};

void sp_reading_contents_done(struct sp_reading_contents *contents)
{
	for (size_t i = 0; i < contents->n_files; i++)
		sp_rpmfile_entry_done(&contents->files[i].entry);
	for (size_t i = 0; i < contents->n_reports; i++) {
		free(contents->reports[i].path);
		free(contents->reports[i].bytes);
	}
	free(contents->files);
	free(contents->reports);
	*contents = (struct sp_reading_contents){ 0 };
}

/* ---- gathering ------------------------------------------------------------------------- */

/* What nothing will be said of: a pack may have many thousands of files. */
static void drop_usual(struct sp_rpmfile_entry *entry)
{
	if (!(entry->mode & (S_ISUID | S_ISGID)))
		free(sp_steal(entry->user));
	if (entry->capabilities && !*entry->capabilities)
		free(sp_steal(entry->capabilities));
}

int sp_reading_contents_add(struct sp_reading_contents *contents, size_t package,
			    struct sp_rpmfile_entry *entry, struct sp_error *err)
{
	struct sp_reading_file *file = sp_array_add(&contents->files, &contents->n_files);

	if (!file)
		return sp_error_nomem(err);
	file->package = package;
	file->entry = *entry;
	*entry = (struct sp_rpmfile_entry){ 0 };
	drop_usual(&file->entry);
	return 0;
}

int sp_reading_contents_add_rpm(struct sp_reading_contents *contents, size_t package,
				struct sp_rpmfile *rpm, struct sp_error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < rpm->n_files; i++)
		r = sp_reading_contents_add(contents, package, &rpm->files[i], err);
	return r;
}

/* What a tar calls its types, as a host's file system does. */
static const mode_t type_bits[] = {
	[SP_ARCHIVE_FILE] = S_IFREG,    [SP_ARCHIVE_DIR] = S_IFDIR,
	[SP_ARCHIVE_SYMLINK] = S_IFLNK, [SP_ARCHIVE_HARD_LINK] = S_IFREG,
	[SP_ARCHIVE_OTHER] = S_IFCHR,
};

static int add_unpacked(struct sp_reading_contents *contents, size_t package,
			const char *root, const struct sp_archive_entry *from,
			struct sp_error *err)
{
	struct sp_rpmfile_entry entry = {
		.path = sp_text_format("%s%s%s", root, *root ? "/" : "", from->path),
		.mode = type_bits[from->type] | from->mode,
		.size_bytes = from->type == SP_ARCHIVE_FILE ? from->size : 0,
	};
	int r = entry.path ? sp_reading_contents_add(contents, package, &entry, err)
			   : sp_error_nomem(err);

	sp_rpmfile_entry_done(&entry);
	return r;
}

int sp_reading_contents_add_tbz2(struct sp_reading_contents *contents, size_t package,
				 const char *root, sp_archive_source_fn source,
				 void *user, struct sp_error *err)
{
	SP_AUTO(sp_archive_freep) struct sp_archive *archive = NULL;
	struct sp_archive_entry entry;
	int r = sp_archive_open_stream(source, user, SP_ARCHIVE_TBZ2,
				       sp_limit_payload_bytes, &archive, err);

	while (r == 0) {
		r = sp_archive_next(archive, &entry, err);
		if (r == 0)
			r = add_unpacked(contents, package, root, &entry, err);
	}
	return r == SP_ARCHIVE_END ? 0 : r;
}

bool sp_reading_is_report(const char *path)
{
	return sp_text_starts_with(path + strspn(path, "/"), SP_BUGTOOL_DIRECTORY "/");
}

int sp_reading_contents_add_report(struct sp_reading_contents *contents, const char *path,
				   int fd, struct sp_error *err)
{
	struct sp_reading_report *report =
		sp_array_add(&contents->reports, &contents->n_reports);

	if (!report)
		return sp_error_nomem(err);
	report->path = strdup(path);
	if (!report->path)
		return sp_error_nomem(err);
	return sp_file_read_all(fd, SP_LIMIT_DESCRIPTOR_BYTES, &report->bytes,
				&report->len, err);
}

/* ---- judging ------------------------------------------------------------------------------ */

static void files_freep(struct sp_contents_file **files)
{
	free(*files);
}

static void reports_freep(struct sp_bugtool_file **reports)
{
	free(*reports);
}

static int check_files(const struct sp_reading *reading,
		       const struct sp_reading_contents *contents, struct sp_pack *pack,
		       struct sp_error *err)
{
	SP_AUTO(files_freep)
	struct sp_contents_file *files = calloc(contents->n_files + 1, sizeof *files);
	const struct sp_contents all = {
		.pack = pack->label ? pack->label : pack->id,
		.files = files,
		.n = contents->n_files,
		.owner = reading->options->owner,
		.context = reading->options->owner_context,
	};

	if (!files)
		return sp_error_nomem(err);
	for (size_t i = 0; i < contents->n_files; i++) {
		const struct sp_rpmfile_entry *entry = &contents->files[i].entry;

		files[i] = (struct sp_contents_file){
			.path = entry->path,
			.package = pack->packages[contents->files[i].package].name,
			.user = entry->user,
			.capabilities = entry->capabilities,
			.mode = entry->mode,
			.size_bytes = entry->size_bytes,
		};
	}
	return sp_contents_check(&all, &pack->findings, err);
}

static int check_reports(const struct sp_reading_contents *contents, struct sp_pack *pack,
			 struct sp_error *err)
{
	SP_AUTO(reports_freep)
	struct sp_bugtool_file *files = calloc(contents->n_reports + 1, sizeof *files);

	if (!files)
		return sp_error_nomem(err);
	for (size_t i = 0; i < contents->n_reports; i++)
		files[i] = (struct sp_bugtool_file){ contents->reports[i].path,
						     contents->reports[i].bytes,
						     contents->reports[i].len };
	return sp_bugtool_check(files, contents->n_reports, &pack->report,
				&pack->findings, err);
}

int sp_reading_contents_check(const struct sp_reading *reading,
			      const struct sp_reading_contents *contents,
			      struct sp_pack *pack, struct sp_error *err)
{
	int r = check_files(reading, contents, pack, err);

	return r < 0 ? r : check_reports(contents, pack, err);
}
