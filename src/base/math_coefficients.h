/* SPDX-License-Identifier: BSD-3-Clause */
/* The polynomials of base/math.h, made by tests/base/reference/math_coefficients.py. */
#ifndef AZ_BASE_MATH_COEFFICIENTS_H
#define AZ_BASE_MATH_COEFFICIENTS_H

/* exp(x) = 1 + x + x^2 / 2 + x^3 P(x), |x| <= log(2) / 2; the error is relative to expm1(x) */
/* error 2^-31.0 */
#define EXP_F32 0x1.555556p-3f, 0x1.5554eep-5f, 0x1.110fe2p-7f, 0x1.6d462ep-10f, 0x1.a28ebep-13f
/* error 2^-61.7 */
#define EXP_F64 0x1.5555555555559p-3, 0x1.5555555555557p-5, 0x1.111111110f62ap-7, 0x1.6c16c16c15764p-10, 0x1.a01a01b0204d4p-13, 0x1.a01a01ab23b93p-16, 0x1.71ddf7afb9345p-19, 0x1.27e4d111424cfp-22, 0x1.af5ff46c3d498p-26, 0x1.1f8449201d6bfp-29

/* log((1 + s) / (1 - s)) = 2 s + s z P(z), z = s^2, (1 + s) / (1 - s) from sqrt(1/2) to sqrt(2); relative to s */
/* error 2^-29.1 */
#define LOG_F32 0x1.55557cp-1f, 0x1.995d2ap-2f, 0x1.3209f4p-2f
/* error 2^-58.4 */
#define LOG_F64 0x1.5555555555596p-1, 0x1.999999997ec85p-2, 0x1.24924942d7215p-2, 0x1.c71c515327274p-3, 0x1.746663fdb2488p-3, 0x1.399dfbde15ba7p-3, 0x1.2f2b712d4eeeep-3

/* the same for pow: log((1 + s) / (1 - s)) = 2 s + s z (2/3 + z P(z)); relative to s */
/* error 2^-72.3 */
#define POW_LOG_F64 0x1.9999999999995p-2, 0x1.249249249315cp-2, 0x1.c71c71c561de0p-3, 0x1.745d183f6aad8p-3, 0x1.3b135f87d70f7p-3, 0x1.112126c102493p-3, 0x1.de22abcd0de19p-4, 0x1.eb94d1ac7daf0p-4

/* sin(x) = x + x z P(z), z = x^2, |x| <= pi / 4; relative to x */
/* error 2^-32.2 */
#define SIN_F32 -0x1.555556p-3f, 0x1.111160p-7f, -0x1.a0432ap-13f, 0x1.7650dep-19f
/* error 2^-57.4 */
#define SIN_F64 -0x1.5555555555543p-3, 0x1.111111110ef6ap-7, -0x1.a01a019aeefe4p-13, 0x1.71de347b48026p-19, -0x1.ae5da083a2e5ap-26, 0x1.5d59c109e04e2p-33

/* cos(x) = 1 - z / 2 + z^2 P(z) */
/* error 2^-32.7 */
#define COS_F32 0x1.555548p-5f, -0x1.6c0af2p-10f, 0x1.998fecp-16f
/* error 2^-63.4 */
#define COS_F64 0x1.5555555555547p-5, -0x1.6c16c16c1476bp-10, 0x1.a01a019bb5c5ap-16, -0x1.27e4f753d4617p-22, 0x1.1ee97030ce563p-29, -0x1.8f6ea8d12e399p-37

/* atan(x) = x + x z P(z), z = x^2, |x| <= tan(pi / 8); relative to x */
/* error 2^-30.3 */
#define ATAN_F32 -0x1.555548p-2f, 0x1.999126p-3f, -0x1.23ae12p-3f, 0x1.b18f10p-4f, -0x1.f03d88p-5f
/* error 2^-59.3 */
#define ATAN_F64 -0x1.555555555553bp-2, 0x1.99999999954bap-3, -0x1.24924922990a7p-3, 0x1.c71c70ded6d05p-4, -0x1.745cf81b51f68p-4, 0x1.3b110c72cec1fp-4, -0x1.10eb2f0a7e524p-4, 0x1.df07cc60d52a2p-5, -0x1.9cb218d578c48p-5, 0x1.37851dfc36e9fp-5, -0x1.24be725c2d073p-6

/* erf(x) = x + x P(x^2), |x| <= 0.65; relative to x */
/* error 2^-29.9 */
#define ERF_F32 0x1.06eba8p-3f, -0x1.812742p-2f, 0x1.ce2d7cp-4f, -0x1.b7eeeap-6f, 0x1.52090cp-8f, -0x1.768c48p-11f
/* error 2^-55.9 */
#define ERF_F64 0x1.06eba8214db68p-3, -0x1.812746b0379a6p-2, 0x1.ce2f21a03ecdap-4, -0x1.b82ce310dea3cp-6, 0x1.565bccaeb03d8p-8, -0x1.c02d9ab03f2c6p-11, 0x1.f99f03c72bb72p-14, -0x1.f465ed10ec9ebp-17, 0x1.b31bb2e24858cp-20, -0x1.21d798a5adccdp-23

/* exp(x^2) erfc(x) = w P(w - 5 / 32), w = 1 / (x + 3), x >= 0.65, to where erfc(x) is less than any number; relative */
/* error 2^-24.6 */
#define ERFC_F32 0x1.0561fcp+0f, 0x1.383edep+2f, 0x1.340402p+4f, 0x1.e6ab90p+5f, 0x1.200b26p+7f, 0x1.a46862p+7f, -0x1.4a093ap+2f, -0x1.722842p+9f, -0x1.2d8336p+9f
/* error 2^-53.3 */
#define ERFC_F64 0x1.0561fb5819762p+0, 0x1.383ede1ebaeadp+2, 0x1.34044fd29ad9dp+4, 0x1.e6ab752d06e5cp+5, 0x1.1ff7a4f055f30p+7, 0x1.a48aad5f24312p+7, 0x1.28c70c3778a12p+1, -0x1.7d4fbb1215977p+9, -0x1.1f372bffbb62ap+10, 0x1.00fcfa322b0fdp+11, 0x1.d35de33ff1ec9p+12, -0x1.6d5518b0b3b6ep+12, -0x1.5866af2a92f43p+15, 0x1.93decdd5df14ep+14, 0x1.0a9a48c9a2b00p+18, -0x1.acb01d3e04587p+17, -0x1.b296d4e70afc4p+20, 0x1.0a0f526f1cf6cp+21, 0x1.62ebed3cf315cp+23, -0x1.ab081727d4b4fp+23, -0x1.c6a5852c25a7fp+25

/* log(Gamma(2 + t)) = t (1 - Euler's constant) + t^2 P(t), |t| <= 1/2; relative to t */
/* error 2^-57.4 */
#define LGAMMA_F64 0x1.4a34cc4a60fa7p-2, -0x1.13e001a557588p-4, 0x1.51322ac7d7c7fp-6, -0x1.e404fc21ce48ep-8, 0x1.7add6eaea519bp-9, -0x1.38ac5c00fc749p-10, 0x1.0b36af1b83f4bp-11, -0x1.d3fd68e6375aap-13, 0x1.a127e6454eca1p-14, -0x1.78d929aff2147p-15, 0x1.5805dab915132p-16, -0x1.3d49a69054063p-17, 0x1.26507fa3cfca5p-18, -0x1.0919eff5c4f5cp-19, 0x1.ece1734328acdp-21, -0x1.3791e26ebe959p-21, 0x1.2d36c91c00b76p-22

/* log(Gamma(x)) = (x - 1/2) log(x) - x + log(2 pi) / 2 + P(1 / x^2) / x, x >= 6.5; relative to 1 / x */
/* error 2^-56.5 */
#define STIRLING_F64 0x1.5555555555555p-4, -0x1.6c16c16c03e3ap-9, 0x1.a01a00c560ca6p-11, -0x1.38129d868defbp-11, 0x1.b8e1a80e8784ep-11, -0x1.e84b39ec9f1bcp-10, 0x1.2a0202d0ad3dbp-8

/* digamma(x) = (x - its zero) P(x - 3/2), 1 <= x <= 2 */
/* error 2^-53.7 */
#define DIGAMMA_F64 0x1.e6f0cbb873617p-1, -0x1.b1cb63005ee98p-2, 0x1.eca189b8e6b58p-3, -0x1.2feeeb98a795fp-3, 0x1.8512e59076163p-4, -0x1.fb44202a1c0f4p-5, 0x1.4de9a9fe02c16p-5, -0x1.b9f8b11da38d9p-6, 0x1.2564773d05eacp-6, -0x1.863563baa155ep-7, 0x1.03bfe49f0f2ecp-7, -0x1.5a06aab8c81f5p-8, 0x1.cd42d41dd0813p-9, -0x1.336d7a9cfe80fp-9, 0x1.97e02b74b801dp-10, -0x1.0fb5e82234725p-10, 0x1.7c6b72dccfc29p-11, -0x1.fd7457df40277p-12, 0x1.d40cd26c29350p-13, -0x1.2fff1f2ee9442p-13, 0x1.138ca869d7980p-12, -0x1.758a6a2f7f7b2p-13

/* digamma(x) = log(x) - 1 / (2 x) - P(1 / x^2) / x^2, x >= 7; relative to 1 / x^2 */
/* error 2^-54.1 */
#define DIGAMMA_LARGE_F64 0x1.5555555555552p-4, -0x1.11111110efa9cp-7, 0x1.04104032b02ffp-8, -0x1.11101b484e340p-8, 0x1.eff1be0efe68fp-8, -0x1.4f68222366c8dp-6, 0x1.e3a336eeadfe8p-5

#endif
