/* SPDX-License-Identifier: GPL-2.0-or-later */

/* They are sources like any other from here on, with a name of their own in the report. */

#include "installer-plugin/answer_extras.h"

#include <string.h>

#include "installer-plugin/context.h"
#include "installer-plugin/prepared.h"
#include "installer-plugin/unattended.h"
#include "probe/media.h"

enum { SETTLE_MS = 1000, LATE_MEDIA_MS = 20000 };

static int add_repositories(const struct sp_context *context,
			    struct sp_unattended *unattended, struct sp_error *err)
{
	const struct sp_strv *list = &context->boot.extrarepo;
	int r = 0;

	for (size_t i = 0; r == 0 && i < list->n; i++)
		r = sp_unattended_add(unattended, "extrarepo", list->items[i], true, err);
	return r;
}

static int add_image(const struct sp_context *context, struct sp_unattended *unattended,
		     struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *path = NULL;
	int r = sp_prepared_find(context->root, &path, err);

	return r == 0 && path
		       ? sp_unattended_add(unattended, "prepared", path, false, err)
		       : r;
}

static bool has_local(const struct sp_unattended *unattended)
{
	for (size_t i = 0; i < unattended->n_sources; i++)
		if (unattended->sources[i].is_driver &&
		    !strcmp(unattended->sources[i].location, "local"))
			return true;
	return false;
}

static int add_disks(const struct sp_context *context, struct sp_unattended *unattended,
		     struct sp_error *err)
{
	SP_AUTO(sp_media_done) struct sp_media media = { 0 };
	int r = sp_media_wait(context->root, SETTLE_MS, LATE_MEDIA_MS, NULL, &media, err);

	if (r == 0)
		r = sp_media_survey(context->root, &media, NULL, err);
	for (size_t i = 0; r == 0 && i < media.n; i++)
		if (media.items[i].is_hint && media.items[i].state == SP_MEDIUM_USABLE)
			r = sp_unattended_add(unattended, "prepared", media.items[i].path,
					      false, err);
	return r;
}

int sp_answer_extras_add(struct sp_context *context, struct sp_unattended *unattended,
			 struct sp_error *err)
{
	int r = sp_context_read_machine(context, err);

	if (r == 0)
		r = add_repositories(context, unattended, err);
	if (r == 0)
		r = add_image(context, unattended, err);
	if (r == 0 && sp_context_is_live(context) && !has_local(unattended))
		r = add_disks(context, unattended, err);
	return r;
}
