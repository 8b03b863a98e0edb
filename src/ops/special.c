/* SPDX-License-Identifier: BSD-3-Clause */
/* The error function and the gamma function. */
#include "base/math.h"
#include "ops/rules.h"

AZ_MAP1(erf, az_erf_f32(a), az_erf_f64(a))
AZ_MAP1(gaussian_cdf, az_normal_cdf_f32(a), az_normal_cdf_f64(a))
AZ_MAP1(lgamma, az_lgamma_f32(a), az_lgamma_f64(a))
AZ_MAP1(digamma, az_digamma_f32(a), az_digamma_f64(a))

#ifdef AZ_RULES

#define TWO_OVER_ROOT_PI     1.1283791670955126
#define ONE_OVER_ROOT_TWO_PI 0.3989422804014327

static az_node erf_slope(az_node y)
{
    return az_scale(az_exp(az_neg(az_square(az_node_input(y, 0)))), TWO_OVER_ROOT_PI);
}
AZ_UNARY(erf, 0, -3, 3, "y = 2 / sqrt(pi) int_0^a exp(-t^2) dt")

static az_node gaussian_cdf_slope(az_node y)
{
    return az_scale(az_exp(az_scale(az_square(az_node_input(y, 0)), -0.5)), ONE_OVER_ROOT_TWO_PI);
}
AZ_UNARY(gaussian_cdf, 0, -4, 4, "y = P(Z <= a), Z normal")

static az_node lgamma_slope(az_node y)
{
    return az_digamma(az_node_input(y, 0));
}
AZ_UNARY(lgamma, 0, 0.3, 6, "y = log |Gamma(a)|")

static bool digamma_sample(int64_t number, az_op_sample *sample)
{
    return az_sample_elementwise(number, sample, 1, 0.3, 6);
}

/* Without a derivative: the trigamma function is not among the primitives. */
static const az_op digamma_op = {.name = "digamma",
                                 .version = 1,
                                 .flags = AZ_OP_ELEMENTWISE,
                                 .n_inputs = 1,
                                 .equation = "y = Gamma'(a) / Gamma(a)",
                                 .shape = az_rule_elementwise,
                                 .kernels = AZ_KERNELS(digamma),
                                 .sample = digamma_sample};

az_node az_digamma(az_node x)
{
    return az_apply1(&digamma_op, x);
}

const az_op *const az_ops_special[] = {&erf_op, &gaussian_cdf_op, &lgamma_op, &digamma_op, NULL};
#endif
