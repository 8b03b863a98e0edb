/* SPDX-License-Identifier: BSD-3-Clause */
/* Derivatives of the digamma function, by their order: psi_n = (-1)^(n + 1) n! zeta(n + 1, x).
 *
 * Hurwitz' zeta(s, x), the sum of (x + k)^-s over all k >= 0, by the formula of Euler and Maclaurin (Abramowitz and
 * Stegun 23.1.30): terms up to x + k = 10 + s one by one, of the rest the integral, half the first term, and eight
 * terms with Bernoulli numbers.  The error is below (2 + 0.7 n) units of the last place in double for x > 0; for x < 0,
 * by reflection (6.4.7), it is that against the larger one of the two terms. */
#define AZ_KERNELS_ONCE
#include "base/math.h"
#include "ops/rules.h"

enum { MOST_ORDER = 60 };

static double whole_power(double x, int n)
{
    double power = 1;
    for (; n > 0; n >>= 1, x *= x) power *= n & 1 ? x : 1;
    return power;
}

/* x > 0. */
static double zeta(int s, double x)
{
    /* Bernoulli numbers B_2k by (2 k)!. */
    static const double bernoulli[] = {1.0 / 12,          -1.0 / 720,
                                       1.0 / 30240,       -1.0 / 1209600,
                                       1.0 / 47900160,    -691.0 / 1307674368000,
                                       1.0 / 74724249600, -3617.0 / 10670622842880000};
    enum { TERMS = sizeof bernoulli / sizeof bernoulli[0] };
    double sum = 0, term[TERMS];
    const int steps = x < 10 + s ? 10 + s - (int)x : 0;
    const double inverse = 1 / (x + steps), power = whole_power(inverse, s - 1);
    double factor = power * inverse * inverse * s;
    for (int k = 0; k < TERMS; k++) {
        term[k] = bernoulli[k] * factor;
        factor *= (s + 2 * k + 1) * (s + 2 * k + 2) * inverse * inverse;
    }
    for (int k = TERMS - 1; k >= 0; k--) sum += term[k]; /* the small ones first */
    sum += power * inverse / 2;
    sum += power / (s - 1);
    for (int k = steps - 1; k >= 0; k--) sum += whole_power(1 / (x + k), s);
    return sum;
}

/* The n-th derivative of cot(t), a polynomial of c = cot(t): that of c^j is -(1 + c^2) j c^(j - 1). */
static double derivative_of_cot(int n, double c)
{
    double of[MOST_ORDER + 2] = {0, 1};
    for (int k = 1; k <= n; k++) {
        double next[MOST_ORDER + 2] = {0};
        for (int j = 1; j <= k; j++) {
            next[j - 1] -= j * of[j];
            next[j + 1] -= j * of[j];
        }
        for (int j = 0; j <= k + 1; j++) of[j] = next[j];
    }
    double value = 0;
    for (int j = n + 1; j >= 0; j--) value = value * c + of[j];
    return value;
}

static double polygamma(int n, double x)
{
    const double infinity = __builtin_inf(), size = __builtin_fabs(x), sign = n % 2 ? 1 : -1;
    double factorial = 1;
    for (int k = 2; k <= n; k++) factorial *= k;
    if (x == 0) return n % 2 ? infinity : -__builtin_copysign(infinity, x);
    if (!(x < 0)) return x == infinity ? 0 : sign * factorial * zeta(n + 1, x);
    /* psi_n(-x) = (-1)^n (psi_n(1 + x) + d^n/dx^n pi cot(pi x)) */
    const double twice = az_twice_modulo_4_f64(size), quarter = twice + 0x1.8p52;
    const az_sum_f64 angle = az_half_pi_times_f64(twice - (quarter - 0x1.8p52));
    const double sine = az_sine_of_parts_f64(az_to_bits_f64(quarter), angle.head, angle.tail);
    const double cosine = az_sine_of_parts_f64(az_to_bits_f64(quarter) + 1, angle.head, angle.tail);
    if (sine == 0 || size == infinity) return n % 2 && size != infinity ? infinity : __builtin_nan("");
    const double turned = whole_power(0x1.921fb54442d18p1, n + 1) * derivative_of_cot(n, cosine / sine);
    return -sign * (sign * factorial * zeta(n + 1, 1 + size) + turned);
}

#define POLYGAMMA_OF(name, REAL)                                                                                       \
    static void name(int64_t n_outer, int64_t n_inner, void *result, const az_operand *in, const void *attribute)      \
    {                                                                                                                  \
        const int order = (int)*(const int64_t *)attribute;                                                            \
        for (int64_t o = 0; o < n_outer; o++)                                                                          \
            for (int64_t i = 0; i < n_inner; i++) {                                                                    \
                const REAL x = ((const REAL *)in[0].data)[o * in[0].outer + i * in[0].inner];                          \
                ((REAL *)result)[o * n_inner + i] = (REAL)polygamma(order, (double)x);                                 \
            }                                                                                                          \
    }
POLYGAMMA_OF(polygamma_f32, float)
POLYGAMMA_OF(polygamma_f64, double)
AZ_KERNEL_TABLE(polygamma) = {.map = {[AZ_F32] = polygamma_f32, [AZ_F64] = polygamma_f64}};

#ifdef AZ_RULES

static az_status polygamma_shape(const az_op_arguments *arguments, az_type *type, az_shape *shape)
{
    const int64_t order = *(const int64_t *)arguments->attribute;
    if (order < 1 || order > MOST_ORDER)
        return az_error(AZ_ERROR_USAGE, "the order %lld is not among 0 (digamma) to %d", (long long)order, MOST_ORDER);
    return az_rule_elementwise(arguments, type, shape);
}

static az_node slope(az_node y)
{
    return az_polygamma((int)*(const int64_t *)az_node_attribute(y) + 1, az_node_input(y, 0));
}

static void polygamma_reverse(az_node y, az_node dy, az_node *dx)
{
    dx[0] = az_mul(dy, slope(y));
}

static az_node polygamma_forward(az_node y, const az_node *dx)
{
    return az_mul(dx[0], slope(y));
}

static bool polygamma_sample(int64_t number, az_op_sample *sample)
{
    sample->attribute[0] = 1 + number % 3;
    return az_sample_elementwise(number, sample, 1, 0.5, 6);
}

static const az_op polygamma_op = {.name = "polygamma",
                                   .version = 1,
                                   .flags = AZ_OP_ELEMENTWISE,
                                   .n_inputs = 1,
                                   .attribute_size = sizeof(int64_t),
                                   .equation = "y = digamma's derivative of an order, at a",
                                   .shape = polygamma_shape,
                                   .reverse = polygamma_reverse,
                                   .forward = polygamma_forward,
                                   .jet = az_jet_unary,
                                   .flops = 3000,
                                   .kernels = AZ_KERNELS(polygamma),
                                   .sample = polygamma_sample};

az_node az_polygamma(int order, az_node x)
{
    const int64_t attribute = order;
    return order == 0 ? az_digamma(x) : az_apply(&polygamma_op, x.graph, &x, 1, &attribute);
}

const az_op *const az_ops_polygamma[] = {&polygamma_op, NULL};
#endif
