/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What an RPM's header says, read by librpm, which checks the header's own digests; no
 * key and no database is looked at.  Runs in a worker. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "repo/pack.h"

/* One file of an RPM. */
struct sp_rpmfile_entry {
	char *path;         /* without leading "/" */
	char *user;         /* its owner's name */
	char *capabilities; /* as rpm writes them; "": none */
	mode_t mode;
	uint64_t size_bytes;
};

/* Zero-initialise.  Everything is owned. */
struct sp_rpmfile {
	struct sp_package package;      /* names, dependencies, sizes, summary, files of
				    * interest; `file`, `sha256` stay NULL */
	struct sp_rpmfile_entry *files; /* all of them */
	size_t n_files;
	bool has_scripts;
	bool is_source;
	char *payload_digest; /* sha256 of the compressed payload; NULL: not said */
	char *body_md5;       /* of header and payload; NULL: not said */
	char *header_sha256;  /* NULL: not said */
	void *signature;      /* of the header, OpenPGP; NULL: none */
	size_t signature_len;
	char *signer; /* key id the signature names, 16 digits, unchecked; NULL */
};

void sp_rpmfile_entry_done(struct sp_rpmfile_entry *entry);
void sp_rpmfile_done(struct sp_rpmfile *rpm);

/* Reads the header of the RPM in @fd, which may end behind it.  SP_ERR_DAMAGED: its
 * digests do not hold; SP_ERR_FORMAT: it is none, or lacks what each must have.
 * Zero-initialised @ret_rpm. */
SP_MUST_CHECK
int sp_rpmfile_read(int fd, struct sp_rpmfile *ret_rpm, struct sp_error *err);

/* Outcome: another package. */
#define SP_RPMFILE_DIFFERS 1

/* Is @rpm what the metadata says of @package: name, epoch, version, release and
 * architecture?  If not, *@ret_nevra (caller frees) says what it is. */
SP_MUST_CHECK
int sp_rpmfile_compare(const struct sp_rpmfile *rpm, const struct sp_package *package,
		       char **ret_nevra, struct sp_error *err);
