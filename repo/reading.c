/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small things every recogniser needs: paths, packs begun and ended, and turning a
 * failure into a finding so that one bad pack never hides the others. */
#include "repo/reading.h"

#include "base/text.h"
#include "repo/keys.h"
#include "repo/limits.h"
#include "repo/verifier.h"

#include <stdlib.h>
#include <string.h>

char *sp_reading_path(const char *base, const char *name)
{
	return sp_text_format("%s%s%s", base, *base && *name ? "/" : "", name);
}

bool sp_reading_has(const struct sp_reading *reading, const char *base, const char *name)
{
	SP_AUTO(sp_str_freep) char *path = sp_reading_path(base, name);

	return path && sp_tree_find(reading->tree, path);
}

char *sp_reading_directory(const struct sp_reading *reading, const char *base)
{
	return sp_reading_path(reading->image, base);
}

bool sp_reading_is_key(const struct sp_pack *pack, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;

	return sp_text_starts_with(name, "RPM-GPG-KEY") ||
	       (pack->key_file && strcmp(name, pack->key_file) == 0);
}

int sp_reading_place_pack(const struct sp_reading *reading, const char *base,
			  struct sp_pack *pack, struct sp_error *err)
{
	const char *location = reading->options->location;

	pack->location = strdup(location ? location : "");
	pack->directory = sp_reading_directory(reading, base);
	return pack->location && pack->directory ? 0 : sp_error_nomem(err);
}

static bool is_filled(char **text)
{
	if (!*text)
		*text = strdup("");
	return *text != NULL;
}

int sp_reading_end_pack(const struct sp_reading *reading, struct sp_pack *pack,
			struct sp_error *err)
{
	/* Nobody could say which pack it is: then it is just something on the medium. */
	if (!pack->id)
		return sp_findings_move(reading->findings, &pack->findings, err);
	if (!is_filled(&pack->label) || !is_filled(&pack->version))
		return sp_error_nomem(err);
	++*reading->n_packs;
	return reading->sink->pack(reading->sink->user, pack, err);
}

bool sp_reading_is_fatal(const struct sp_error *cause)
{
	return cause->code == SP_ERR_NOMEM || cause->code == SP_ERR_INTERNAL ||
	       cause->code == SP_ERR_CANCELLED;
}

int sp_reading_blame(struct sp_pack *pack, const char *code, const char *file,
		     const struct sp_error *cause, struct sp_error *err)
{
	if (sp_reading_is_fatal(cause)) {
		*err = *cause;
		return -(int)cause->code;
	}
	/* A file that cannot be read, or is too large, is so whatever it was to be. */
	if (!code || cause->code == SP_ERR_IO || cause->code == SP_ERR_LIMIT ||
	    cause->code == SP_ERR_TIMEOUT) {
		struct sp_error about = *cause;

		(void)sp_reading_name_file(file, &about);
		return sp_findings_add_error(&pack->findings, file, &about, err);
	}
	if (strstr(cause->text, file))
		return sp_findings_add(&pack->findings, code, file, err, "%s",
				       cause->text);
	return sp_findings_add(&pack->findings, code, file, err, "'%.200s': %s", file,
			       cause->text);
}

int sp_reading_name_file(const char *file, struct sp_error *err)
{
	if (strstr(err->text, file))
		return -(int)err->code;
	return sp_error_context(err, "'%.200s'", file);
}

// clang-format off
static const char *const code_of[] = {
	[SP_TRUST_TRUSTED]     = NULL,
	[SP_TRUST_WEAK]        = "weak-signature",
	[SP_TRUST_EXPIRED]     = "expired-key",
	[SP_TRUST_UNKNOWN_KEY] = "unknown-key",
	[SP_TRUST_UNSIGNED]    = "unsigned",
	[SP_TRUST_REVOKED]     = "revoked-key",
	[SP_TRUST_BAD]         = "bad-signature",
	[SP_TRUST_DAMAGED]     = "bad-signature",
};
// clang-format on

const char *sp_reading_trust_code(enum sp_trust_state state)
{
	return code_of[state];
}

int sp_reading_say_trust(struct sp_pack *pack, const char *code, struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *title = sp_pack_title(pack);
	SP_AUTO(sp_str_freep) char *refusal = NULL;

	if (!code)
		return 0;
	refusal = title ? sp_trust_refusal(&pack->trust, title) : NULL;
	if (!refusal)
		return sp_error_nomem(err);
	return sp_findings_add(&pack->findings, code, title, err, "%s", refusal);
}

/* ---- keys that came with a pack -------------------------------------------- */

static int add_key(const struct sp_reading *reading, const char *path,
		   struct sp_keys *keys, struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *bytes = NULL;
	struct sp_error why = SP_ERROR_INIT;
	size_t len;
	int r = sp_tree_load(reading->tree, path, SP_LIMIT_KEY_BYTES, &bytes, &len, &why);

	if (r == 0)
		r = sp_keys_add_bytes(keys, path, bytes, len, &why);
	if (r < 0 && sp_reading_is_fatal(&why)) {
		*err = why;
		return r;
	}
	return 0;
}

/* They make nothing trusted; they let a key be named. */
int sp_reading_offer_keys(const struct sp_reading *reading, const struct sp_pack *pack,
			  struct sp_keys *keys, struct sp_error *err)
{
	size_t n;
	const struct sp_tree_entry *entries = sp_tree_entries(reading->tree, &n);
	int r = 0;

	for (size_t i = 0; r == 0 && i < n && keys->n < SP_LIMIT_KEYS; i++)
		if (sp_reading_is_key(pack, entries[i].path))
			r = add_key(reading, entries[i].path, keys, err);
	if (r == 0 && reading->options->verifier)
		sp_verifier_offer(reading->options->verifier, keys);
	return r;
}

void sp_reading_withdraw_keys(const struct sp_reading *reading)
{
	if (reading->options->verifier)
		sp_verifier_offer(reading->options->verifier, NULL);
}
