/* SPDX-License-Identifier: BSD-3-Clause */
/* The right way to do what seeded_race.c does: each block writes to its own place, and the places are added after the
 * loop's barrier.  Without Archer the sanitizer does not see that barrier and reports a race that is none. */
#define _GNU_SOURCE /* usleep */
#include "base/parallel.h"

#include <stdio.h>
#include <unistd.h>

static void fill(void *context, int64_t block, int thread)
{
    (void)thread;
    usleep(100); /* so that no thread gets all the blocks */
    ((double *)context)[block] = (double)block;
}

int main(void)
{
    static double slots[64];
    for (int repeat = 0; repeat < 20; repeat++) {
        az_parallel(4, 64, fill, slots);
        az_tree_sum(slots, 64, 1);
    }
    printf("%g\n", slots[0]);
    return slots[0] != 2016.0;
}
