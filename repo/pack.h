/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What a supplemental pack is, once read: identity, trust, packages, modules,
 * requirements, and what is wrong with it.  Pure data, with its JSON form, in which
 * it crosses from the worker that read it (docs/json.md). */

#include <stdbool.h>
#include <stdint.h>

#include "base/finding.h"
#include "base/module.h"
#include "base/text.h"
#include "repo/bugtool.h"

struct json_object;

enum sp_pack_format {
	SP_PACK_UPDATE,      /* update.xml + repomd: 7.1 and later */
	SP_PACK_LEGACY,      /* XML XS-REPOSITORY */
	SP_PACK_LEGACY_TEXT, /* plain-text XS-REPOSITORY */
	SP_PACK_RPMS,        /* bare RPMs: one, or a directory of them */
};

/* trust.md rule 4.  In order of how bad: the worst of several counts. */
enum sp_trust_state {
	SP_TRUST_TRUSTED,
	SP_TRUST_WEAK,        /* good, but SHA-1, or RSA below 2048 bits */
	SP_TRUST_EXPIRED,     /* the key or the signature */
	SP_TRUST_UNKNOWN_KEY, /* signed, by a key that is not among ours */
	SP_TRUST_UNSIGNED,
	SP_TRUST_REVOKED, /* from here on: never usable */
	SP_TRUST_BAD,
	SP_TRUST_DAMAGED,
};

struct sp_trust {
	enum sp_trust_state state;
	char *key;       /* full primary fingerprint, upper case; only the key id (16
			* digits) where the key is not at hand, so that what nobody
			* could check never equals a fingerprint somebody accepts;
			* NULL: none */
	char *user_id;   /* of that key, cleaned; NULL if we do not have the key */
	char *detail;    /* one sentence of reason; never NULL for other than trusted */
	int64_t expires; /* when the key or the signature does, in seconds since 1970; 0:
			  * never, or not known */
};

/* "trusted", "weak", "unknown-key", ... */
const char *sp_trust_state_name(enum sp_trust_state state);
bool sp_trust_state_parse(const char *name, enum sp_trust_state *ret_state);
/* May the operator accept it at all? */
bool sp_trust_can_be_accepted(enum sp_trust_state state);

/* "'NAME' is not trusted: WHY (key FINGERPRINT)": what its owner has to compare, or the
 * vendor to answer for, stands in the sentence; no key where none is known.  The caller
 * frees it; NULL: no memory. */
char *sp_trust_refusal(const struct sp_trust *trust, const char *name);

/* One package.  Dependencies are written as rpm writes them: "name",
 * "name >= 1:2.0-3", "/usr/sbin/depmod", "(a or b)". */
struct sp_package {
	char *name, *epoch, *version, *release, *arch; /* epoch "" if none */
	char *type;   /* "rpm"; legacy: "tbz2", "driver", "firmware", "driver-rpm" */
	char *file;   /* path on the medium, below the pack's directory; safe */
	char *sha256; /* hex; NULL if the medium gives none (legacy, bare RPM) */
	char *md5;    /* hex; legacy only */
	char *summary;
	char *root;    /* legacy tbz2 and driver: where to (repo/legacy.h) */
	char *kernel;  /* legacy driver-rpm: "any" or a version */
	char *options; /* legacy rpm: "-U", or "-i" beside what is there; NULL: "-U" */
	char *signer;  /* fingerprint or key id of the RPM's own signature; NULL: none */
	char *signature; /* what that is worth, sp_trust_state_name(): where it was looked
			  * at (reader.h, verify); NULL */
	uint64_t size_bytes;      /* of the file */
	uint64_t installed_bytes; /* unpacked */
	struct sp_strv requires_, provides, conflicts, obsoletes;
	struct sp_strv files; /* of interest only: modules, firmware, modprobe.d, ... */
	bool verified;        /* size and digest were found right */
	bool unread;          /* nothing of it was of use: reader.h, only_kernel */
};

/* "intel-e1000e-3.8.7-1.x86_64" (epoch only if there is one). Caller frees. */
char *sp_package_nevra(const struct sp_package *package);

struct sp_pack {
	enum sp_pack_format format;
	char *id;    /* uuid, or "originator:name"; for bare RPMs their NEVRA or path */
	char *label; /* name-label; legacy: description */
	char *version;
	char *description;
	char *location;        /* as the operator gave it, without credentials */
	char *directory;       /* below the medium's root: "" or "packages.extra" or
			    * "drivers.iso" for an image lying on a medium */
	char *metadata_digest; /* sha256 over update.xml and repomd.xml, or the legacy md5 */
	char *control;         /* name of the control package, NULL */
	char *key_file;        /* attribute `key`; NULL */
	char *guidance;        /* after-apply-guidance; NULL */
	char *product;         /* legacy: brand or platform it is for; NULL */
	uint64_t installation_bytes;
	uint64_t memory_mb; /* legacy memory-requirement-mb */
	bool driver_disk;   /* comps id "drivers"; legacy: any type "driver…" */
	bool hidden;
	bool homogeneous;
	bool withheld; /* its packages were not read for want of trust: reader.h, may_read */
	struct sp_trust trust;
	struct sp_strv driver_packages; /* packagereq of group "drivers" */
	struct sp_strv update_packages; /* packagereq of group "update" */
	struct sp_strv requires_;       /* version gates and other packs, in words of rpm
				   * ("product-version = 8.2.0") or legacy
				   * ("xs:main ge 6.0.0") */
	struct sp_strv rolls_up;        /* uuids */
	struct sp_package *packages;
	size_t n_packages;
	struct sp_module_list modules;
	struct sp_bugtool report;    /* what a status report would collect for it */
	struct sp_findings findings; /* about this pack */
};

struct sp_pack_list {
	struct sp_pack *items;
	size_t n;
};

void sp_trust_done(struct sp_trust *trust);
void sp_package_done(struct sp_package *package);
void sp_pack_done(struct sp_pack *pack);
void sp_pack_list_done(struct sp_pack_list *list);

/* "update", "legacy", "legacy-text": as in docs/json.md. */
const char *sp_pack_format_name(enum sp_pack_format format);

/* Same pack: format, id, label, version and metadata digest all equal. */
bool sp_pack_is_same(const struct sp_pack *a, const struct sp_pack *b);

/* For people: "Intel e1000e driver 3.8.7" (label, or id; version if there is one). */
char *sp_pack_title(const struct sp_pack *pack);

/* Where it lies, for people: "/dev/sdb1/drivers.iso" for an image on a medium.  Caller
 * frees; NULL: no memory. */
char *sp_pack_place(const struct sp_pack *pack);

/* Of two copies of one pack (sp_pack_is_same()): is @a the one to use?  The one that is
 * sound, and then the one that is trusted more. */
bool sp_pack_is_better_copy(const struct sp_pack *a, const struct sp_pack *b);

/* One package, as in the pack's own JSON; and back, as strictly. */
struct json_object *sp_package_to_json(const struct sp_package *package, bool whole);
SP_MUST_CHECK
int sp_package_from_json(const struct json_object *json, struct sp_package *ret_package,
			 struct sp_error *err);

/* {"state", "key", ...} as in docs/json.md; caller frees. */
struct json_object *sp_trust_to_json(const struct sp_trust *trust);
/* Strict, for what a worker sent.  Zero-initialised @ret_trust. */
SP_MUST_CHECK
int sp_trust_from_json(const struct json_object *json, struct sp_trust *ret_trust,
		       struct sp_error *err);

/* Outcome: the two signatures are by keys of different owners. */
#define SP_TRUST_KEYS_DIFFER 1

/* A modern pack's trust, from that of its update.xml and of its repomd.xml: nothing in
 * one covers the other, so both count.  The worse of the two, and what is said names
 * the file.  By keys of different owners they are SP_TRUST_BAD, whatever each of them
 * is: then @ret_trust is filled too and the outcome is SP_TRUST_KEYS_DIFFER.
 * Zero-initialised @ret_trust. */
SP_MUST_CHECK
int sp_trust_combine(const struct sp_trust *update, const struct sp_trust *repomd,
		     struct sp_trust *ret_trust, struct sp_error *err);

/* @whole: as a worker sends it, with dependencies and symbol versions; else as the
 * command prints it. */
struct json_object *sp_pack_to_json(const struct sp_pack *pack, bool whole);
/* All of them as the command prints them; caller frees. */
struct json_object *sp_pack_list_to_json(const struct sp_pack_list *list);
/* Strict, for what a worker sent: every text is cleaned again, counts are bounded.
 * Zero-initialised @ret_pack. */
SP_MUST_CHECK
int sp_pack_from_json(const struct json_object *json, struct sp_pack *ret_pack,
		      struct sp_error *err);
