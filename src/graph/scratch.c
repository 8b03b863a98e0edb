/* SPDX-License-Identifier: BSD-3-Clause */
#include "graph/scratch.h"

#include "base/memory.h"

#include <string.h>

/* The first gap that is large enough. */
int64_t az_scratch_take(az_scratch *scratch, int64_t size, int64_t until)
{
    int64_t at = 0, i = 0;
    for (; i < scratch->n && scratch->parts[i].offset - at < size; i++)
        at = scratch->parts[i].offset + scratch->parts[i].size;
    if (scratch->n == scratch->capacity) {
        const int64_t wanted = scratch->capacity ? 2 * scratch->capacity : 32;
        void *grown = az_realloc_array(scratch->parts, wanted, sizeof *scratch->parts);
        if (!grown) {
            scratch->failed = true;
            return 0;
        }
        scratch->parts = grown;
        scratch->capacity = wanted;
    }
    memmove(scratch->parts + i + 1, scratch->parts + i, sizeof *scratch->parts * (size_t)(scratch->n - i));
    scratch->parts[i] = (struct az_scratch_part){at, size, until};
    scratch->n++;
    if (at + size > scratch->size) scratch->size = at + size;
    return at;
}

void az_scratch_release(az_scratch *scratch, int64_t step)
{
    int64_t kept = 0;
    for (int64_t i = 0; i < scratch->n; i++)
        if (scratch->parts[i].until >= step) scratch->parts[kept++] = scratch->parts[i];
    scratch->n = kept;
}

void az_scratch_free(az_scratch *scratch)
{
    az_free(scratch->parts);
    *scratch = (az_scratch){0};
}
