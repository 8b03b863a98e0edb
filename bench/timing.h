/* SPDX-License-Identifier: BSD-3-Clause */
/* What the programs of this folder share: data for their peers, and the order of times. */
#ifndef BENCH_TIMING_H
#define BENCH_TIMING_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* n raw doubles into folder/name. */
static inline void write_doubles(const char *folder, const char *name, const double *values, int64_t n)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(values, sizeof *values, (size_t)n, file) != (size_t)n || fclose(file) != 0) {
        perror(path);
        exit(1);
    }
}

/* For qsort: the middle of the sorted times is their median. */
static inline int by_size(const void *a, const void *b)
{
    double difference = *(const double *)a - *(const double *)b;
    return (difference > 0) - (difference < 0);
}

#endif
