/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Nothing half done: whatever fails, this goes on to its end and says what it could not
 * undo. */

#include "installer-plugin/deed.h"

#include <fcntl.h>
#include <string.h>

#include "base/array.h"
#include "installer-plugin/context.h"
#include "installer-plugin/drive.h"
#include "installer-plugin/load_files.h"
#include "installer-plugin/log.h"
#include "installer-plugin/operator.h"
#include "probe/root.h"
#include "repo/transaction.h"

void sp_deed_done(struct sp_deed *deed)
{
	for (size_t i = 0; i < deed->n_kept; i++)
		sp_keep_done(&deed->kept[i]);
	free(deed->kept);
	for (size_t i = 0; i < deed->n_stamps; i++)
		sp_stamp_done(&deed->stamps[i]);
	free(deed->stamps);
	sp_strv_done(&deed->placed);
	sp_strv_done(&deed->installed);
	sp_strv_done(&deed->touched);
	sp_strv_done(&deed->unloaded);
	for (size_t i = 0; i < deed->n_released; i++) {
		free(deed->released[i].address);
		free(deed->released[i].driver);
	}
	free(deed->released);
	*deed = (struct sp_deed){ 0 };
}

int sp_deed_add_release(struct sp_deed *deed, const char *address, const char *driver,
			struct sp_error *err)
{
	struct sp_deed_release *released;

	if (!address || !driver)
		return sp_error_set(err, SP_ERR_FORMAT,
				    "a worker's message makes no sense");
	released = sp_array_add(&deed->released, &deed->n_released);
	if (!released)
		return sp_error_nomem(err);
	released->address = strdup(address);
	released->driver = strdup(driver);
	return released->address && released->driver ? 0 : sp_error_nomem(err);
}

static void say(struct sp_findings *findings, const char *what,
		const struct sp_error *cause)
{
	struct sp_error ignored = SP_ERROR_INIT;

	if (sp_findings_add(findings, "left-behind", what, &ignored, "%s", cause->text) <
	    0)
		return; /* no memory to say more */
}

static void erase(struct sp_context *context, const struct sp_deed *deed,
		  struct sp_findings *findings)
{
	struct sp_transaction transaction = { .root = sp_root_path(context->root),
					      .installer = true };
	struct sp_error cause = SP_ERROR_INIT;

	if (deed->installed.n &&
	    sp_transaction_erase(&transaction, &deed->installed, findings, &cause) < 0)
		say(findings, "packages", &cause);
}

static void remove_files(struct sp_context *context, const struct sp_deed *deed,
			 struct sp_operator *op, struct sp_findings *findings)
{
	struct sp_error cause = SP_ERROR_INIT;

	if (sp_load_files_remove(sp_root_path(context->root), op, deed, findings,
				 &cause) < 0)
		say(findings, "files", &cause);
}

/* RPM does not know of them: a script wrote them. */
static void restore_stamps(struct sp_context *context, const struct sp_deed *deed,
			   struct sp_findings *findings)
{
	struct sp_error cause = SP_ERROR_INIT;
	SP_AUTO(sp_closep) int root_fd = -1;
	int r = 0;

	if (deed->n_stamps)
		r = sp_root_open(context->root, ".", O_RDONLY | O_DIRECTORY, &root_fd,
				 &cause);
	for (size_t i = 0; r == 0 && i < deed->n_stamps; i++)
		r = sp_stamp_restore(root_fd, &deed->stamps[i], &cause);
	if (r != 0)
		say(findings, "var/update/applied", &cause);
}

static void remove_copies(struct sp_context *context, const struct sp_deed *deed,
			  struct sp_findings *findings)
{
	for (size_t i = deed->n_kept; i-- > 0;) {
		struct sp_error cause = SP_ERROR_INIT;

		if (sp_keep_remove(context, &deed->kept[i], &cause) < 0)
			say(findings, deed->kept[i].path, &cause);
	}
}

void sp_deed_undo(struct sp_context *context, const struct sp_deed *deed,
		  struct sp_operator *op, struct sp_findings *findings)
{
	struct sp_error cause = SP_ERROR_INIT;

	sp_operator_busy(op, "Undoing what was done");
	sp_log_line(context->log, "undoing: %zu packages, %zu files, %zu copies",
		    deed->installed.n, deed->placed.n, deed->n_kept);
	if (sp_drive_unload(context, deed, op, findings, &cause) < 0)
		say(findings, "modules", &cause);
	erase(context, deed, findings);
	remove_files(context, deed, op, findings);
	restore_stamps(context, deed, findings);
	cause = (struct sp_error)SP_ERROR_INIT;
	if (sp_drive_restore(context, deed, op, findings, &cause) < 0)
		say(findings, "drivers", &cause);
	remove_copies(context, deed, findings);
	sp_operator_busy(op, NULL);
}
