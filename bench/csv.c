/* SPDX-License-Identifier: BSD-3-Clause */
/* Reads a numeric table of 200 MB (made first: 20 columns, all digits written) with two threads, five times.  Claim:
 * the heap stays below twice the table, and the sums of the columns are those that were written.  The comparison with
 * pyarrow and pandas is bench/peers/bench_csv.py.
 *     bench_csv [FILE]        FILE: read this one instead */
#include "base/control.h"
#include "base/number.h"
#include "base/random.h"
#include "data/table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N_COLUMNS = 20, N_RUNS = 5 };
static const double n_bytes_wanted = 200e6;

/* An allocator that knows how much is in use: the size of each piece stands in front of it. */
typedef struct usage {
    size_t now, peak;
} usage;

static void *counting_resize(void *user, void *pointer, size_t n_bytes)
{
    usage *heap = user;
    size_t *old = pointer ? (size_t *)pointer - 2 : NULL, before = old ? old[0] : 0;
    size_t *made = realloc(old, n_bytes + 2 * sizeof *made);
    if (!made) return NULL;
    made[0] = n_bytes;
    size_t now = __atomic_add_fetch(&heap->now, n_bytes - before, __ATOMIC_RELAXED);
    if (now > heap->peak) heap->peak = now; /* the large pieces are made by one thread */
    return made + 2;
}

static void counting_release(void *user, void *pointer)
{
    usage *heap = user;
    size_t *made = (size_t *)pointer - 2;
    __atomic_sub_fetch(&heap->now, made[0], __ATOMIC_RELAXED);
    free(made);
}

static bool write_table(const char *path, double *sum)
{
    FILE *file = fopen(path, "w");
    if (!file) return false;
    az_stream stream = az_stream_new(1, "bench");
    double n_bytes = 0;
    for (int j = 0; j < N_COLUMNS; j++) n_bytes += fprintf(file, "x%d%c", j, j + 1 < N_COLUMNS ? ',' : '\n');
    for (uint64_t row = 0; n_bytes < n_bytes_wanted; row++) {
        for (uint32_t j = 0; j < N_COLUMNS; j++) {
            char text[AZ_NUMBER_MAX + 1];
            double value = (az_random_uniform(stream, row, j) - 0.5) * pow(10, (int)j % 5 - 1);
            size_t length = az_print_double(text, value);
            text[length++] = j + 1 < N_COLUMNS ? ',' : '\n';
            n_bytes += (double)fwrite(text, 1, length, file);
            *sum += value;
        }
    }
    return fclose(file) == 0;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    const char *path = argc > 1 ? argv[1] : "bench-csv.csv";
    usage heap = {0};
    double written = 0, seconds[N_RUNS], sum = 0, table_bytes = 1;
    if (argc < 2 && !write_table(path, &written)) {
        fprintf(stderr, "%s cannot be written\n", path);
        return 73;
    }
    az_set_allocator(&(az_allocator){counting_resize, counting_release, &heap});
    az_control control = {.n_threads = 2};
    for (int run = 0; run < N_RUNS; run++) {
        az_table *table = NULL;
        double start = az_seconds();
        if (az_table_read(&table, path, NULL, &control)) {
            fprintf(stderr, "%s\n", az_error_message());
            return 65;
        }
        seconds[run] = az_seconds() - start;
        table_bytes = (double)table->n_rows * (double)table->n_columns * sizeof(double);
        sum = 0;
        for (int64_t i = 0; i < table->n_rows; i++)
            for (int64_t j = 0; j < table->n_columns; j++) sum += az_table_number(table, i, j);
        az_table_free(table);
    }
    if (argc < 2) remove(path);
    qsort(seconds, N_RUNS, sizeof seconds[0], ascending);
    double ratio = (double)heap.peak / table_bytes;
    bool agree = argc > 1 || sum == written;
    printf("{\"bench\": \"csv\", \"threads\": 2, \"seconds\": %.4f, \"least\": %.4f, \"heap_over_table\": %.3f, "
           "\"sum_agrees\": %s}\n",
           seconds[N_RUNS / 2], seconds[0], ratio, agree ? "true" : "false");
    return agree && ratio < 2 ? 0 : 1;
}
