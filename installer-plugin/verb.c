/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The table of verbs: a new one is a row here and a file of its own. */

#include "installer-plugin/verb.h"

#include <stdint.h>
#include <string.h>

#define MANY SIZE_MAX

// clang-format off
static const struct sp_verb verbs[] = {
	{ "probe", "", "list devices and their drivers, those without a driver first",
	  0, 0, sp_verb_probe, false, false },
	{ "inspect", "LOCATION...", "say what packs are there, who signed them, and what they hold",
	  1, MANY, sp_verb_inspect, false, false },
	{ "check", "LOCATION...", "say all that is wrong or unwise in packs that you made",
	  1, MANY, sp_verb_check, false, false },
	{ "verify", "LOCATION...", "read every package there once, and say which are good and which are not",
	  1, MANY, sp_verb_verify, false, false },
	{ "plan", "LOCATION...", "say what loading them here would do, and why or why not",
	  1, MANY, sp_verb_plan, false, false },
	{ "install", "[LOCATION...]", "install packs into the host in --root, and record them",
	  0, MANY, sp_verb_install, false, false },
	{ "remove", "ID...", "remove packs on record from the host in --root",
	  1, MANY, sp_verb_remove, false, false },
	{ "list", "", "list the packs that the host in --root has on record",
	  0, 0, sp_verb_list, false, false },
	{ "check-upgrade", "[LOCATION...]", "say what an upgrade of the host in --root would lose",
	  0, MANY, sp_verb_check_upgrade, false, false },
	{ "load", "LOCATION...", "load the drivers found there, without screens",
	  1, MANY, sp_verb_load, false, false },
	{ "answerfile", "FILE", "do what an answerfile says, at its --stage",
	  1, 1, sp_verb_answerfile, false, false },
	{ "ui", "FLOW [LOCATION]...", "one of the flows 'drivers', 'packs' and 'upgrade' with screens",
	  1, MANY, sp_verb_ui, false, false },
	{ "serve", "FLOW FD [LOCATION]...", "run a flow for screens at the other end of a socket",
	  2, MANY, sp_verb_serve, true, true },
	{ "capture", "[DIR]", "record this machine in DIR, for --sysroot, without serial numbers",
	  0, 1, sp_verb_capture, false, false },
};
// clang-format on

const struct sp_verb *sp_verb_at(size_t index)
{
	return index < sizeof verbs / sizeof verbs[0] ? &verbs[index] : NULL;
}

const struct sp_verb *sp_verb_find(const char *name)
{
	for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
		if (!strcmp(verbs[i].name, name))
			return &verbs[i];
	return NULL;
}
