/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The proof as it travels from the privileged worker, and into the command's JSON. */
#include "probe/bind.h"

#include "base/array.h"
#include "base/json.h"

#include <string.h>

static const char *const link_names[] = {
	[SP_BIND_LINK_UNKNOWN] = "unknown",
	[SP_BIND_LINK_DOWN] = "down",
	[SP_BIND_LINK_UP] = "up",
};

enum { N_LINKS = sizeof link_names / sizeof link_names[0] };

SP_DEFINE_FREEP(struct sp_bind_proofs *, sp_bind_proofs_done)

const char *sp_bind_link_name(enum sp_bind_link link)
{
	return (size_t)link < N_LINKS ? link_names[link] : "unknown";
}

static struct json_object *proof_to_json(const struct sp_bind_proof *proof)
{
	struct json_object *json = sp_json_object();
	struct json_object *appeared = sp_json_array();

	for (size_t i = 0; i < proof->interfaces.n; i++)
		sp_json_append(appeared, sp_json_string(proof->interfaces.items[i]));
	for (size_t i = 0; i < proof->disks.n; i++)
		sp_json_append(appeared, sp_json_string(proof->disks.items[i]));
	sp_json_set_string(json, "address", proof->address);
	sp_json_set_string(json, "driver", proof->driver);
	sp_json_set(json, "appeared", appeared);
	sp_json_set_strv(json, "interfaces", &proof->interfaces);
	sp_json_set_strv(json, "disks", &proof->disks);
	sp_json_set_string(json, "link", sp_bind_link_name(proof->link));
	sp_json_set_bool(json, "bound", proof->bound);
	sp_json_set_bool(json, "complete", proof->complete);
	sp_json_set_bool(json, "gone", proof->gone);
	return json;
}

struct json_object *sp_bind_proofs_to_json(const struct sp_bind_proofs *proofs)
{
	struct json_object *array = sp_json_array();

	for (size_t i = 0; i < proofs->n; i++)
		sp_json_append(array, proof_to_json(&proofs->items[i]));
	return array;
}

static int read_link(const char *name, enum sp_bind_link *ret_link, struct sp_error *err)
{
	for (size_t i = 0; name && i < N_LINKS; i++)
		if (strcmp(link_names[i], name) == 0) {
			*ret_link = (enum sp_bind_link)i;
			return 0;
		}
	return sp_error_set(err, SP_ERR_FORMAT, "a device's link has no known state");
}

static int read_proof(const struct json_object *json, struct sp_bind_proof *proof,
		      struct sp_error *err)
{
	const char *address = sp_json_get_string(json, "address");
	const char *driver = sp_json_get_string(json, "driver");
	int r = read_link(sp_json_get_string(json, "link"), &proof->link, err);

	if (r < 0)
		return r;
	if (!address || !*address)
		return sp_error_set(err, SP_ERR_FORMAT, "a device has no address");
	proof->address = strdup(address);
	proof->driver = driver ? strdup(driver) : NULL;
	if (!proof->address || (driver && !proof->driver))
		return sp_error_nomem(err);
	proof->bound = sp_json_get_bool(json, "bound", false);
	proof->complete = sp_json_get_bool(json, "complete", false);
	proof->gone = sp_json_get_bool(json, "gone", false);
	r = sp_json_get_strv(json, "interfaces", &proof->interfaces, err);
	return r < 0 ? r : sp_json_get_strv(json, "disks", &proof->disks, err);
}

int sp_bind_proofs_from_json(const struct json_object *array,
			     struct sp_bind_proofs *ret_proofs, struct sp_error *err)
{
	struct sp_bind_proofs proofs = { 0 };
	SP_AUTO(sp_bind_proofs_donep) struct sp_bind_proofs *owned = &proofs;

	for (size_t i = 0; i < sp_json_length(array); i++) {
		struct sp_bind_proof *proof = sp_array_add(&proofs.items, &proofs.n);
		int r = proof ? read_proof(sp_json_at(array, i), proof, err)
			      : sp_error_nomem(err);

		if (r < 0)
			return r;
	}
	*ret_proofs = proofs;
	(void)sp_steal(owned);
	return 0;
}
