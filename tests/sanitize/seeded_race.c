/* SPDX-License-Identifier: BSD-3-Clause */
/* A race on purpose: every block adds to the same number without synchronisation.  The thread sanitizer has to report
 * it; if it does not, its silence about the rest proves nothing. */
#define _GNU_SOURCE /* usleep */
#include "base/parallel.h"

#include <stdio.h>
#include <unistd.h>

static void add_unsynchronised(void *context, int64_t block, int thread)
{
    (void)thread;
    usleep(100); /* so that no thread gets all the blocks */
    *(volatile double *)context += (double)block;
}

int main(void)
{
    double sum = 0;
    az_parallel(4, 64, add_unsynchronised, &sum);
    printf("%g\n", sum);
    return 0;
}
