/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every signature of the factory over every data there is: what is good and what is bad is so
 * for gpgv as well, but for the limits that are ours. */
#include "base/child.h"
#include "base/file.h"
#include "base/inside.h"
#include "base/text.h"
#include "repo/keys.h"
#include "repo/pack.h"
#include "repo/verifier.h"
#include "support/table.h"

#include <fcntl.h>
#include <string.h>

enum { MIN_CASES = 100, MAX_NAMES = 1000 };

static int folder = -1;
static struct sp_keys trusted;
static struct sp_verifier *verifier;

static int setup(void **state)
{
	SP_AUTO(sp_str_freep) char *bytes = NULL;
	struct sp_verifier_options options = { 0 };
	struct sp_error err = SP_ERROR_INIT;
	size_t len = 0;

	(void)state;
	folder = open(SIGNATURES, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(sp_file_load(folder, "keys.all", 1 << 20, &bytes, &len, &err),
			 0);
	assert_int_equal(sp_keys_add_bytes(&trusted, "all", bytes, len, &err), 0);
	return sp_verifier_new(&trusted, &options, &verifier, &err);
}

static int teardown(void **state)
{
	(void)state;
	sp_verifier_free(verifier);
	sp_keys_done(&trusted);
	sp_closep(&folder);
	return 0;
}

static char *ask_gpgv(const char *name, const char *data)
{
	SP_AUTO(sp_str_freep) char *sig_path = NULL, *data_path = NULL;
	const char *argv[] = { "/usr/bin/gpgv",        "--status-fd", "1",  "--keyring",
			       SIGNATURES "/ring.all", NULL,          NULL, NULL };
	struct sp_child_result result = { 0 };
	struct sp_error err = SP_ERROR_INIT;

	argv[5] = sig_path = sp_text_format("%s/%s", SIGNATURES, name);
	argv[6] = data_path = sp_text_format("%s/%s", SIGNATURES, data);
	assert_int_equal(sp_child_run(argv, NULL, 10000, &result, &err), 0);
	return result.output;
}

static void judge(const char *name, const char *data, struct sp_trust *ret_trust)
{
	SP_AUTO(sp_str_freep) char *bytes = NULL, *sig = NULL;
	struct sp_error err = SP_ERROR_INIT;
	size_t len = 0, sig_len = 0;

	assert_int_equal(sp_file_load(folder, data, 1 << 20, &bytes, &len, &err), 0);
	assert_int_equal(sp_file_load(folder, name, 1 << 20, &sig, &sig_len, &err), 0);
	if (sp_verifier_check(verifier, bytes, len, sig, sig_len, ret_trust, &err) < 0)
		fail_msg("%s: %s", name, err.text);
}

/* More than gpgv minds. */
static bool is_our_limit(const struct sp_trust *trust)
{
	return trust->state == SP_TRUST_DAMAGED && strstr(trust->detail, "more than");
}

static bool agrees(const struct sp_trust *trust, const char *gpgv)
{
	bool bad = strstr(gpgv, "[GNUPG:] BADSIG ");
	bool good = strstr(gpgv, "[GNUPG:] GOODSIG ");
	bool other =
		strstr(gpgv, "[GNUPG:] EXPKEYSIG ") || strstr(gpgv, "[GNUPG:] EXPSIG ") ||
		strstr(gpgv, "[GNUPG:] REVKEYSIG ") || strstr(gpgv, "[GNUPG:] ERRSIG ") ||
		strstr(gpgv, "[GNUPG:] NODATA "); /* of a part of it */

	switch (trust->state) {
	case SP_TRUST_TRUSTED:
	case SP_TRUST_WEAK:
		return good && !bad;
	case SP_TRUST_BAD:
		return bad;
	case SP_TRUST_EXPIRED:
		return !bad && (!good || other);
	case SP_TRUST_UNKNOWN_KEY:
	case SP_TRUST_UNSIGNED:
	case SP_TRUST_REVOKED:
	case SP_TRUST_DAMAGED:
		break;
	}
	return is_our_limit(trust) || other || (!good && !bad);
}

static bool is_signature(const char *name)
{
	return !sp_text_starts_with(name, "data") &&
	       !sp_text_starts_with(name, "keys.") && !sp_text_starts_with(name, "ring.");
}

static void agree_on_every_signature(void **state)
{
	static const char *const datas[] = { "data", "data.changed" };
	SP_AUTO(sp_strv_done) struct sp_strv names = { 0 };
	struct sp_error err = SP_ERROR_INIT;
	size_t cases = 0;

	(void)state;
	assert_int_equal(sp_inside_list(folder, "", MAX_NAMES, &names, &err), 0);
	for (size_t i = 0; i < names.n; i++)
		for (size_t d = 0; is_signature(names.items[i]) && d < 2; d++) {
			SP_AUTO(sp_trust_done) struct sp_trust trust = { 0 };
			SP_AUTO(sp_str_freep)
			char *gpgv = ask_gpgv(names.items[i], datas[d]);

			judge(names.items[i], datas[d], &trust);
			if (!agrees(&trust, gpgv))
				fail_msg("%s over %s: %s (%s), but:\n%s", names.items[i],
					 datas[d], sp_trust_state_name(trust.state),
					 trust.detail ? trust.detail : "-", gpgv);
			cases++;
		}
	print_message("%zu cases\n", cases);
	assert_true(cases >= MIN_CASES);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(agree_on_every_signature) };

	return cmocka_run_group_tests(tests, setup, teardown);
}
