/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Hosts as data: what is owned is given back here; reading them is elsewhere. */

#include "repo/target.h"

#include "repo/old_host.h"

void sp_target_done(struct sp_target *target)
{
	sp_inventory_done(&target->inventory);
	free(target->arch);
	sp_strv_done(&target->kernels);
	for (size_t i = 0; i < target->n_packs; i++) {
		free(target->packs[i].id);
		free(target->packs[i].label);
		free(target->packs[i].version);
	}
	free(target->packs);
	*target = (struct sp_target){ 0 };
}

void sp_old_host_done(struct sp_old_host *host)
{
	sp_inventory_done(&host->inventory);
	for (size_t i = 0; i < host->n_packs; i++) {
		struct sp_old_pack *pack = &host->packs[i];

		free(pack->id);
		free(pack->label);
		free(pack->version);
		sp_module_list_done(&pack->modules);
	}
	free(host->packs);
	sp_strv_done(&host->boot_disks);
	sp_strv_done(&host->storage_disks);
	sp_strv_done(&host->management_macs);
	sp_strv_done(&host->management_addresses);
	sp_strv_done(&host->management_devices);
	*host = (struct sp_old_host){ 0 };
}
