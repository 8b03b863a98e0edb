/* SPDX-License-Identifier: BSD-3-Clause */
/* Cholesky QR: R with A^T A = R^T R, by one pass of matrix products over the rows; half the work of Householder's
 * reflections and several times their speed.  Its error grows with the square of the condition number (Yamamoto,
 * Nakatsukasa, Yanagisawa, Fukaya, Electron. Trans. Numer. Anal. 44 (2015) 306), so it is kept only where that leaves
 * some eleven digits; A^T A is scaled to a unit diagonal first, so that units of columns do not count. */
#include "base/linalg_gram.h"

#include "base/blas_lock.h"
#include "base/linalg.h"
#include "base/memory.h"
#include "base/parallel.h"

#include <cblas.h>
#include <float.h>
#include <math.h>
#include <string.h>

enum { BLOCKS = 64, CHUNK_ROWS = 256 };
static const double worst_ratio = 1e5; /* of eigenvalues of the scaled A^T A: the condition number squared */

typedef struct gram_job {
    int64_t m, n;
    const double *const *columns;
    const double *weight;
    double *slots; /* (BLOCKS, slot) */
    double *work;  /* (n_threads, chunk) */
    int64_t slot, chunk;
} gram_job;

/* All arrays start at multiples of 64 bytes: the bits of a product may depend on where its matrices lie. */
static int64_t round_up(int64_t n_doubles)
{
    return (n_doubles + 7) / 8 * 8;
}

static void add_block(void *context, int64_t block, int thread)
{
    const gram_job *job = context;
    int64_t n = job->n, first = job->m * block / BLOCKS, end = job->m * (block + 1) / BLOCKS;
    double *gram = job->slots + block * job->slot, *chunk = job->work + thread * job->chunk;
    double *root = chunk + CHUNK_ROWS * n;
    memset(gram, 0, (size_t)job->slot * sizeof *gram);
    for (int64_t start = first; start < end; start += CHUNK_ROWS) {
        int64_t rows = end - start < CHUNK_ROWS ? end - start : CHUNK_ROWS;
        for (int64_t i = 0; i < rows; i++) root[i] = job->weight ? sqrt(job->weight[start + i]) : 1;
        for (int64_t j = 0; j < n; j++) {
            const double *from = job->columns[j] + start;
            double *to = chunk + j * CHUNK_ROWS;
            if (job->weight)
                for (int64_t i = 0; i < rows; i++) to[i] = root[i] * from[i];
            else
                memcpy(to, from, (size_t)rows * sizeof *to);
        }
        az_blas_enter();
        cblas_dsyrk(CblasColMajor, CblasUpper, CblasTrans, (int)n, (int)rows, 1, chunk, CHUNK_ROWS, 1, gram, (int)n);
        az_blas_leave();
    }
}

az_status az_gram_qr(int64_t m, int64_t n, const double *const *columns, const double *weight, double *r, int64_t ldr,
                     int n_threads, bool *accurate)
{
    gram_job job = {.m = m, .n = n, .columns = columns, .weight = weight};
    az_status status = AZ_OK;
    void *memory = NULL;
    double *length = NULL;
    *accurate = false;
    job.slot = round_up(n * n);
    job.chunk = round_up(CHUNK_ROWS * (n + 1));
    AZ_GOTO(AZ_NEW_ARRAY(length, 2 * n)); /* of the columns; then the eigenvalues */
    memory = az_alloc_array(BLOCKS * job.slot + n_threads * job.chunk + job.slot + 8, sizeof(double));
    if (!memory) status = AZ_ERROR_MEMORY;
    if (status) goto done;
    job.slots = (double *)(((uintptr_t)memory + 63) / 64 * 64);
    job.work = job.slots + BLOCKS * job.slot;
    az_parallel(n_threads, BLOCKS, add_block, &job);
    az_tree_sum(job.slots, BLOCKS, job.slot);
    double *gram = job.slots, *work = job.work + n_threads * job.chunk;
    for (int64_t j = 0; j < n; j++) {
        length[j] = sqrt(gram[j * n + j]);
        if (!(length[j] > DBL_MIN) || !isfinite(length[j])) goto done; /* a column of zeros, overflow */
    }
    for (int64_t j = 0; j < n; j++)
        for (int64_t i = 0; i < n; i++) gram[j * n + i] = i <= j ? gram[j * n + i] / length[i] / length[j] : 0;
    for (int64_t j = 0; j < n; j++)
        for (int64_t i = 0; i < n; i++) work[j * n + i] = i <= j ? gram[j * n + i] : gram[i * n + j];
    AZ_GOTO(az_symmetric_eigen(n, work, n, length + n));
    if (!(length[2 * n - 1] <= worst_ratio * length[n])) goto done; /* for reflections; NaN too */
    AZ_GOTO(az_cholesky(true, n, gram, n));
    *accurate = true;
    for (int64_t j = 0; *accurate && j < n; j++)
        for (int64_t i = 0; i < n; i++) r[j * ldr + i] = i <= j ? gram[j * n + i] * length[j] : 0;
done:
    az_free(length);
    az_free(memory);
    return status;
}
