/* SPDX-License-Identifier: BSD-3-Clause */
/* The error function and the gamma function. */
#include "base/math.h"
#include "ops/rules.h"

AZ_MAP1_ARRAY(erf, az_erf_array_f32, az_erf_array_f64)
AZ_MAP1_ARRAY(gaussian_cdf, az_normal_cdf_array_f32, az_normal_cdf_array_f64)
/* In float these are the double functions, rounded: the loop in double serves both. */
#define AZ_MAP1_THROUGH_DOUBLE(name, DOUBLE)                                                                           \
    AZ_MAP1_OF(name##_f64, double, double, DOUBLE)                                                                     \
    static void name##_f32(int64_t n_outer, int64_t n_inner, void *result, const az_operand *in,                       \
                           const void *attribute)                                                                      \
    {                                                                                                                  \
        double a[AZ_MAP_BLOCK], y[AZ_MAP_BLOCK];                                                                       \
        (void)attribute;                                                                                               \
        for (int64_t o = 0; o < n_outer; o++)                                                                          \
            for (int64_t first = 0; first < n_inner; first += AZ_MAP_BLOCK) {                                          \
                const int64_t n = n_inner - first < AZ_MAP_BLOCK ? n_inner - first : AZ_MAP_BLOCK;                     \
                const float *from = (const float *)in[0].data + o * in[0].outer + first * in[0].inner;                 \
                float *to = (float *)result + o * n_inner + first;                                                     \
                for (int64_t i = 0; i < n; i++) a[i] = (double)from[i * in[0].inner];                                  \
                name##_f64_row(n, y, a);                                                                               \
                for (int64_t i = 0; i < n; i++) to[i] = (float)y[i];                                                   \
            }                                                                                                          \
    }                                                                                                                  \
    AZ_KERNEL_TABLE(name) = {.map = {[AZ_F32] = name##_f32, [AZ_F64] = name##_f64}};
AZ_MAP1_THROUGH_DOUBLE(lgamma, az_lgamma_f64(a))
AZ_MAP1_THROUGH_DOUBLE(digamma, az_digamma_f64(a))

#ifdef AZ_RULES

#define TWO_OVER_ROOT_PI     1.1283791670955126
#define ONE_OVER_ROOT_TWO_PI 0.3989422804014327

static az_node erf_slope(az_node y)
{
    return az_scale(az_exp(az_neg(az_square(az_node_input(y, 0)))), TWO_OVER_ROOT_PI);
}
AZ_UNARY(erf, 0, 40, -3, 3, "y = 2 / sqrt(pi) int_0^a exp(-t^2) dt")

static az_node gaussian_cdf_slope(az_node y)
{
    return az_scale(az_exp(az_scale(az_square(az_node_input(y, 0)), -0.5)), ONE_OVER_ROOT_TWO_PI);
}
AZ_UNARY(gaussian_cdf, 0, 95, -4, 4, "y = P(Z <= a), Z normal")

static az_node lgamma_slope(az_node y)
{
    return az_digamma(az_node_input(y, 0));
}
AZ_UNARY(lgamma, 0, 600, 0.3, 6, "y = log |Gamma(a)|")

static az_node digamma_slope(az_node y)
{
    return az_polygamma(1, az_node_input(y, 0));
}
AZ_UNARY(digamma, 0, 400, 0.3, 6, "y = Gamma'(a) / Gamma(a)")

const az_op *const az_ops_special[] = {&erf_op, &gaussian_cdf_op, &lgamma_op, &digamma_op, NULL};
#endif
