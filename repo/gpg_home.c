/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gpgme's home, with gpg_wait.c.  It calls a bad signature, and even a program that is no GnuPG at
 * all, a success; so nothing here judges, and what judges asks for positive proof. */
#include "repo/gpg_home.h"

#include "base/array.h"
#include "base/file.h"
#include "base/text.h"
#include "repo/gpg_import.h"
#include "repo/gpg_wait.h"
#include "repo/verifier.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <gpgme.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum { STRONG_KEY_BITS = 2048 };

struct sp_gpg_home {
	char *directory, *parent, *name; /* directory is parent/name */
	const char *program;             /* of gpg; borrowed */
	gpgme_ctx_t context;
	struct sp_gpg_wait *wait;
	unsigned deadline_ms;
	struct sp_strv imported; /* primary fingerprints: the system's own gpg.conf could
				  * bring in other keys */
	struct sp_gpg_key *keys;
	size_t n_keys;
};

static const char *const programs[] = { "/usr/bin/gpg", "/usr/bin/gpg2" };

static const char configuration[] =
	"ignore-invalid-option no-auto-key-import\n"
	"no-auto-key-retrieve\n"
	"no-auto-key-import\n"
	"no-auto-key-locate\n"
	"disable-dirmngr\n"
	"no-autostart\n"
	"no-auto-check-trustdb\n"
	"no-random-seed-file\n"
	"trust-model always\n"
	/* The clock of a machine being installed may be years behind. */
	"ignore-time-conflict\n";

/* ---- ending ---------------------------------------------------------------- */

static void key_done(struct sp_gpg_key *key)
{
	for (size_t i = 0; i < key->n_subkeys; i++)
		free(key->subkeys[i].fingerprint);
	free(key->subkeys);
	free(key->user_id);
}

void sp_gpg_signatures_done(struct sp_gpg_signatures *signatures)
{
	for (size_t i = 0; i < signatures->n; i++)
		free(signatures->items[i].key);
	free(signatures->items);
	*signatures = (struct sp_gpg_signatures){ 0 };
}

static void remove_directory(const struct sp_gpg_home *home)
{
	struct sp_error ignored = SP_ERROR_INIT;
	SP_AUTO(sp_closep)
	int fd = open(home->parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0)
		(void)!sp_file_remove_tree(fd, home->name, &ignored);
}

void sp_gpg_home_free(struct sp_gpg_home *home)
{
	if (!home)
		return;
	if (home->context)
		gpgme_release(home->context);
	sp_gpg_wait_free(home->wait);
	if (home->name)
		remove_directory(home);
	for (size_t i = 0; i < home->n_keys; i++)
		key_done(&home->keys[i]);
	free(home->keys);
	sp_strv_done(&home->imported);
	free(home->directory);
	free(home->parent);
	free(home->name);
	free(home);
}

static void data_freep(gpgme_data_t *data)
{
	if (*data)
		gpgme_data_release(*data);
}

static void gpg_key_freep(gpgme_key_t *key)
{
	if (*key)
		gpgme_key_unref(*key);
}

/* ---- the directory --------------------------------------------------------- */

static const char *choose_parent(const struct sp_verifier_options *options)
{
	struct stat st;

	if (options->scratch)
		return options->scratch;
	if (lstat("/run/suppack", &st) == 0 && S_ISDIR(st.st_mode))
		return "/run/suppack";
	return "/tmp";
}

static int make_directory(struct sp_gpg_home *home,
			  const struct sp_verifier_options *options, struct sp_error *err)
{
	SP_AUTO(sp_str_freep) char *path = NULL;

	home->parent = strdup(choose_parent(options));
	path = home->parent ? sp_text_format("%s/gpg-XXXXXX", home->parent) : NULL;
	if (!path)
		return sp_error_nomem(err);
	if (!mkdtemp(path)) /* 0700 */
		return sp_error_set_errno(err, errno, "creating directory '%s'", path);
	home->name = strdup(strrchr(path, '/') + 1);
	home->directory = sp_steal(path);
	return home->name ? 0 : sp_error_nomem(err);
}

static int write_configuration(const struct sp_gpg_home *home, int64_t now,
			       struct sp_error *err)
{
	SP_AUTO(sp_closep)
	int fd = open(home->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	SP_AUTO(sp_str_freep) char *text = NULL;
	char moment[64] = "";
	time_t seconds = (time_t)now;
	struct tm tm;

	if (fd < 0)
		return sp_error_set_errno(err, errno, "opening '%s'", home->directory);
	if (now && gmtime_r(&seconds, &tm))
		(void)strftime(moment, sizeof moment,
			       "faked-system-time %Y%m%dT%H%M%S!\n", &tm);
	text = sp_text_format("%s%s", configuration, moment);
	if (!text)
		return sp_error_nomem(err);
	return sp_file_replace(fd, "gpg.conf", text, strlen(text), 0600, err);
}

/* ---- the program ----------------------------------------------------------- */

static int fail_program(struct sp_error *err)
{
	return sp_error_set(err, SP_ERR_INTERNAL,
			    "signatures cannot be checked: this system has no working "
			    "GnuPG of version 2.2 or newer");
}

/* "2.2.40": at least 2.2.  Any program says some version when it is asked for it, the
 * coreutils 9 and more. */
static bool is_new_enough(const char *version)
{
	unsigned long major, minor = 0;
	char *end;

	if (!version || !isdigit((unsigned char)*version))
		return false;
	major = strtoul(version, &end, 10);
	if (*end == '.')
		minor = strtoul(end + 1, NULL, 10);
	return (major == 2 && minor >= 2) || major == 3 || major == 4;
}

static bool try_program(struct sp_gpg_home *home, const char *program)
{
	gpgme_engine_info_t info;

	if (access(program, X_OK) < 0 ||
	    gpgme_ctx_set_engine_info(home->context, GPGME_PROTOCOL_OpenPGP, program,
				      home->directory) != 0)
		return false;
	home->program = program;
	for (info = gpgme_ctx_get_engine_info(home->context); info; info = info->next)
		if (info->protocol == GPGME_PROTOCOL_OpenPGP)
			return is_new_enough(info->version);
	return false;
}

static int open_context(struct sp_gpg_home *home, const char *program,
			struct sp_error *err)
{
	/* Asking gpgconf for where things are would be five programs more. */
	(void)gpgme_set_global_flag("disable-gpgconf", "1");
	if (!gpgme_check_version("1.13.0") || gpgme_new(&home->context) != 0 ||
	    gpgme_set_protocol(home->context, GPGME_PROTOCOL_OpenPGP) != 0)
		return fail_program(err);
	gpgme_set_offline(home->context, 1);
	if (program)
		return try_program(home, program) ? 0 : fail_program(err);
	for (size_t i = 0; i < sizeof programs / sizeof programs[0]; i++)
		if (try_program(home, programs[i]))
			return 0;
	return fail_program(err);
}

/* The outcome of the operation that was begun, and @started. */
static int wait_for(const struct sp_gpg_home *home, gpgme_error_t started,
		    gpg_err_code_t *ret_code, struct sp_error *err)
{
	gpgme_error_t outcome = 0;
	int r = sp_gpg_wait_end(home->wait, started, home->deadline_ms, &outcome, err);

	if (r == 0)
		*ret_code = gpgme_err_code(outcome);
	return r;
}

static int wrap(const void *bytes, size_t len, gpgme_data_t *ret_data,
		struct sp_error *err)
{
	if (gpgme_data_new_from_mem(ret_data, len ? bytes : "", len, 0) != 0)
		return sp_error_nomem(err);
	return 0;
}

/* ---- keys ------------------------------------------------------------------ */

static bool is_weak(gpgme_pubkey_algo_t algorithm, unsigned bits)
{
	switch ((int)algorithm) {
	case GPGME_PK_RSA:
	case GPGME_PK_RSA_E:
	case GPGME_PK_RSA_S:
	case GPGME_PK_DSA:
	case GPGME_PK_ELG:
	case GPGME_PK_ELG_E:
		return bits < STRONG_KEY_BITS;
	default:
		return false;
	}
}

static const char *first_user_id(gpgme_key_t key)
{
	for (gpgme_user_id_t at = key->uids; at; at = at->next)
		if (!at->revoked && !at->invalid && at->uid)
			return at->uid;
	return key->uids && key->uids->uid ? key->uids->uid : "";
}

static int add_subkeys(struct sp_gpg_key *key, gpgme_subkey_t from, struct sp_error *err)
{
	for (; from; from = from->next) {
		struct sp_gpg_subkey *subkey;

		if (!from->fpr)
			continue;
		subkey = sp_array_add(&key->subkeys, &key->n_subkeys);
		if (!subkey)
			return sp_error_nomem(err);
		subkey->fingerprint = strdup(from->fpr);
		if (!subkey->fingerprint)
			return sp_error_nomem(err);
		subkey->bits = from->length;
		subkey->weak = is_weak(from->pubkey_algo, from->length);
		subkey->revoked = from->revoked || from->disabled || from->invalid;
		subkey->expired = from->expired;
		subkey->expires = from->expires > 0 ? from->expires : 0;
	}
	return 0;
}

static int add_key(struct sp_gpg_home *home, gpgme_key_t from, struct sp_error *err)
{
	struct sp_gpg_key *key;

	if (!from->fpr || !from->subkeys || !sp_strv_has(&home->imported, from->fpr))
		return 0;
	key = sp_array_add(&home->keys, &home->n_keys);
	if (!key)
		return sp_error_nomem(err);
	key->user_id = sp_text_clean_dup(first_user_id(from));
	key->revoked = from->revoked || from->disabled || from->invalid;
	key->expired = from->expired;
	return key->user_id ? add_subkeys(key, from->subkeys, err) : sp_error_nomem(err);
}

static int list_keys(struct sp_gpg_home *home, struct sp_error *err)
{
	gpgme_error_t code = gpgme_op_keylist_start(home->context, NULL, 0);
	int r = 0;

	while (r == 0 && code == 0) {
		SP_AUTO(gpg_key_freep) gpgme_key_t key = NULL;

		code = gpgme_op_keylist_next(home->context, &key);
		if (code == 0)
			r = add_key(home, key, err);
	}
	(void)gpgme_op_keylist_end(home->context);
	if (r == 0 && gpgme_err_code(code) != GPG_ERR_EOF)
		return sp_error_set(err, SP_ERR_INTERNAL, "asking GnuPG for its keys: %s",
				    gpgme_strerror(code));
	return r;
}

static int import_keys(struct sp_gpg_home *home, const struct sp_keys *keys,
		       struct sp_error *err)
{
	const struct sp_gpg_importer importer = { home->program, home->directory,
						  home->deadline_ms };
	int r = sp_gpg_import(&importer, keys, &home->imported, err);

	return r == 0 && home->imported.n ? list_keys(home, err) : r;
}

int sp_gpg_home_new(const struct sp_keys *keys, const struct sp_verifier_options *options,
		    struct sp_gpg_home **ret_home, struct sp_error *err)
{
	SP_AUTO(sp_gpg_home_freep) struct sp_gpg_home *home = calloc(1, sizeof *home);
	int r;

	if (!home)
		return sp_error_nomem(err);
	home->deadline_ms =
		options->deadline_ms ? options->deadline_ms : SP_VERIFIER_DEADLINE_MS;
	r = make_directory(home, options, err);
	if (r == 0)
		r = write_configuration(home, options->now, err);
	if (r == 0)
		r = open_context(home, options->gpg, err);
	if (r == 0)
		r = sp_gpg_wait_new(home->context, &home->wait, err);
	if (r == 0)
		r = import_keys(home, keys, err);
	if (r == 0)
		*ret_home = sp_steal(home);
	return r;
}

const struct sp_gpg_key *sp_gpg_home_keys(const struct sp_gpg_home *home, size_t *ret_n)
{
	*ret_n = home->n_keys;
	return home->keys;
}

const struct sp_gpg_key *sp_gpg_home_find(const struct sp_gpg_home *home,
					  const char *fingerprint,
					  const struct sp_gpg_subkey **ret_subkey)
{
	const struct sp_gpg_key *found = NULL;

	for (size_t i = 0; *fingerprint && i < home->n_keys; i++)
		for (size_t s = 0; s < home->keys[i].n_subkeys; s++) {
			const struct sp_gpg_subkey *subkey = &home->keys[i].subkeys[s];

			if (!sp_text_ends_with(subkey->fingerprint, fingerprint))
				continue;
			if (found)
				return NULL;
			found = &home->keys[i];
			if (ret_subkey)
				*ret_subkey = subkey;
		}
	return found;
}

/* ---- signatures ------------------------------------------------------------ */

static const struct verdict {
	gpg_err_code_t code;
	enum sp_gpg_verdict verdict;
} verdicts[] = {
	{ GPG_ERR_NO_ERROR, SP_GPG_GOOD },
	{ GPG_ERR_KEY_EXPIRED, SP_GPG_KEY_EXPIRED },
	{ GPG_ERR_SIG_EXPIRED, SP_GPG_EXPIRED },
	{ GPG_ERR_CERT_REVOKED, SP_GPG_REVOKED },
	{ GPG_ERR_BAD_SIGNATURE, SP_GPG_BAD },
	{ GPG_ERR_NO_PUBKEY, SP_GPG_NO_KEY },
	{ GPG_ERR_DIGEST_ALGO, SP_GPG_DIGEST_REFUSED },
};

static enum sp_gpg_verdict verdict_of(gpgme_error_t status)
{
	for (size_t i = 0; i < sizeof verdicts / sizeof verdicts[0]; i++)
		if (gpgme_err_code(status) == verdicts[i].code)
			return verdicts[i].verdict;
	return SP_GPG_OTHER;
}

static int add_signature(struct sp_gpg_signatures *signatures, gpgme_signature_t from,
			 struct sp_error *err)
{
	const char *digest = gpgme_hash_algo_name(from->hash_algo);
	struct sp_gpg_signature *signature =
		sp_array_add(&signatures->items, &signatures->n);

	if (!signature)
		return sp_error_nomem(err);
	signature->key = strdup(from->fpr ? from->fpr : "");
	if (!signature->key)
		return sp_error_nomem(err);
	for (char *at = signature->key; *at; at++)
		*at = (char)toupper((unsigned char)*at);
	signature->verdict = verdict_of(from->status);
	signature->digest = digest ? digest : "";
	signature->strong_digest = from->hash_algo == GPGME_MD_SHA256 ||
				   from->hash_algo == GPGME_MD_SHA384 ||
				   from->hash_algo == GPGME_MD_SHA512;
	signature->wrong_use = from->wrong_key_usage;
	signature->expires = (int64_t)from->exp_timestamp;
	return 0;
}

int sp_gpg_home_verify(struct sp_gpg_home *home, const void *data, size_t len,
		       const void *sig, size_t sig_len,
		       struct sp_gpg_signatures *signatures, struct sp_error *err)
{
	SP_AUTO(data_freep) gpgme_data_t signed_text = NULL;
	SP_AUTO(data_freep) gpgme_data_t signature = NULL;
	gpg_err_code_t code = GPG_ERR_NO_ERROR;
	gpgme_verify_result_t result;
	int r = wrap(data, len, &signed_text, err);

	if (r == 0)
		r = wrap(sig, sig_len, &signature, err);
	if (r < 0)
		return r;
	sp_gpg_wait_begin(home->wait);
	r = wait_for(home,
		     gpgme_op_verify_start(home->context, signature, signed_text, NULL),
		     &code, err);
	if (r < 0)
		return r;
	if (gpgme_err_code_to_errno(code))
		return sp_error_set(err, SP_ERR_INTERNAL, "checking a signature: %s",
				    strerror(gpgme_err_code_to_errno(code)));
	result = gpgme_op_verify_result(home->context);
	for (gpgme_signature_t at = result ? result->signatures : NULL; r == 0 && at;
	     at = at->next)
		r = add_signature(signatures, at, err);
	return r;
}
