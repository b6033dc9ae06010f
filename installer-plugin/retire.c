/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A newer version of a pack may have another id; then nothing but the RPM that stands for
 * it tells that they are the same. */

#include "installer-plugin/retire.h"

#include <string.h>

#include "base/worker.h"
#include "installer-plugin/context.h"
#include "installer-plugin/host.h"
#include "installer-plugin/installed.h"
#include "installer-plugin/log.h"
#include "installer-plugin/operator.h"
#include "installer-plugin/stamp.h"

static bool is_installed(const struct sp_installed *installed, const struct sp_pack *pack,
			 const char *name)
{
	for (size_t i = 0; i < pack->n_packages; i++)
		if (!strcmp(pack->packages[i].name, name) &&
		    sp_installed_has(installed, &pack->packages[i]))
			return true;
	return false;
}

/* After an update that failed half-way a part of it may be there still, and nobody else's. */
static bool has_part(const struct sp_installed *installed, const struct sp_record *old)
{
	for (size_t i = 0; old->incomplete && i < old->pack.n_packages; i++)
		if (sp_strv_has(&old->brought, old->pack.packages[i].name) &&
		    sp_installed_has(installed, &old->pack.packages[i]))
			return true;
	return false;
}

/* Was the RPM that stands for @old updated to @fresh's? */
static bool is_replaced(const struct sp_installed *installed, const struct sp_pack *old,
			const struct sp_pack *fresh)
{
	for (size_t i = 0; i < old->update_packages.n; i++) {
		const char *name = old->update_packages.items[i];

		if (sp_strv_has(&fresh->update_packages, name) &&
		    is_installed(installed, fresh, name) &&
		    !is_installed(installed, old, name))
			return true;
	}
	return false;
}

static int retire(struct sp_context *context, const struct sp_host *host,
		  const struct sp_record *old, const struct sp_record *fresh,
		  struct sp_error *err)
{
	int r = 0;

	sp_log_line(context->log, "'%s' %s has taken the place of '%s' %s",
		    fresh->pack.label, fresh->pack.version, old->pack.label,
		    old->pack.version);
	if (strcmp(old->pack.id, fresh->pack.id) != 0)
		r = sp_stamp_remove(host->root_fd, old, &host->records, err);
	return r < 0 ? r : sp_record_remove(host->root_fd, old->directory, err);
}

static int retire_if_replaced(struct sp_context *context, const struct sp_host *host,
			      const struct sp_installed *installed, size_t index,
			      struct sp_error *err)
{
	const struct sp_record *old = &host->records.items[index];

	for (size_t i = 0; i < host->records.n; i++)
		if (i != index && !has_part(installed, old) &&
		    is_replaced(installed, &old->pack, &host->records.items[i].pack))
			return retire(context, host, old, &host->records.items[i], err);
	return 0;
}

int sp_retire_packs(struct sp_context *context, struct sp_host *host,
		    struct sp_operator *op, struct sp_error *err)
{
	SP_AUTO(sp_installed_done) struct sp_installed installed = { 0 };
	struct sp_patience patience = sp_operator_patience(op);
	int r = sp_host_read(host, err);

	if (r < 0 || host->records.n < 2)
		return r;
	r = sp_installed_read(host->path, &patience, &installed, err);
	for (size_t i = 0; r == 0 && i < host->records.n; i++)
		r = retire_if_replaced(context, host, &installed, i, err);
	return r < 0 ? r : sp_host_read(host, err);
}
