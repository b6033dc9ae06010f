/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The last links of the chain: each file is the one that the pack names, and is what it
 * should be; and then, what is in it.  Each is read once, or twice if it is
 * both larger than is held in memory and has files that are read. */
#include "repo/reading.h"

#include "base/array.h"
#include "base/module.h"
#include "repo/intake.h"
#include "repo/keys.h"
#include "repo/legacy.h"
#include "repo/limits.h"
#include "repo/payload.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct packages {
	const struct sp_reading *reading;
	struct sp_pack *pack;
	struct sp_reading_signers *signers;
	const char **paths; /* on the medium, of each package */
	char *states;       /* of each package: */
	size_t *later;      /* which packages are looked at again */
	uint64_t done, total;
	size_t current;
};

enum state { ABSENT, SEEN, LATER /* its modules are still to be read */ };

static void packages_done(struct packages *packages)
{
	for (size_t i = 0; packages->paths && i < packages->pack->n_packages; i++)
		if (packages->paths[i] != packages->pack->packages[i].file)
			free((void *)(uintptr_t)packages->paths[i]);
	free(packages->paths);
	free(packages->states);
	free(packages->later);
}

// clang-format off
static const struct type {
	const char *name;
	bool is_rpm, is_module, is_tbz2;
} types[] = {
	{ "rpm",        true,  false, false },
	{ "driver-rpm", true,  false, false },
	{ "driver",     false, true,  false },
	{ "tbz2",       false, false, true  },
};
// clang-format on

static struct type type_of(const struct sp_package *package)
{
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		if (strcmp(types[i].name, package->type) == 0)
			return types[i];
	return (struct type){ .name = package->type };
}

/* ---- what is read of a package's files ------------------------------------- */

static bool is_wanted(const struct packages *packages, const char *path)
{
	const struct sp_reader_options *options = packages->reading->options;

	if (options->verify)
		return false;
	return sp_reading_is_report(path) ||
	       (options->read_module && sp_module_path_split(path, NULL, NULL)) ||
	       (options->wants && options->wants(path));
}

static int find_wanted(const struct packages *packages, const struct sp_strv *files,
		       struct sp_strv *wanted, struct sp_error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < files->n; i++)
		if (is_wanted(packages, files->items[i]))
			r = sp_strv_add(wanted, files->items[i], err);
	return r;
}

static bool has_wanted(const struct packages *packages, const struct sp_package *package)
{
	for (size_t i = 0; i < package->files.n; i++)
		if (is_wanted(packages, package->files.items[i]))
			return true;
	return false;
}

static int on_module(void *user, const char *path, int fd, struct sp_error *err)
{
	struct packages *packages = user;
	struct sp_pack *pack = packages->pack;
	struct sp_error why = SP_ERROR_INIT;
	struct sp_module *module;

	if (pack->modules.n == SP_LIMIT_MODULES)
		return sp_error_set(err, SP_ERR_LIMIT,
				    "the pack has more than %d modules",
				    SP_LIMIT_MODULES);
	module = sp_array_add(&pack->modules.items, &pack->modules.n);
	if (!module)
		return sp_error_nomem(err);
	if (packages->reading->options->read_module(fd, path, module, &why) == 0) {
		module->package = packages->current;
		return 0;
	}
	sp_module_done(module);
	pack->modules.n--;
	return sp_reading_blame(pack, "damaged-module", path, &why, err);
}

static int on_file(void *user, const char *path, int fd, struct sp_error *err)
{
	const struct packages *packages = user;
	const struct sp_reader_options *options = packages->reading->options;

	if (sp_reading_is_report(path))
		return sp_reading_contents_add_report(packages->reading->contents, path,
						      fd, err);
	return options->wants && options->wants(path)
		       ? options->take(options->take_user, path, fd, err)
		       : on_module(user, path, fd, err);
}

/* A package that is unpacked below its place in the host. */
static int on_tbz2(struct packages *packages, size_t index, sp_archive_source_fn source,
		   void *user, struct sp_error *err)
{
	const struct sp_package *package = &packages->pack->packages[index];
	SP_AUTO(sp_str_freep) char *root = NULL;
	int r = sp_legacy_destination(package, "", &root, err);

	return r != 0 ? r
		      : sp_reading_contents_add_tbz2(packages->reading->contents, index,
						     root, source, user, err);
}

static ssize_t read_kept(void *user, void *buf, size_t size, struct sp_error *err)
{
	ssize_t n = read(*(const int *)user, buf, size);

	return n < 0 ? sp_error_set_errno(err, errno, "reading a memory file") : n;
}

static int read_tbz2(struct packages *packages, size_t index,
		     const struct sp_intake *intake, struct sp_error *err)
{
	struct sp_pack *pack = packages->pack;
	int fd = intake->fd;
	struct sp_error why = SP_ERROR_INIT;
	int r = lseek(fd, 0, SEEK_SET) < 0
			? sp_error_set_errno(&why, errno, "reading a memory file")
			: on_tbz2(packages, index, read_kept, &fd, &why);

	return r < 0 ? sp_reading_blame(pack, "damaged-package",
					pack->packages[index].file, &why, err)
		     : 0;
}

static void drop_modules(struct packages *packages, size_t from)
{
	struct sp_module_list *modules = &packages->pack->modules;

	while (modules->n > from)
		sp_module_done(&modules->items[--modules->n]);
}

/* ---- the first look -------------------------------------------------------- */

static int read_payload(struct packages *packages, size_t index,
			const struct sp_intake *intake, struct sp_error *err)
{
	const struct sp_package *package = &packages->pack->packages[index];
	SP_AUTO(sp_strv_done) struct sp_strv wanted = { 0 };
	struct sp_error why = SP_ERROR_INIT;
	int r = find_wanted(packages, &package->files, &wanted, err);

	if (r < 0)
		return r;
	packages->current = index;
	r = sp_payload_read_fd(intake->fd, &wanted, SP_LIMIT_MODULE_BYTES, on_file,
			       packages, &why);
	return r < 0 ? sp_reading_blame(packages->pack, "damaged-package", package->file,
					&why, err)
		     : 0;
}

/* What it was verified by is what it must be when it is read again. */
static int take_digest(struct sp_package *package, const struct sp_intake *intake,
		       struct sp_error *err)
{
	free(package->sha256);
	package->sha256 = strdup(intake->sha256);
	package->size_bytes = intake->size_bytes;
	return package->sha256 ? 0 : sp_error_nomem(err);
}

/* Old packs need not name one for a driver or a firmware file. */
static bool has_digest(const struct sp_package *package)
{
	return package->sha256 || package->md5;
}

static int look_into(struct packages *packages, size_t index,
		     const struct sp_intake *intake, struct sp_error *err)
{
	struct sp_package *package = &packages->pack->packages[index];
	const struct type type = type_of(package);
	bool is_sound = true;
	int r = type.is_rpm ? sp_reading_rpm(packages->reading, packages->pack, index,
					     intake, packages->signers, &is_sound, err)
			    : 0;

	if (r < 0 || !is_sound)
		return r;
	if ((packages->signers || !has_digest(package)) &&
	    take_digest(package, intake, err) < 0)
		return -SP_ERR_NOMEM;
	package->verified = true;
	packages->current = index;
	if (packages->reading->options->verify)
		return 0;
	if (type.is_module && packages->reading->options->read_module)
		return on_module(packages, package->file, intake->fd, err);
	if (!type.is_tbz2 && !has_wanted(packages, package))
		return 0;
	if (intake->has_all)
		return type.is_tbz2 ? read_tbz2(packages, index, intake, err)
				    : read_payload(packages, index, intake, err);
	packages->states[index] = LATER;
	return 0;
}

static int on_progress(void *user, uint64_t bytes)
{
	const struct packages *packages = user;
	const struct sp_reader_sink *sink = packages->reading->sink;

	return sink->progress ? sink->progress(sink->user, packages->pack->label,
					       packages->done + bytes, packages->total)
			      : 0;
}

/* Those of the packages themselves. */
static bool looks_at_signatures(const struct packages *packages)
{
	return packages->signers || packages->reading->options->thorough;
}

static int take(struct packages *packages, size_t index, struct sp_tree_stream *stream,
		struct sp_error *err)
{
	const struct sp_package *package = &packages->pack->packages[index];
	const struct type type = type_of(package);
	bool looks_into = !packages->reading->options->verify;
	const struct sp_intake_wish wish = {
		.size_bytes = package->size_bytes,
		.digest = package->sha256 ? package->sha256 : package->md5,
		.is_rpm = type.is_rpm,
		.keep_all = looks_into && (type.is_module || type.is_tbz2 ||
					   has_wanted(packages, package) ||
					   (type.is_rpm && packages->signers)),
		.own_digests = type.is_rpm && looks_at_signatures(packages),
		.progress = on_progress,
		.user = packages,
	};
	SP_AUTO(sp_intake_done) struct sp_intake intake = { 0 };
	struct sp_error why = SP_ERROR_INIT;

	packages->states[index] = SEEN;
	if (sp_intake_take(stream, &wish, &intake, &why) < 0)
		return sp_reading_blame(packages->pack, "damaged-package", package->file,
					&why, err);
	return look_into(packages, index, &intake, err);
}

static int on_package(void *user, size_t index, struct sp_tree_stream *stream,
		      struct sp_error *err)
{
	struct packages *packages = user;
	uint64_t size = packages->pack->packages[index].size_bytes;
	int r = take(packages, index, stream, err);

	packages->done += size;
	if (r == 0 && on_progress(packages, 0))
		return sp_error_set(err, SP_ERR_CANCELLED, "reading was cancelled");
	return r;
}

/* ---- the second look ------------------------------------------------------- */

/* The same file again: what is taken from it counts only if it still is the same. */
struct again {
	struct sp_tree_stream *stream;
	struct sp_digest *digest;
};

static ssize_t read_again(void *user, void *buf, size_t size, struct sp_error *err)
{
	struct again *again = user;
	ssize_t n = sp_tree_read(again->stream, buf, size, err);

	if (n > 0)
		sp_digest_add(again->digest, buf, (size_t)n);
	return n;
}

static int read_rest(struct again *again, struct sp_error *err)
{
	char bytes[16 << 10];
	ssize_t n;

	do
		n = read_again(again, bytes, sizeof bytes, err);
	while (n > 0);
	return n < 0 ? -(int)err->code : 0;
}

static int read_large(struct packages *packages, size_t index,
		      struct sp_tree_stream *stream, struct sp_error *why)
{
	const struct sp_package *package = &packages->pack->packages[index];
	SP_AUTO(sp_strv_done) struct sp_strv wanted = { 0 };
	SP_AUTO(sp_digest_freep) struct sp_digest *digest = NULL;
	enum sp_digest_kind kind = SP_DIGEST_SHA256;
	struct again again = { .stream = stream };
	char hex[SP_DIGEST_HEX_SIZE];
	int r = find_wanted(packages, &package->files, &wanted, why);

	if (r == 0 && !sp_intake_digest_kind(package->sha256, &kind))
		r = sp_error_set(why, SP_ERR_INTERNAL, "a package has no digest");
	if (r == 0)
		r = sp_digest_new(kind, &digest, why);
	again.digest = digest;
	if (r == 0)
		r = type_of(package).is_tbz2
			    ? on_tbz2(packages, index, read_again, &again, why)
			    : sp_payload_read(read_again, &again, &wanted,
					      SP_LIMIT_MODULE_BYTES, on_file, packages,
					      why);
	if (r == 0)
		r = read_rest(&again, why);
	if (r == 0)
		r = sp_digest_take(digest, hex, why);
	if (r == 0 && !sp_digest_is_equal(hex, package->sha256))
		r = sp_error_set(why, SP_ERR_DAMAGED, "it changed while it was read");
	return r;
}

static int on_large(void *user, size_t index, struct sp_tree_stream *stream,
		    struct sp_error *err)
{
	struct packages *packages = user;
	size_t before = packages->pack->modules.n;
	struct sp_error why = SP_ERROR_INIT;
	struct sp_package *package;

	packages->current = packages->later[index];
	package = &packages->pack->packages[packages->current];
	if (read_large(packages, packages->current, stream, &why) == 0)
		return 0;
	drop_modules(packages, before);
	package->verified = false;
	return sp_reading_blame(packages->pack, "damaged-package", package->file, &why,
				err);
}

static int look_again(struct packages *packages, struct sp_error *err)
{
	size_t n_packages = packages->pack->n_packages, n = 0;
	const char **paths = calloc(n_packages + 1, sizeof *paths);
	int r;

	packages->later = calloc(n_packages + 1, sizeof *packages->later);
	for (size_t i = 0; paths && packages->later && i < n_packages; i++) {
		if (packages->states[i] != LATER)
			continue;
		paths[n] = packages->paths[i];
		packages->later[n++] = i;
	}
	r = !paths || !packages->later ? sp_error_nomem(err)
				       : sp_tree_visit(packages->reading->tree, paths, n,
						       on_large, packages, err);
	free(paths);
	return r;
}

/* ---- all of them ----------------------------------------------------------- */

static int prepare(struct packages *packages, const char *base, struct sp_error *err)
{
	const struct sp_pack *pack = packages->pack;

	packages->paths = calloc(pack->n_packages + 1, sizeof *packages->paths);
	packages->states = calloc(pack->n_packages + 1, 1);
	if (!packages->paths || !packages->states)
		return sp_error_nomem(err);
	for (size_t i = 0; i < pack->n_packages; i++) {
		bool unread = pack->packages[i].unread;

		/* No file has that name. */
		packages->paths[i] =
			unread  ? strdup("")
			: *base ? sp_reading_path(base, pack->packages[i].file)
				: pack->packages[i].file;
		if (!packages->paths[i])
			return sp_error_nomem(err);
		if (unread) {
			packages->states[i] = SEEN;
			continue;
		}
		packages->total += pack->packages[i].size_bytes;
		sp_tree_expect(packages->reading->tree, packages->paths[i],
			       pack->packages[i].size_bytes, sp_limit_rpm_bytes);
	}
	return 0;
}

static int say_missing(struct packages *packages, struct sp_error *err)
{
	struct sp_pack *pack = packages->pack;
	int r = 0;

	for (size_t i = 0; r == 0 && i < pack->n_packages; i++) {
		if (packages->states[i] != ABSENT)
			continue;
		packages->done += pack->packages[i].size_bytes;
		r = sp_findings_add(&pack->findings, "missing-package",
				    pack->packages[i].file, err,
				    "'%.200s' is not there, though the pack names it",
				    pack->packages[i].file);
		if (r == 0 && on_progress(packages, 0))
			r = sp_error_set(err, SP_ERR_CANCELLED, "reading was cancelled");
	}
	return r;
}

static int on_fetched(void *user, size_t index, struct sp_tree_stream *stream,
		      struct sp_error *err)
{
	(void)user;
	(void)index;
	(void)stream;
	(void)err;
	return 0;
}

/* To visit a file of a server's is to have it fetched. */
static int fetch_all(const struct packages *packages, struct sp_error *err)
{
	if (!packages->reading->options->fetch_first)
		return 0;
	return sp_tree_visit(packages->reading->tree, packages->paths,
			     packages->pack->n_packages, on_fetched, NULL, err);
}

int sp_reading_packages(const struct sp_reading *reading, const char *base,
			struct sp_pack *pack, struct sp_reading_signers *signers,
			struct sp_error *err)
{
	SP_AUTO(sp_reading_contents_done) struct sp_reading_contents contents = { 0 };
	struct sp_reading with_contents = *reading;
	SP_AUTO(packages_done)
	struct packages packages = {
		.reading = &with_contents,
		.pack = pack,
		.signers = signers,
	};
	SP_AUTO(sp_keys_done) struct sp_keys keys = { 0 };
	int r = prepare(&packages, base, err);

	with_contents.contents = &contents;
	if (r == 0)
		r = fetch_all(&packages, err);
	if (r == 0 && (reading->options->verify || looks_at_signatures(&packages)))
		r = sp_reading_offer_keys(reading, pack, &keys, err);
	if (r == 0)
		r = sp_tree_visit(reading->tree, packages.paths, pack->n_packages,
				  on_package, &packages, err);
	sp_reading_withdraw_keys(reading);
	if (r == 0)
		r = say_missing(&packages, err);
	if (r == 0)
		r = look_again(&packages, err);
	if (reading->options->verify)
		return r;
	if (r == 0 && reading->options->thorough)
		r = sp_reading_strays(reading, base, pack, err);
	return r == 0 ? sp_reading_contents_check(reading, &contents, pack, err) : r;
}
