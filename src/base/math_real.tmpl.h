/* SPDX-License-Identifier: BSD-3-Clause */
/* The words in which base/math.h is written once for both precisions.  Included with AZ_MATH_BITS 32 or 64.
 *
 *   REAL, WORD    the type, and the unsigned integer of the same size
 *   FN(name)      az_name_f32 or az_name_f64
 *   PICK(a, b)    a in single precision, b in double: constants and coefficients that differ
 *   POLY(x, ...)  c0 + x (c1 + x (c2 + ...)) by fused multiply-adds, up to 24 coefficients
 *   LARGE         3 * 2^(digits - 2): x + LARGE holds the integer nearest to x in its last bits */
#undef REAL
#undef WORD
#undef FN
#undef PICK
#undef DIGITS
#undef BIAS
#undef FMA
#undef FABS
#undef COPYSIGN
#undef LARGE

#if AZ_MATH_BITS == 32
#define REAL       float
#define WORD       uint32_t
#define FN(name)   az_##name##_f32
#define PICK(a, b) a
#define DIGITS     23
#define BIAS       127
#define FMA        __builtin_fmaf
#define FABS       __builtin_fabsf
#define COPYSIGN   __builtin_copysignf
#else
#define REAL       double
#define WORD       uint64_t
#define FN(name)   az_##name##_f64
#define PICK(a, b) b
#define DIGITS     52
#define BIAS       1023
#define FMA        __builtin_fma
#define FABS       __builtin_fabs
#define COPYSIGN   __builtin_copysign
#endif
#define LARGE PICK(0x1.8p23f, 0x1.8p52)

#ifndef AZ_MATH
#define AZ_MATH            static inline __attribute__((always_inline, unused))
#define POLY_1(x, c)       (c)
#define POLY_2(x, c, ...)  FMA(POLY_1(x, __VA_ARGS__), x, c)
#define POLY_3(x, c, ...)  FMA(POLY_2(x, __VA_ARGS__), x, c)
#define POLY_4(x, c, ...)  FMA(POLY_3(x, __VA_ARGS__), x, c)
#define POLY_5(x, c, ...)  FMA(POLY_4(x, __VA_ARGS__), x, c)
#define POLY_6(x, c, ...)  FMA(POLY_5(x, __VA_ARGS__), x, c)
#define POLY_7(x, c, ...)  FMA(POLY_6(x, __VA_ARGS__), x, c)
#define POLY_8(x, c, ...)  FMA(POLY_7(x, __VA_ARGS__), x, c)
#define POLY_9(x, c, ...)  FMA(POLY_8(x, __VA_ARGS__), x, c)
#define POLY_10(x, c, ...) FMA(POLY_9(x, __VA_ARGS__), x, c)
#define POLY_11(x, c, ...) FMA(POLY_10(x, __VA_ARGS__), x, c)
#define POLY_12(x, c, ...) FMA(POLY_11(x, __VA_ARGS__), x, c)
#define POLY_13(x, c, ...) FMA(POLY_12(x, __VA_ARGS__), x, c)
#define POLY_14(x, c, ...) FMA(POLY_13(x, __VA_ARGS__), x, c)
#define POLY_15(x, c, ...) FMA(POLY_14(x, __VA_ARGS__), x, c)
#define POLY_16(x, c, ...) FMA(POLY_15(x, __VA_ARGS__), x, c)
#define POLY_17(x, c, ...) FMA(POLY_16(x, __VA_ARGS__), x, c)
#define POLY_18(x, c, ...) FMA(POLY_17(x, __VA_ARGS__), x, c)
#define POLY_19(x, c, ...) FMA(POLY_18(x, __VA_ARGS__), x, c)
#define POLY_20(x, c, ...) FMA(POLY_19(x, __VA_ARGS__), x, c)
#define POLY_21(x, c, ...) FMA(POLY_20(x, __VA_ARGS__), x, c)
#define POLY_22(x, c, ...) FMA(POLY_21(x, __VA_ARGS__), x, c)
#define POLY_23(x, c, ...) FMA(POLY_22(x, __VA_ARGS__), x, c)
#define POLY_24(x, c, ...) FMA(POLY_23(x, __VA_ARGS__), x, c)
#define POLY_COUNT(_1, _2, _3, _4, _5, _6, _7, _8, _9, _10, _11, _12, _13, _14, _15, _16, _17, _18, _19, _20, _21,     \
                   _22, _23, _24, N, ...)                                                                              \
    POLY_##N
#define POLY(x, ...)                                                                                                   \
    POLY_COUNT(__VA_ARGS__, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)  \
    (x, __VA_ARGS__)
#endif

AZ_MATH WORD FN(to_bits)(REAL x)
{
    union {
        REAL real;
        WORD word;
    } both = {x};
    return both.word;
}

AZ_MATH REAL FN(from_bits)(WORD word)
{
    union {
        WORD word;
        REAL real;
    } both = {word};
    return both.real;
}
