/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Where to look for packs, as the operator or an answerfile writes it.  Pure text work:
 * nothing is opened, so of a path the kind is what its name says; whoever opens it finds
 * out whether that is so. */

#include <stdbool.h>

#include "base/cleanup.h"
#include "base/error.h"

enum sp_location_kind {
	SP_LOCATION_LOCAL,     /* "local", "": all block media of this machine */
	SP_LOCATION_DEVICE,    /* "/dev/sr0" */
	SP_LOCATION_DIRECTORY, /* any other path */
	SP_LOCATION_IMAGE,     /* a path ending in ".iso" */
	SP_LOCATION_RPM,       /* a path ending in ".rpm" */
	SP_LOCATION_URL,       /* http, https, ftp */
	SP_LOCATION_NFS,       /* "nfs://server/path", "server:/path" */
};

enum { SP_LOCATION_MAX_BYTES = 2048 };

/* Zero-initialise.  Strings are owned; those of another kind are NULL. */
struct sp_location {
	enum sp_location_kind kind;
	char *path;     /* device, directory, image, RPM: as given, "file://" taken off;
			 * NFS: the directory on the server, beginning with "/" */
	char *url;      /* URL: whole, without credentials */
	char *host;     /* URL, NFS: name or address, an IPv6 one without brackets */
	unsigned port;  /* URL, NFS: 0 if none was given */
	char *user;     /* URL: decoded; NULL if none was given */
	char *password; /* URL: decoded; NULL if none was given.  Never shown or kept */
};

/* Wipes the password. */
void sp_location_done(struct sp_location *location);

/* Takes @text apart; white space around it does not count.  SP_ERR_USAGE, with a
 * sentence that never holds a password, when it cannot be a location: a scheme we do not
 * have, a host that is none, control characters, more than SP_LOCATION_MAX_BYTES.
 * Zero-initialised @ret_location. */
SP_MUST_CHECK
int sp_location_parse(const char *text, struct sp_location *ret_location,
		      struct sp_error *err);

/* For people, logs and records: without credentials, cleaned; "local" for the block
 * media, "server:/path" for NFS.  Caller frees; NULL when out of memory. */
char *sp_location_display(const struct sp_location *location);

/* Does the path or URL name an ISO image, an RPM?  (By its end, in any case.) */
bool sp_location_is_image(const struct sp_location *location);
bool sp_location_is_rpm(const struct sp_location *location);
