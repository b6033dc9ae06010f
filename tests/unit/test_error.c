/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/error.h"

#include "support/table.h"

#include <errno.h>
#include <string.h>

static void says_what_failed(void **state)
{
	struct sp_error err = SP_ERROR_INIT;

	(void)state;
	assert_int_equal(sp_error_set(&err, SP_ERR_NO_PACK, "no pack on '%s'", "sr0"),
			 -SP_ERR_NO_PACK);
	assert_string_equal(err.text, "no pack on 'sr0'");
	assert_int_equal(err.sys_errno, 0);
	assert_int_equal(sp_error_set_errno(&err, EIO, "reading '%s'", "sr0"),
			 -SP_ERR_IO);
	assert_string_equal(err.text, "reading 'sr0': Input/output error");
	assert_int_equal(err.sys_errno, EIO);
	assert_int_equal(sp_error_context(&err, "pack %d", 7), -SP_ERR_IO);
	assert_string_equal(err.text, "pack 7: reading 'sr0': Input/output error");
	assert_int_equal(err.sys_errno, EIO);
	assert_int_equal(sp_error_nomem(&err), -SP_ERR_NOMEM);
}

static void cuts_what_is_too_long(void **state)
{
	struct sp_error err = SP_ERROR_INIT;
	char longer[2000];

	(void)state;
	memset(longer, 'x', sizeof longer - 1);
	longer[sizeof longer - 1] = '\0';
	(void)sp_error_set(&err, SP_ERR_IO, "%s", longer);
	assert_int_equal(strlen(err.text), sizeof err.text - 1);
	assert_string_equal(err.text + sizeof err.text - 5, "x...");
	(void)sp_error_set_errno(&err, EIO, "%s", longer);
	assert_int_equal(strlen(err.text), sizeof err.text - 1);
	(void)sp_error_set(&err, SP_ERR_IO, "short");
	(void)sp_error_context(&err, "%s", longer);
	assert_int_equal(strlen(err.text), sizeof err.text - 1);
	assert_string_equal(err.text + sizeof err.text - 4, "...");
}

static void the_longest_that_fits_is_whole(void **state)
{
	struct sp_error err = SP_ERROR_INIT;
	char text[sizeof err.text];

	(void)state;
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	(void)sp_error_set(&err, SP_ERR_IO, "%s", text);
	assert_string_equal(err.text, text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_what_failed),
		cmocka_unit_test(cuts_what_is_too_long),
		cmocka_unit_test(the_longest_that_fits_is_whole),
	};

	return cmocka_run_group_tests_name("error", tests, NULL, NULL);
}
