/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/floating_point.h"

/* Functions of a file of their own, so that no compiler moves arithmetic on memory across them. */
#if defined(__x86_64__)
#include <xmmintrin.h>

void az_floating_point_enter(az_floating_point *saved, bool flush_subnormals)
{
    /* Intel 64 Software Developer's Manual, volume 1, 10.2.3: all six masks set, rounding bits 0, no flag raised; flush
     * to zero is bit 15, denormals are zeros bit 6. */
    const uint32_t masked = 0x1f80, flush = 0x8040, flags = 0x3f;
    const uint32_t wanted = flush_subnormals ? masked | flush : masked;
    saved->control = _mm_getcsr();
    /* To write it takes as long as fifty additions, and to read it a few: hosts mostly have what is wanted. */
    saved->changed = (saved->control & ~flags) != wanted;
    if (saved->changed) _mm_setcsr(wanted);
}

void az_floating_point_leave(const az_floating_point *saved)
{
    /* A flag that meets its unmasked trap here does not fire. */
    if (saved->changed || _mm_getcsr() != saved->control) _mm_setcsr(saved->control);
}
#elif defined(__aarch64__)
void az_floating_point_enter(az_floating_point *saved, bool flush_subnormals)
{
    /* Arm Architecture Reference Manual, FPCR: 0 is round to nearest, no traps, no flushing; FZ is bit 24. */
    const uint64_t control = flush_subnormals ? UINT64_C(1) << 24 : 0;
    __asm__ volatile("mrs %0, fpcr" : "=r"(saved->control)::"memory");
    __asm__ volatile("mrs %0, fpsr" : "=r"(saved->flags)::"memory");
    __asm__ volatile("msr fpcr, %0" ::"r"(control) : "memory");
}

void az_floating_point_leave(const az_floating_point *saved)
{
    __asm__ volatile("msr fpsr, %0" ::"r"(saved->flags) : "memory");
    __asm__ volatile("msr fpcr, %0" ::"r"(saved->control) : "memory");
}
#else
void az_floating_point_enter(az_floating_point *saved, bool flush_subnormals)
{
    (void)flush_subnormals;
    feholdexcept(&saved->environment); /* saves it, clears the flags, traps nothing */
    fesetround(FE_TONEAREST);
}

void az_floating_point_leave(const az_floating_point *saved)
{
    fesetenv(&saved->environment);
}
#endif

float az_nearest_float(double x)
{
    /* Volatile: else the compiler, which knows of no rounding modes, may convert before or after. */
    volatile double from = x;
    volatile float to;
    az_floating_point saved;
    az_floating_point_enter(&saved, false);
    to = (float)from;
    az_floating_point_leave(&saved);
    return to;
}
