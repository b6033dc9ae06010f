/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Block media a pack may be on: CD drives, USB sticks, disks, and their partitions.
 *
 * Listing reads sysfs only.  What is on a medium is an opponent's, so it is looked at by
 * workers, all media at the same time, each within its own limit:
 *
 *         SP_AUTO(sp_media_done) struct sp_media media = { 0 };
 *
 *         r = sp_media_wait(root, 2000, 20000, patience, &media, err);
 *         if (r == 0)
 *                 r = sp_media_survey(root, &media, patience, err);
 *         ... each medium whose state is SP_MEDIUM_USABLE ...
 *
 * What a location names is repo/'s business; here are only block devices. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/text.h"

struct sp_findings;
struct sp_patience;
struct sp_root;

enum sp_medium_state {
	SP_MEDIUM_UNKNOWN,   /* nobody has looked yet */
	SP_MEDIUM_USABLE,    /* holds a file system we mount or read */
	SP_MEDIUM_EMPTY,     /* a drive without a disc, a reader without a card */
	SP_MEDIUM_BLANK,     /* no file system known to us: a partition table, LVM, ... */
	SP_MEDIUM_AMBIGUOUS, /* two file systems lay claim to it */
	SP_MEDIUM_UNSUPPORTED, /* its file system is known, and not one we mount */
	SP_MEDIUM_DUPLICATE,   /* the same content as another one of the list */
	SP_MEDIUM_GONE,        /* unplugged since it was listed */
	SP_MEDIUM_FAILED,      /* could not be read: see error */
};

/* What a probe says about the content of a medium.  Strings are owned. */
struct sp_filesystem {
	enum sp_medium_state state; /* USABLE, BLANK, AMBIGUOUS or UNSUPPORTED */
	char *type;                 /* "iso9660"; NULL unless USABLE or UNSUPPORTED */
	char *label;                /* cleaned; NULL if it has none */
	char *uuid;                 /* cleaned; NULL if it has none */
};

void sp_filesystem_done(struct sp_filesystem *filesystem);

/* Zero-initialise.  Strings are owned. */
struct sp_medium {
	char *name;          /* in sysfs: "sdb1", "sr0" */
	char *path;          /* "/dev/sdb1" */
	char *disk;          /* the whole disk's name: "sdb" */
	char *model;         /* "SanDisk Ultra Fit", cleaned; NULL if it does not say */
	unsigned partition;  /* its number; 0: the whole disk */
	unsigned partitions; /* how many a whole disk has */
	dev_t number;        /* major and minor */
	uint64_t size_bytes; /* 0: not known before it is opened (a CD drive) */
	bool removable;
	bool is_cdrom;

	/* Of the survey. */
	struct sp_filesystem filesystem;
	enum sp_medium_state state;
	bool is_hint;          /* label OEMDRV or SUPPACK in any spelling */
	struct sp_error error; /* if FAILED */
};

struct sp_media {
	struct sp_medium *items;
	size_t n;
};

void sp_media_done(struct sp_media *media);

/* The media there are now, from sys/block below @root: CD drives first, then what is
 * removable, then the rest, each by name, a whole disk before its partitions.  Without
 * loop, RAM, floppy and network disks and those made of others (dm, md), without disks
 * of no size, and at most 256.  Zero-initialised @media; holds nothing after a failure. */
SP_MUST_CHECK
int sp_media_list(const struct sp_root *root, struct sp_media *media,
		  struct sp_error *err);

/* Same, once it has stopped changing: USB sticks take seconds to appear.  Returns when
 * the list has been the same for @settle_ms and no USB storage device is without its
 * disk, or after @limit_ms, whichever is first.  -SP_ERR_CANCELLED when @patience (may
 * be NULL) said so. */
SP_MUST_CHECK
int sp_media_wait(const struct sp_root *root, unsigned settle_ms, unsigned limit_ms,
		  const struct sp_patience *patience, struct sp_media *media,
		  struct sp_error *err);

/* Looks at all media, each in a worker, at most 15 s at each; fills state, filesystem,
 * is_hint, error and a size not known before, and marks duplicates: of a whole disk and a partition with the same
 * file system, the whole disk stays.  What is wrong with one is its state, not an error.
 * -SP_ERR_CANCELLED when @patience (may be NULL) said so. */
SP_MUST_CHECK
int sp_media_survey(const struct sp_root *root, struct sp_media *media,
		    const struct sp_patience *patience, struct sp_error *err);

/* Marks as SP_MEDIUM_DUPLICATE what is on the list twice.  (sp_media_survey() does.) */
void sp_media_mark_duplicates(struct sp_media *media);

/* By path "/dev/sdb1"; NULL if it is not there. */
const struct sp_medium *sp_media_find(const struct sp_media *media, const char *path);

/* Outcomes of sp_medium_open(): no disc in the drive; the device is not there (any
 * more), or is another one than it was. */
enum { SP_MEDIUM_OPEN_EMPTY = 1, SP_MEDIUM_OPEN_GONE = 2 };

/* Opens the device for reading.  May block in the kernel, and waits up to 10 s for a
 * drive that is getting ready: call it in a worker.  A regular file in its place (in a
 * recorded machine) will do. */
SP_MUST_CHECK
int sp_medium_open(const struct sp_root *root, const struct sp_medium *medium,
		   int *ret_fd, struct sp_error *err);

/* Is there a disc in the drive @fd?  Waits up to 10 s for one that is getting ready, and a
 * second more for one that was just given another disc: call it in a worker.  True for
 * whatever is no drive for discs. */
bool sp_medium_has_disc(int fd);

/* Adds why it will not be used, if that is so: no-medium, ambiguous-filesystem,
 * unknown-filesystem, device-vanished, or what its error says.  Nothing for USABLE and DUPLICATE. */
SP_MUST_CHECK
int sp_medium_add_finding(const struct sp_medium *medium, struct sp_findings *findings,
			  struct sp_error *err);

/* One line for people: "CD-ROM QEMU DVD-ROM, 'DRIVERS', 12 MiB".  Caller frees; NULL
 * when out of memory. */
char *sp_medium_describe(const struct sp_medium *medium);

/* Is @label one that driver disks bear: OEMDRV or SUPPACK, in any spelling? */
bool sp_medium_label_is_hint(const char *label);

/* ---- file systems (libblkid: media_blkid.c) -------------------------------- */

/* What is on the open device or image @fd; its offset may be moved.  SP_ERR_IO if it
 * cannot be read.  Zero-initialised @ret_filesystem. */
SP_MUST_CHECK
int sp_media_blkid_probe(int fd, struct sp_filesystem *ret_filesystem,
			 struct sp_error *err);

/* ---- mounting (libmount: media_mount.c) ------------------------------------ */

/* Mounts the block device @device ("/dev/sdb1") with file system @type, as the probe
 * said, on the directory @dir: read-only, nosuid, nodev, noexec, from Linux 5.10 on
 * nosymfollow, ext without replay of its journal.  To be called in a worker with
 * SP_WORKER_PRIVATE_MOUNTS: the mount ends with it.  SP_ERR_IO with sys_errno (ENODEV:
 * this kernel lacks the file system); SP_ERR_FORMAT if @type is none of ours. */
SP_MUST_CHECK
int sp_media_mount(const char *device, const char *type, const char *dir,
		   struct sp_error *err);

/* Mounts the directory @path of the NFS server @host (@port 0: the usual) on @dir, by
 * mount.nfs, which asks the server what it speaks: read-only as above, soft, given up
 * after some 20 seconds.  In a worker as above: a server that hangs holds it, and nothing
 * else, and that no longer than base/stall.h says.  SP_ERR_UNREACHABLE with what
 * mount.nfs said. */
SP_MUST_CHECK
int sp_media_mount_nfs(const char *host, const char *path, unsigned port, const char *dir,
		       struct sp_error *err);

/* Takes it off again, at the latest when its last file is closed. */
SP_MUST_CHECK
int sp_media_unmount(const char *dir, struct sp_error *err);
