/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Growing arrays of structs: `items` and `n` side by side, grown by doubling.
 *
 *         struct sp_device *device = sp_array_add(&list->items, &list->n);
 *         if (!device)
 *                 return sp_error_nomem(err);
 */

#include <stddef.h>

/* A zeroed new last element of the array whose pointer is at @items and whose
 * count is at @n; NULL when out of memory (nothing changed).  The array must
 * only ever have been grown by this function. */
#define sp_array_add(items, n) \
	((__typeof__(*(items)))sp_array_grow_((void **)(items), (n), sizeof **(items)))

/* Behind the macro: not to be called. */
void *sp_array_grow_(void **items, size_t *n, size_t item_size);
