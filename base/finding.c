/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Everything suppack can have to say, with what follows from it and what the
 * operator can do: one row each, so that the screen, the report, the exit code and
 * the reference can never say different things. */
#include "base/finding.h"

#include "base/array.h"
#include "base/json.h"
#include "base/outcome.h"

#include <errno.h>
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct kind {
	const char *code;
	int exit; /* of a refusal; what it would be, of a warning */
	enum sp_weight weight;
	const char *advice;
};

#define REFUSAL SP_WEIGHT_REFUSAL
#define WARNING SP_WEIGHT_WARNING
#define NOTE SP_WEIGHT_NOTE

// clang-format off
static const struct kind kinds[] = {
	{ "internal-error", SP_EXIT_FAILED, REFUSAL,
	  "Keep the log and report this: it is a fault of suppack or of the installer." },
	{ "wrong-usage", SP_EXIT_USAGE, REFUSAL,
	  "Correct the command line or the answerfile, and try again." },

	{ "unreachable", SP_EXIT_UNREACHABLE, REFUSAL,
	  "Check the address, the cable and the network settings, and try again." },
	{ "not-there", SP_EXIT_UNREACHABLE, REFUSAL,
	  "Check the name, put the medium or the file back where it was, and look again." },
	{ "timed-out", SP_EXIT_UNREACHABLE, REFUSAL,
	  "Check that the drive or the server works, and try again or use another one." },
	{ "read-error", SP_EXIT_UNREACHABLE, REFUSAL,
	  "Clean or replace the medium, or copy its contents to another one." },
	{ "no-medium", SP_EXIT_UNREACHABLE, REFUSAL,
	  "Insert the medium, wait until the drive is ready, and try again." },
	{ "device-vanished", SP_EXIT_UNREACHABLE, REFUSAL,
	  "Plug the device in again, and look for it once more." },

	{ "no-pack", SP_EXIT_NO_PACK, REFUSAL,
	  "Choose the medium or directory that holds the pack itself." },
	{ "foreign-rhel-driver-disk", SP_EXIT_NO_PACK, REFUSAL,
	  "Ask the vendor for the driver disk made for XenServer or XCP-ng." },
	{ "foreign-suse-driver-update", SP_EXIT_NO_PACK, REFUSAL,
	  "Ask the vendor for the driver disk made for XenServer or XCP-ng." },
	{ "foreign-debian-medium", SP_EXIT_NO_PACK, REFUSAL,
	  "Ask the vendor for the driver disk made for XenServer or XCP-ng." },
	{ "installation-source", SP_EXIT_NO_PACK, REFUSAL,
	  "Use this medium as the installation source, and choose another for the pack." },
	{ "ambiguous-filesystem", SP_EXIT_NO_PACK, REFUSAL,
	  "Wipe the medium, write the pack to it again, and remove other data from it." },
	{ "unknown-filesystem", SP_EXIT_NO_PACK, REFUSAL,
	  "Use a medium with an ISO 9660, UDF, FAT or ext file system." },

	{ "unsigned", SP_EXIT_UNTRUSTED, REFUSAL,
	  "Get the signed pack from its vendor, or accept it unsigned if you know its origin." },
	{ "unknown-key", SP_EXIT_UNTRUSTED, REFUSAL,
	  "Compare the key's fingerprint with the vendor's, and accept that key if they agree." },
	{ "weak-signature", SP_EXIT_UNTRUSTED, REFUSAL,
	  "Ask the vendor for a pack with a stronger signature, or accept this weak one." },
	{ "expired-key", SP_EXIT_UNTRUSTED, REFUSAL,
	  "Check this machine's clock, then get a newer pack or accept the expired key." },
	{ "revoked-key", SP_EXIT_UNTRUSTED, REFUSAL,
	  "Do not use this pack; get one from the vendor that is signed by a valid key." },
	{ "bad-signature", SP_EXIT_UNTRUSTED, REFUSAL,
	  "Do not use this pack; get it again from its vendor, because it was changed." },
	{ "key-skipped", SP_EXIT_DONE, NOTE,
	  "Remove the file from the directory of keys, or put a sound one there." },
	{ "keys-differ", SP_EXIT_UNTRUSTED, REFUSAL,
	  "Do not use this pack; get it again from its vendor, because its parts do not belong"
	  " together." },

	{ "damaged-metadata", SP_EXIT_DAMAGED, REFUSAL,
	  "Get the pack again from its vendor, and check the copy against its checksum." },
	{ "damaged-package", SP_EXIT_DAMAGED, REFUSAL,
	  "Get the pack again from its vendor, and check the copy against its checksum." },
	{ "missing-package", SP_EXIT_DAMAGED, REFUSAL,
	  "Copy the whole pack to the medium: a file that it names is not there." },
	{ "damaged-module", SP_EXIT_DAMAGED, REFUSAL,
	  "Get the pack again from its vendor, or ask the vendor for one with a sound module." },
	{ "unsafe-path", SP_EXIT_DAMAGED, REFUSAL,
	  "Do not use this pack, and tell its vendor: it names files outside of itself." },
	{ "limit-exceeded", SP_EXIT_DAMAGED, REFUSAL,
	  "Ask the vendor for a smaller pack: this one is larger than any pack should be." },
	{ "nevra-mismatch", SP_EXIT_DAMAGED, REFUSAL,
	  "Tell the vendor that a package is not the one that the pack's metadata names." },
	{ "worse-copy", SP_EXIT_DONE, WARNING,
	  "Throw the copy away that was not used, or make it again from the other one." },
	{ "worker-died", SP_EXIT_DAMAGED, REFUSAL,
	  "Do not use this medium, and report it with the log: reading it failed badly." },

	{ "requirement-missing", SP_EXIT_REQUIREMENTS, REFUSAL,
	  "Provide what is missing, or get the pack made for this release." },
	{ "conflict", SP_EXIT_REQUIREMENTS, REFUSAL,
	  "Leave out one of the packs, or remove what it conflicts with." },
	{ "no-space", SP_EXIT_REQUIREMENTS, REFUSAL,
	  "Make room on the file system named, and try again." },
	{ "older-than-installed", SP_EXIT_REQUIREMENTS, WARNING,
	  "Keep the version that is installed, unless the older one is really wanted." },

	{ "wrong-architecture", SP_EXIT_NOT_FOR_THIS_MACHINE, REFUSAL,
	  "Get the pack made for this machine's architecture." },
	{ "wrong-kernel", SP_EXIT_NOT_FOR_THIS_MACHINE, REFUSAL,
	  "Get the pack made for the kernel of this release." },
	{ "blacklisted", SP_EXIT_NOT_FOR_THIS_MACHINE, REFUSAL,
	  "Take the module out of blacklist= on the kernel's command line if it is wanted after all." },
	{ "symbol-mismatch", SP_EXIT_NOT_FOR_THIS_MACHINE, REFUSAL,
	  "Get a pack built against exactly this kernel, or load the packs it builds on first." },
	{ "vermagic-flags", SP_EXIT_NOT_FOR_THIS_MACHINE, REFUSAL,
	  "Ask the vendor for a pack built with the configuration of this kernel." },
	{ "firmware-missing", SP_EXIT_NOT_FOR_THIS_MACHINE, WARNING,
	  "Add the pack that holds the firmware, because the driver may not work without it." },
	{ "claims-no-device", SP_EXIT_NOT_FOR_THIS_MACHINE, REFUSAL,
	  "Look for the driver disk that lists the ids of the devices in this machine." },
	{ "not-a-driver-disk", SP_EXIT_NOT_FOR_THIS_MACHINE, REFUSAL,
	  "Install this pack after the base installation; it is not for early loading." },
	{ "no-modules", SP_EXIT_NOT_FOR_THIS_MACHINE, REFUSAL,
	  "Install this pack after the base installation; it holds no kernel module." },
	{ "already-installed", SP_EXIT_DONE, NOTE, "" },
	{ "driver-in-place", SP_EXIT_DONE, NOTE,
	  "Choose to replace the driver only if the present one does not work well." },
	{ "ambiguous-drivers", SP_EXIT_DONE, NOTE,
	  "Choose the driver that the vendor of the device recommends." },

	{ "load-unknown-symbol", SP_EXIT_LOAD_FAILED, REFUSAL,
	  "Load the pack that holds the modules this one needs, or get one for this kernel." },
	{ "load-bad-module", SP_EXIT_LOAD_FAILED, REFUSAL,
	  "Get the pack made for this kernel: the kernel does not take this file as a module." },
	{ "load-crc-mismatch", SP_EXIT_LOAD_FAILED, REFUSAL,
	  "Get a pack built against exactly this kernel." },
	{ "load-key-rejected", SP_EXIT_LOAD_FAILED, REFUSAL,
	  "Get a module signed by a key this kernel trusts, or turn off Secure Boot." },
	{ "load-forbidden", SP_EXIT_LOAD_FAILED, REFUSAL,
	  "Turn off kernel lockdown, or take the module off the kernel's list of forbidden ones." },
	{ "load-missing-module", SP_EXIT_LOAD_FAILED, REFUSAL,
	  "Add the pack that holds this module, or one made for this kernel." },
	{ "load-failed", SP_EXIT_LOAD_FAILED, REFUSAL,
	  "Read the kernel's log for the reason, and report it to the vendor of the driver." },
	{ "not-bound", SP_EXIT_NOT_BOUND, REFUSAL,
	  "Read the kernel's log for the reason; firmware may be missing or the device faulty." },
	{ "interface-missing", SP_EXIT_NOT_BOUND, REFUSAL,
	  "Read the kernel's log for the reason, and check the cabling of the device." },

	{ "driver-in-use", SP_EXIT_NOT_BOUND, REFUSAL,
	  "Take the interface down or unmount the disk that is named, and try again." },
	{ "disk-missing", SP_EXIT_NOT_BOUND, WARNING,
	  "Check the cabling and the power of the disks: the driver itself works." },

	{ "declined", SP_EXIT_DECLINED, REFUSAL,
	  "Start again and agree if this should be done after all." },
	{ "would-lose", SP_EXIT_WOULD_LOSE, REFUSAL,
	  "Get the pack for the new release and have it at hand before the upgrade." },
	{ "variant-not-chosen", SP_EXIT_DONE, WARNING,
	  "Choose the variant of the driver with driver-tool once the host runs, and restart it." },
	{ "not-carried-over", SP_EXIT_WOULD_LOSE, REFUSAL,
	  "Install this pack now, before the host is put to work: it was agreed to in the upgrade." },
	{ "transaction-failed", SP_EXIT_TRANSACTION_FAILED, REFUSAL,
	  "Read the log for the reason, remove it, and install the pack again." },
	{ "scriptlet-failed", SP_EXIT_TRANSACTION_FAILED, REFUSAL,
	  "Read the log for what the package's script said, and report it to the vendor." },
	{ "left-behind", SP_EXIT_TRANSACTION_FAILED, WARNING,
	  "The next run of suppack finishes what it can: remove by hand what is there after it." },

	{ "initrd-failed", SP_EXIT_FAILED, REFUSAL,
	  "Read the log for the reason, and make the initrd before the host is started again." },
	{ "initrd-lacks-module", SP_EXIT_DONE, WARNING,
	  "Make the initrd with this driver in it if the host starts from a disk behind it." },
	{ "run-unfinished", SP_EXIT_DONE, WARNING,
	  "Let 'suppack install' or 'suppack remove' finish it: either does so first." },
	{ "run-finished", SP_EXIT_DONE, NOTE, "" },
	{ "needs-restart", SP_EXIT_DONE, WARNING,
	  "Start the host again when its virtual machines allow it." },
	{ "licence-declined", SP_EXIT_DECLINED, REFUSAL,
	  "Read the licence, and accept it if you agree: on the command line with --accept licence." },
	{ "needed-by-pack", SP_EXIT_REQUIREMENTS, REFUSAL,
	  "Remove the packs that need it first." },
	{ "not-on-record", SP_EXIT_NO_PACK, REFUSAL,
	  "List the packs on record, and name one of them by its id or label." },

	{ "replaces-base-file", SP_EXIT_DONE, WARNING,
	  "Ask the vendor why: an update of the product may fail, or undo the change." },
	{ "brings-kernel", SP_EXIT_DONE, WARNING,
	  "Install it only if the product's maker says so: drivers belong to one kernel." },
	{ "brings-setuid", SP_EXIT_DONE, WARNING,
	  "Install it only if you trust its vendor: this file runs with the rights of another user." },
	{ "brings-device-node", SP_EXIT_DAMAGED, REFUSAL,
	  "Ask the vendor for one without it: device nodes are made by udev, not by packages." },
	{ "enables-service", SP_EXIT_DONE, WARNING,
	  "Turn the service off after the installation if it is not wanted." },
	{ "large-for-dom0", SP_EXIT_DONE, WARNING,
	  "Make sure that the control domain's file system keeps enough room for logs and updates." },
	{ "bad-report-metadata", SP_EXIT_DONE, WARNING,
	  "Tell the vendor: the Server Status Report may miss these files, or fail." },

	{ "key-expires-soon", SP_EXIT_UNTRUSTED, WARNING,
	  "Give the key a longer life, sign the pack again, and ship the renewed public key." },
	{ "package-signature", SP_EXIT_UNTRUSTED, WARNING,
	  "Sign every package with the key of the metadata: a host's own tools look at it." },
	{ "stray-package", SP_EXIT_DONE, WARNING,
	  "Make the metadata again with this package in it, or take the package away." },
	{ "role-package-missing", SP_EXIT_REQUIREMENTS, REFUSAL,
	  "Make the pack again with this package in it: hosts install the pack by it." },
	{ "package-unreached", SP_EXIT_DONE, WARNING,
	  "Let the pack's update package require it: else no host installs it." },
	{ "update-attribute", SP_EXIT_DONE, WARNING,
	  "Correct update.xml and sign it again: a host's management agent reads this." },
	{ "odd-version", SP_EXIT_DONE, WARNING,
	  "Use a version of dotted numbers with at most one dash." },
	{ "duplicate-id", SP_EXIT_DONE, WARNING,
	  "Give each pack an id of its own: hosts take two with one id for the same." },
	{ "kernel-mismatch", SP_EXIT_NOT_FOR_THIS_MACHINE, REFUSAL,
	  "Build the module for the kernel that its package requires, and put it into that"
	  " kernel's directory." },
	{ "kernel-not-required", SP_EXIT_DONE, WARNING,
	  "Let the package require 'kernel-uname-r = VERSION': else any host takes it." },
	{ "module-misplaced", SP_EXIT_DONE, WARNING,
	  "Put the module into lib/modules/VERSION/updates or .../extra." },
	{ "module-claims-nothing", SP_EXIT_DONE, WARNING,
	  "Give it a table of devices (MODULE_DEVICE_TABLE), or load it by modules-load.d." },
	{ "module-unsigned", SP_EXIT_DONE, NOTE,
	  "Sign it if hosts with Secure Boot are to load it." },
	{ "modules-without-group", SP_EXIT_DONE, WARNING,
	  "Add the group 'drivers' if the installer itself is to load these drivers." },
	{ "group-without-modules", SP_EXIT_DONE, WARNING,
	  "Leave the group 'drivers' out: the installer has nothing to load from this pack." },
	{ "brings-licence", SP_EXIT_DONE, NOTE,
	  "Say so in the pack's manual: an unattended installation has to accept it." },

	{ "damaged-record", SP_EXIT_DONE, WARNING,
	  "Look at the file named: a pack of this host may be missing from the list." },
	{ "no-inventory", SP_EXIT_DONE, WARNING,
	  "Check that this is the root of a XenServer or XCP-ng host, and all of it." },
	{ "unreadable-rpmdb", SP_EXIT_DONE, WARNING,
	  "Compare with the vendor's list of packs: those known to rpm only are not shown." },
	{ "unreadable-release", SP_EXIT_DONE, WARNING,
	  "Give the whole medium of the new release, so that its drivers can be looked at." },
	{ "boot-disk-unknown", SP_EXIT_DONE, WARNING,
	  "Check by hand that the new release drives the disk that the host starts from." },
	{ "management-unknown", SP_EXIT_DONE, WARNING,
	  "Check by hand that the new release drives the interface that the host is managed by." },
	{ "accepted-loss", SP_EXIT_DONE, NOTE, "" },
	{ "hotfix-or-pack", SP_EXIT_DONE, NOTE,
	  "Look its name up if it matters: the host does not record which of the two it is." },

	{ "accepted-unsigned", SP_EXIT_DONE, NOTE, "" },
	{ "accepted-key", SP_EXIT_DONE, NOTE, "" },
	{ "accepted-weak", SP_EXIT_DONE, NOTE, "" },
	{ "accepted-expired", SP_EXIT_DONE, NOTE, "" },
	{ "signed-rpm", SP_EXIT_DONE, NOTE, "" },
	{ "recorded-machine", SP_EXIT_DONE, NOTE,
	  "Do the same on the machine itself to load the drivers." },
	{ "kernel-tainted", SP_EXIT_DONE, NOTE,
	  "Mention this when asking for support of the kernel." },
	{ "module-other-kernel", SP_EXIT_DONE, NOTE, "" },
};

/* How a failure is told: by the code of its kind. */
static const char *const code_of_error[] = {
	[SP_ERR_INTERNAL]     = "internal-error",
	[SP_ERR_NOMEM]        = "internal-error",
	[SP_ERR_IO]           = "read-error",
	[SP_ERR_USAGE]        = "wrong-usage",
	[SP_ERR_UNREACHABLE]  = "unreachable",
	[SP_ERR_GONE]         = "not-there",
	[SP_ERR_NO_PACK]      = "no-pack",
	[SP_ERR_UNTRUSTED]    = "bad-signature",
	[SP_ERR_FORMAT]       = "damaged-metadata",
	[SP_ERR_DAMAGED]      = "damaged-package",
	[SP_ERR_LIMIT]        = "limit-exceeded",
	[SP_ERR_TIMEOUT]      = "timed-out",
	[SP_ERR_CANCELLED]    = "declined",
	[SP_ERR_REQUIREMENTS] = "requirement-missing",
	[SP_ERR_LOAD]         = "load-failed",
	[SP_ERR_TRANSACTION]  = "transaction-failed",
	[SP_ERR_WORKER]       = "worker-died",
};
// clang-format on

static const struct kind *find_kind(const char *code)
{
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (strcmp(kinds[i].code, code) == 0)
			return &kinds[i];
	return NULL;
}

/* A code of ours that is not in the table is our bug, in a release build too. */
static const struct kind *known_kind(const char *code)
{
	const struct kind *kind = find_kind(code);

	assert(kind);
	if (!kind)
		abort();
	return kind;
}

enum sp_weight sp_finding_weight(const char *code)
{
	return known_kind(code)->weight;
}

int sp_finding_exit_code(const char *code)
{
	return known_kind(code)->exit;
}

const char *sp_finding_advice(const char *code)
{
	return known_kind(code)->advice;
}

const char *sp_finding_code_at(size_t index)
{
	return index < sizeof kinds / sizeof kinds[0] ? kinds[index].code : NULL;
}

/* ---- lists ----------------------------------------------------------------- */

static void finding_done(struct sp_finding *finding)
{
	free(finding->about);
	free(finding->text);
	free(finding->advice);
}

void sp_findings_done(struct sp_findings *findings)
{
	for (size_t i = 0; i < findings->n; i++)
		finding_done(&findings->items[i]);
	free(findings->items);
	*findings = (struct sp_findings){ 0 };
}

enum { SENTENCE_MAX_BYTES = 512 };

static char *clean_sentence(const char *text)
{
	char cleaned[SENTENCE_MAX_BYTES];

	sp_text_clean(text, strlen(text), cleaned, sizeof cleaned);
	return strdup(cleaned);
}

static int add(struct sp_findings *findings, const struct kind *kind, const char *about,
	       const char *text, struct sp_error *err)
{
	struct sp_finding finding = { .code = kind->code };
	struct sp_finding *item = NULL;

	finding.about = sp_text_clean_dup(about ? about : "");
	finding.text = clean_sentence(text);
	finding.advice = strdup(kind->advice);
	if (finding.about && finding.text && finding.advice)
		item = sp_array_add(&findings->items, &findings->n);
	if (!item) {
		finding_done(&finding);
		return sp_error_nomem(err);
	}
	*item = finding;
	return 0;
}

int sp_findings_add(struct sp_findings *findings, const char *code, const char *about,
		    struct sp_error *err, const char *fmt, ...)
{
	const struct kind *kind = known_kind(code);
	char text[2 * SENTENCE_MAX_BYTES];
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	return add(findings, kind, about, len < 0 ? "" : text, err);
}

int sp_findings_add_error(struct sp_findings *findings, const char *about,
			  const struct sp_error *cause, struct sp_error *err)
{
	size_t index = (size_t)cause->code;
	const char *code = "internal-error";

	if (index > 0 && index < sizeof code_of_error / sizeof code_of_error[0])
		code = code_of_error[index];
	if (cause->sys_errno == ENOSPC || cause->sys_errno == EDQUOT)
		code = "no-space";
	return add(findings, known_kind(code), about, cause->text, err);
}

int sp_findings_move(struct sp_findings *to, struct sp_findings *from,
		     struct sp_error *err)
{
	size_t moved = 0;

	for (; moved < from->n; moved++) {
		struct sp_finding *item = sp_array_add(&to->items, &to->n);

		if (!item)
			break;
		*item = from->items[moved];
		from->items[moved] = (struct sp_finding){ 0 };
	}
	if (moved < from->n)
		return sp_error_nomem(err);
	sp_findings_done(from);
	return 0;
}

int sp_findings_copy(struct sp_findings *to, const struct sp_findings *from,
		     struct sp_error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < from->n; i++)
		r = sp_findings_add(to, from->items[i].code, from->items[i].about, err,
				    "%s", from->items[i].text);
	return r;
}

bool sp_findings_has(const struct sp_findings *findings, const char *code)
{
	for (size_t i = 0; i < findings->n; i++)
		if (strcmp(findings->items[i].code, code) == 0)
			return true;
	return false;
}

const struct sp_finding *sp_findings_first_refusal(const struct sp_findings *findings)
{
	for (size_t i = 0; i < findings->n; i++)
		if (sp_finding_weight(findings->items[i].code) == REFUSAL)
			return &findings->items[i];
	return NULL;
}

int sp_findings_exit_code(const struct sp_findings *findings)
{
	int worst = SP_EXIT_DONE;

	for (size_t i = 0; i < findings->n; i++) {
		const struct kind *kind = known_kind(findings->items[i].code);

		if (kind->weight == REFUSAL)
			worst = sp_outcome_worse(worst, kind->exit);
	}
	return worst;
}

static int compare_findings(const void *a, const void *b)
{
	const struct sp_finding *x = a, *y = b;
	int order = strcmp(x->code, y->code);

	if (order == 0)
		order = strcmp(x->about, y->about);
	return order ? order : strcmp(x->text, y->text);
}

void sp_findings_sort(struct sp_findings *findings)
{
	if (findings->n > 1)
		qsort(findings->items, findings->n, sizeof *findings->items,
		      compare_findings);
}

/* ---- JSON ------------------------------------------------------------------ */

struct json_object *sp_findings_to_json(const struct sp_findings *findings)
{
	struct json_object *array = sp_json_array();

	for (size_t i = 0; i < findings->n; i++) {
		struct json_object *object = sp_json_object();

		sp_json_set_string(object, "code", findings->items[i].code);
		sp_json_set_string(object, "about", findings->items[i].about);
		sp_json_set_string(object, "text", findings->items[i].text);
		sp_json_set_string(object, "advice", findings->items[i].advice);
		sp_json_append(array, object);
	}
	return array;
}

static int add_from_json(struct sp_findings *findings, const struct json_object *object,
			 struct sp_error *err)
{
	const char *code = sp_json_get_string(object, "code");
	const char *text = sp_json_get_string(object, "text");
	const struct kind *kind = code ? find_kind(code) : NULL;

	if (!kind || !text)
		return sp_error_set(err, SP_ERR_FORMAT, "a finding has no %s",
				    kind ? "text" : "known code");
	return add(findings, kind, sp_json_get_string(object, "about"), text, err);
}

int sp_findings_from_json(const struct json_object *array, struct sp_findings *findings,
			  struct sp_error *err)
{
	struct sp_findings read = { 0 };
	int r = 0;

	if (array && !sp_json_is_array(array))
		return sp_error_set(err, SP_ERR_FORMAT, "findings are no list");
	for (size_t i = 0; i < sp_json_length(array) && r == 0; i++)
		r = add_from_json(&read, sp_json_at(array, i), err);
	if (r == 0)
		r = sp_findings_move(findings, &read, err);
	sp_findings_done(&read);
	return r;
}
