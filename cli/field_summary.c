/* SPDX-License-Identifier: BSD-3-Clause */
/* The numbers of a field at a glance, whatever its size: blocks of a few megabytes are read, looked at and let go. */
#include "show_fields.h"

#include "base/memory.h"

#define BLOCK_VALUES ((int64_t)1 << 20)

/* A field cut into blocks: whole in the dimensions behind `cut`, in runs of `run` along it, one by one before it. */
typedef struct blocks {
    int64_t n_dims, cut, run, n;
    int64_t first[AZ_FIELD_DIMS], size[AZ_FIELD_DIMS];
} blocks;

static void cut_field(const cli_fields *fields, int64_t field, blocks *cut)
{
    const az_dataset *dataset = fields->dataset;
    *cut = (blocks){.n_dims = az_dataset_field_n_dimensions(dataset, field), .n = 1, .run = 1};
    for (int64_t d = 0; d < cut->n_dims; d++) {
        int64_t dimension = az_dataset_field_dimension(dataset, field, d);
        cut->first[d] = fields->first[dimension];
        cut->size[d] = fields->count[dimension];
    }
    int64_t whole = 1;
    cut->cut = cut->n_dims - 1;
    while (cut->cut > 0 && whole * cut->size[cut->cut] <= BLOCK_VALUES) whole *= cut->size[cut->cut--];
    if (cut->n_dims == 0) return;
    int64_t run = whole > 0 ? BLOCK_VALUES / whole : 1, size = cut->size[cut->cut];
    cut->run = run < 1 ? 1 : run < size ? run : size > 0 ? size : 1;
    cut->n = (size + cut->run - 1) / cut->run;
    for (int64_t d = 0; d < cut->cut; d++) cut->n *= cut->size[d];
}

/* Where block number b lies; returns how many values it has. */
static int64_t place_block(const blocks *cut, int64_t b, int64_t start[AZ_FIELD_DIMS], int64_t count[AZ_FIELD_DIMS])
{
    int64_t n = 1;
    for (int64_t d = cut->n_dims - 1; d >= 0; d--) {
        start[d] = 0;
        count[d] = cut->size[d];
        if (d <= cut->cut) {
            int64_t run = d == cut->cut ? cut->run : 1, n_runs = (cut->size[d] + run - 1) / run;
            start[d] = b % n_runs * run;
            count[d] = start[d] + run > cut->size[d] ? cut->size[d] - start[d] : run;
            b /= n_runs;
        }
        n *= count[d];
        start[d] += cut->first[d];
    }
    return n;
}

az_status cli_field_summarise(const cli_fields *fields, int64_t field, cli_field_summary *summary)
{
    const az_dataset *dataset = fields->dataset;
    blocks cut;
    cut_field(fields, field, &cut);
    *summary = (cli_field_summary){.n_blocks = cut.n, .every = 1 + (cut.n * BLOCK_VALUES - 1) / CLI_FIELD_LIMIT};
    cli_summary_begin(&summary->summary);
    if (cut.n == 0) return AZ_OK;
    double *values;
    AZ_TRY(AZ_NEW_ARRAY(values, BLOCK_VALUES));
    az_status status = AZ_OK;
    bool one_block = cut.n == 1;
    for (int pass = 0; pass < 2 && !status; pass++)
        for (int64_t b = 0; b < cut.n && !status; b += summary->every) {
            int64_t start[AZ_FIELD_DIMS], count[AZ_FIELD_DIMS], n = place_block(&cut, b, start, count);
            status = az_check_interrupt(&fields->call->control);
            if (!status && (pass == 0 || !one_block)) status = az_dataset_read(dataset, field, start, count, values);
            if (status) break;
            if (pass == 0)
                cli_summary_add(&summary->summary, values, n, 1);
            else
                cli_summary_count(&summary->summary, values, n, 1);
        }
    az_free(values);
    return status;
}
