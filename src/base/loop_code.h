/* SPDX-License-Identifier: BSD-3-Clause */
/* Machine code, made at run time, of one loop over arrays that works out several elementwise operations at once: what
 * one hands to the next stays in a register, where a loop for each would write it and read it again.
 *
 * Bits.  Every operation is the CPU's own, rounded by itself in the order given: the results are those of a loop for
 * each. */
#ifndef AZ_BASE_LOOP_CODE_H
#define AZ_BASE_LOOP_CODE_H

#include "base/isa.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How an array is walked as the loops go over `outer` and `inner`. */
typedef enum az_walk {
    AZ_WALK_ALL,   /* element outer * n_inner + inner */
    AZ_WALK_OUTER, /* element outer */
    AZ_WALK_INNER, /* element inner */
    AZ_WALK_ONE    /* the same element */
} az_walk;

enum { AZ_LOOP_STEPS = 40, AZ_LOOP_ARRAYS = 64 };

typedef struct az_loop_step {
    unsigned op;       /* AZ_OP_IS_ADD, ... (ansatz/op.h) */
    int16_t n, in[3];  /* an earlier step, or -1 - array; a mask is that of an earlier step, and stays in the loop */
    int16_t result_in; /* array (walked over all) where the result goes; -1: none */
} az_loop_step;

/* array[k]: where array k begins.  n_inner is a multiple of az_loop_lanes, or n_outer is 1 and it is all there is. */
typedef void az_loop_code(int64_t n_outer, int64_t n_inner_bytes, void *const *array);

/* Elements of a vector; 0: no code is made for this instruction set. */
int az_loop_lanes(az_isa isa, bool is_double);
/* Writes the code of a loop, which may be moved, to `code`; *entry is where it begins.  Returns its length; 0: there
 * are not enough registers or bytes. */
size_t az_loop_write(az_isa isa, bool is_double, const az_loop_step *steps, int n_steps, const az_walk *walks,
                     int n_arrays, unsigned char *code, size_t capacity, size_t *entry);

/* Pages with a copy of the code that can be run; NULL where the system allows none, or has no room. */
void *az_loop_pages(const void *code, size_t length);
void az_loop_free(void *pages, size_t length);

#endif
