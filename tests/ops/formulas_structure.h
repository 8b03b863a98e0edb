/* SPDX-License-Identifier: BSD-3-Clause */
/* Formulas of ops that move, choose and count (included by formulas.h): for each element of the result, or of an input,
 * its place in the other. */
#ifndef AZ_TESTS_OPS_FORMULAS_STRUCTURE_H
#define AZ_TESTS_OPS_FORMULAS_STRUCTURE_H

/* The place in the result of a reduction to which an element goes. */
static inline int64_t reduced_place(const formula_call *call, az_shape from, const int64_t *at)
{
    uint32_t axes;
    int64_t to[AZ_MAX_RANK], n = 0;
    memcpy(&axes, call->of->sample.attribute, sizeof axes);
    for (int d = 0; d < from.rank; d++)
        if (!(axes >> d & 1)) to[n++] = at[d];
    return place_of(call->shape, call->n_rows, to);
}

static inline void extreme_formula(const formula_call *call, long double sign)
{
    const az_shape from = call->of->sample.x[0].shape;
    int64_t at[AZ_MAX_RANK] = {0}, i = 0;
    for (int64_t k = 0; k < count(call->shape, call->n_rows); k++) call->y[k] = -sign * HUGE_VALL;
    if (count(from, call->n_rows) == 0) return;
    do {
        long double *to = &call->y[reduced_place(call, from, at)];
        *to = sign * fmaxl(sign * *to, sign * call->x[0][i++]);
    } while (next_place(from, call->n_rows, at));
}

static inline void max_over_formula(const formula_call *call)
{
    extreme_formula(call, 1);
}

static inline void min_over_formula(const formula_call *call)
{
    extreme_formula(call, -1);
}

static inline void log_sum_exp_formula(const formula_call *call)
{
    const az_shape from = call->of->sample.x[0].shape;
    int64_t at[AZ_MAX_RANK] = {0}, i = 0;
    if (count(from, call->n_rows) == 0) return;
    do call->y[reduced_place(call, from, at)] += expl(call->x[0][i++]);
    while (next_place(from, call->n_rows, at));
    for (int64_t k = 0; k < count(call->shape, call->n_rows); k++) {
        call->y[k] = logl(call->y[k]);
        call->size[k] = 3 + fabsl(call->y[k]); /* of the largest, and of the log beside it */
    }
}

static inline void cumulative_sum_formula(const formula_call *call)
{
    struct {
        int64_t axis, backward;
    } of;
    int64_t at[AZ_MAX_RANK] = {0}, i = 0;
    memcpy(&of, call->of->sample.attribute, sizeof of);
    if (count(call->shape, call->n_rows) == 0) return;
    const az_shape s = call->shape;
    const int64_t n = s.size[of.axis] < 0 ? call->n_rows : s.size[of.axis];
    do {
        int64_t term[AZ_MAX_RANK];
        memcpy(term, at, sizeof term);
        for (int64_t k = 0; k < n; k++) {
            if (of.backward ? k < at[of.axis] : k > at[of.axis]) continue;
            term[of.axis] = k;
            const long double a = call->x[0][place_of(s, call->n_rows, term)];
            call->y[i] += a;
            call->size[i] += fabsl(a);
        }
        i++;
    } while (next_place(s, call->n_rows, at));
}

static inline void permute_formula(const formula_call *call)
{
    int32_t axis[AZ_MAX_RANK];
    int64_t at[AZ_MAX_RANK] = {0}, i = 0;
    memcpy(axis, call->of->sample.attribute, sizeof axis);
    if (count(call->shape, call->n_rows) == 0) return;
    do {
        int64_t from[AZ_MAX_RANK];
        for (int d = 0; d < call->shape.rank; d++) from[axis[d]] = at[d];
        call->y[i++] = call->x[0][place_of(call->of->sample.x[0].shape, call->n_rows, from)];
    } while (next_place(call->shape, call->n_rows, at));
}

typedef struct stepping {
    int64_t axis, start, step, size;
    double value;
} stepping;

static inline void slice_formula(const formula_call *call)
{
    stepping of;
    int64_t at[AZ_MAX_RANK] = {0}, i = 0;
    memcpy(&of, call->of->sample.attribute, sizeof of);
    if (count(call->shape, call->n_rows) == 0) return;
    do {
        int64_t from[AZ_MAX_RANK];
        memcpy(from, at, sizeof from);
        from[of.axis] = of.start + at[of.axis] * of.step;
        call->y[i++] = call->x[0][place_of(call->of->sample.x[0].shape, call->n_rows, from)];
    } while (next_place(call->shape, call->n_rows, at));
}

static inline void pad_formula(const formula_call *call)
{
    const az_shape from = call->of->sample.x[0].shape;
    stepping of;
    int64_t at[AZ_MAX_RANK] = {0}, i = 0;
    memcpy(&of, call->of->sample.attribute, sizeof of);
    for (int64_t k = 0; k < count(call->shape, call->n_rows); k++) call->y[k] = of.value;
    if (count(from, call->n_rows) == 0) return;
    do {
        int64_t to[AZ_MAX_RANK];
        memcpy(to, at, sizeof to);
        to[of.axis] = of.start + at[of.axis] * of.step;
        call->y[place_of(call->shape, call->n_rows, to)] = call->x[0][i++];
    } while (next_place(from, call->n_rows, at));
}

static inline void concatenate_formula(const formula_call *call)
{
    int64_t axis, before = 0;
    memcpy(&axis, call->of->sample.attribute, sizeof axis);
    for (int k = 0; k < call->of->sample.n; k++) {
        const az_shape from = call->of->sample.x[k].shape;
        int64_t at[AZ_MAX_RANK] = {0}, i = 0;
        if (count(from, call->n_rows) == 0) continue;
        do {
            int64_t to[AZ_MAX_RANK];
            memcpy(to, at, sizeof to);
            to[axis] += before;
            call->y[place_of(call->shape, call->n_rows, to)] = call->x[k][i++];
        } while (next_place(from, call->n_rows, at));
        before += from.size[axis];
    }
}

static inline void iota_formula(const formula_call *call)
{
    struct {
        az_shape shape;
        uint32_t axes, none;
    } of;
    int64_t at[AZ_MAX_RANK] = {0}, i = 0;
    memcpy(&of, call->of->sample.attribute, sizeof of);
    if (count(call->shape, call->n_rows) == 0) return;
    do {
        int64_t place = 0;
        for (int d = 0; d < of.shape.rank; d++)
            if (of.axes >> d & 1) place = place * (of.shape.size[d] < 0 ? call->n_rows : of.shape.size[d]) + at[d];
        call->y[i++] = (long double)place;
    } while (next_place(call->shape, call->n_rows, at));
}

/* The place in the table (with its extents, if it has any) of element `at` of the values: at = (index..., rest...). */
static inline int64_t table_place(const formula_call *call, az_shape table, const int64_t *at, int rank)
{
    const az_shape index = call->of->sample.x[0].shape;
    const int n_extents = az_shape_extents(table);
    int64_t in[AZ_MAX_RANK];
    for (int d = 0; d < n_extents; d++) in[d] = at[d];
    in[n_extents] = (int64_t)call->x[0][place_of(index, call->n_rows, at)];
    for (int d = index.rank; d < rank; d++) in[n_extents + 1 + d - index.rank] = at[d];
    return place_of(table, call->n_rows, in);
}

static inline void gather_formula(const formula_call *call)
{
    int64_t at[AZ_MAX_RANK] = {0}, i = 0;
    if (count(call->shape, call->n_rows) == 0) return;
    do call->y[i++] = call->x[1][table_place(call, call->of->sample.x[1].shape, at, call->shape.rank)];
    while (next_place(call->shape, call->n_rows, at));
}

/* Philox by the key that seed, name, step and member make: the seed and step of `run` in contract.h. */
static inline void random_formula(const formula_call *call, double (*number_of)(az_stream, uint64_t, uint64_t))
{
    struct {
        az_shape shape;
        int64_t type;
        char stream[64];
    } of;
    uint32_t bits[4];
    memcpy(&of, call->of->sample.attribute, sizeof of);
    az_stream stream = az_stream_new(7, of.stream);
    az_random_bits(stream, 3, 0, bits);
    memcpy(stream.key, bits, sizeof stream.key);
    const int64_t n = count(call->shape, call->n_rows);
    const int64_t n_elements = n / (az_shape_extents(call->shape) && call->n_rows ? call->n_rows : 1); /* of a row */
    for (int64_t i = 0; i < n; i++) {
        call->y[i] = number_of(stream, (uint64_t)(i / n_elements), (uint64_t)(i % n_elements));
        call->size[i] = fmaxl(1, fabsl(call->y[i]));
    }
}

static inline void uniform_formula(const formula_call *call)
{
    random_formula(call, az_random_uniform);
}

static inline void normal_formula(const formula_call *call)
{
    random_formula(call, az_random_normal);
}

static inline void matmul_batch_formula(const formula_call *call)
{
    const az_shape a = call->of->sample.x[0].shape, b = call->of->sample.x[1].shape, c = call->shape;
    int32_t transposed[2];
    int64_t at[AZ_MAX_RANK] = {0}, i = 0;
    memcpy(transposed, call->of->sample.attribute, sizeof transposed);
    if (count(c, call->n_rows) == 0) return;
    const int line = c.rank - 2, column = c.rank - 1;
    do {
        for (int64_t k = 0; k < a.size[transposed[0] ? line : column]; k++) {
            int64_t in_a[AZ_MAX_RANK], in_b[AZ_MAX_RANK];
            memcpy(in_a, at, sizeof at);
            memcpy(in_b, at, sizeof at);
            in_a[transposed[0] ? column : line] = at[line];
            in_a[transposed[0] ? line : column] = k;
            in_b[transposed[1] ? column : line] = k;
            in_b[transposed[1] ? line : column] = at[column];
            const long double term =
                call->x[0][place_of(a, call->n_rows, in_a)] * call->x[1][place_of(b, call->n_rows, in_b)];
            call->y[i] += term;
            call->size[i] += fabsl(term);
        }
        i++;
    } while (next_place(c, call->n_rows, at));
}

static inline void scatter_add_formula(const formula_call *call)
{
    const az_shape values = call->of->sample.x[1].shape;
    int64_t at[AZ_MAX_RANK] = {0}, i = 0;
    if (count(values, call->n_rows) == 0) return;
    do {
        const int64_t to = table_place(call, call->shape, at, values.rank);
        call->y[to] += call->x[1][i];
        call->size[to] += fabsl(call->x[1][i++]);
    } while (next_place(values, call->n_rows, at));
}

#endif
