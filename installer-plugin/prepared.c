/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Of a directory only that something is in it counts here; what it is, its reader says. */

#include "installer-plugin/prepared.h"

#include <string.h>

#include "base/text.h"
#include "probe/root.h"

int sp_prepared_find(const struct sp_root *root, char **ret_path, struct sp_error *err)
{
	SP_AUTO(sp_strv_done) struct sp_strv names = { 0 };
	const char *top = sp_root_path(root);
	struct sp_error ignored = SP_ERROR_INIT;

	*ret_path = NULL;
	if (sp_root_list(root, SP_PREPARED_PLACE, &names, &ignored) != 0 || !names.n)
		return 0;
	*ret_path = sp_text_format("%s%s" SP_PREPARED_PLACE, top,
				   sp_text_ends_with(top, "/") ? "" : "/");
	return *ret_path ? 0 : sp_error_nomem(err);
}
