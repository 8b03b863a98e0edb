/* SPDX-License-Identifier: BSD-3-Clause */
/* QR of a matrix with many rows (TSQR; Demmel, Grigori, Hoemmen, Langou, SIAM J. Sci. Comput. 34, A206, 2012).
 *
 * The rows are cut into blocks.  A block takes its rows chunk by chunk, small enough to stay in cache, and folds each
 * chunk into its triangle: QR of [R; chunk].  The blocks' triangles are then folded in pairs by a binary tree.  Chunks,
 * blocks and tree follow from the shape alone. */
#include "base/blas_lock.h"
#include "base/linalg.h"
#include "base/linalg_gram.h"
#include "base/memory.h"
#include "base/parallel.h"

#include <lapacke.h>
#include <math.h>

enum { MAX_BLOCKS = 64, CHUNK_ROWS = 384, MIN_BLOCK_ROWS = 4096, GRAM_ROWS = 1 << 16 };

typedef struct tall_matrix {
    int64_t m, n, n_blocks, chunk_rows, panel;
    const double *const *columns;
    const double *weight;
    double *triangles; /* (n_blocks, triangle_size) */
    double *scratch;   /* (n_threads, scratch_size) */
    int64_t triangle_size, scratch_size;
    int *failed;  /* (n_blocks) */
    int64_t step; /* of the tree */
} tall_matrix;

/* Kernels of a BLAS may treat the elements before the first aligned address apart, so that rounding depends on where a
 * matrix lies.  Every matrix here starts at a multiple of 64 bytes: the bits depend on the shape alone. */
static int64_t round_up(int64_t n_doubles)
{
    return (n_doubles + 7) / 8 * 8;
}

static double *aligned(void *memory)
{
    return (double *)(((uintptr_t)memory + 63) / 64 * 64);
}

static void fold_rows(void *context, int64_t block, int thread)
{
    tall_matrix *task = context;
    int64_t n = task->n, first = task->m * block / task->n_blocks, end = task->m * (block + 1) / task->n_blocks;
    double *r = task->triangles + block * task->triangle_size;
    double *chunk = task->scratch + thread * task->scratch_size;
    double *root = chunk + task->chunk_rows * n, *t = root + task->chunk_rows, *work = t + round_up(task->panel * n);
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
        az_blas_enter();
        int info = LAPACKE_dtpqrt_work(LAPACK_COL_MAJOR, (int)rows, (int)n, 0, (int)task->panel, r, (int)n, chunk,
                                       (int)rows, t, (int)task->panel, work);
        az_blas_leave();
        if (info) task->failed[block] = info;
    }
}

static void fold_pair(void *context, int64_t pair, int thread)
{
    tall_matrix *task = context;
    int64_t n = task->n, into = pair * 2 * task->step, from = into + task->step;
    if (from >= task->n_blocks) return;
    double *t = task->scratch + thread * task->scratch_size, *work = t + round_up(task->panel * n);
    az_blas_enter();
    int info = LAPACKE_dtpqrt_work(LAPACK_COL_MAJOR, (int)n, (int)n, (int)n, (int)task->panel,
                                   task->triangles + into * task->triangle_size, (int)n,
                                   task->triangles + from * task->triangle_size, (int)n, t, (int)task->panel, work);
    az_blas_leave();
    if (info) task->failed[into] = info;
}

az_status az_tsqr(int64_t m, int64_t n, const double *const *columns, const double *weight, double *r, int64_t ldr,
                  int n_threads)
{
    if (n <= 0) return AZ_OK;
    if (n_threads < 1) n_threads = 1;
    if (m >= GRAM_ROWS && m >= 64 * n) { /* where time counts; most such matrices are well conditioned */
        bool accurate;
        AZ_TRY(az_gram_qr(m, n, columns, weight, r, ldr, n_threads, &accurate));
        if (accurate) return AZ_OK;
    }
    az_status status = AZ_OK;
    int failed[MAX_BLOCKS] = {0};
    tall_matrix task = {.m = m, .n = n, .columns = columns, .weight = weight, .failed = failed};
    /* A block repays its triangle and its place in the tree when it has many more rows than columns. */
    int64_t block_rows = 16 * n > MIN_BLOCK_ROWS ? 16 * n : MIN_BLOCK_ROWS;
    task.n_blocks = m / block_rows;
    if (task.n_blocks < 1) task.n_blocks = 1;
    if (task.n_blocks > MAX_BLOCKS) task.n_blocks = MAX_BLOCKS;
    if (n_threads > task.n_blocks) n_threads = (int)task.n_blocks;
    task.chunk_rows = n > CHUNK_ROWS ? round_up(n) : CHUNK_ROWS;
    task.panel = n < 8 ? n : n < 128 ? 8 : 32;
    task.scratch_size = task.chunk_rows * (n + 1) + 2 * round_up(task.panel * n);
    task.triangle_size = round_up(n * n);
    void *triangles = az_alloc_array(task.n_blocks * task.triangle_size + 8, sizeof(double));
    void *scratch = az_alloc_array(n_threads * task.scratch_size + 8, sizeof(double));
    if (!triangles || !scratch) {
        status = az_error(AZ_ERROR_MEMORY, "out of memory for the QR factorisation of %lld columns", (long long)n);
        goto done;
    }
    task.triangles = aligned(triangles);
    task.scratch = aligned(scratch);
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
    az_free(triangles);
    az_free(scratch);
    return status;
}
