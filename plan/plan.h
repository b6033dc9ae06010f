/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What loading the packs at hand would do on this machine, and for everything that
 * will not be used, why not.  Pure: data in, data out; opens no file, asks nobody. */

#include <stdbool.h>
#include <stddef.h>

#include "base/finding.h"
#include "base/text.h"
#include "plan/alias.h"

struct json_object;
struct sp_device_list;
struct sp_kernel;
struct sp_pack;
struct sp_package;
struct sp_pack_list;

/* What the operator has said may be used all the same (trust.md rule 4). */
struct sp_accept {
	bool unsigned_, weak, expired, licence;
	bool older;           /* a pack older than what the host has */
	bool loss;            /* an upgrade that loses drivers or packs */
	struct sp_strv keys;  /* full fingerprints, any case */
	struct sp_strv packs; /* packs accepted one by one, by their sp_plan_pack_key() */
};

void sp_accept_done(struct sp_accept *accept);
/* Adds all of @from to @accept. */
SP_MUST_CHECK
int sp_accept_add(struct sp_accept *accept, const struct sp_accept *from,
		  struct sp_error *err);
/* May @pack be used?  0, or the finding code that says why not ("unsigned", …). */
const char *sp_accept_refuses(const struct sp_accept *accept, const struct sp_pack *pack);
/* One of "unsigned", "weak", "expired", "licence", "older", "loss", "key=FPR"; < 0
 * SP_ERR_USAGE. */
SP_MUST_CHECK
int sp_accept_parse(struct sp_accept *accept, const char *text, struct sp_error *err);

/* Whether something needed from outside the packs is there.  The caller (flows) knows
 * how to find out; the plan only asks. */
struct sp_plan_facts {
	/* Is the firmware file on the system? */
	bool (*has_firmware)(void *user, const char *name);
	/* CRCs the kernel exports; as sp_kernel_symvers() without its root. */
	int (*symvers)(void *user, const char *const names[], size_t n,
		       unsigned ret_crcs[], bool ret_known[], struct sp_error *err);
	/* Version-release of an installed RPM ("3.8.7-1", with epoch "1:…"), NULL if it is
	 * not installed; borrowed. */
	const char *(*installed)(void *user, const char *name);
	/* Is the file of @package, a legacy driver that is no RPM, in its place? */
	bool (*has_placed)(void *user, const struct sp_package *package);
	/* Why the packages of pack @index cannot be installed; NULL: nothing is known to
	 * be in the way; borrowed. */
	const char *(*misfit)(void *user, size_t pack);
	void *user;
};

/* What the operator ticked: for this device, this module of this pack. */
struct sp_plan_choice {
	char *address, *pack, *module; /* pack: sp_plan_pack_key() */
};

/* Zero-initialise.  Owned. */
struct sp_plan_choices {
	struct sp_plan_choice *items;
	size_t n;
};

void sp_plan_choices_done(struct sp_plan_choices *choices);
/* @choices NULL: no. */
bool sp_plan_choices_have(const struct sp_plan_choices *choices, const char *address,
			  const char *pack, const char *module);

/* What a pack is called in choices: the same for the same bytes, wherever they are. */
const char *sp_plan_pack_key(const struct sp_pack *pack);

/* The first of @packs that holds the firmware file @name ("vendor/chip.bin"); NULL. */
const struct sp_pack *sp_plan_firmware_pack(const struct sp_pack_list *packs,
					    const char *name);

struct sp_plan_input {
	const struct sp_device_list *devices;
	const struct sp_kernel *kernel;
	const struct sp_pack_list *packs;
	const struct sp_accept *accept;
	const struct sp_strv *replace; /* addresses whose bound driver may be replaced;
					* NULL: none.  "all" stands for every one */
	const struct sp_plan_choices *choices; /* only these are loaded, even where a
						* driver holds the device or another
						* module claims it better; NULL: the plan
						* chooses */
	const struct sp_strv *blacklist; /* modules that are not loaded; NULL: none */
	struct sp_plan_facts facts;
};

enum sp_verdict {
	SP_VERDICT_LOAD,    /* its module would be loaded for this device */
	SP_VERDICT_LOADED,  /* that very module drives it already */
	SP_VERDICT_KEEP,    /* another driver holds it; replacing was not asked for, or
			     * a better candidate was chosen */
	SP_VERDICT_REPLACE, /* another driver holds it and would be replaced */
	SP_VERDICT_REFUSED, /* claims it, and must not be used: see reason */
};

/* "load", "loaded", ...: as in docs/json.md. */
const char *sp_verdict_name(enum sp_verdict verdict);

/* One module of one pack that claims one device. */
struct sp_match {
	const char *address;         /* borrowed from the device */
	size_t device, pack, module; /* indices; module within the pack */
	enum sp_rank rank;
	const char *current_driver; /* borrowed; NULL */
	enum sp_verdict verdict;
	bool is_tied; /* usable, and no better or worse than another: of those the one that
		       * was found first is taken, unless an operator can be asked */
	const char *code; /* finding code of a refusal or keep; NULL */
	char *reason;     /* one sentence, owned */
};

/* A package that would be installed. */
struct sp_plan_package {
	size_t pack, package;
};

/* A module that would be loaded, in this order. */
struct sp_plan_module {
	size_t pack, module;
};

struct sp_plan {
	struct sp_match *matches; /* by address; for each the best rank first */
	size_t n_matches;
	struct sp_plan_package *packages; /* those that hold the modules and firmware;
					   * their dependencies come from repo/solve */
	size_t n_packages;
	struct sp_plan_module *modules;
	size_t n_modules;
	struct sp_findings findings;
	int exit_code; /* 0: there is something to do, or all is done already; a pack for
			  * other machines beside one that is used is no fault */
	char digest[65]; /* sha256 over packs, files, hashes, keys and actions, hex */
};

void sp_plan_done(struct sp_plan *plan);

/* Zero-initialised @ret_plan. */
SP_MUST_CHECK
int sp_plan_make(const struct sp_plan_input *input, struct sp_plan *ret_plan,
		 struct sp_error *err);

/* Would a module be used that claims its device no better than another does? */
bool sp_plan_is_tied(const struct sp_plan *plan);

/* The array `matches` of docs/json.md. */
struct json_object *sp_plan_matches_to_json(const struct sp_plan *plan,
					    const struct sp_plan_input *input);

/* "0000:04:00.0 Intel 82574L, network: no driver → e1000e 3.8.7 from 'Intel e1000e
 * driver' claims it exactly".  Caller frees; NULL when out of memory. */
char *sp_plan_match_text(const struct sp_match *match, const struct sp_plan_input *input);
