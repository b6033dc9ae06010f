/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Growth without a stored capacity: it follows from the count, being the next power
 * of two, so a list stays a plain pair of pointer and number. */
#include "base/array.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Few: a pack has thousands of lists of one or two. */
enum { FIRST_ITEMS = 2 };

static bool is_full(size_t n)
{
	return n == 0 || (n >= FIRST_ITEMS && (n & (n - 1)) == 0);
}

static void *grown(void *old, size_t n, size_t item_size)
{
	size_t items = FIRST_ITEMS, bytes;

	if (n && __builtin_mul_overflow(n, (size_t)2, &items))
		return NULL;
	if (__builtin_mul_overflow(items, item_size, &bytes))
		return NULL;
	return realloc(old, bytes);
}

void *sp_array_grow_(void **items, size_t *n, size_t item_size)
{
	char *array;

	/* The caller's pointer has a type of its own: copied, not dereferenced. */
	memcpy(&array, items, sizeof array);
	if (is_full(*n)) {
		array = grown(array, *n, item_size);
		if (!array)
			return NULL;
		memcpy(items, &array, sizeof array);
	}
	memset(array + *n * item_size, 0, item_size);
	return array + (*n)++ * item_size;
}
