/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Which packs a medium holds, and what is wrong with each: reading, verifying, in this
 * order for every pack: signatures, digests of the metadata, size and digest of each
 * package, what its header says of itself, and only then its modules.  Nothing is
 * unpacked or kept, and the memory needed does not grow with the size of packages.
 *
 * Runs in a worker: file_bytes SP_READER_FILE_BYTES; memory_bytes the usual; CPU and
 * time by the size of the medium (half a second for each 100 MB, and the medium's own
 * speed); with signatures also what verifier.h says.
 *
 * What a medium is, is found out in this order, the first that fits; the rest of it is
 * not looked at then, but for what is marked (+):
 *   an installation source          .treeinfo, repodata/repomd.xml
 *   a pack, 7.1 and later (+)       update.xml, repodata/repomd.xml
 *   a pack, up to 7.0 (+)           XS-REPOSITORY, XS-PACKAGES
 *   a driver disk of Red Hat        rhdd3, rhdd2, rhdd
 *   a driver update of SUSE         linux/suse/<arch>-<release>/
 *   a Debian medium                 .disk/info
 *   RPMs (+)                        *.rpm
 * (+) is looked for in the root, in the directories legacy media have, in those that
 * XS-REPOSITORY-LIST names, and in others down to the second level; and in *.iso files
 * that lie on the medium, each of which is a medium of its own.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "repo/contents.h"

struct sp_findings;
struct sp_module;
struct sp_pack;
struct sp_tree;
struct sp_verifier;

enum { SP_READER_FILE_BYTES = 72 << 20 }; /* what a worker must be allowed to write */

struct sp_reader_options {
	struct sp_verifier *verifier; /* NULL: nobody's signature is known */
	/* probe's sp_modinfo_read(); NULL: modules are not looked into. */
	int (*read_module)(int fd, const char *path, struct sp_module *ret_module,
			   struct sp_error *err);
	/* Other files of packages that are to be read, and who reads them; NULL: none. */
	bool (*wants)(const char *path);
	int (*take)(void *user, const char *path, int fd, struct sp_error *err);
	void *take_user;
	sp_contents_owner_fn owner; /* whose a file of the host is; NULL: no host */
	void *owner_context;
	const char *location; /* shown, and kept in each pack: without credentials */
	bool metadata_only;   /* packages are not read: `verified` stays false */
	/* Packages are verified, each byte read once, and not looked into: size, digest,
	 * header, and every RPM's own signature; one whose signature is bad is not
	 * `verified`. */
	bool verify;
	bool fetch_first; /* with verify: what a server has is fetched before any of it is
			   * read, so that the two can be told apart */
	/* NULL: all.  Else packages of modern driver disks are read only if, by what signed
	 * metadata says of their files, they can be of use to drivers of this kernel; the
	 * others are `unread`, and of their modules only the names are known. */
	const char *only_kernel;
	/* Also what keeps no pack from being used: packages' own digests and signatures
	 * where signed metadata vouches for them, and packages that no metadata names.  A
	 * pack that can never be trusted is read to its end, too. */
	bool thorough;
	/* NULL: all.  Else asked, once the signature of its metadata and its packages are
	 * known, whether a modern pack's packages may be read; if not, all are `unread`
	 * and the pack is `withheld`. */
	bool (*may_read)(void *user, const struct sp_pack *pack);
	void *may_read_user;
};

struct sp_reader_sink {
	/* May take over @pack's content, leaving it zeroed.  < 0 ends the reading. */
	int (*pack)(void *user, struct sp_pack *pack, struct sp_error *err);
	/* May be NULL.  @done of @total bytes of the packages of '@what'; non-zero
	 * cancels. */
	int (*progress)(void *user, const char *what, uint64_t done, uint64_t total);
	void *user;
};

/* Reads all packs of @tree.  What is wrong with one of them is among its findings, and
 * does not keep the others from being read; what is wrong with the medium, or why it
 * holds no pack, is added to @findings.  < 0: out of memory, an outcome of the sink,
 * SP_ERR_CANCELLED, or the medium itself cannot be read. */
SP_MUST_CHECK
int sp_reader_read(struct sp_tree *tree, const struct sp_reader_options *options,
		   const struct sp_reader_sink *sink, struct sp_findings *findings,
		   struct sp_error *err);

/* Verifies (as options->verify, which must be set) the packages of @pack, which was read
 * from @tree before: its findings and what is known of each package are made anew, its
 * modules stay as they are.  A description that has changed since then is a finding, too.
 * What is `unread` stays so, unverified.  sink->pack is not called. */
SP_MUST_CHECK
int sp_reader_verify(struct sp_tree *tree, const struct sp_reader_options *options,
		     const struct sp_reader_sink *sink, struct sp_pack *pack,
		     struct sp_error *err);

/* The tree and the directory in it that a pack's `directory` stands for: an image lying
 * on @tree is opened, then *@ret_image is to be freed (else it is NULL and the pack is
 * on @tree itself).  *@ret_base points into @directory. */
SP_MUST_CHECK
int sp_reader_locate(struct sp_tree *tree, const char *directory,
		     struct sp_tree **ret_image, const char **ret_base,
		     struct sp_error *err);
