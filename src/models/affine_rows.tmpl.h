/* SPDX-License-Identifier: BSD-3-Clause */
/* The loops over rows of an affine model.  Included once per type of the caller's numbers and instruction set with
 *   VALUE          the type
 *   LOADED         a vector of LANES of them
 *   VECTOR         a vector of LANES doubles; LANES 2 or 4
 *   TARGET         attribute of every function here
 *   AFFINE_FN(x)   the name of x for this type and instruction set
 * Everything is computed in double; what is written is rounded to VALUE at the very end.  Input j goes into sum j mod
 * 4, whatever lies side by side in a vector, and multiplication and addition are rounded one by one: the same bits by
 * every way. */

enum { AFFINE_FN(PARTS) = 4 / LANES, AFFINE_FN(ACROSS) = 2 * LANES };
#define PARTS  AFFINE_FN(PARTS)
#define ACROSS AFFINE_FN(ACROSS)

TARGET static inline VECTOR AFFINE_FN(load)(const VALUE *x)
{
    LOADED loaded;
    memcpy(&loaded, x, sizeof loaded);
    return __builtin_convertvector(loaded, VECTOR);
}

TARGET static inline VECTOR AFFINE_FN(load_double)(const double *x)
{
    VECTOR vector;
    memcpy(&vector, x, sizeof vector);
    return vector;
}

TARGET static inline void AFFINE_FN(store)(const az_affine *affine, double value, VALUE *prediction)
{
    *prediction = (VALUE)(affine->exponential ? exp(value) : value);
}

/* An output of n_rows rows (1 or 4), each with its numbers side by side. */
TARGET __attribute__((always_inline)) static inline void AFFINE_FN(totals)(const az_affine *affine, int64_t output,
                                                                           const VALUE *x, int64_t row_stride,
                                                                           const int n_rows, double *total)
{
    const int64_t n = affine->n_inputs, n_whole = n & ~(int64_t)3;
    const double *center = affine->center, *weight = affine->weight + output * n;
    VECTOR sums[4][PARTS];
    for (int r = 0; r < n_rows; r++)
        for (int part = 0; part < PARTS; part++) sums[r][part] = (VECTOR){0};
    for (int64_t j = 0; j < n_whole; j += 4)
        for (int part = 0; part < PARTS; part++) {
            const int64_t at = j + part * LANES;
            VECTOR c = AFFINE_FN(load_double)(center + at), w = AFFINE_FN(load_double)(weight + at);
            for (int r = 0; r < n_rows; r++) sums[r][part] += (AFFINE_FN(load)(x + r * row_stride + at) - c) * w;
        }
    for (int r = 0; r < n_rows; r++) {
        const VALUE *row = x + r * row_stride + n_whole;
        double sum[4] = {sums[r][0][0], sums[r][0][1], sums[r][2 / LANES][2 % LANES], sums[r][2 / LANES][3 % LANES]};
        for (int l = 0; l < 3; l++)
            if (l < n - n_whole) sum[l] += ((double)row[l] - center[n_whole + l]) * weight[n_whole + l];
        total[r] = affine->intercept[output] + ((sum[0] + sum[1]) + (sum[2] + sum[3]));
    }
}

/* What the categories and phases of a row add to an output. */
TARGET static double AFFINE_FN(specials)(const az_affine *affine, int64_t output, const int64_t *map, const VALUE *x,
                                         int64_t stride)
{
    double sum = 0;
    for (int64_t i = 0; i < affine->n_special; i++) {
        const az_affine_special *special = &affine->special[i];
        sum += special_part(special, output, (double)x[place(map, special->input, stride)]);
    }
    return sum;
}

/* Whether all numbers of a row lie in the range seen in training.  None is NaN here: the comparison would stop a host
 * that traps invalid operations. */
TARGET static inline bool AFFINE_FN(inside)(const az_affine *affine, const int64_t *map, const VALUE *x, int64_t stride)
{
    bool inside = true;
    for (int64_t j = 0; j < affine->n_inputs; j++) {
        double value = (double)x[place(map, j, stride)];
        inside &= (value >= affine->lower[j]) & (value <= affine->upper[j]);
    }
    return inside;
}

/* A row as it comes, missing numbers filled, done with care. */
TARGET static void AFFINE_FN(any_row)(const az_affine *affine, const int64_t *map, const VALUE *x,
                                      int64_t column_stride, VALUE *prediction, unsigned char *in_range)
{
    const int64_t n = affine->n_inputs;
    bool inside = true;
    for (int64_t k = 0; k < affine->n_outputs; k++) {
        double sum[4] = {0};
        for (int64_t j = 0; j < n; j++) {
            double value = (double)x[place(map, j, column_stride)];
            if (isnan(value)) {
                value = affine->fill[j];
                inside &= affine->missing_known[j];
            } else {
                inside &= (value >= affine->lower[j]) & (value <= affine->upper[j]);
            }
            sum[j & 3] += (value - affine->center[j]) * affine->weight[k * n + j];
        }
        double total = affine->intercept[k] + ((sum[0] + sum[1]) + (sum[2] + sum[3]));
        if (affine->n_special) total += AFFINE_FN(specials)(affine, k, map, x, column_stride);
        AFFINE_FN(store)(affine, total, prediction + k);
    }
    if (in_range) *in_range = inside;
}

/* n_rows rows (1 or 4) with their numbers side by side. */
TARGET __attribute__((always_inline)) static inline void AFFINE_FN(rows)(const az_affine *affine, const VALUE *x,
                                                                         int64_t row_stride, const int n_rows,
                                                                         VALUE *prediction, int64_t output_stride,
                                                                         unsigned char *in_range)
{
    bool missing[4] = {false};
    for (int64_t k = 0; k < affine->n_outputs; k++) {
        double total[4];
        AFFINE_FN(totals)(affine, k, x, row_stride, n_rows, total);
        for (int r = 0; r < n_rows && affine->n_special; r++)
            total[r] += AFFINE_FN(specials)(affine, k, NULL, x + r * row_stride, 1);
        for (int r = 0; r < n_rows; r++) {
            missing[r] |= isnan(total[r]) != 0;
            AFFINE_FN(store)(affine, total[r], prediction + r * output_stride + k);
        }
    }
    for (int r = 0; r < n_rows; r++) {
        const VALUE *row = x + r * row_stride;
        unsigned char *flag = in_range ? in_range + r : NULL;
        if (missing[r])
            AFFINE_FN(any_row)(affine, NULL, row, 1, prediction + r * output_stride, flag);
        else if (flag)
            *flag = AFFINE_FN(inside)(affine, NULL, row, 1);
    }
}

/* ACROSS rows of which those numbers lie side by side that belong to one input, as in a column-major block: two vectors
 * of rows, four sums each.  False if a number is missing. */
TARGET static inline bool AFFINE_FN(rows_across)(const az_affine *affine, const int64_t *map, const VALUE *x,
                                                 int64_t column_stride, VALUE *prediction, int64_t output_stride)
{
    const int64_t n = affine->n_inputs;
    for (int64_t k = 0; k < affine->n_outputs; k++) {
        const double *center = affine->center, *weight = affine->weight + k * n;
        VECTOR sums[4][2] = {0};
        double total[ACROSS];
        for (int64_t first = 0; first < n; first += 4) {
            /* The compiler unrolls this loop and keeps the sums in registers. */
            for (int64_t l = 0; l < 4; l++) {
                const int64_t j = first + l;
                if (j >= n) break;
                const VALUE *column = x + place(map, j, column_stride);
                sums[l][0] += (AFFINE_FN(load)(column) - center[j]) * weight[j];
                sums[l][1] += (AFFINE_FN(load)(column + LANES) - center[j]) * weight[j];
            }
        }
        for (int half = 0; half < 2; half++) {
            VECTOR sum = affine->intercept[k] + ((sums[0][half] + sums[1][half]) + (sums[2][half] + sums[3][half]));
            memcpy(total + half * LANES, &sum, sizeof sum);
        }
        for (int r = 0; r < ACROSS; r++)
            if (isnan(total[r])) return false;
        for (int r = 0; r < ACROSS && affine->n_special; r++)
            total[r] += AFFINE_FN(specials)(affine, k, map, x + r, column_stride);
        for (int r = 0; r < ACROSS; r++) AFFINE_FN(store)(affine, total[r], prediction + r * output_stride + k);
    }
    return true;
}

/* A missing number makes every output NaN.  So the fast loops need not look for one: a row with such an output is done
 * again with care. */
TARGET void AFFINE_FN(az_affine_predict)(const az_affine *affine, const int64_t *map, const VALUE *rows, int64_t n_rows,
                                         int64_t row_stride, int64_t column_stride, VALUE *prediction,
                                         int64_t output_stride, unsigned char *in_range)
{
    int64_t i = 0;
    if (column_stride == 1 && in_order(map, affine->n_inputs)) {
        for (; i + 4 <= n_rows; i += 4) AFFINE_FN(rows)
        (affine, rows + i * row_stride, row_stride, 4, prediction + i * output_stride, output_stride,
         in_range ? in_range + i : NULL);
        for (; i < n_rows; i++) AFFINE_FN(rows)
        (affine, rows + i * row_stride, row_stride, 1, prediction + i * output_stride, output_stride,
         in_range ? in_range + i : NULL);
        return;
    }
    for (; row_stride == 1 && i + ACROSS <= n_rows; i += ACROSS) {
        const VALUE *x = rows + i;
        VALUE *out = prediction + i * output_stride;
        bool whole = AFFINE_FN(rows_across)(affine, map, x, column_stride, out, output_stride);
        for (int64_t r = 0; r < ACROSS && !whole; r++) AFFINE_FN(any_row)
        (affine, map, x + r, column_stride, out + r * output_stride, in_range ? in_range + i + r : NULL);
        for (int64_t r = 0; r < ACROSS && whole && in_range; r++)
            in_range[i + r] = AFFINE_FN(inside)(affine, map, x + r, column_stride);
    }
    for (; i < n_rows; i++) AFFINE_FN(any_row)
    (affine, map, rows + i * row_stride, column_stride, prediction + i * output_stride, in_range ? in_range + i : NULL);
}

#undef VALUE
#undef LOADED
#undef PARTS
#undef ACROSS
#undef AFFINE_FN
