/* SPDX-License-Identifier: BSD-3-Clause */
/* All operators and functions: one line of the table each.  They work on columns of numbers; NaN is missing, and what
 * is made of something missing is missing, also where C's own function ignores it (pow(NaN, 0) is 1). */
#include "formula/parts.h"

#include <math.h>

#define UNARY(function, expression)                                                                                    \
    static void function(double *const *arguments, int n_arguments, int64_t n_rows)                                    \
    {                                                                                                                  \
        (void)n_arguments;                                                                                             \
        double *values = arguments[0];                                                                                 \
        for (int64_t i = 0; i < n_rows; i++) {                                                                         \
            double x = values[i];                                                                                      \
            values[i] = (expression);                                                                                  \
        }                                                                                                              \
    }

#define BINARY(function, expression)                                                                                   \
    static void function(double *const *arguments, int n_arguments, int64_t n_rows)                                    \
    {                                                                                                                  \
        (void)n_arguments;                                                                                             \
        double *values = arguments[0];                                                                                 \
        const double *others = arguments[1];                                                                           \
        for (int64_t i = 0; i < n_rows; i++) {                                                                         \
            double x = values[i], y = others[i];                                                                       \
            values[i] = (expression);                                                                                  \
        }                                                                                                              \
    }

/* For functions of C that do not hand on every NaN. */
#define STRICT(value) (isnan(x) || isnan(y) ? NAN : (value))

UNARY(negate, -x)
BINARY(add, x + y)
BINARY(subtract, x - y)
BINARY(multiply, x *y)
BINARY(divide, x / y)
/* The commonest power is one product, rounded once. */
BINARY(power, y == 2 ? x * x : STRICT(pow(x, y)))

BINARY(less, STRICT(x < y))
BINARY(less_equal, STRICT(x <= y))
BINARY(greater, STRICT(x > y))
BINARY(greater_equal, STRICT(x >= y))
BINARY(equal, STRICT(x == y))
BINARY(not_equal, STRICT(x != y))

/* Kleene's logic of three values, as SQL has it: a missing operand does not matter where the other one decides. */
UNARY(logical_not, isnan(x) ? NAN : x == 0)
BINARY(logical_and, x == 0 || y == 0 ? 0 : STRICT(1))
BINARY(logical_or, (!isnan(x) && x != 0) || (!isnan(y) && y != 0) ? 1 : STRICT(0))

UNARY(absolute, fabs(x))
UNARY(square_root, sqrt(x))
UNARY(cube_root, cbrt(x))
UNARY(exponential, exp(x))
UNARY(exponential_minus_1, expm1(x))
UNARY(logarithm, log(x))
UNARY(logarithm_10, log10(x))
UNARY(logarithm_2, log2(x))
UNARY(logarithm_1_plus, log1p(x))
UNARY(sine, sin(x))
UNARY(cosine, cos(x))
UNARY(tangent, tan(x))
UNARY(arc_sine, asin(x))
UNARY(arc_cosine, acos(x))
UNARY(arc_tangent, atan(x))
BINARY(arc_tangent_2, atan2(x, y))
UNARY(hyperbolic_sine, sinh(x))
UNARY(hyperbolic_cosine, cosh(x))
UNARY(hyperbolic_tangent, tanh(x))
UNARY(area_sine, asinh(x))
UNARY(area_cosine, acosh(x))
UNARY(area_tangent, atanh(x))
/* A double near pi/180 times 360 and its inverse are exact enough; the divisions are what NumPy does. */
UNARY(to_degrees, x *(180 / 3.14159265358979323846))
UNARY(to_radians, x *(3.14159265358979323846 / 180))
UNARY(round_down, floor(x))
UNARY(round_up, ceil(x))
UNARY(round_even, rint(x))
UNARY(round_to_zero, trunc(x))
UNARY(sign_of, isnan(x) ? NAN : (double)((x > 0) - (x < 0)))
BINARY(hypotenuse, STRICT(hypot(x, y)))
UNARY(error_function, erf(x))
UNARY(error_function_complement, erfc(x))
UNARY(gamma_function, tgamma(x))
UNARY(log_gamma, lgamma_r(x, &(int){0})) /* lgamma writes a global variable */
UNARY(is_missing, (double)isnan(x))

/* The remainder has the sign of y, so that angles and hours come back into [0, y). */
static double floored_remainder(double x, double y)
{
    double remainder = fmod(x, y);
    if (remainder != 0 && (remainder < 0) != (y < 0)) remainder += y;
    return remainder;
}
BINARY(modulo, floored_remainder(x, y))

static void smallest(double *const *arguments, int n_arguments, int64_t n_rows)
{
    for (int k = 1; k < n_arguments; k++)
        for (int64_t i = 0; i < n_rows; i++) {
            double x = arguments[0][i], y = arguments[k][i];
            arguments[0][i] = STRICT(y < x ? y : x);
        }
}

static void largest(double *const *arguments, int n_arguments, int64_t n_rows)
{
    for (int k = 1; k < n_arguments; k++)
        for (int64_t i = 0; i < n_rows; i++) {
            double x = arguments[0][i], y = arguments[k][i];
            arguments[0][i] = STRICT(y > x ? y : x);
        }
}

static void choose(double *const *arguments, int n_arguments, int64_t n_rows)
{
    (void)n_arguments;
    for (int64_t i = 0; i < n_rows; i++) {
        double condition = arguments[0][i];
        if (!isnan(condition)) arguments[0][i] = arguments[condition != 0 ? 1 : 2][i];
    }
}

#define OPERATOR(name_, n, binding_, function, meaning_)                                                               \
    {                                                                                                                  \
        .name = (name_), .min_arguments = (n), .max_arguments = (n), .binding = (binding_), .evaluate = (function),    \
        .meaning = (meaning_)                                                                                          \
    }
#define COMPARISON(name_, sort_, function, meaning_)                                                                   \
    {                                                                                                                  \
        .name = (name_), .min_arguments = 2, .max_arguments = 2, .binding = BINDING_COMPARISON, .sort = (sort_),       \
        .evaluate = (function), .meaning = (meaning_)                                                                  \
    }
#define FUNCTION(name_, n, arguments_, function, meaning_)                                                             \
    {                                                                                                                  \
        .name = (name_), .min_arguments = (n), .max_arguments = (n), .evaluate = (function),                           \
        .arguments = (arguments_), .meaning = (meaning_)                                                               \
    }
#define SEVERAL(name_, function, meaning_)                                                                             \
    {                                                                                                                  \
        .name = (name_), .min_arguments = 2, .max_arguments = AZ_FORMULA_ARGUMENTS, .evaluate = (function),            \
        .arguments = "x, y, ...", .meaning = (meaning_)                                                                \
    }
#define PART(name_, part_, meaning_)                                                                                   \
    {                                                                                                                  \
        .name = (name_), .min_arguments = 1, .max_arguments = 1, .sort = AZ_FORMULA_OF_TIME, .part = (part_),          \
        .arguments = "time", .meaning = (meaning_)                                                                     \
    }

const az_formula_operation az_formula_operations[] = {
    {.name = "=",
     .min_arguments = 2,
     .max_arguments = 2,
     .binding = BINDING_EQUATION,
     .sort = AZ_FORMULA_IS_EQUATION,
     .meaning = "the two sides of an equation"},
    OPERATOR("or", 2, BINDING_OR, logical_or, "1 if one of the two holds"),
    OPERATOR("and", 2, BINDING_AND, logical_and, "1 if both hold"),
    OPERATOR("not", 1, BINDING_NOT, logical_not, "1 if it does not hold"),
    COMPARISON("<", AZ_FORMULA_ORDERS, less, "less"),
    COMPARISON("<=", AZ_FORMULA_ORDERS, less_equal, "less or equal"),
    COMPARISON(">", AZ_FORMULA_ORDERS, greater, "greater"),
    COMPARISON(">=", AZ_FORMULA_ORDERS, greater_equal, "greater or equal"),
    COMPARISON("==", AZ_FORMULA_EQUATES, equal, "equal"),
    COMPARISON("!=", AZ_FORMULA_EQUATES, not_equal, "not equal"),
    OPERATOR("+", 2, BINDING_SUM, add, "sum"),
    OPERATOR("-", 2, BINDING_SUM, subtract, "difference"),
    OPERATOR("*", 2, BINDING_PRODUCT, multiply, "product"),
    OPERATOR("/", 2, BINDING_PRODUCT, divide, "quotient"),
    OPERATOR("-", 1, BINDING_SIGN, negate, "the negative"),
    OPERATOR("^", 2, BINDING_POWER, power, "power"),

    FUNCTION("abs", 1, "x", absolute, "absolute value"),
    FUNCTION("sqrt", 1, "x", square_root, "square root"),
    FUNCTION("cbrt", 1, "x", cube_root, "cube root"),
    FUNCTION("exp", 1, "x", exponential, "e^x"),
    FUNCTION("expm1", 1, "x", exponential_minus_1, "e^x - 1, exact for small x"),
    FUNCTION("log", 1, "x", logarithm, "natural logarithm"),
    FUNCTION("log10", 1, "x", logarithm_10, "logarithm to base 10"),
    FUNCTION("log2", 1, "x", logarithm_2, "logarithm to base 2"),
    FUNCTION("log1p", 1, "x", logarithm_1_plus, "log(1 + x), exact for small x"),
    FUNCTION("sin", 1, "x", sine, "sine of an angle in radians"),
    FUNCTION("cos", 1, "x", cosine, "cosine of an angle in radians"),
    FUNCTION("tan", 1, "x", tangent, "tangent of an angle in radians"),
    FUNCTION("asin", 1, "x", arc_sine, "inverse sine, in radians"),
    FUNCTION("acos", 1, "x", arc_cosine, "inverse cosine, in radians"),
    FUNCTION("atan", 1, "x", arc_tangent, "inverse tangent, in radians"),
    FUNCTION("atan2", 2, "y, x", arc_tangent_2, "the angle of the point (x, y), in radians"),
    FUNCTION("sinh", 1, "x", hyperbolic_sine, "hyperbolic sine"),
    FUNCTION("cosh", 1, "x", hyperbolic_cosine, "hyperbolic cosine"),
    FUNCTION("tanh", 1, "x", hyperbolic_tangent, "hyperbolic tangent"),
    FUNCTION("asinh", 1, "x", area_sine, "inverse hyperbolic sine"),
    FUNCTION("acosh", 1, "x", area_cosine, "inverse hyperbolic cosine"),
    FUNCTION("atanh", 1, "x", area_tangent, "inverse hyperbolic tangent"),
    FUNCTION("degrees", 1, "x", to_degrees, "radians to degrees"),
    FUNCTION("radians", 1, "x", to_radians, "degrees to radians"),
    FUNCTION("floor", 1, "x", round_down, "the integer below"),
    FUNCTION("ceil", 1, "x", round_up, "the integer above"),
    FUNCTION("round", 1, "x", round_even, "the nearest integer, halves to the even one"),
    FUNCTION("trunc", 1, "x", round_to_zero, "the integer towards 0"),
    FUNCTION("sign", 1, "x", sign_of, "-1, 0 or 1"),
    FUNCTION("hypot", 2, "x, y", hypotenuse, "sqrt(x^2 + y^2)"),
    FUNCTION("mod", 2, "x, y", modulo, "x - y*floor(x/y): mod(-1, 24) is 23"),
    FUNCTION("erf", 1, "x", error_function, "error function"),
    FUNCTION("erfc", 1, "x", error_function_complement, "1 - erf(x), exact for large x"),
    FUNCTION("gamma", 1, "x", gamma_function, "gamma function"),
    FUNCTION("log_gamma", 1, "x", log_gamma, "log(abs(gamma(x)))"),
    SEVERAL("min", smallest, "the smallest"),
    SEVERAL("max", largest, "the largest"),
    FUNCTION("where", 3, "condition, x, y", choose, "x where the condition holds, y where it does not"),
    {.name = "is_missing",
     .min_arguments = 1,
     .max_arguments = 1,
     .sort = AZ_FORMULA_TESTS_MISSING,
     .evaluate = is_missing,
     .arguments = "x",
     .meaning = "1 where it is missing, else 0"},
    PART("year", AZ_FORMULA_YEAR, "the year of a time"),
    PART("month", AZ_FORMULA_MONTH, "the month of a time, 1 to 12"),
    PART("day", AZ_FORMULA_DAY, "the day of the month of a time"),
    PART("day_of_year", AZ_FORMULA_DAY_OF_YEAR, "the day of the year of a time, 1 for January 1"),
    PART("hour", AZ_FORMULA_HOUR, "the hour of the day of a time, with minutes as its fraction"),
    {.name = NULL},
};

const az_formula_operation *az_formula_function(const char *name)
{
    for (const az_formula_operation *operation = az_formula_operations; operation->name; operation++)
        if (operation->binding == 0 && strcmp(operation->name, name) == 0) return operation;
    return NULL;
}

const az_formula_operation *az_formula_operator(const char *name, int n_operands)
{
    for (const az_formula_operation *operation = az_formula_operations; operation->name; operation++)
        if (operation->binding > 0 && operation->min_arguments == n_operands && strcmp(operation->name, name) == 0)
            return operation;
    return NULL;
}

const char *az_formula_function_name(void *unused, int64_t i)
{
    (void)unused;
    const az_formula_operation *operation = az_formula_operations;
    for (; operation->name; operation++)
        if (operation->binding == 0 && i-- == 0) break;
    return operation->name;
}
