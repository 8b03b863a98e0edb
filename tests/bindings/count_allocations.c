/* SPDX-License-Identifier: BSD-3-Clause */
/* malloc and its kin, counted for the whole program, whoever calls: a library that stands before libc.  The Fortran
 * compiler's own temporary arrays are found so. */
#include <stddef.h>

extern void *__libc_malloc(size_t n_bytes);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *pointer, size_t n_bytes);

static long n_allocations;

long count_allocations(void)
{
    return n_allocations;
}

void *malloc(size_t n_bytes)
{
    n_allocations++;
    return __libc_malloc(n_bytes);
}

void *calloc(size_t count, size_t size)
{
    n_allocations++;
    return __libc_calloc(count, size);
}

void *realloc(void *pointer, size_t n_bytes)
{
    n_allocations++;
    return __libc_realloc(pointer, n_bytes);
}
