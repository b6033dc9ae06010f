/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Signatures of every sort, made by tests/factory/make-signatures; gpgv is asked too
 * wherever it can say something. */
#include "repo/verifier.h"
#include "base/child.h"
#include "base/file.h"
#include "base/text.h"
#include "base/worker.h"
#include "repo/keys.h"
#include "repo/pack.h"
#include "support/table.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#define NOV_15_2023 1700006400
#define YEAR_2010 1262304000

enum {
	TRUSTED = SP_TRUST_TRUSTED,
	WEAK = SP_TRUST_WEAK,
	EXPIRED = SP_TRUST_EXPIRED,
	UNKNOWN = SP_TRUST_UNKNOWN_KEY,
	UNSIGNED = SP_TRUST_UNSIGNED,
	REVOKED = SP_TRUST_REVOKED,
	BAD = SP_TRUST_BAD,
	DAMAGED = SP_TRUST_DAMAGED
};

static const struct row {
	const char *name, *signature; /* NULL: none */
	int want;
	const char *key;    /* whose fingerprint is said; "id" of a key not at hand */
	const char *detail; /* part of it */
	const char *gpgv;   /* one status it must give; "": none; NULL: is not asked */
	const char *set;    /* of trusted keys; NULL: "all" */
	const char *offered;
	const char *data; /* NULL: "data" */
	int64_t now;
} rows[] = {
	// clang-format off
	{ "good", "good", .want = TRUSTED, .key = "good", .gpgv = "GOODSIG" },
	{ "binary", "good.binary", .want = TRUSTED, .key = "good", .gpgv = "GOODSIG" },
	{ "RSA 2048", "partner", .want = TRUSTED, .key = "partner", .gpgv = "GOODSIG" },
	{ "ed25519", "ed25519", .want = TRUSTED, .key = "ed25519", .gpgv = "GOODSIG" },
	{ "by a subkey, the primary is said", "subkey", .want = TRUSTED,
	  .key = "subkey", .gpgv = "GOODSIG" },
	{ "SHA-256", "sha256", .want = TRUSTED, .key = "good", .gpgv = "GOODSIG" },
	{ "SHA-384", "sha384", .want = TRUSTED, .key = "good", .gpgv = "GOODSIG" },
	{ "text mode", "text", .want = TRUSTED, .key = "good", .gpgv = "GOODSIG" },
	{ "two armours", "two-armours", .want = TRUSTED, .key = "good",
	  .gpgv = "GOODSIG" },
	{ "no checksum line", "no-checksum-line", .want = TRUSTED, .key = "good",
	  .gpgv = "GOODSIG" },

	{ "SHA-1", "sha1", .want = WEAK, .key = "good", .detail = "SHA1",
	  .gpgv = "GOODSIG" },
	{ "RIPEMD-160", "ripemd160", .want = WEAK, .key = "good", .detail = "RIPEMD160",
	  .gpgv = "GOODSIG" },
	{ "SHA-224", "sha224", .want = WEAK, .key = "good", .detail = "SHA224",
	  .gpgv = "GOODSIG" },
	{ "RSA 1024", "weak", .want = WEAK, .key = "weak", .detail = "1024",
	  .gpgv = "GOODSIG" },
	{ "RSA 1024 and SHA-1", "weak-sha1", .want = WEAK, .key = "weak",
	  .detail = "SHA1", .gpgv = "GOODSIG" },
	{ "SHA-1 over other data is bad", "sha1", .want = BAD, .key = "good",
	  .detail = "changed", .gpgv = "BADSIG", .data = "data.changed" },
	{ "MD5", "md5", .want = DAMAGED, .key = "good", .detail = "MD5",
	  .gpgv = "ERRSIG" },

	{ "expired key", "expired", .want = EXPIRED, .key = "expired",
	  .detail = "key expired on 2023-12-01", .gpgv = "EXPKEYSIG" },
	{ "the same while it lived", "expired", .want = TRUSTED, .key = "expired",
	  .now = NOV_15_2023 },
	{ "the same by a clock years behind", "expired", .want = TRUSTED,
	  .key = "expired", .now = YEAR_2010 },
	{ "expired key, other data", "expired", .want = BAD, .key = "expired",
	  .detail = "changed", .gpgv = "BADSIG", .data = "data.changed" },
	{ "expired key and SHA-1", "expired-sha1", .want = EXPIRED, .key = "expired" },
	{ "expired signature", "short-lived", .want = EXPIRED, .key = "good",
	  .detail = "signature expired on 2023-11-15", .gpgv = "EXPSIG" },
	{ "expired signature, other data", "short-lived", .want = BAD, .key = "good",
	  .gpgv = "BADSIG", .data = "data.changed" },
	{ "revoked key", "revoked", .want = REVOKED, .key = "revoked",
	  .detail = "revoked" },
	{ "revoked key, other data", "revoked", .want = BAD, .key = "revoked",
	  .gpgv = "BADSIG", .data = "data.changed" },
	{ "revoked subkey", "subrevoked", .want = REVOKED, .key = "subrevoked",
	  .detail = "revoked" },

	{ "a stranger", "stranger", .want = UNKNOWN, .key = "id",
	  .detail = "not at hand", .gpgv = "NO_PUBKEY" },
	{ "no keys at all", "good", .want = UNKNOWN, .key = "id",
	  .detail = "not at hand", .set = "none" },
	{ "another key only", "partner", .want = UNKNOWN, .key = "id", .set = "spliced" },
	{ "a stranger, whose key came along", "stranger", .want = UNKNOWN,
	  .key = "stranger", .detail = "good, by a key that came with the medium",
	  .offered = "stranger" },
	{ "the same over other data", "stranger", .want = BAD, .key = "stranger",
	  .detail = "changed", .offered = "stranger", .data = "data.changed" },
	{ "a key of another came along", "stranger", .want = UNKNOWN, .key = "id",
	  .detail = "not at hand", .offered = "partner" },
	{ "an expired key came along", "expired", .want = UNKNOWN, .key = "expired",
	  .detail = "key expired", .set = "none", .offered = "expired" },
	{ "a revoked key came along", "revoked", .want = REVOKED, .key = "revoked",
	  .set = "none", .offered = "revoked" },
	{ "a weak key came along", "weak", .want = UNKNOWN, .key = "weak",
	  .detail = "1024 bits", .set = "none", .offered = "weak" },
	{ "our own key came along", "good", .want = TRUSTED, .key = "good",
	  .offered = "good" },
	{ "our expired key came along", "expired", .want = EXPIRED, .key = "expired",
	  .offered = "expired" },
	{ "no key, but a file that says so, came along", "stranger", .want = UNKNOWN,
	  .key = "id", .offered = "" },

	{ "none", NULL, .want = UNSIGNED, .detail = "not signed" },
	{ "none, over other data", NULL, .want = UNSIGNED, .detail = "not signed",
	  .data = "data.changed" },
	{ "an empty file", "empty", .want = DAMAGED, .detail = "no detached signature",
	  .gpgv = "NODATA" },
	{ "blank lines", "blank", .want = DAMAGED, .gpgv = "NODATA" },
	{ "cut short", "cut", .want = DAMAGED, .gpgv = "NODATA" },
	{ "cut short, binary", "cut.binary", .want = DAMAGED, .gpgv = "" },
	{ "broken armour", "broken-armour", .want = DAMAGED },
	{ "garbage", "garbage", .want = DAMAGED, .gpgv = "" },
	{ "a text", "text-file", .want = DAMAGED, .gpgv = "NODATA" },
	{ "zeroes", "nul", .want = DAMAGED, .gpgv = "" },
	{ "a key", "key-file", .want = DAMAGED },
	{ "a whole signed message", "inline", .want = DAMAGED },
	{ "clearsigned", "clearsigned", .want = DAMAGED },
	{ "a compressed bomb", "bomb", .want = DAMAGED },
	{ "of an unknown algorithm", "unknown-algorithm", .want = DAMAGED },
	{ "of an unknown version", "unknown-version", .want = DAMAGED },
	{ "of endless length", "endless-length", .want = TRUSTED, .gpgv = "GOODSIG" },
	{ "16 KiB", "16-KiB", .want = TRUSTED, .key = "good", .gpgv = "GOODSIG" },
	{ "17 KiB", "17-KiB", .want = DAMAGED, .detail = "16384" },

	{ "one byte of the data changed", "good", .want = BAD, .key = "good",
	  .detail = "changed", .gpgv = "BADSIG", .data = "data.changed" },
	{ "no data", "good", .want = BAD, .key = "good", .gpgv = "BADSIG",
	  .data = "empty" },
	{ "one byte of the signature changed", "flipped", .want = BAD, .key = "good",
	  .gpgv = "BADSIG" },

	{ "two, one a stranger's", "good+stranger", .want = TRUSTED, .key = "good",
	  .gpgv = "GOODSIG" },
	{ "two, both ours", "good+partner", .want = TRUSTED, .key = "good",
	  .gpgv = "GOODSIG" },
	{ "two, one revoked", "good+revoked", .want = TRUSTED, .key = "good" },
	{ "two, one weak", "weak+partner", .want = TRUSTED, .key = "partner",
	  .gpgv = "GOODSIG" },
	{ "two, expired and a stranger's", "expired+stranger", .want = EXPIRED,
	  .key = "expired" },
	{ "two, one bad", "good+flipped", .want = BAD, .key = "good", .gpgv = "BADSIG" },
	{ "two, the first bad", "flipped+good", .want = BAD, .key = "good",
	  .gpgv = "BADSIG" },
	{ "two, one of other data", "good+other-data", .want = BAD, .key = "good",
	  .gpgv = "BADSIG" },
	{ "two, a stranger's and a bad one", "stranger+other-data", .want = BAD,
	  .key = "good", .gpgv = "BADSIG" },
	{ "two, one of the future", "good+unknown-version", .want = DAMAGED },
	{ "eight", "eight", .want = TRUSTED, .key = "good", .gpgv = "GOODSIG" },
	{ "nine", "nine", .want = DAMAGED, .detail = "more than 8" },

	{ "by a subkey spliced into a key of ours", "foreign-subkey", .want = UNKNOWN,
	  .key = "id", .set = "spliced" },
	{ "the same, its binding left out", "foreign-subkey", .want = UNKNOWN,
	  .key = "id", .set = "unbound" },
	{ "by the key it was spliced into", "good", .want = TRUSTED, .key = "good",
	  .set = "spliced" },
	{ "our key file is cut short", "good", .want = UNKNOWN, .key = "id",
	  .set = "cut" },
	// clang-format on
};

static char *load(const char *folder, const char *name, size_t *ret_len)
{
	SP_AUTO(sp_closep) int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct sp_error err = SP_ERROR_INIT;
	char *bytes = NULL;

	assert_true(fd >= 0);
	assert_int_equal(sp_file_load(fd, name, 1 << 20, &bytes, ret_len, &err), 0);
	return bytes;
}

/* Key files of a folder: one of the sets, or one key by name. */
static void load_keys(const char *folder, const char *prefix, const char *name,
		      struct sp_keys *keys)
{
	SP_AUTO(sp_str_freep) char *file = sp_text_format("%s%s", prefix, name);
	SP_AUTO(sp_str_freep) char *bytes = NULL;
	struct sp_error err = SP_ERROR_INIT;
	size_t len = 0;

	bytes = load(folder, file, &len);
	assert_int_equal(sp_keys_add_bytes(keys, file, bytes, len, &err), 0);
}

static char *fingerprint_of(const char *name)
{
	size_t len = 0;
	SP_AUTO(sp_str_freep) char *all = load(KEYS, "fingerprints", &len);
	SP_AUTO(sp_str_freep) char *start = sp_text_format("%s ", name);

	for (char *at = all; at && *at; at = strchr(at, '\n'), at += at ? 1 : 0)
		if (sp_text_starts_with(at, start))
			return strndup(at + strlen(start), 40);
	fail_msg("no key '%s'", name);
	return NULL;
}

/* Does gpgv give @status, and none of the others that would contradict it? */
static void ask_gpgv(const struct row *row)
{
	SP_AUTO(sp_str_freep) char *ring = NULL, *sig = NULL, *data = NULL;
	SP_AUTO(sp_str_freep) char *want = NULL, *output = NULL;
	const char *argv[] = {
		"/usr/bin/gpgv", "--status-fd", "1", "--keyring", NULL, NULL, NULL, NULL
	};
	struct sp_child_result result = { 0 };
	struct sp_error err = SP_ERROR_INIT;

	ring = sp_text_format("%s/ring.%s", SIGNATURES, row->set ? row->set : "all");
	sig = sp_text_format("%s/%s", SIGNATURES, row->signature);
	data = sp_text_format("%s/%s", SIGNATURES, row->data ? row->data : "data");
	argv[4] = ring;
	argv[5] = sig;
	argv[6] = data;
	assert_int_equal(sp_child_run(argv, NULL, 10000, &result, &err), 0);
	output = result.output;
	want = sp_text_format("[GNUPG:] %s ", row->gpgv);
	if (*row->gpgv && !strstr(output, want))
		fail_msg("gpgv does not say %s, but:\n%s", row->gpgv, output);
	if (row->want != TRUSTED && row->want != WEAK && strstr(output, " GOODSIG ") &&
	    !strstr(output, " BADSIG "))
		fail_msg("gpgv calls it good:\n%s", output);
}

static void expect_key(const struct row *row, const struct sp_trust *got)
{
	SP_AUTO(sp_str_freep) char *want = NULL;

	if (!row->key)
		return;
	assert_non_null(got->key);
	if (strcmp(row->key, "id") == 0) {
		assert_int_equal(strlen(got->key), 16);
		assert_null(got->user_id);
		return;
	}
	want = fingerprint_of(row->key);
	assert_string_equal(got->key, want);
	assert_non_null(strstr(got->user_id, row->key));
}

static void expect(const struct row *row, const struct sp_trust *got)
{
	if (got->state != (enum sp_trust_state)row->want)
		fail_msg("%s (%s), not %s", sp_trust_state_name(got->state),
			 got->detail ? got->detail : "-",
			 sp_trust_state_name((enum sp_trust_state)row->want));
	assert_int_equal(got->detail == NULL, row->want == TRUSTED);
	if (row->detail && !strstr(got->detail, row->detail))
		fail_msg("'%s' does not say '%s'", got->detail, row->detail);
	expect_key(row, got);
}

/* Kept from row to row while they need the same: to make it is most of the work. */
static struct {
	const char *set;
	int64_t now;
	struct sp_keys trusted;
	struct sp_verifier *verifier;
} kept;

static void drop_kept(void)
{
	sp_verifier_free(kept.verifier);
	sp_keys_done(&kept.trusted);
	memset(&kept, 0, sizeof kept);
}

static struct sp_verifier *verifier_for(const struct row *row)
{
	struct sp_verifier_options options = { .now = row->now };
	const char *set = row->set ? row->set : "all";
	struct sp_error err = SP_ERROR_INIT;

	if (kept.verifier && strcmp(kept.set, set) == 0 && kept.now == row->now)
		return kept.verifier;
	drop_kept();
	kept.set = set;
	kept.now = row->now;
	if (strcmp(set, "none") != 0)
		load_keys(SIGNATURES, "keys.", set, &kept.trusted);
	assert_int_equal(sp_verifier_new(&kept.trusted, &options, &kept.verifier, &err),
			 0);
	return kept.verifier;
}

static void is_worth_what_table_says(void **state)
{
	const struct row *row = *state;
	SP_AUTO(sp_keys_done) struct sp_keys offered = { 0 };
	struct sp_verifier *verifier = verifier_for(row);
	SP_AUTO(sp_trust_done) struct sp_trust got = { 0 };
	SP_AUTO(sp_str_freep) char *data = NULL, *sig = NULL;
	struct sp_error err = SP_ERROR_INIT;
	size_t len = 0, sig_len = 0;
	int r;

	data = load(SIGNATURES, row->data ? row->data : "data", &len);
	sig = row->signature ? load(SIGNATURES, row->signature, &sig_len) : NULL;
	if (row->offered && *row->offered)
		load_keys(KEYS "/public", "RPM-GPG-KEY-", row->offered, &offered);
	else if (row->offered)
		load_keys(SIGNATURES, "", "text-file", &offered);
	sp_verifier_offer(verifier, &offered);
	r = sp_verifier_check(verifier, data, len, sig, sig_len, &got, &err);
	sp_verifier_offer(verifier, NULL);
	if (r < 0)
		fail_msg("%s", err.text);
	expect(row, &got);
	if (row->gpgv)
		ask_gpgv(row);
}

/* ---- where GnuPG is not what it should be ----------------------------------- */

static const struct program_row {
	const char *name, *text; /* NULL text: the name is the program's path */
	int want;                /* never 0 with state trusted */
} programs[] = {
	// clang-format off
	{ "/nonexistent/gpg", NULL, -SP_ERR_INTERNAL },
	{ "/bin/true", NULL, -SP_ERR_INTERNAL },
	{ "/bin/cat", NULL, -SP_ERR_INTERNAL },
	{ "an old one", "echo 'gpg (GnuPG) 2.0.22'\n", -SP_ERR_INTERNAL },
	{ "one that says nothing more",
	  "case $1 in --version) echo 'gpg (GnuPG) 2.2.40' ;; esac\n", DAMAGED },
	{ "one that fails",
	  "case $1 in --version) echo 'gpg (GnuPG) 2.2.40' ;; *) exit 2 ;; esac\n", DAMAGED },
	{ "one that hangs",
	  "case $1 in --version) echo 'gpg (GnuPG) 2.2.40' ;; *) exec sleep 5 ;; esac\n",
	  -SP_ERR_TIMEOUT },
	{ "one that answers garbage",
	  "case $1 in --version) echo 'gpg (GnuPG) 2.2.40' ;; *) while :; do case $1 in "
	  "--status-fd) eval 'head -c 1000000 /dev/urandom >&'$2; exit ;; esac; shift; done "
	  ";; esac\n", DAMAGED },
	{ "one that calls all good, by no key of ours",
	  "case $1 in --version) echo 'gpg (GnuPG) 2.2.40' ;; *) while :; do case $1 in "
	  "--status-fd) eval 'echo \"[GNUPG:] NEWSIG\n[GNUPG:] GOODSIG 4B154504AC0EAD71 me\n"
	  "[GNUPG:] VALIDSIG 925E5AD5A9BCA76779628B514B154504AC0EAD71 2023-11-14 1700000000 0 4 "
	  "0 1 10 00 925E5AD5A9BCA76779628B514B154504AC0EAD71\" >&'$2; exit ;; esac; shift; done "
	  ";; esac\n", UNKNOWN },
	// clang-format on
};

static void is_never_trusted(void **state)
{
	const struct program_row *row = *state;
	SP_AUTO(sp_keys_done) struct sp_keys trusted = { 0 };
	SP_AUTO(sp_verifier_freep) struct sp_verifier *verifier = NULL;
	SP_AUTO(sp_trust_done) struct sp_trust got = { 0 };
	SP_AUTO(sp_str_freep) char *data = NULL, *sig = NULL, *script = NULL;
	struct sp_verifier_options options = { .gpg = row->name };
	char path[] = "/tmp/test-gpg.XXXXXX";
	struct sp_error err = SP_ERROR_INIT;
	size_t len = 0, sig_len = 0;
	int fd, r;

	if (row->want == -SP_ERR_TIMEOUT)
		options.deadline_ms = 1000;
	if (row->text) {
		script = sp_text_format("#!/bin/sh\n%s", row->text);
		fd = mkstemp(path);
		assert_int_equal(sp_file_write_all(fd, script, strlen(script), &err), 0);
		assert_int_equal(fchmod(fd, 0700), 0);
		sp_closep(&fd);
		options.gpg = path;
	}
	load_keys(SIGNATURES, "keys.", "all", &trusted);
	data = load(SIGNATURES, "data", &len);
	sig = load(SIGNATURES, "good", &sig_len);
	assert_int_equal(sp_verifier_new(&trusted, &options, &verifier, &err), 0);
	r = sp_verifier_check(verifier, data, len, sig, sig_len, &got, &err);
	if (row->text)
		assert_int_equal(unlink(path), 0);
	if (r < 0)
		assert_int_equal(r, row->want);
	else
		assert_int_equal(got.state, row->want);
}

/* ---- the rest ---------------------------------------------------------------- */

static int count_entries(const char *path)
{
	DIR *dir = opendir(path);
	int n = 0;

	assert_non_null(dir);
	while (readdir(dir))
		n++;
	(void)closedir(dir);
	return n - 2;
}

static void nothing_is_left_behind(void **state)
{
	SP_AUTO(sp_keys_done) struct sp_keys trusted = { 0 }, offered = { 0 };
	SP_AUTO(sp_verifier_freep) struct sp_verifier *verifier = NULL;
	SP_AUTO(sp_trust_done) struct sp_trust got = { 0 };
	char scratch[] = "/tmp/test-verifier.XXXXXX";
	struct sp_verifier_options options = { .scratch = scratch };
	struct sp_error err = SP_ERROR_INIT;

	(void)state;
	assert_non_null(mkdtemp(scratch));
	load_keys(SIGNATURES, "keys.", "all", &trusted);
	load_keys(KEYS "/public", "RPM-GPG-KEY-", "stranger", &offered);
	assert_int_equal(sp_verifier_new(&trusted, &options, &verifier, &err), 0);
	sp_verifier_offer(verifier, &offered);
	/* No signature, no program, no directory. */
	assert_int_equal(sp_verifier_check(verifier, "x", 1, NULL, 0, &got, &err), 0);
	assert_int_equal(count_entries(scratch), 0);
	sp_trust_done(&got);
	assert_int_equal(sp_verifier_check(verifier, "x", 1, "y", 1, &got, &err), 0);
	assert_int_equal(count_entries(scratch), 1);
	sp_verifier_free(sp_steal(verifier));
	assert_int_equal(count_entries(scratch), 0);
	assert_int_equal(rmdir(scratch), 0);
}

static int check_in_worker(void *arg, struct sp_outlet *outlet, struct sp_error *err)
{
	SP_AUTO(sp_keys_done) struct sp_keys trusted = { 0 };
	SP_AUTO(sp_verifier_freep) struct sp_verifier *verifier = NULL;
	SP_AUTO(sp_trust_done) struct sp_trust got = { 0 };
	SP_AUTO(sp_str_freep) char *data = NULL, *sig = NULL;
	size_t len = 0, sig_len = 0;
	int r;

	(void)arg;
	(void)outlet;
	load_keys(SIGNATURES, "keys.", "all", &trusted);
	data = load(SIGNATURES, "data", &len);
	sig = load(SIGNATURES, "good", &sig_len);
	r = sp_verifier_new(&trusted, NULL, &verifier, err);
	if (r == 0)
		r = sp_verifier_check(verifier, data, len, sig, sig_len, &got, err);
	return r < 0 ? r
		     : sp_error_set(err, SP_ERR_INTERNAL, "it is %s",
				    sp_trust_state_name(got.state));
}

static void works_without_privileges(void **state)
{
	struct sp_worker_job job = { .what = "checking", .run = check_in_worker };
	struct sp_error err = SP_ERROR_INIT;

	(void)state;
	job.limits.file_bytes = 4 << 20;
	assert_int_equal(sp_worker_run(&job, NULL, &err), -SP_ERR_INTERNAL);
	assert_string_equal(err.text, "it is trusted");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_left_behind),
		cmocka_unit_test(works_without_privileges),
	};

	int failed = table_run("verifier", rows, is_worth_what_table_says);

	drop_kept();
	return failed + table_run("programs", programs, is_never_trusted) +
	       cmocka_run_group_tests(tests, NULL, NULL);
}
