/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/array.h"

#include "support/table.h"

#include <stdlib.h>

struct item {
	size_t number;
	char *text;
};

static void grows_and_keeps_what_it_holds(void **state)
{
	struct item *items = NULL;
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < 1000; i++) {
		struct item *item = sp_array_add(&items, &n);

		assert_non_null(item);
		assert_ptr_equal(item, &items[i]);
		assert_int_equal(n, i + 1);
		assert_null(item->text);
		assert_int_equal(item->number, 0);
		*item = (struct item){ .number = i, .text = (char *)items };
	}
	for (size_t i = 0; i < n; i++)
		assert_int_equal(items[i].number, i);
	free(items);
}

static void zeroes_an_element_that_was_used_before(void **state)
{
	struct item *items = NULL;
	size_t n = 0;

	(void)state;
	*(struct item *)sp_array_add(&items, &n) = (struct item){ .number = 7 };
	n = 0;
	free(items);
	items = NULL;
	assert_int_equal(((struct item *)sp_array_add(&items, &n))->number, 0);
	items[0].number = 9;
	assert_non_null(sp_array_add(&items, &n));
	items[1].number = 9;
	n--;
	assert_int_equal(((struct item *)sp_array_add(&items, &n))->number, 0);
	free(items);
}

static void refuses_what_no_memory_can_hold(void **state)
{
	void *items = NULL;
	size_t n = 0;

	(void)state;
	assert_null(sp_array_grow_(&items, &n, SIZE_MAX / 2 + 1));
	assert_null(items);
	assert_int_equal(n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(grows_and_keeps_what_it_holds),
		cmocka_unit_test(zeroes_an_element_that_was_used_before),
		cmocka_unit_test(refuses_what_no_memory_can_hold),
	};

	return cmocka_run_group_tests_name("array", tests, NULL, NULL);
}
