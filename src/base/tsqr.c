/* SPDX-License-Identifier: BSD-3-Clause */
/* QR of a matrix with many rows (TSQR; Demmel, Grigori, Hoemmen, Langou, SIAM J. Sci. Comput. 34, A206, 2012).
 *
 * The rows are cut into blocks.  A block takes its rows chunk by chunk, small enough to stay in cache, and folds each
 * chunk into its triangle: QR of [R; chunk].  The blocks' triangles are then folded in pairs by a binary tree.  Chunks,
 * blocks and tree follow from the shape alone. */
#include "base/linalg.h"
#include "base/memory.h"
#include "base/parallel.h"

#include <lapacke.h>
#include <math.h>

enum { MAX_BLOCKS = 64, CHUNK_ROWS = 512, MIN_BLOCK_ROWS = 4096 };

typedef struct tall_matrix {
    int64_t m, n, n_blocks, chunk_rows, panel;
    const double *const *columns;
    const double *weight;
    double *triangles;     /* (n_blocks, n, n) */
    double *scratch;       /* (n_threads, scratch_size) */
    int64_t scratch_size;
    int *failed;           /* (n_blocks) */
    int64_t step;          /* of the tree */
} tall_matrix;

static void fold_rows(void *context, int64_t block, int thread)
{
    tall_matrix *task = context;
    int64_t n = task->n, first = task->m * block / task->n_blocks, end = task->m * (block + 1) / task->n_blocks;
    double *r = task->triangles + block * n * n;
    double *chunk = task->scratch + thread * task->scratch_size;
    double *root = chunk + task->chunk_rows * n, *t = root + task->chunk_rows, *work = t + task->panel * n;
    for (int64_t i = 0; i < n * n; i++) r[i] = 0.0;
    for (int64_t start = first; start < end; start += task->chunk_rows) {
        int64_t rows = end - start < task->chunk_rows ? end - start : task->chunk_rows;
        if (task->weight)
            for (int64_t i = 0; i < rows; i++) root[i] = sqrt(task->weight[start + i]);
        for (int64_t j = 0; j < n; j++) {
            const double *column = task->columns[j] + start;
            double *to = chunk + j * rows;
            if (task->weight)
                for (int64_t i = 0; i < rows; i++) to[i] = root[i] * column[i];
            else
                for (int64_t i = 0; i < rows; i++) to[i] = column[i];
        }
        int info = LAPACKE_dtpqrt_work(LAPACK_COL_MAJOR, (int)rows, (int)n, 0, (int)task->panel, r, (int)n, chunk,
                                       (int)rows, t, (int)task->panel, work);
        if (info) task->failed[block] = info;
    }
}

static void fold_pair(void *context, int64_t pair, int thread)
{
    tall_matrix *task = context;
    int64_t n = task->n, into = pair * 2 * task->step, from = into + task->step;
    if (from >= task->n_blocks) return;
    double *t = task->scratch + thread * task->scratch_size, *work = t + task->panel * n;
    int info = LAPACKE_dtpqrt_work(LAPACK_COL_MAJOR, (int)n, (int)n, (int)n, (int)task->panel,
                                   task->triangles + into * n * n, (int)n, task->triangles + from * n * n, (int)n, t,
                                   (int)task->panel, work);
    if (info) task->failed[into] = info;
}

az_status az_tsqr(int64_t m, int64_t n, const double *const *columns, const double *weight, double *r, int64_t ldr,
                  int n_threads)
{
    if (n <= 0) return AZ_OK;
    if (n_threads < 1) n_threads = 1;
    az_status status = AZ_OK;
    int failed[MAX_BLOCKS] = {0};
    tall_matrix task = {.m = m, .n = n, .columns = columns, .weight = weight, .failed = failed};
    /* A block repays its triangle and its place in the tree when it has many more rows than columns. */
    int64_t block_rows = 16 * n > MIN_BLOCK_ROWS ? 16 * n : MIN_BLOCK_ROWS;
    task.n_blocks = m / block_rows;
    if (task.n_blocks < 1) task.n_blocks = 1;
    if (task.n_blocks > MAX_BLOCKS) task.n_blocks = MAX_BLOCKS;
    if (n_threads > task.n_blocks) n_threads = (int)task.n_blocks;
    task.chunk_rows = n > CHUNK_ROWS ? n : CHUNK_ROWS;
    task.panel = n < 16 ? n : n < 128 ? 16 : 32;
    task.scratch_size = task.chunk_rows * (n + 1) + 2 * task.panel * n;
    task.triangles = az_alloc_array(task.n_blocks * n, sizeof(double) * (size_t)n);
    task.scratch = az_alloc_array(task.scratch_size, sizeof(double) * (size_t)n_threads);
    if (!task.triangles || !task.scratch) {
        status = az_error(AZ_ERROR_MEMORY, "out of memory for the QR factorisation of %lld columns", (long long)n);
        goto done;
    }
    az_parallel(n_threads, task.n_blocks, fold_rows, &task);
    for (task.step = 1; task.step < task.n_blocks; task.step *= 2)
        az_parallel(n_threads, (task.n_blocks + 2 * task.step - 1) / (2 * task.step), fold_pair, &task);
    for (int64_t i = 0; i < task.n_blocks; i++) {
        if (failed[i]) {
            status = az_error(AZ_ERROR_INTERNAL, "the QR factorisation failed (LAPACK info %d)", failed[i]);
            goto done;
        }
    }
    for (int64_t j = 0; j < n; j++)
        for (int64_t i = 0; i < n; i++) r[j * ldr + i] = i <= j ? task.triangles[j * n + i] : 0.0;
done:
    az_free(task.triangles);
    az_free(task.scratch);
    return status;
}
