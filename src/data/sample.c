/* SPDX-License-Identifier: BSD-3-Clause */
#include "data/sample.h"

#include "base/control.h"
#include "base/random.h"
#include "data/derive.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct az_sampler {
    int64_t n;
    az_stream stream;
    az_collection *pool; /* the rows that may still be in the sample: up to twice as many */
    double threshold;    /* rows with greater numbers are out */
    int64_t *must;       /* numbers of the rows that are kept whatever their number, ascending */
    int64_t n_must, must_capacity;
};

void az_sampler_free(az_sampler *sampler)
{
    if (!sampler) return;
    az_collection_free(sampler->pool);
    az_free(sampler->must);
    az_free(sampler);
}

az_status az_sampler_new(az_sampler **result, int64_t n, uint64_t seed)
{
    az_sampler *sampler;
    AZ_TRY(AZ_NEW_ZERO(sampler));
    sampler->n = n;
    sampler->stream = az_stream_new(seed, "sample of rows");
    sampler->threshold = 1;
    az_status status = az_collection_new(&sampler->pool);
    if (status)
        az_sampler_free(sampler);
    else
        *result = sampler;
    return status;
}

static double key_of(const az_sampler *sampler, const az_table *table, int64_t row)
{
    return az_random_uniform(sampler->stream, (uint64_t)az_table_row_number(table, row), 0);
}

static int compare_numbers(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int compare_rows(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static bool is_must(const az_sampler *sampler, int64_t number)
{
    return sampler->n_must &&
           bsearch(&number, sampler->must, (size_t)sampler->n_must, sizeof number, compare_rows) != NULL;
}

static az_status remember(az_sampler *sampler, int64_t number)
{
    if (sampler->n_must == sampler->must_capacity) {
        int64_t capacity = sampler->must_capacity ? 2 * sampler->must_capacity : 64;
        int64_t *must = az_realloc_array(sampler->must, capacity, sizeof *must);
        if (!must) return AZ_ERROR_MEMORY;
        sampler->must = must;
        sampler->must_capacity = capacity;
    }
    sampler->must[sampler->n_must++] = number;
    return AZ_OK;
}

static az_status add_rows(az_sampler *sampler, const az_table *from, const int64_t *kept, int64_t n_kept)
{
    az_table *chosen;
    if (n_kept == 0) return AZ_OK;
    AZ_TRY(az_table_view(&chosen, from));
    az_status status = n_kept < from->n_rows ? az_table_keep_rows(chosen, kept, n_kept) : AZ_OK;
    if (!status) status = az_collection_add(sampler->pool, chosen, -1);
    az_table_free(chosen);
    return status;
}

/* Lowers the threshold so that n rows are left, and takes the others out of the pool. */
static az_status prune(az_sampler *sampler)
{
    az_table *table = NULL;
    double *keys = NULL;
    int64_t *kept = NULL, n_kept = 0;
    az_status status;
    AZ_TRY(az_collection_take(sampler->pool, &table));
    int64_t n_rows = table->n_rows;
    AZ_GOTO(AZ_NEW_ARRAY(keys, n_rows));
    AZ_GOTO(AZ_NEW_ARRAY(kept, n_rows));
    for (int64_t i = 0; i < n_rows; i++) keys[i] = key_of(sampler, table, i);
    qsort(keys, (size_t)n_rows, sizeof *keys, compare_numbers);
    if (n_rows > sampler->n && keys[sampler->n - 1] < sampler->threshold) sampler->threshold = keys[sampler->n - 1];
    for (int64_t i = 0; i < n_rows; i++)
        if (key_of(sampler, table, i) <= sampler->threshold || is_must(sampler, az_table_row_number(table, i)))
            kept[n_kept++] = i;
    AZ_GOTO(add_rows(sampler, table, kept, n_kept));
done:
    az_free(keys);
    az_free(kept);
    az_table_free(table);
    return status;
}

az_status az_sampler_add(az_sampler *sampler, const az_table *block, const unsigned char *usable,
                         const unsigned char *must)
{
    int64_t *kept, n_kept = 0;
    az_status status = AZ_OK;
    AZ_TRY(AZ_NEW_ARRAY(kept, block->n_rows));
    for (int64_t i = 0; i < block->n_rows; i++) {
        if (usable && !usable[i]) continue;
        bool asked = must && must[i];
        if (asked) AZ_GOTO(remember(sampler, az_table_row_number(block, i)));
        if (asked || key_of(sampler, block, i) <= sampler->threshold) kept[n_kept++] = i;
    }
    AZ_GOTO(add_rows(sampler, block, kept, n_kept));
    if (az_collection_n_rows(sampler->pool) > 2 * sampler->n + sampler->n_must) status = prune(sampler);
done:
    az_free(kept);
    return status;
}

az_status az_sampler_take(az_sampler *sampler, az_table **table)
{
    if (az_collection_n_rows(sampler->pool) > sampler->n) AZ_TRY(prune(sampler));
    return az_collection_take(sampler->pool, table);
}

az_status az_table_sample(az_table **table, az_source *source, int64_t n, uint64_t seed, int64_t *n_seen,
                          const az_control *control)
{
    az_sampler *sampler;
    az_status status;
    *n_seen = 0;
    AZ_TRY(az_sampler_new(&sampler, n, seed));
    for (;;) {
        const az_table *block;
        AZ_GOTO(az_source_next(source, &block, control));
        if (!block) break;
        *n_seen += block->n_rows;
        AZ_GOTO(az_sampler_add(sampler, block, NULL, NULL));
        AZ_GOTO(az_check_interrupt(control));
    }
    AZ_GOTO(az_sampler_take(sampler, table));
done:
    az_sampler_free(sampler);
    return status;
}
