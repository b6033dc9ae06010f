/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What is known when an upgrade is judged: the old host, the new release, the packs at
 * hand, this machine; and the verdict.  One place for the verb and for the screens. */

#include "installer-plugin/look.h"
#include "installer-plugin/machine.h"
#include "installer-plugin/roles.h"
#include "plan/upgrade.h"
#include "probe/kernel.h"
#include "repo/old_host.h"
#include "repo/release.h"

struct sp_context;
struct sp_operator;
struct sp_report;

/* Zero-initialise, then sp_study_begin(). */
struct sp_study {
	struct sp_context *context; /* borrowed, as is what it was begun with */
	struct sp_operator *op;
	struct sp_accept accept;
	bool warns; /* a loss is none that nobody may answer for, short of a stop */
	struct sp_old_host old;
	struct sp_release release; /* @what is NULL if there is none to look at */
	struct sp_roles roles;
	struct sp_look look; /* packs at hand */
	struct sp_findings old_findings, release_findings;

	/* Made by sp_study_judge() of all that. */
	struct sp_kernel kernel; /* of the new release, where it is not the running one */
	struct sp_machine_plan made;
	struct sp_strbuf aliases;         /* of the new release, as in modules.alias */
	struct sp_strbuf aliases_builtin; /* the same, of what is built into it */
	struct sp_strbuf running_builtin; /* the same, of the running kernel */
	struct sp_upgrade_kernel of_release, of_installer;
	struct sp_upgrade_input input;
	struct sp_upgrade verdict;
};

void sp_study_done(struct sp_study *study);

/* Reads machine, old host (--root) and new release (--to, if given).  SP_ERR_USAGE if
 * --root was not given. */
SP_MUST_CHECK
int sp_study_begin(struct sp_study *study, struct sp_context *context,
		   struct sp_operator *op, struct sp_error *err);

/* Looks for packs at @locations (anew). */
SP_MUST_CHECK
int sp_study_look(struct sp_study *study, const struct sp_strv *locations,
		  struct sp_error *err);

/* Looks there too; its exit code is that of this look alone. */
SP_MUST_CHECK
int sp_study_look_also(struct sp_study *study, const struct sp_strv *locations,
		       struct sp_error *err);

/* The verdict of all that is known by now (anew). */
SP_MUST_CHECK
int sp_study_judge(struct sp_study *study, struct sp_error *err);

/* Everything worth saying, copied to the end of @to. */
SP_MUST_CHECK
int sp_study_findings(const struct sp_study *study, struct sp_findings *to,
		      struct sp_error *err);

/* Is there anything that an operator should see: a pack, or a record that cannot be
 * read? */
bool sp_study_has_news(const struct sp_study *study);

/* Would something be lost that was not agreed to? */
bool sp_study_is_danger(const struct sp_study *study);

/* Is the pack @index of the verdict worth a line? */
bool sp_study_is_shown(const struct sp_study *study, size_t index);

/* "boot disk", "management interface?"; "" if it has no such role. */
const char *sp_study_role(const struct sp_study *study,
			  const struct sp_upgrade_device *device);

/* Fills @report: arrays, text, findings and the exit code. */
SP_MUST_CHECK
int sp_study_report(struct sp_study *study, struct sp_report *report,
		    struct sp_error *err);
