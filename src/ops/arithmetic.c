/* SPDX-License-Identifier: BSD-3-Clause */
/* Sums, differences, products and quotients. */
#include "ops/rules.h"

AZ_MAP2(add, a + b, a + b)
AZ_MAP2(sub, a - b, a - b)
AZ_MAP2(mul, a *b, a *b)
AZ_MAP2(div, a / b, a / b)
AZ_MAP1(neg, -a, -a)

#ifdef AZ_RULES

static bool sample_one(int64_t number, az_op_sample *sample)
{
    return az_sample_elementwise(number, sample, 1, -3, 3);
}

static bool sample_two(int64_t number, az_op_sample *sample)
{
    return az_sample_elementwise(number, sample, 2, -3, 3);
}

/* y = a + b: dy = da + db. */
static void add_reverse(az_node y, az_node dy, az_node *dx)
{
    (void)y;
    dx[0] = dx[1] = dy;
}

static az_node add_forward(az_node y, const az_node *dx)
{
    (void)y;
    return az_add_or(dx[0], dx[1]);
}

static az_node add_simplify(const az_op_arguments *arguments)
{
    double value;
    for (int i = 0; i < 2; i++)
        if (az_is_constant(arguments->x[i], &value) && value == 0) return arguments->x[1 - i];
    const az_op *op = az_node_op(arguments->x[0]);
    return op->merge && op == az_node_op(arguments->x[1]) ? op->merge(arguments->x[0], arguments->x[1]) : AZ_NO_NODE;
}

static const az_op add_op = {.name = "add",
                             .version = 1,
                             .flags = AZ_OP_ELEMENTWISE | AZ_OP_COMMUTATIVE | AZ_OP_LINEAR | AZ_OP_IS_ADD,
                             .n_inputs = 2,
                             .equation = "y = a + b",
                             .shape = az_rule_elementwise,
                             .simplify = add_simplify,
                             .reverse = add_reverse,
                             .forward = add_forward,
                             .jet = az_jet_linear,
                             .kernels = AZ_KERNELS(add),
                             .sample = sample_two};

az_node az_add(az_node a, az_node b)
{
    return az_apply2(&add_op, a, b);
}

/* y = a - b: dy = da - db. */
static void sub_reverse(az_node y, az_node dy, az_node *dx)
{
    (void)y;
    dx[0] = dy;
    dx[1] = az_neg(dy);
}

static az_node sub_forward(az_node y, const az_node *dx)
{
    (void)y;
    if (dx[1].id < 0) return dx[0];
    return dx[0].id < 0 ? az_neg(dx[1]) : az_sub(dx[0], dx[1]);
}

static az_node sub_simplify(const az_op_arguments *arguments)
{
    double value;
    return az_is_constant(arguments->x[1], &value) && value == 0 ? arguments->x[0] : AZ_NO_NODE;
}

static const az_op sub_op = {.name = "sub",
                             .version = 1,
                             .flags = AZ_OP_ELEMENTWISE | AZ_OP_LINEAR | AZ_OP_IS_SUB,
                             .n_inputs = 2,
                             .equation = "y = a - b",
                             .shape = az_rule_elementwise,
                             .simplify = sub_simplify,
                             .reverse = sub_reverse,
                             .forward = sub_forward,
                             .jet = az_jet_linear,
                             .kernels = AZ_KERNELS(sub),
                             .sample = sample_two};

az_node az_sub(az_node a, az_node b)
{
    return az_apply2(&sub_op, a, b);
}

/* y = a b: dy = b da + a db. */
static void mul_reverse(az_node y, az_node dy, az_node *dx)
{
    dx[0] = az_mul(dy, az_node_input(y, 1));
    dx[1] = az_mul(dy, az_node_input(y, 0));
}

static az_node mul_forward(az_node y, const az_node *dx)
{
    const az_node a = az_node_input(y, 0), b = az_node_input(y, 1);
    return az_add_or(dx[0].id < 0 ? AZ_NO_NODE : az_mul(dx[0], b), dx[1].id < 0 ? AZ_NO_NODE : az_mul(a, dx[1]));
}

static const double binomial[5][5] = {{1}, {1, 1}, {1, 2, 1}, {1, 3, 3, 1}, {1, 4, 6, 4, 1}};

/* Derivative k of input i: the input itself for k = 0. */
static az_node of_order(az_node y, int order, const az_node *dx, int i, int k)
{
    return k ? dx[i * order + k - 1] : az_node_input(y, i);
}

/* Leibniz: (a b)_k = sum_j C(k, j) a_j b_(k - j). */
void az_jet_product(az_node y, int order, const az_node *dx, az_node *dy)
{
    for (int k = 1; k <= order; k++)
        for (int j = 0; j <= k; j++) {
            const az_node a = of_order(y, order, dx, 0, j), b = of_order(y, order, dx, 1, k - j);
            if (a.id < 0 || b.id < 0) continue;
            const az_node product = az_mul(a, b);
            dy[k - 1] = az_add_or(dy[k - 1], binomial[k][j] == 1 ? product : az_scale(product, binomial[k][j]));
        }
}

static az_node mul_simplify(const az_op_arguments *arguments)
{
    double value;
    for (int i = 0; i < 2; i++)
        if (az_is_constant(arguments->x[i], &value) && value == 1) return arguments->x[1 - i];
    return AZ_NO_NODE;
}

static const az_op mul_op = {.name = "mul",
                             .version = 1,
                             .flags = AZ_OP_ELEMENTWISE | AZ_OP_COMMUTATIVE | AZ_OP_LINEAR | AZ_OP_IS_MUL,
                             .n_inputs = 2,
                             .equation = "y = a b",
                             .shape = az_rule_elementwise,
                             .simplify = mul_simplify,
                             .reverse = mul_reverse,
                             .forward = mul_forward,
                             .jet = az_jet_product,
                             .kernels = AZ_KERNELS(mul),
                             .sample = sample_two};

az_node az_mul(az_node a, az_node b)
{
    return az_apply2(&mul_op, a, b);
}

bool az_is_product(az_node x, az_node *a, az_node *b)
{
    if (x.id < 0 || az_node_op(x) != &mul_op) return false;
    *a = az_node_input(x, 0);
    *b = az_node_input(x, 1);
    return true;
}

/* y = a / b: dy = (da - y db) / b. */
static void div_reverse(az_node y, az_node dy, az_node *dx)
{
    dx[0] = az_div(dy, az_node_input(y, 1));
    dx[1] = az_neg(az_mul(dx[0], y));
}

static az_node div_forward(az_node y, const az_node *dx)
{
    const az_node b = az_node_input(y, 1);
    if (dx[1].id < 0) return az_div(dx[0], b);
    const az_node fall = az_mul(y, dx[1]);
    return az_div(dx[0].id < 0 ? az_neg(fall) : az_sub(dx[0], fall), b);
}

/* y b = a, so y_k = (a_k - sum_(j >= 1) C(k, j) b_j y_(k - j)) / b. */
static void div_jet(az_node y, int order, const az_node *dx, az_node *dy)
{
    for (int k = 1; k <= order; k++) {
        az_node rest = of_order(y, order, dx, 0, k);
        for (int j = 1; j <= k; j++) {
            const az_node b = of_order(y, order, dx, 1, j), earlier = k > j ? dy[k - j - 1] : y;
            if (b.id < 0 || earlier.id < 0) continue;
            rest = az_add_or(rest, az_scale(az_mul(b, earlier), -binomial[k][j]));
        }
        if (rest.id >= 0) dy[k - 1] = az_div(rest, az_node_input(y, 1));
    }
}

static az_node div_simplify(const az_op_arguments *arguments)
{
    double value;
    return az_is_constant(arguments->x[1], &value) && value == 1 ? arguments->x[0] : AZ_NO_NODE;
}

static bool div_sample(int64_t number, az_op_sample *sample)
{
    if (!sample_two(number, sample)) return false;
    sample->x[1].lower = 0.5;
    return true;
}

static const az_op div_op = {.name = "div",
                             .version = 1,
                             .flags = AZ_OP_ELEMENTWISE | AZ_OP_IS_DIV,
                             .n_inputs = 2,
                             .equation = "y = a / b",
                             .shape = az_rule_elementwise,
                             .simplify = div_simplify,
                             .reverse = div_reverse,
                             .forward = div_forward,
                             .jet = div_jet,
                             .flops = 8,
                             .kernels = AZ_KERNELS(div),
                             .sample = div_sample};

az_node az_div(az_node a, az_node b)
{
    return az_apply2(&div_op, a, b);
}

static void neg_reverse(az_node y, az_node dy, az_node *dx)
{
    (void)y;
    dx[0] = az_neg(dy);
}

static az_node neg_forward(az_node y, const az_node *dx)
{
    (void)y;
    return az_neg(dx[0]);
}

static const az_op neg_op;

static az_node neg_simplify(const az_op_arguments *arguments)
{
    const az_node x = arguments->x[0];
    return az_node_op(x) == &neg_op ? az_node_input(x, 0) : AZ_NO_NODE;
}

static const az_op neg_op = {.name = "neg",
                             .version = 1,
                             .flags = AZ_OP_ELEMENTWISE | AZ_OP_LINEAR | AZ_OP_IS_NEG,
                             .n_inputs = 1,
                             .equation = "y = -a",
                             .shape = az_rule_elementwise,
                             .simplify = neg_simplify,
                             .reverse = neg_reverse,
                             .forward = neg_forward,
                             .jet = az_jet_linear,
                             .kernels = AZ_KERNELS(neg),
                             .sample = sample_one};

az_node az_neg(az_node x)
{
    return az_apply1(&neg_op, x);
}

az_node az_scale(az_node x, double factor)
{
    return az_mul(x, az_constant_like(x, factor));
}

az_node az_shift(az_node x, double addend)
{
    return az_add(x, az_constant_like(x, addend));
}

az_node az_square(az_node x)
{
    return az_mul(x, x);
}

const az_op *const az_ops_arithmetic[] = {&add_op, &sub_op, &mul_op, &div_op, &neg_op, NULL};
#endif
