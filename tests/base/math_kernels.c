/* SPDX-License-Identifier: BSD-3-Clause */
/* Every function of base/math.h in a plain loop, compiled once for each instruction set: MATH_LEVEL is its name. */
#include "base/math.h"
#include "math_functions.h"

#define LOOP_OF_ONE(function, bits, real)                                                                              \
    static void function##_##bits(real *restrict value, const real *restrict x, const real *restrict y, int64_t n)     \
    {                                                                                                                  \
        (void)y;                                                                                                       \
        for (int64_t i = 0; i < n; i++) value[i] = az_##function##_##bits(x[i]);                                       \
    }
#define LOOP_OF_TWO(function, bits, real)                                                                              \
    static void function##_##bits(real *restrict value, const real *restrict x, const real *restrict y, int64_t n)     \
    {                                                                                                                  \
        for (int64_t i = 0; i < n; i++) value[i] = az_##function##_##bits(x[i], y[i]);                                 \
    }
#define LOOPS_OF_ONE(function, narrow, wide) LOOP_OF_ONE(function, f32, float) LOOP_OF_ONE(function, f64, double)
#define LOOPS_OF_TWO(function, narrow, wide) LOOP_OF_TWO(function, f32, float) LOOP_OF_TWO(function, f64, double)
#define NARROW(function, narrow, wide)       function##_f32,
#define WIDE(function, narrow, wide)         function##_f64,

MATH_FUNCTIONS(LOOPS_OF_ONE)
MATH_FUNCTIONS_OF_TWO(LOOPS_OF_TWO)

#define PASTE_(a, b) a##b
#define PASTE(a, b)  PASTE_(a, b)
#define TEXT_(a)     #a
#define TEXT(a)      TEXT_(a)

#define ARRAY(function, bits, real)                                                                                    \
    static void function##_array_##bits(real *restrict value, const real *restrict x, const real *restrict y,          \
                                        int64_t n)                                                                     \
    {                                                                                                                  \
        (void)y;                                                                                                       \
        az_##function##_array_##bits(value, x, n);                                                                     \
    }
#define ARRAYS(function) ARRAY(function, f32, float) ARRAY(function, f64, double)
MATH_ARRAYS(ARRAYS)
#define NARROW_ARRAY(function) function##_array_f32,
#define WIDE_ARRAY(function)   function##_array_f64,

const math_kernels PASTE(math_kernels_, MATH_LEVEL) = {
    TEXT(MATH_LEVEL),
    {MATH_FUNCTIONS(NARROW) MATH_FUNCTIONS_OF_TWO(NARROW) MATH_ARRAYS(NARROW_ARRAY)},
    {MATH_FUNCTIONS(WIDE) MATH_FUNCTIONS_OF_TWO(WIDE) MATH_ARRAYS(WIDE_ARRAY)}};
