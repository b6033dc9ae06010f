/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A file that cannot be read must not pass for an empty one: nobody would complain of
 * what is missing then. */

#include "installer-plugin/expected.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/file.h"
#include "base/finding.h"
#include "base/inside.h"
#include "base/json.h"
#include "base/text.h"
#include "installer-plugin/context.h"
#include "installer-plugin/host.h"
#include "installer-plugin/keep.h"
#include "installer-plugin/log.h"
#include "repo/evr.h"
#include "repo/legacy_version.h"
#include "repo/pack.h"

#define FILE_NAME ".expected.json" /* what begins so is no kept pack */

enum { FILE_BYTES = 1 << 20, FILE_MODE = 0600, PACKS_MAX = 4096 };

static void pack_done(struct sp_expected_pack *pack)
{
	free(pack->id);
	free(pack->label);
	free(pack->version);
}

void sp_expected_done(struct sp_expected *expected)
{
	for (size_t i = 0; i < expected->n; i++)
		pack_done(&expected->items[i]);
	free(expected->items);
	*expected = (struct sp_expected){ 0 };
}

/* ---- the list --------------------------------------------------------------------------- */

static size_t find(const struct sp_expected *expected, const struct sp_pack *pack)
{
	size_t i = 0;

	while (i < expected->n && (strcmp(expected->items[i].id, pack->id) != 0 ||
				   strcmp(expected->items[i].label, pack->label) != 0))
		i++;
	return i;
}

static void drop_at(struct sp_expected *expected, size_t index)
{
	pack_done(&expected->items[index]);
	expected->n--;
	memmove(&expected->items[index], &expected->items[index + 1],
		(expected->n - index) * sizeof *expected->items);
}

void sp_expected_drop(struct sp_expected *expected, const struct sp_pack *pack)
{
	size_t at = find(expected, pack);

	if (at < expected->n)
		drop_at(expected, at);
}

static int add(struct sp_expected *expected, const char *id, const char *label,
	       const char *version, struct sp_error *err)
{
	struct sp_expected_pack *added = sp_array_add(&expected->items, &expected->n);

	if (!added)
		return sp_error_nomem(err);
	added->id = sp_text_clean_dup(id);
	added->label = sp_text_clean_dup(label);
	added->version = sp_text_clean_dup(version);
	return added->id && added->label && added->version ? 0 : sp_error_nomem(err);
}

int sp_expected_add(struct sp_expected *expected, const struct sp_pack *pack,
		    struct sp_error *err)
{
	return find(expected, pack) < expected->n
		       ? 0
		       : add(expected, pack->id, pack->label, pack->version, err);
}

/* ---- the file ------------------------------------------------------------------------------ */

static int remove_file(const struct sp_context *context, struct sp_error *err)
{
	SP_AUTO(sp_str_freep)
	char *path = sp_text_format("%s/" FILE_NAME, context->options->spool);

	if (!path)
		return sp_error_nomem(err);
	return unlink(path) < 0 && errno != ENOENT
		       ? sp_error_set_errno(err, errno, "removing '%s'", path)
		       : 0;
}

int sp_expected_save(const struct sp_context *context, const struct sp_expected *expected,
		     struct sp_error *err)
{
	SP_AUTO(sp_json_freep) struct json_object *json = sp_json_object();
	SP_AUTO(sp_str_freep) char *text = NULL;
	SP_AUTO(sp_closep) int spool_fd = -1;
	struct json_object *packs = sp_json_array();
	int r;

	if (!expected->n) {
		sp_json_free(packs);
		return remove_file(context, err);
	}
	for (size_t i = 0; i < expected->n; i++) {
		struct json_object *pack = sp_json_object();

		sp_json_set_string(pack, "id", expected->items[i].id);
		sp_json_set_string(pack, "label", expected->items[i].label);
		sp_json_set_string(pack, "version", expected->items[i].version);
		sp_json_append(packs, pack);
	}
	sp_json_set(json, "packs", packs);
	text = sp_json_print(json, true);
	if (!text)
		return sp_error_nomem(err);
	r = sp_keep_open(context, &spool_fd, err);
	return r < 0 ? r
		     : sp_file_replace(spool_fd, FILE_NAME, text, strlen(text), FILE_MODE,
				       err);
}

static int parse(const char *text, size_t len, struct sp_expected *expected,
		 struct sp_error *err)
{
	SP_AUTO(sp_json_freep) struct json_object *json = NULL;
	const struct json_object *packs;
	int r = sp_json_parse(text, len, &json, err);

	packs = sp_json_get(json, "packs");
	if (r == 0 && (!sp_json_is_array(packs) || sp_json_length(packs) > PACKS_MAX))
		return sp_error_set(err, SP_ERR_FORMAT, "it has no list of packs");
	for (size_t i = 0; r == 0 && i < sp_json_length(packs); i++) {
		const struct json_object *pack = sp_json_at(packs, i);
		const char *id = sp_json_get_string(pack, "id");
		const char *label = sp_json_get_string(pack, "label");
		const char *version = sp_json_get_string(pack, "version");

		r = id && label ? add(expected, id, label, version ? version : "", err)
				: sp_error_set(err, SP_ERR_FORMAT, "a pack has no name");
	}
	return r;
}

/* SP_INSIDE_ABSENT: nothing is expected. */
static int load(const struct sp_context *context, struct sp_expected *expected,
		struct sp_error *err)
{
	const char *spool = context->options->spool;
	SP_AUTO(sp_closep) int top = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	SP_AUTO(sp_str_freep) char *path = sp_text_format("%s/" FILE_NAME, spool);
	SP_AUTO(sp_str_freep) char *text = NULL;
	size_t len;
	int r;

	if (top < 0 || !path)
		return top < 0 ? sp_error_set_errno(err, errno, "opening '/'")
			       : sp_error_nomem(err);
	r = sp_inside_load(top, path, FILE_BYTES, &text, &len, err);
	if (r == 0)
		r = parse(text, len, expected, err);
	return r < 0 ? sp_error_context(err, "'%s'", path) : r;
}

/* ---- is it there? ----------------------------------------------------------------------------- */

static bool is_older(const struct sp_record *record, const struct sp_expected_pack *pack)
{
	const char *version = record->pack.version ? record->pack.version : "";

	return record->pack.format == SP_PACK_UPDATE ||
			       record->pack.format == SP_PACK_RPMS
		       ? sp_evr_compare(version, pack->version) < 0
		       : sp_legacy_version_compare(version, pack->version) < 0;
}

/* The record of that pack; NULL: none. */
static const struct sp_record *record_of(const struct sp_host *host,
					 const struct sp_expected_pack *pack)
{
	for (size_t i = 0; i < host->records.n; i++) {
		const struct sp_pack *on_record = &host->records.items[i].pack;

		if (on_record->id && !strcmp(on_record->id, pack->id) &&
		    (!on_record->label || !strcmp(on_record->label, pack->label)))
			return &host->records.items[i];
	}
	return NULL;
}

static int complain(const struct sp_expected_pack *pack, const struct sp_record *older,
		    struct sp_findings *missing, struct sp_error *err)
{
	const char *blank = *pack->version ? " " : "";

	if (older)
		return sp_findings_add(missing, "not-carried-over", pack->label, err,
				       "'%s'%s%s was to be carried over to the new host, "
				       "which has an older version of it: %s",
				       pack->label, blank, pack->version,
				       older->pack.version ? older->pack.version : "");
	return sp_findings_add(missing, "not-carried-over", pack->label, err,
			       "'%s'%s%s was to be carried over to the new host, and is "
			       "not there",
			       pack->label, blank, pack->version);
}

static int settle(struct sp_expected *expected, const struct sp_host *host,
		  struct sp_findings *missing, struct sp_error *err)
{
	size_t i = 0;

	while (i < expected->n) {
		const struct sp_expected_pack *pack = &expected->items[i];
		const struct sp_record *record = record_of(host, pack);
		int r;

		if (record && !is_older(record, pack)) {
			drop_at(expected, i);
			continue;
		}
		r = complain(pack, record, missing, err);
		if (r < 0)
			return r;
		i++;
	}
	return 0;
}

int sp_expected_settle(const struct sp_context *context, const struct sp_host *host,
		       struct sp_findings *missing, struct sp_error *err)
{
	SP_AUTO(sp_expected_done) struct sp_expected expected = { 0 };
	struct sp_error cause = SP_ERROR_INIT;
	size_t before;
	int r = load(context, &expected, &cause);

	if (r == SP_INSIDE_ABSENT)
		return 0;
	if (r == -SP_ERR_NOMEM)
		return sp_error_nomem(err);
	if (r < 0)
		return sp_findings_add(missing, "not-carried-over", NULL, err,
				       "which packs were to be carried over to the new "
				       "host cannot be read: %s",
				       cause.text);
	before = expected.n;
	r = settle(&expected, host, missing, err);
	return r < 0 || expected.n == before ? r
					     : sp_expected_save(context, &expected, err);
}
