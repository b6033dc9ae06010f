/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/outcome.h"

#include "base/error.h"
#include "support/table.h"

#include <string.h>

struct row {
	const char *name;
	int exit;
};

// clang-format off
static const struct row rows[] = {
	{ "done", 0 }, { "failed", 1 }, { "usage", 2 }, { "unreachable", 10 },
	{ "no-pack", 11 }, { "untrusted", 12 }, { "damaged", 13 },
	{ "requirements", 14 }, { "not-for-this-machine", 15 }, { "load-failed", 16 },
	{ "not-bound", 17 }, { "declined", 18 }, { "would-lose", 19 },
	{ "transaction-failed", 20 },
};
// clang-format on

enum { N_ROWS = sizeof rows / sizeof rows[0] };

static void has_its_name_and_a_sentence(void **state)
{
	const struct row *row = *state;

	assert_string_equal(sp_outcome_name(row->exit), row->name);
	assert_true(strlen(sp_outcome_text(row->exit)) > 10);
	for (size_t i = 0; i < N_ROWS; i++)
		if (rows[i].exit != row->exit)
			assert_string_not_equal(sp_outcome_text(row->exit),
						sp_outcome_text(rows[i].exit));
}

static void a_number_that_is_none_is_failed(void **state)
{
	static const int numbers[] = { -1, 3, 9, 21, 255 };

	(void)state;
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
		assert_string_equal(sp_outcome_name(numbers[i]), "failed");
}

static void the_worse_is_our_own_failure_and_then_the_greater(void **state)
{
	(void)state;
	assert_int_equal(sp_outcome_worse(0, 0), 0);
	assert_int_equal(sp_outcome_worse(0, 11), 11);
	assert_int_equal(sp_outcome_worse(19, 12), 19);
	assert_int_equal(sp_outcome_worse(1, 20), 1);
	assert_int_equal(sp_outcome_worse(20, 1), 1);
	assert_int_equal(sp_outcome_worse(2, 0), 2);
}

static void every_code_has_an_exit_code_of_ours(void **state)
{
	(void)state;
	for (int code = SP_ERR_INTERNAL; code <= SP_ERR_WORKER; code++) {
		int exit = sp_error_exit_code((enum sp_code)code);

		assert_int_not_equal(exit, 0);
		if (exit != SP_EXIT_FAILED)
			assert_string_not_equal(sp_outcome_name(exit), "failed");
	}
	assert_int_equal(sp_error_exit_code((enum sp_code)0), SP_EXIT_FAILED);
	assert_int_equal(sp_error_exit_code((enum sp_code)(SP_ERR_WORKER + 1)),
			 SP_EXIT_FAILED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_number_that_is_none_is_failed),
		cmocka_unit_test(the_worse_is_our_own_failure_and_then_the_greater),
		cmocka_unit_test(every_code_has_an_exit_code_of_ours),
	};
	int failed = table_run("outcome", rows, has_its_name_and_a_sentence);

	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
