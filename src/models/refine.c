/* SPDX-License-Identifier: BSD-3-Clause */
/* The corrected semi-normal equations (Bjorck, Linear Algebra Appl. 88/89, 31 (1987)): b += R^-1 R^-T A^T (y - A b).
 * R comes from a QR factorisation, so each step shrinks the error by about cond(A) eps, not cond(A)^2 eps as it would
 * with a Cholesky factor of A^T A.  What the iteration tends to is decided by the residual alone; that is computed with
 * twice the working precision (Dekker, Numer. Math. 18, 224 (1971); Ogita, Rump, Oishi, SIAM J. Sci. Comput. 26, 1955
 * (2005)), so the limit is the solution for the data as they stand. */
#include "models/refine.h"
#include "base/memory.h"
#include "base/parallel.h"

#include <float.h>
#include <math.h>

enum { STRIP = 256, MAX_BLOCKS = 64, MIN_BLOCK_ROWS = 4096 };

typedef struct strip {
    double high[STRIP], low[STRIP];
} strip;

#define INLINE static inline __attribute__((always_inline))

INLINE void two_sum(double a, double b, double *sum, double *error)
{
    double s = a + b, part = s - a;
    *error = (a - (s - part)) + (b - part);
    *sum = s;
}

/* Both ways give the exact error of the product, so that the bits do not depend on the CPU. */
INLINE void two_product(double a, double b, bool fused, double *product, double *error)
{
    double p = a * b;
    *product = p;
    if (fused) {
        *error = __builtin_fma(a, b, -p);
    } else { /* Veltkamp's splitting into halves of 26 bits */
        double t = 134217729.0 * a, a1 = t - (t - a), a2 = a - a1;
        t = 134217729.0 * b;
        double b1 = t - (t - b), b2 = b - b1;
        *error = ((a1 * b1 - p) + a1 * b2 + a2 * b1) + a2 * b2;
    }
}

/* r -= x b */
INLINE void subtract_column(int64_t rows, const double *x, const double *x_low, double b, double b_low, bool fused,
                            strip *r)
{
    for (int64_t i = 0; i < rows; i++) {
        double product, error, sum, rest;
        two_product(x[i], -b, fused, &product, &error);
        two_sum(r->high[i], product, &sum, &rest);
        r->high[i] = sum;
        r->low[i] += rest + (error - x[i] * b_low);
    }
    if (x_low)
        for (int64_t i = 0; i < rows; i++) r->low[i] -= x_low[i] * b;
}

/* products = x r, zeros behind the last row */
INLINE void multiply(int64_t rows, const double *x, const double *x_low, const strip *r, bool fused, strip *products)
{
    for (int64_t i = 0; i < rows; i++) {
        double error;
        two_product(x[i], r->high[i], fused, &products->high[i], &error);
        products->low[i] = error + x[i] * r->low[i];
    }
    if (x_low)
        for (int64_t i = 0; i < rows; i++) products->low[i] += x_low[i] * r->high[i];
    for (int64_t i = rows; i < STRIP; i++) products->high[i] = products->low[i] = 0.0;
}

/* Adds the strip to (high, low), halving it: the order does not depend on the width of vectors. */
INLINE void add_strip(strip *s, double *high, double *low)
{
    for (int64_t half = STRIP / 2; half >= 1; half /= 2) {
        for (int64_t i = 0; i < half; i++) {
            double error;
            two_sum(s->high[i], s->high[i + half], &s->high[i], &error);
            s->low[i] += s->low[i + half] + error;
        }
    }
    double error;
    two_sum(*high, s->high[0], high, &error);
    *low += s->low[0] + error;
}

typedef struct gradient_pass {
    const az_tall *tall;
    const double *y, *b, *b_low;
    int64_t n_blocks;
    double *slots; /* (n_blocks, 2, n + 1): sums, then their low parts; the last is the sum of squares */
} gradient_pass;

INLINE void pass_rows(const gradient_pass *pass, int64_t block, bool fused)
{
    const az_tall *tall = pass->tall;
    int64_t n = tall->n, first = tall->n_rows * block / pass->n_blocks,
            end = tall->n_rows * (block + 1) / pass->n_blocks;
    double *high = pass->slots + block * 2 * (n + 1), *low = high + n + 1;
    for (int64_t j = 0; j < 2 * (n + 1); j++) high[j] = 0.0;
    strip r, weighted, products;
    for (int64_t start = first; start < end; start += STRIP) {
        int64_t rows = end - start < STRIP ? end - start : STRIP;
        for (int64_t i = 0; i < rows; i++) {
            r.high[i] = pass->y ? pass->y[start + i] : 0.0;
            r.low[i] = 0.0;
        }
        for (int64_t j = 0; j < n; j++)
            subtract_column(rows, tall->columns[j] + start, tall->low && tall->low[j] ? tall->low[j] + start : NULL,
                            pass->b[j], pass->b_low[j], fused, &r);
        for (int64_t i = 0; i < rows; i++) two_sum(r.high[i], r.low[i], &r.high[i], &r.low[i]);
        if (tall->weight) {
            multiply(rows, tall->weight + start, NULL, &r, fused, &weighted);
        } else {
            weighted = r;
        }
        for (int64_t j = 0; j < n; j++) {
            multiply(rows, tall->columns[j] + start, tall->low && tall->low[j] ? tall->low[j] + start : NULL, &weighted,
                     fused, &products);
            add_strip(&products, &high[j], &low[j]);
        }
        multiply(rows, r.high, r.low, &weighted, fused, &products);
        add_strip(&products, &high[n], &low[n]);
    }
}

static void pass_portable(void *context, int64_t block, int thread)
{
    (void)thread;
#if defined(__FMA__) || defined(__aarch64__)
    pass_rows(context, block, true);
#else
    pass_rows(context, block, false);
#endif
}

#if defined(__x86_64__)
__attribute__((target("avx2,fma"))) static void pass_fused(void *context, int64_t block, int thread)
{
    (void)thread;
    pass_rows(context, block, true);
}
#endif

az_status az_accurate_gradient(const az_tall *tall, const double *y, const double *b, const double *b_low,
                               double *gradient, double *gradient_low, double *sum_squares)
{
    int64_t width = tall->n + 1;
    gradient_pass pass = {.tall = tall, .y = y, .b = b, .b_low = b_low, .n_blocks = tall->n_rows / MIN_BLOCK_ROWS};
    if (pass.n_blocks < 1) pass.n_blocks = 1;
    if (pass.n_blocks > MAX_BLOCKS) pass.n_blocks = MAX_BLOCKS;
    pass.slots = az_alloc_array(pass.n_blocks * 2 * width, sizeof *pass.slots);
    if (!pass.slots)
        return az_error(AZ_ERROR_MEMORY, "out of memory for the residuals of %lld columns", (long long)tall->n);
    az_block_fn function = pass_portable;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) function = pass_fused;
#endif
    az_parallel(tall->n_threads, pass.n_blocks, function, &pass);
    for (int64_t step = 1; step < pass.n_blocks; step *= 2) {
        for (int64_t i = 0; i + step < pass.n_blocks; i += 2 * step) {
            double *into = pass.slots + i * 2 * width;
            const double *from = pass.slots + (i + step) * 2 * width;
            for (int64_t j = 0; j < width; j++) {
                double error;
                two_sum(into[j], from[j], &into[j], &error);
                into[width + j] += from[width + j] + error;
            }
        }
    }
    for (int64_t j = 0; j < tall->n; j++) two_sum(pass.slots[j], pass.slots[width + j], &gradient[j], &gradient_low[j]);
    if (sum_squares) *sum_squares = pass.slots[tall->n] + pass.slots[width + tall->n];
    az_free(pass.slots);
    return AZ_OK;
}

double az_solve_normal(int64_t n, const double *r, double *x)
{
    double square = 0.0;
    for (int64_t j = 0; j < n; j++) {
        double sum = x[j];
        for (int64_t i = 0; i < j; i++) sum -= r[j * n + i] * x[i];
        x[j] = sum / r[j * n + j];
        square += x[j] * x[j];
    }
    for (int64_t j = n - 1; j >= 0; j--) {
        x[j] /= r[j * n + j];
        for (int64_t i = 0; i < j; i++) x[i] -= r[j * n + i] * x[j];
    }
    return square;
}

az_status az_refine(const az_tall *tall, const double *r, double condition, const double *y, int64_t unit, double *b,
                    double *b_low, double *sum_squares, bool *converged, const az_control *control)
{
    int64_t n = tall->n;
    az_status status = AZ_OK;
    double *work = az_alloc_array(3 * n + 1, sizeof *work);
    if (!work) return az_error(AZ_ERROR_MEMORY, "out of memory to refine %lld coefficients", (long long)n);
    double *step = work, *low = work + n, *norm = work + 2 * n;
    for (int64_t j = 0; j < n; j++) {
        norm[j] = 0.0;
        for (int64_t i = 0; i <= j; i++) norm[j] = hypot(norm[j], r[j * n + i]);
    }
    double squares = 0.0, previous = INFINITY;
    /* A step shrinks the error by cond(A) eps times a factor that varies from step to step (by up to 150 where it was
     * watched), so that one lucky step must not be taken for the rule. */
    double slowest = fmin(1.0, 1e4 * DBL_EPSILON * condition);
    *converged = n == 0;
    for (int iteration = 0; iteration < 200; iteration++) {
        AZ_GOTO(az_check_interrupt(control));
        AZ_GOTO(az_accurate_gradient(tall, y, b, b_low, step, low, &squares));
        if (n == 0) break;
        if (unit >= 0) {
            double error;
            two_sum(step[unit], 1.0, &step[unit], &error);
            step[unit] += error + low[unit];
        }
        double gain = az_solve_normal(n, r, step);
        double size = 0.0, reference = 0.0;
        for (int64_t j = 0; j < n; j++) size = fmax(size, fabs(step[j]) * norm[j]);
        if (!isfinite(gain) || !isfinite(size)) {
            status = az_error(AZ_ERROR_DATA, "the least squares solution is not finite: the data are too large or too "
                                             "unlike in size; scale the columns");
            goto done;
        }
        if (size > 0.5 * previous) { /* as far as it goes; what stands is the best */
            for (int64_t j = 0; j < n; j++) reference = fmax(reference, fabs(b[j]) * norm[j]);
            *converged = previous <= 1e-14 * reference;
            break;
        }
        for (int64_t j = 0; j < n; j++) {
            double error;
            two_sum(b[j], step[j], &b[j], &error);
            two_sum(b[j], b_low[j] + error, &b[j], &b_low[j]);
            reference = fmax(reference, fabs(b[j]) * norm[j]);
        }
        double factor = fmax(slowest, size / fmax(size, fmin(previous, reference)));
        bool small = true;
        for (int64_t j = 0; j < n; j++) small = small && fabs(step[j]) * factor <= 0x1p-58 * fabs(b[j]);
        bool settled = unit >= 0 || gain <= 1e-13 * squares;
        if ((small && settled) || size <= 0x1p-90 * reference) {
            /* The step is orthogonal to what is left of the residual. */
            squares = fmax(0.0, squares - gain);
            *converged = true;
            break;
        }
        previous = size;
    }
    if (sum_squares) *sum_squares = squares;
done:
    az_free(work);
    return status;
}
