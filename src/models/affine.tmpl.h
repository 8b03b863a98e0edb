/* SPDX-License-Identifier: BSD-3-Clause */
/* The loops over rows of an affine model.  Included once per type of the caller's numbers with
 *   VALUE          the type
 *   PAIR           a vector of two of them
 *   AFFINE_FN(x)   the name of x for this type
 * Everything is computed in double; what is written is rounded to VALUE at the very end. */

static inline two AFFINE_FN(load)(const VALUE *x)
{
    PAIR pair;
    memcpy(&pair, x, sizeof pair);
    return __builtin_convertvector(pair, two);
}

static inline void AFFINE_FN(store)(const az_affine *affine, double value, VALUE *prediction)
{
    *prediction = (VALUE)(affine->exponential ? exp(value) : value);
}

/* Of a row whose numbers lie side by side.  Input j goes into sum j mod 4, here and in four_rows. */
static inline double AFFINE_FN(sum)(const az_affine *affine, int64_t output, const VALUE *x)
{
    const int64_t n = affine->n_inputs;
    const double *center = affine->center, *weight = affine->weight + output * n;
    two low = {0, 0}, high = {0, 0};
    int64_t j = 0;
    for (; j + 4 <= n; j += 4) {
        low += (AFFINE_FN(load)(x + j) - load_f64(center + j)) * load_f64(weight + j);
        high += (AFFINE_FN(load)(x + j + 2) - load_f64(center + j + 2)) * load_f64(weight + j + 2);
    }
    if (j < n) low[0] += ((double)x[j] - center[j]) * weight[j];
    if (j + 1 < n) low[1] += ((double)x[j + 1] - center[j + 1]) * weight[j + 1];
    if (j + 2 < n) high[0] += ((double)x[j + 2] - center[j + 2]) * weight[j + 2];
    return affine->intercept[output] + ((low[0] + low[1]) + (high[0] + high[1]));
}

/* Whether all numbers of a row lie in the range seen in training; none is NaN, for a host that traps invalid
 * operations would be stopped by the comparison. */
static inline bool AFFINE_FN(inside)(const az_affine *affine, const VALUE *x, int64_t stride, const int64_t *map)
{
    bool inside = true;
    for (int64_t j = 0; j < affine->n_inputs; j++) {
        double value = (double)x[place(map, j, stride)];
        inside &= (value >= affine->lower[j]) & (value <= affine->upper[j]);
    }
    return inside;
}

/* A row as it comes: gathered, and missing numbers filled. */
static void AFFINE_FN(any_row)(const az_affine *affine, const int64_t *map, const VALUE *x, int64_t column_stride,
                               VALUE *prediction, unsigned char *in_range, double *row)
{
    bool missing = false;
    for (int64_t j = 0; j < affine->n_inputs; j++) {
        row[j] = (double)x[place(map, j, column_stride)];
        if (!isnan(row[j])) continue;
        row[j] = affine->fill[j];
        missing = true;
    }
    for (int64_t k = 0; k < affine->n_outputs; k++) AFFINE_FN(store)(affine, sum_f64(affine, k, row), prediction + k);
    if (in_range) *in_range = !missing && inside_f64(affine, row, 1, NULL);
}

/* Four rows that lie side by side, as in a column-major block: two vectors of two rows, four sums each.  False, and
 * nothing of use written, if a number is missing. */
static inline bool AFFINE_FN(four_rows)(const az_affine *affine, const int64_t *map, const VALUE *x,
                                        int64_t column_stride, VALUE *prediction, int64_t output_stride)
{
    const int64_t n = affine->n_inputs;
    for (int64_t k = 0; k < affine->n_outputs; k++) {
        const double *center = affine->center, *weight = affine->weight + k * n;
        two sums[4][2] = {{{0, 0}, {0, 0}}};
        for (int64_t first = 0; first < n; first += 4) {
            /* The compiler unrolls this loop and keeps the sums in registers. */
            for (int64_t l = 0; l < 4; l++) {
                const int64_t j = first + l;
                if (j >= n) break;
                const VALUE *column = x + place(map, j, column_stride);
                two c = {center[j], center[j]}, w = {weight[j], weight[j]};
                sums[l][0] += (AFFINE_FN(load)(column) - c) * w;
                sums[l][1] += (AFFINE_FN(load)(column + 2) - c) * w;
            }
        }
        two a = affine->intercept[k] + ((sums[0][0] + sums[1][0]) + (sums[2][0] + sums[3][0]));
        two b = affine->intercept[k] + ((sums[0][1] + sums[1][1]) + (sums[2][1] + sums[3][1]));
        if (isnan(a[0]) || isnan(a[1]) || isnan(b[0]) || isnan(b[1])) return false;
        VALUE *out = prediction + k;
        AFFINE_FN(store)(affine, a[0], out);
        AFFINE_FN(store)(affine, a[1], out + output_stride);
        AFFINE_FN(store)(affine, b[0], out + 2 * output_stride);
        AFFINE_FN(store)(affine, b[1], out + 3 * output_stride);
    }
    return true;
}

/* A missing number makes every output NaN.  So the fast loops need not look for one: a row with such an output is done
 * again with care. */
void AFFINE_FN(az_affine_predict)(const az_affine *affine, const int64_t *map, const VALUE *rows, int64_t n_rows,
                                  int64_t row_stride, int64_t column_stride, VALUE *prediction, int64_t output_stride,
                                  unsigned char *in_range, double *row)
{
    const bool side_by_side = column_stride == 1 && in_order(map, affine->n_inputs);
    int64_t i = 0;
    for (; row_stride == 1 && !side_by_side && i + 4 <= n_rows; i += 4) {
        const VALUE *x = rows + i;
        VALUE *out = prediction + i * output_stride;
        bool whole = AFFINE_FN(four_rows)(affine, map, x, column_stride, out, output_stride);
        for (int64_t l = 0; l < 4 && !whole; l++)
            AFFINE_FN(any_row)
            (affine, map, x + l, column_stride, out + l * output_stride, in_range ? in_range + i + l : NULL, row);
        for (int64_t l = 0; l < 4 && whole && in_range; l++)
            in_range[i + l] = AFFINE_FN(inside)(affine, x + l, column_stride, map);
    }
    for (; i < n_rows; i++) {
        const VALUE *x = rows + i * row_stride;
        VALUE *out = prediction + i * output_stride;
        unsigned char *flag = in_range ? in_range + i : NULL;
        bool whole = side_by_side;
        for (int64_t k = 0; k < affine->n_outputs && whole; k++) {
            double value = AFFINE_FN(sum)(affine, k, x);
            whole = !isnan(value);
            AFFINE_FN(store)(affine, value, out + k);
        }
        if (!whole)
            AFFINE_FN(any_row)(affine, map, x, column_stride, out, flag, row);
        else if (flag)
            *flag = AFFINE_FN(inside)(affine, x, 1, NULL);
    }
}

#undef VALUE
#undef PAIR
#undef AFFINE_FN
