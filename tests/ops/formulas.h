/* SPDX-License-Identifier: BSD-3-Clause */
/* What each op is, worked out by plain loops in long double: a table by name.  An op that is not in it fails the test,
 * so a new op brings its formula. */
#ifndef AZ_TESTS_OPS_FORMULAS_H
#define AZ_TESTS_OPS_FORMULAS_H

#include "base/random.h"
#include "contract.h"

/* One call of an op: arrays are row-major with the rows outermost. */
typedef struct formula_call {
    const instance *of;
    int64_t n_rows;
    const long double *const *x;
    az_shape shape;    /* of the result */
    long double *y;    /* the result */
    long double *size; /* of what the result was summed from: rounding is measured by it */
} formula_call;

/* Elementwise ops are functions of up to three numbers. */
typedef long double scalar_formula(long double a, long double b, long double c);
typedef void array_formula(const formula_call *call);

typedef struct formula {
    const char *name;
    scalar_formula *scalar;
    array_formula *array;
    double tolerance; /* in units of the type's rounding, of `size` */
    bool absolute;    /* near zeros of the function the error is measured by one */
    bool constant;    /* for derivatives, by definition */
} formula;

#define SCALAR(NAME, EXPRESSION)                                                                                       \
    static inline long double NAME##_formula(long double a, long double b, long double c)                              \
    {                                                                                                                  \
        (void)a, (void)b, (void)c;                                                                                     \
        return EXPRESSION;                                                                                             \
    }
SCALAR(add, a + b)
SCALAR(sub, a - b)
SCALAR(mul, a *b)
SCALAR(div, a / b)
SCALAR(neg, -a)
SCALAR(exp, expl(a))
SCALAR(expm1, expm1l(a))
SCALAR(log, logl(a))
SCALAR(log1p, log1pl(a))
SCALAR(tanh, tanhl(a))
SCALAR(one_less_square, (1 - a) * (1 + a))
SCALAR(sigmoid, 1 / (1 + expl(-a)))
SCALAR(softplus, log1pl(expl(a)))
SCALAR(abs, fabsl(a))
SCALAR(sign, (long double)((a > 0) - (a < 0)))
SCALAR(floor, floorl(a))
SCALAR(mod, a - b * floorl(a / b))
SCALAR(min, fminl(a, b))
SCALAR(max, fmaxl(a, b))
SCALAR(stop, a)
SCALAR(less, a < b)
SCALAR(less_equal, a <= b)
SCALAR(equal, a == b)
SCALAR(select, a != 0 ? b : c)
SCALAR(sqrt, sqrtl(a))
SCALAR(pow, powl(a, b))
SCALAR(erf, erfl(a))
SCALAR(gaussian_cdf, 0.5L * erfcl(-a / sqrtl(2)))
SCALAR(lgamma, lgammal(a))
SCALAR(sin, sinl(a))
SCALAR(cos, cosl(a))
SCALAR(atan2, atan2l(a, b))

/* Upwards by psi(a) = psi(a + 1) - 1 / a, then the asymptotic series (Abramowitz and Stegun 6.3.18). */
static inline long double digamma_formula(long double a, long double b, long double c)
{
    long double sum = 0;
    (void)b, (void)c;
    for (; a < 30; a += 1) sum -= 1 / a;
    const long double u = 1 / (a * a);
    return sum + logl(a) - 0.5L / a -
           u * (1.0L / 12 - u * (1.0L / 120 - u * (1.0L / 252 - u * (1.0L / 240 - u * (1.0L / 132)))));
}

/* --- Arrays ------------------------------------------------------------------------------------------------------- */

/* Steps through all places of a shape in order; false: at the end. */
static inline bool next_place(az_shape shape, int64_t n_rows, int64_t *at)
{
    for (int d = shape.rank - 1; d >= 0; d--) {
        if (++at[d] < (shape.size[d] < 0 ? n_rows : shape.size[d])) return true;
        at[d] = 0;
    }
    return false;
}

static inline int64_t place_of(az_shape shape, int64_t n_rows, const int64_t *at)
{
    int64_t place = 0;
    for (int d = 0; d < shape.rank; d++) place = place * (shape.size[d] < 0 ? n_rows : shape.size[d]) + at[d];
    return place;
}

/* (-1)^(n + 1) n! sum of (a + k)^-(n + 1) over k: the first 60 terms, then Euler and Maclaurin (Abramowitz and Stegun
 * 6.4.10, 23.1.30). */
static inline void polygamma_formula(const formula_call *call)
{
    const int n = (int)call->of->sample.attribute[0];
    const int64_t elements = count(call->shape, call->n_rows);
    for (int64_t i = 0; i < elements; i++) {
        long double a = call->x[0][i], sum = 0, factorial = 1;
        for (int k = 2; k <= n; k++) factorial *= k;
        for (int k = 0; k < 60; k++, a += 1) sum += powl(a, -n - 1);
        const long double next = powl(a, -n - 1), u = 1 / (a * a);
        const long double third = 1 - (n + 4) * (n + 5) * u / 42, second = 1 - (n + 2) * (n + 3) * u / 60 * third;
        sum += a * next / n + next / 2 + (n + 1) * next / (12 * a) * second;
        call->y[i] = (n % 2 ? factorial : -factorial) * sum;
        call->size[i] = fabsl(call->y[i]);
    }
}

static inline void sum_formula(const formula_call *call)
{
    const az_shape from = call->of->sample.x[0].shape;
    uint32_t axes;
    int64_t at[AZ_MAX_RANK] = {0}, i = 0;
    memcpy(&axes, call->of->sample.attribute, sizeof axes);
    if (count(from, call->n_rows) == 0) return;
    do {
        int64_t to[AZ_MAX_RANK], n = 0;
        for (int d = 0; d < from.rank; d++)
            if (!(axes >> d & 1)) to[n++] = at[d];
        const int64_t place = place_of(call->shape, call->n_rows, to);
        call->y[place] += call->x[0][i];
        call->size[place] += fabsl(call->x[0][i++]);
    } while (next_place(from, call->n_rows, at));
}

static inline void sum_products_formula(const formula_call *call)
{
    const int64_t n = count(call->of->sample.x[0].shape, call->n_rows);
    long double *product = malloc((size_t)n * sizeof *product + 1);
    formula_call of_products = *call;
    for (int64_t i = 0; i < n; i++) product[i] = call->x[0][i] * call->x[1][i];
    of_products.x = (const long double *const[]){product};
    sum_formula(&of_products);
    free(product);
}

static inline void broadcast_formula(const formula_call *call)
{
    const az_shape from = call->of->sample.x[0].shape;
    struct {
        az_shape shape;
        int32_t axis[AZ_MAX_RANK];
    } to;
    int64_t at[AZ_MAX_RANK] = {0}, i = 0;
    memcpy(&to, call->of->sample.attribute, sizeof to);
    if (count(call->shape, call->n_rows) == 0) return;
    do {
        int64_t source[AZ_MAX_RANK];
        for (int j = 0; j < from.rank; j++) source[j] = from.size[j] == 1 ? 0 : at[to.axis[j]];
        call->y[i] = call->x[0][place_of(from, call->n_rows, source)];
        call->size[i] = fabsl(call->y[i]);
        i++;
    } while (next_place(call->shape, call->n_rows, at));
}

static inline void reshape_formula(const formula_call *call)
{
    for (int64_t i = 0; i < count(call->shape, call->n_rows); i++) {
        call->y[i] = call->x[0][i];
        call->size[i] = fabsl(call->y[i]);
    }
}

static inline void cast_formula(const formula_call *call)
{
    int64_t to;
    memcpy(&to, call->of->sample.attribute, sizeof to);
    for (int64_t i = 0; i < count(call->shape, call->n_rows); i++) {
        const long double a = call->x[0][i];
        call->y[i] = to == AZ_MASK ? a != 0 : to == AZ_I64 ? truncl(a) : a;
        call->size[i] = fabsl(a);
    }
}

/* A matrix for each row; of vectors, what numpy's matmul and outer make of them. */
static inline void matmul_formula(const formula_call *call)
{
    struct {
        int32_t transpose_a, transpose_b, sum_rows;
    } of;
    int64_t size[2][2], extents[2], n_rows = 1; /* n_rows: pairs of rows and points are rows here */
    memcpy(&of, call->of->sample.attribute, sizeof of);
    for (int i = 0; i < 2; i++) {
        const az_shape s = call->of->sample.x[i].shape;
        const int e = az_shape_extents(s), fixed = s.rank - e;
        extents[i] = e;
        if (fixed == 2) {
            size[i][0] = s.size[e];
            size[i][1] = s.size[e + 1];
        } else { /* vectors: a is a line and b a column; a transposed, and then b is a line */
            size[i][i] = 1;
            size[i][1 - i] = s.size[e];
        }
    }
    if (call->of->sample.x[0].shape.rank - (int)extents[0] == 1 && of.transpose_a) { /* outer */
        size[1][1] = size[1][0];
        size[1][0] = 1;
    }
    for (int64_t e = 0; e < (extents[0] > extents[1] ? extents[0] : extents[1]); e++) n_rows *= call->n_rows;
    const bool b_vector = call->of->sample.x[1].shape.rank - (int)extents[1] == 1;
    const int64_t m = size[0][of.transpose_a ? 1 : 0], depth = size[0][of.transpose_a ? 0 : 1];
    const int64_t n = size[1][!b_vector && of.transpose_b ? 0 : 1];
    for (int64_t r = 0; r < n_rows; r++)
        for (int64_t i = 0; i < m; i++)
            for (int64_t j = 0; j < n; j++)
                for (int64_t k = 0; k < depth; k++) {
                    const int64_t in_a = of.transpose_a ? k * size[0][1] + i : i * size[0][1] + k;
                    const int64_t in_b = !b_vector && of.transpose_b ? j * size[1][1] + k : k * size[1][1] + j;
                    const long double term = call->x[0][(extents[0] ? r * size[0][0] * size[0][1] : 0) + in_a] *
                                             call->x[1][(extents[1] ? r * size[1][0] * size[1][1] : 0) + in_b];
                    const int64_t to = ((of.sum_rows ? 0 : r) * m + i) * n + j;
                    call->y[to] += term;
                    call->size[to] += fabsl(term);
                }
}

#include "formulas_structure.h"

#define BY_NUMBER(NAME, TOLERANCE)                                                                                     \
    {                                                                                                                  \
        .name = #NAME, .scalar = NAME##_formula, .tolerance = TOLERANCE                                                \
    }
#define BY_ARRAY(NAME, TOLERANCE)                                                                                      \
    {                                                                                                                  \
        .name = #NAME, .array = NAME##_formula, .tolerance = TOLERANCE                                                 \
    }
static const formula formulas[] = {
    BY_NUMBER(add, 1),
    BY_NUMBER(sub, 1),
    BY_NUMBER(mul, 1),
    BY_NUMBER(div, 1),
    BY_NUMBER(neg, 0),
    BY_NUMBER(exp, 2),
    BY_NUMBER(expm1, 2),
    BY_NUMBER(log, 2),
    BY_NUMBER(log1p, 2),
    BY_NUMBER(tanh, 2),
    BY_NUMBER(one_less_square, 1),
    BY_NUMBER(sigmoid, 3),
    BY_NUMBER(softplus, 2),
    BY_NUMBER(abs, 0),
    BY_NUMBER(sign, 0),
    BY_NUMBER(floor, 0),
    BY_NUMBER(mod, 1),
    BY_NUMBER(min, 0),
    BY_NUMBER(max, 0),
    {.name = "stop", .scalar = stop_formula, .constant = true},
    BY_NUMBER(less, 0),
    BY_NUMBER(less_equal, 0),
    BY_NUMBER(equal, 0),
    BY_NUMBER(select, 0),
    BY_NUMBER(sqrt, 1),
    BY_NUMBER(pow, 2),
    BY_NUMBER(erf, 2),
    BY_NUMBER(gaussian_cdf, 3),
    {.name = "lgamma", .scalar = lgamma_formula, .tolerance = 4, .absolute = true},
    {.name = "digamma", .scalar = digamma_formula, .tolerance = 4, .absolute = true},
    BY_ARRAY(polygamma, 5),
    BY_NUMBER(sin, 2),
    BY_NUMBER(cos, 2),
    BY_NUMBER(atan2, 2),
    BY_ARRAY(sum, 12),
    BY_ARRAY(sum_products, 12),
    BY_ARRAY(broadcast, 0),
    BY_ARRAY(reshape, 0),
    BY_ARRAY(cast, 0.5),
    BY_ARRAY(matmul, 12),
    BY_ARRAY(max_over, 0),
    BY_ARRAY(min_over, 0),
    BY_ARRAY(log_sum_exp, 3),
    BY_ARRAY(cumulative_sum, 6),
    BY_ARRAY(permute, 0),
    BY_ARRAY(slice, 0),
    BY_ARRAY(pad, 0),
    BY_ARRAY(concatenate, 0),
    BY_ARRAY(iota, 0),
    BY_ARRAY(gather, 0),
    BY_ARRAY(scatter_add, 12),
    BY_ARRAY(matmul_batch, 12),
    BY_ARRAY(uniform, 0.5),
    BY_ARRAY(normal, 4),
};

static inline const formula *formula_of(const az_op *op)
{
    for (size_t i = 0; i < sizeof formulas / sizeof formulas[0]; i++)
        if (strcmp(formulas[i].name, op->name) == 0) return &formulas[i];
    return NULL;
}

/* The result of an instance and the sizes of it. */
static inline void work_out(const instance *of, const formula *f, az_shape shape, int64_t n_rows,
                            const long double *const *x, long double *y, long double *size)
{
    const int64_t n = count(shape, n_rows);
    for (int64_t i = 0; i < n; i++) y[i] = size[i] = 0;
    if (f->array) {
        const formula_call call = {of, n_rows, x, shape, y, size};
        f->array(&call);
        return;
    }
    for (int64_t i = 0; i < n; i++) {
        y[i] = f->scalar(x[0][i], of->sample.n > 1 ? x[1][i] : 0, of->sample.n > 2 ? x[2][i] : 0);
        size[i] = f->absolute ? fmaxl(1, fabsl(y[i])) : fabsl(y[i]);
    }
}

#endif
