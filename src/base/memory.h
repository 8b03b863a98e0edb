/* SPDX-License-Identifier: BSD-3-Clause */
/* All allocation of the library goes through here, so that it can be counted and made to fail. */
#ifndef AZ_BASE_MEMORY_H
#define AZ_BASE_MEMORY_H

#include "base/status.h"

/* On failure: NULL, and the error text says how many bytes were asked for.  n_bytes 0 gives a valid pointer. */
void *az_alloc(size_t n_bytes);
void *az_alloc_zero(size_t n_bytes);
void *az_realloc(void *pointer, size_t n_bytes);
void az_free(void *pointer);

/* count elements of `size` bytes, NULL when the product overflows or count is negative.  The array is not cleared. */
void *az_alloc_array(int64_t count, size_t size);
void *az_realloc_array(void *pointer, int64_t count, size_t size);
char *az_strdup(const char *text);
char *az_strndup(const char *text, size_t length);

/* az_status out-parameter style: AZ_TRY(AZ_NEW_ARRAY(x, n)) sets x. */
#define AZ_NEW_ARRAY(pointer, count)                                                                       \
    (((pointer) = az_alloc_array((count), sizeof *(pointer))) ? AZ_OK : AZ_ERROR_MEMORY)
#define AZ_NEW_ZERO(pointer) (((pointer) = az_alloc_zero(sizeof *(pointer))) ? AZ_OK : AZ_ERROR_MEMORY)

/* An arena: many small allocations, one free.  Zero-initialise; az_arena_free releases all and clears it. */
typedef struct az_arena {
    struct az_arena_block *blocks;
} az_arena;
void *az_arena_alloc(az_arena *arena, size_t n_bytes); /* aligned to 16 */
char *az_arena_strndup(az_arena *arena, const char *text, size_t length);
void az_arena_free(az_arena *arena);
void az_arena_take(az_arena *arena, az_arena *from); /* what lies in `from` lives as long as `arena`; clears `from` */

#endif
