/* SPDX-License-Identifier: GPL-2.0-or-later */
/* librpm's configuration is global, its defaults are the running system's, and it says
 * the truth in its log only: all of that is settled here, once for a process. */
#include "repo/rpm_root.h"

#include "base/array.h"
#include "base/module.h"
#include "repo/digest.h"
#include "repo/rpm_release.h"
#include "repo/rpmdb.h"

#include <errno.h>
#include <fcntl.h>
#include <rpm/rpmkeyring.h>
#include <rpm/rpmlib.h>
#include <rpm/rpmlog.h>
#include <rpm/rpmmacro.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_FILES = 65536 };

struct sp_rpm_root {
	char *path;
	int fd;
	struct sp_rpm_listener listener;
	char *first_error;
};

/* ---- the root -------------------------------------------------------------- */

void sp_rpm_root_log(const struct sp_rpm_root *root, const char *line)
{
	char text[SP_TEXT_MAX];

	if (!root->listener.log)
		return;
	sp_text_clean(line, strlen(line), text, sizeof text);
	if (*text)
		root->listener.log(root->listener.user, text);
}

void sp_rpm_root_progress(const struct sp_rpm_root *root, size_t index, uint64_t done,
			  uint64_t total)
{
	if (root->listener.progress)
		root->listener.progress(root->listener.user, index, done, total);
}

static int take_log(rpmlogRec record, rpmlogCallbackData data)
{
	struct sp_rpm_root *root = data;
	const char *text = rpmlogRecMessage(record);

	if (!text || rpmlogRecPriority(record) > RPMLOG_WARNING)
		return 0;
	sp_rpm_root_log(root, text);
	/* Without memory the message is lost, but not that there was one. */
	if (rpmlogRecPriority(record) <= RPMLOG_ERR && !root->first_error) {
		root->first_error = sp_text_clean_dup(text);
		if (!root->first_error)
			abort();
	}
	return 0;
}

const char *sp_rpm_root_first_error(const struct sp_rpm_root *root)
{
	return root->first_error;
}

void sp_rpm_root_forget_error(struct sp_rpm_root *root)
{
	free(sp_steal(root->first_error));
}

int sp_rpm_root_fd(const struct sp_rpm_root *root)
{
	return root->fd;
}

static int configure(const char *dbpath, struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *macro = sp_text_format("_dbpath /%s", dbpath);

	if (!macro)
		return sp_error_nomem(err);
	/* Messages in English, and none of the operator's own macros. */
	if (setenv("LC_ALL", "C", 1) < 0 || setenv("HOME", "/", 1) < 0 ||
	    rpmReadConfigFiles(NULL, NULL) != 0)
		return sp_error_set(err, SP_ERR_INTERNAL,
				    "this system's rpm configuration cannot be read");
	/* A path with a macro in it would not be the one that was looked at. */
	if (strchr(dbpath, '%') || rpmDefineMacro(NULL, macro, 0) != 0)
		return sp_error_set(err, SP_ERR_INTERNAL,
				    "the rpm database cannot be at '/%s'", dbpath);
	return 0;
}

int sp_rpm_root_open(const char *path, const char *dbpath,
		     const struct sp_rpm_listener *listener,
		     struct sp_rpm_root **ret_root, struct sp_error *err)
{
	SP_AUTO(sp_rpm_root_closep) struct sp_rpm_root *root = calloc(1, sizeof *root);
	int r;

	if (!root)
		return sp_error_nomem(err);
	root->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (root->fd < 0)
		return sp_error_set_errno(err, errno, "opening '%s'", path);
	if (listener)
		root->listener = *listener;
	root->path = strdup(path);
	if (!root->path)
		return sp_error_nomem(err);
	(void)rpmlogSetCallback(take_log, root);
	r = configure(dbpath, err);
	if (r < 0)
		return r;
	sp_rpm_root_forget_error(root);
	*ret_root = sp_steal(root);
	return 0;
}

void sp_rpm_root_close(struct sp_rpm_root *root)
{
	if (!root)
		return;
	(void)rpmlogSetCallback(NULL, NULL);
	sp_closep(&root->fd);
	free(root->path);
	free(root->first_error);
	free(root);
}

struct rpmts_s *sp_rpm_root_new_set(const struct sp_rpm_root *root)
{
	SP_AUTO(sp_rpmts_freep) rpmts ts = rpmtsCreate();
	rpmKeyring keyring = rpmKeyringNew();
	bool ok = ts && keyring && rpmtsSetRootDir(ts, root->path) == 0 &&
		  rpmtsSetKeyring(ts, keyring) == 0;

	(void)rpmKeyringFree(keyring);
	if (!ok)
		return NULL;
	/* Who signed is the verifier's matter, and librpm takes expired and revoked keys
	 * for good ones; the digests are checked in any case. */
	(void)rpmtsSetVSFlags(ts, RPMVSF_MASK_NOSIGNATURES);
	(void)rpmtsSetVfyFlags(ts, RPMVSF_MASK_NOSIGNATURES);
	(void)rpmtsSetVfyLevel(ts, RPMSIG_DIGEST_TYPE);
	return sp_steal(ts);
}

/* ---- what a header says ----------------------------------------------------- */

static void package_done(struct sp_rpm_package *package)
{
	for (size_t i = 0; i < package->n_files; i++) {
		free(package->files[i].path);
		free(package->files[i].digest);
		free(package->files[i].link);
	}
	free(package->files);
	free(package->name);
	free(package->evr);
	free(package->arch);
	free(package->nevra);
	free(package->header_digest);
	sp_strv_done(&package->provides);
	sp_strv_done(&package->requires_);
}

void sp_rpm_packages_done(struct sp_rpm_packages *packages)
{
	for (size_t i = 0; i < packages->n; i++)
		package_done(&packages->items[i]);
	free(packages->items);
	*packages = (struct sp_rpm_packages){ 0 };
}

static char *text_of(Header header, rpmTagVal tag)
{
	const char *text = headerGetString(header, tag);

	return sp_text_clean_dup(text ? text : "");
}

/* No epoch and epoch 0 are the same to rpm. */
static char *evr_of(Header header)
{
	SP_AUTO(sp_str_freep) char *version = text_of(header, RPMTAG_VERSION);
	SP_AUTO(sp_str_freep) char *release = text_of(header, RPMTAG_RELEASE);
	uint64_t epoch = headerGetNumber(header, RPMTAG_EPOCH);

	if (!version || !release)
		return NULL;
	if (epoch)
		return sp_text_format("%llu:%s-%s", (unsigned long long)epoch, version,
				      release);
	return sp_text_format("%s-%s", version, release);
}

char *sp_rpm_root_nevra(struct headerToken_s *header)
{
	SP_AUTO(sp_str_freep) char *name = text_of(header, RPMTAG_NAME);
	SP_AUTO(sp_str_freep) char *evr = evr_of(header);
	SP_AUTO(sp_str_freep) char *arch = text_of(header, RPMTAG_ARCH);

	return name && evr && arch ? sp_text_format("%s-%s.%s", name, evr, arch) : NULL;
}

static const struct algorithm {
	int algorithm, kind;
} algorithms[] = {
	{ RPM_HASH_MD5, SP_DIGEST_MD5 },
	{ RPM_HASH_SHA256, SP_DIGEST_SHA256 },
	{ RPM_HASH_SHA384, SP_DIGEST_SHA384 },
	{ RPM_HASH_SHA512, SP_DIGEST_SHA512 },
};

static int kind_of(int algorithm)
{
	for (size_t i = 0; i < sizeof algorithms / sizeof algorithms[0]; i++)
		if (algorithms[i].algorithm == algorithm)
			return algorithms[i].kind;
	return -1;
}

static int take_file(rpmfi walk, struct sp_rpm_package *package, struct sp_error *err)
{
	const char *path = rpmfiFN(walk), *link = rpmfiFLink(walk);
	rpmfileState state = rpmfiFState(walk);
	struct sp_rpm_file *file;
	int algorithm = 0;

	if (package->n_files >= MAX_FILES)
		return sp_error_set(err, SP_ERR_LIMIT,
				    "package '%s' has more than %d files", package->nevra,
				    MAX_FILES);
	file = sp_array_add(&package->files, &package->n_files);
	if (!file)
		return sp_error_nomem(err);
	file->path = strdup(path ? path : "");
	file->link = strdup(link ? link : "");
	file->mode = (mode_t)rpmfiFMode(walk);
	file->size_bytes = rpmfiFSize(walk);
	file->digest = S_ISREG(file->mode) ? rpmfiFDigestHex(walk, &algorithm) : NULL;
	file->digest_kind = kind_of(algorithm);
	file->config = rpmfiFFlags(walk) & RPMFILE_CONFIG;
	file->present = !(rpmfiFFlags(walk) & RPMFILE_GHOST) &&
			(state == RPMFILE_STATE_NORMAL || state == RPMFILE_STATE_MISSING);
	return file->path && file->link ? 0 : sp_error_nomem(err);
}

static int take_files(Header header, struct sp_rpm_package *package, struct sp_error *err)
{
	SP_AUTO(sp_rpmfiles_freep)
	rpmfiles files = rpmfilesNew(NULL, header, RPMTAG_BASENAMES, RPMFI_KEEPHEADER);
	SP_AUTO(sp_rpmfi_freep) rpmfi walk = NULL;
	int r = 0;

	if (!files)
		return 0;
	walk = rpmfilesIter(files, RPMFI_ITER_FWD);
	while (walk && r == 0 && rpmfiNext(walk) >= 0)
		r = take_file(walk, package, err);
	return r;
}

/* Most packages have none: told from their directories, which are few. */
static bool may_have_modules(Header header)
{
	struct rpmtd_s directories;
	const char *path;
	bool found = false;

	if (!headerGet(header, RPMTAG_DIRNAMES, &directories, HEADERGET_MINMEM))
		return false;
	while (!found && (path = rpmtdNextString(&directories)))
		found = sp_text_starts_with(path, "/lib/modules/") ||
			sp_text_starts_with(path, "/usr/lib/modules/");
	rpmtdFreeData(&directories);
	return found;
}

static int take_modules(Header header, struct sp_rpm_package *package,
			struct sp_error *err)
{
	struct rpmtd_s names;
	const char *path;
	int r = 0;

	if (!may_have_modules(header) ||
	    !headerGet(header, RPMTAG_FILENAMES, &names, HEADERGET_EXT))
		return 0;
	while (r == 0 && (path = rpmtdNextString(&names))) {
		struct sp_rpm_file *file;

		if (!sp_module_path_split(path, NULL, NULL) ||
		    package->n_files >= MAX_FILES)
			continue;
		file = sp_array_add(&package->files, &package->n_files);
		if (!file)
			r = sp_error_nomem(err);
		else if (!(file->path = sp_text_clean_dup(path)))
			r = sp_error_nomem(err);
		else
			file->present = true;
	}
	rpmtdFreeData(&names);
	return r;
}

static int take_deps(Header header, rpmTagVal tag, struct sp_strv *list,
		     struct sp_error *err)
{
	SP_AUTO(sp_rpmds_freep) rpmds deps = rpmdsNew(header, tag, 0);
	int r = 0;

	while (r == 0 && rpmdsNext(deps) >= 0) {
		const char *text = rpmdsDNEVR(deps); /* "R name >= 1" */

		if (text && strlen(text) > 2)
			r = sp_strv_add(list, text + 2, err);
	}
	return r;
}

static int take_header(Header header, unsigned what, struct sp_rpm_packages *packages,
		       struct sp_error *err)
{
	struct sp_rpm_package *package = sp_array_add(&packages->items, &packages->n);
	rpmTagVal digest = headerIsEntry(header, RPMTAG_SHA256HEADER)
				   ? RPMTAG_SHA256HEADER
				   : RPMTAG_SHA1HEADER;
	int r = 0;

	if (!package)
		return sp_error_nomem(err);
	package->name = text_of(header, RPMTAG_NAME);
	package->evr = evr_of(header);
	package->arch = text_of(header, RPMTAG_ARCH);
	package->header_digest = text_of(header, digest);
	package->nevra = sp_rpm_root_nevra(header);
	package->installed_bytes = headerGetNumber(
		header,
		headerIsEntry(header, RPMTAG_LONGSIZE) ? RPMTAG_LONGSIZE : RPMTAG_SIZE);
	if (!package->name || !package->evr || !package->arch || !package->header_digest)
		return sp_error_nomem(err);
	package->nevra =
		sp_text_format("%s-%s.%s", package->name, package->evr, package->arch);
	if (!package->nevra)
		return sp_error_nomem(err);
	if (what & SP_RPM_FILES)
		r = take_files(header, package, err);
	if (r == 0 && what & SP_RPM_MODULES)
		r = take_modules(header, package, err);
	if (r == 0 && what & SP_RPM_DEPENDENCIES)
		r = take_deps(header, RPMTAG_PROVIDENAME, &package->provides, err);
	if (r == 0 && what & SP_RPM_DEPENDENCIES)
		r = take_deps(header, RPMTAG_REQUIRENAME, &package->requires_, err);
	return r;
}

/* ---- the database, and package files ---------------------------------------- */

static int list_once(struct sp_rpm_root *root, const char *name, unsigned what,
		     struct sp_rpm_packages *packages, struct sp_error *err)
{
	SP_AUTO(sp_rpmts_freep) rpmts ts = sp_rpm_root_new_set(root);
	SP_AUTO(sp_rpm_matches_freep) rpmdbMatchIterator matches = NULL;
	Header header;
	int r = 0;

	if (!ts)
		return sp_error_nomem(err);
	sp_rpm_root_forget_error(root);
	matches = rpmtsInitIterator(ts, name ? RPMDBI_NAME : RPMDBI_PACKAGES, name, 0);
	/* The header is the iterator's. */
	while (r == 0 && matches && (header = rpmdbNextIterator(matches)))
		r = take_header(header, what, packages, err);
	return r;
}

/* Whoever made the database may have been killed before all of its tables were there; a
 * reader cannot add them.  False: that is not what is wrong. */
static bool make_whole(struct sp_rpm_root *root)
{
	SP_AUTO(sp_rpmts_freep) rpmts ts = sp_rpm_root_new_set(root);

	return ts && rpmtsInitDB(ts, 0644) == 0;
}

int sp_rpm_root_list(struct sp_rpm_root *root, const char *name, unsigned what,
		     struct sp_rpm_packages *packages, struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *dbpath = NULL, *reason = NULL;
	bool exists = false;
	size_t before = packages->n;
	int r = sp_rpmdb_find(root->fd, &dbpath, &exists, err);

	if (r < 0 || !exists)
		return r;
	r = list_once(root, name, what, packages, err);
	if (r < 0 || !root->first_error)
		return r;
	reason = sp_steal(root->first_error);
	if (packages->n == before && make_whole(root)) {
		r = list_once(root, name, what, packages, err);
		if (r < 0 || !root->first_error)
			return r;
	}
	return sp_error_set(err, SP_ERR_DAMAGED,
			    "the rpm database in '%s' cannot be read: %s", root->path,
			    reason);
}

int sp_rpm_root_read(struct sp_rpm_root *root, int fd, struct sp_rpm_packages *packages,
		     struct sp_error *err)
{
	SP_AUTO(sp_rpmts_freep) rpmts ts = sp_rpm_root_new_set(root);
	SP_AUTO(sp_rpm_header_freep) Header header = NULL;
	SP_AUTO(sp_rpm_file_closep) FD_t file = NULL;
	rpmRC rc;

	if (!ts || lseek(fd, 0, SEEK_SET) < 0)
		return sp_error_set(err, SP_ERR_INTERNAL, "a package cannot be read");
	file = fdDup(fd);
	rc = file ? rpmReadPackageFile(ts, file, NULL, &header) : RPMRC_FAIL;
	if ((rc != RPMRC_OK && rc != RPMRC_NOKEY && rc != RPMRC_NOTTRUSTED) || !header)
		return sp_error_set(err, SP_ERR_DAMAGED, "it is no sound RPM package");
	if (headerIsSource(header))
		return sp_error_set(err, SP_ERR_DAMAGED,
				    "it is a source package, which cannot be installed");
	return take_header(header, SP_RPM_FILES, packages, err);
}
