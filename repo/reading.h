/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What the parts of the reader share; for reader*.c and reading.c only. */

#include "base/archive.h"
#include "base/error.h"
#include "base/finding.h"
#include "repo/pack.h"
#include "repo/reader.h"
#include "repo/tree.h"

/* One medium, or an image lying on one, being read. */
struct sp_reading {
	struct sp_tree *tree;
	const struct sp_reader_options *options;
	const struct sp_reader_sink *sink;
	struct sp_findings *findings;
	const char *image; /* path of the image, "" for the medium itself */
	size_t *n_packs;   /* on the whole medium */
	struct sp_reading_contents *contents; /* of the pack that is being read */
};

/* Path of @name below directory @base ("": the root); caller frees, NULL when out of
 * memory. */
char *sp_reading_path(const char *base, const char *name);
bool sp_reading_has(const struct sp_reading *reading, const char *base, const char *name);
/* How the directory @base is called in messages and in packs: "drivers.iso/pack".
 * Caller frees; NULL when out of memory. */
char *sp_reading_directory(const struct sp_reading *reading, const char *base);

/* Is the file @path of a medium an OpenPGP key that came with @pack? */
bool sp_reading_is_key(const struct sp_pack *pack, const char *path);

struct sp_keys;

/* Reads those keys into @keys (zeroed) and offers them to the verifier; they must live
 * until they are withdrawn. */
SP_MUST_CHECK
int sp_reading_offer_keys(const struct sp_reading *reading, const struct sp_pack *pack,
			  struct sp_keys *keys, struct sp_error *err);
void sp_reading_withdraw_keys(const struct sp_reading *reading);

/* Fills in where @pack comes from: location, directory. */
SP_MUST_CHECK
int sp_reading_place_pack(const struct sp_reading *reading, const char *base,
			  struct sp_pack *pack, struct sp_error *err);
/* Hands it over, what it lacks made empty.  One without an id is no pack: then only its
 * findings go to those of the medium. */
SP_MUST_CHECK
int sp_reading_end_pack(const struct sp_reading *reading, struct sp_pack *pack,
			struct sp_error *err);

/* Adds @cause, which came of file @file of @pack, to its findings as @code (NULL: the
 * code of its kind).  Failures that are nobody's fault (memory, our own) go up
 * instead. */
SP_MUST_CHECK
int sp_reading_blame(struct sp_pack *pack, const char *code, const char *file,
		     const struct sp_error *cause, struct sp_error *err);

/* Prefixes "'file': " unless @err names it already; returns its code. */
int sp_reading_name_file(const char *file, struct sp_error *err);

/* Failures that are nobody's fault, and end the reading. */
bool sp_reading_is_fatal(const struct sp_error *cause);

/* "trusted" gives NULL, others the code of their finding. */
const char *sp_reading_trust_code(enum sp_trust_state state);
/* Adds the finding @code (NULL: none) about @pack's trust. */
SP_MUST_CHECK
int sp_reading_say_trust(struct sp_pack *pack, const char *code, struct sp_error *err);

/* ---- metadata -------------------------------------------------------------- */

struct sp_repomd;

/* Which file is to blame, and of what. */
struct sp_reading_blame_on {
	const char *code, *file;
};

/* Fills @pack with the packages that the documents of @repomd below @base name.  On
 * failure @blame->file is the one; its code changes only if that is known better. */
SP_MUST_CHECK
int sp_reading_documents(struct sp_tree *tree, const char *base,
			 const struct sp_repomd *repomd, struct sp_pack *pack,
			 struct sp_reading_blame_on *blame, struct sp_error *why);

/* ---- packages -------------------------------------------------------------- */

/* What is known of the packages' own signatures, where nothing else vouches for them. */
struct sp_reading_signers {
	struct sp_trust worst; /* of the RPMs seen so far; detail NULL: none yet */
	size_t n_rpms, n_trusted;
};

void sp_reading_signers_done(struct sp_reading_signers *signers);

/* What the pack's packages hold.  Zero-initialise. */
struct sp_reading_contents {
	struct sp_reading_file *files;
	size_t n_files;
	struct sp_reading_report *reports;
	size_t n_reports;
};

struct sp_rpmfile;
struct sp_rpmfile_entry;

void sp_reading_contents_done(struct sp_reading_contents *contents);
/* One file of package @package (its index).  Takes over what is in @entry. */
SP_MUST_CHECK
int sp_reading_contents_add(struct sp_reading_contents *contents, size_t package,
			    struct sp_rpmfile_entry *entry, struct sp_error *err);
/* All files of @rpm, taken over. */
SP_MUST_CHECK
int sp_reading_contents_add_rpm(struct sp_reading_contents *contents, size_t package,
				struct sp_rpmfile *rpm, struct sp_error *err);
/* All files of the tbz2 that @source gives, below @root ("": the host's root). */
SP_MUST_CHECK
int sp_reading_contents_add_tbz2(struct sp_reading_contents *contents, size_t package,
				 const char *root, sp_archive_source_fn source,
				 void *user, struct sp_error *err);
/* Is the file @path read by the Server Status Report?  Then its bytes, in @fd. */
bool sp_reading_is_report(const char *path);
SP_MUST_CHECK
int sp_reading_contents_add_report(struct sp_reading_contents *contents, const char *path,
				   int fd, struct sp_error *err);
/* What there is to say of all that, among @pack's findings; and @pack's report. */
SP_MUST_CHECK
int sp_reading_contents_check(const struct sp_reading *reading,
			      const struct sp_reading_contents *contents,
			      struct sp_pack *pack, struct sp_error *err);

/* Where only_kernel says so: marks what is not worth reading, and adds what is known of
 * its modules. */
SP_MUST_CHECK
int sp_reading_leave_unread(const struct sp_reading *reading, struct sp_pack *pack,
			    struct sp_error *err);

/* Where may_read says so: marks all as not to be read, and the pack. */
void sp_reading_withhold(const struct sp_reading *reading, struct sp_pack *pack);

/* Reads all packages of @pack that are not left unread from @base in the order of the medium: size, digest,
 * header, and the modules.  What is wrong becomes findings.  @signers NULL:
 * signed metadata says what each RPM is, and it must be that; else (zeroed) each is what
 * its own header says. */
SP_MUST_CHECK
int sp_reading_packages(const struct sp_reading *reading, const char *base,
			struct sp_pack *pack, struct sp_reading_signers *signers,
			struct sp_error *err);

/* Packages at @base that @pack does not name are among its findings. */
SP_MUST_CHECK
int sp_reading_strays(const struct sp_reading *reading, const char *base,
		      struct sp_pack *pack, struct sp_error *err);

struct sp_intake;

/* One RPM of @pack that was taken in whole, as far as its header.  With @signers its
 * own digests and signature are checked and the package is filled from its header; else
 * the two are compared (and, where it is to be thorough, all of that checked too).  *@ret_sound: it is what it should be. */
SP_MUST_CHECK
int sp_reading_rpm(const struct sp_reading *reading, struct sp_pack *pack, size_t index,
		   const struct sp_intake *intake, struct sp_reading_signers *signers,
		   bool *ret_sound, struct sp_error *err);

/* ---- recognisers: 0: not this kind; SP_READING_TAKEN: it is, and was read ----- */

#define SP_READING_TAKEN 1

/* Looks at the directory @base of the medium, "" for its top. */
typedef int (*sp_reading_fn)(const struct sp_reading *reading, const char *base,
			     struct sp_error *err);

int sp_reading_source(const struct sp_reading *reading, const char *base,
		      struct sp_error *err);
int sp_reading_update(const struct sp_reading *reading, const char *base,
		      struct sp_error *err);
int sp_reading_foreign(const struct sp_reading *reading, const char *base,
		       struct sp_error *err);
int sp_reading_legacy(const struct sp_reading *reading, const char *base,
		      struct sp_error *err);
int sp_reading_rpms(const struct sp_reading *reading, const char *base,
		    struct sp_error *err);
