/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE /* RTLD_DEFAULT */
#include "base/blas_lock.h"
#include "base/linalg.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

/* OpenBLAS tells its version and kernels by functions that other libraries lack, so they are looked up at run time. */
static const char *ask_blas(const char *function)
{
    void *address = dlsym(RTLD_DEFAULT, function);
    if (!address) return "";
    char *(*ask)(void);
    memcpy(&ask, &address, sizeof ask); /* C has no cast from object to function pointers */
    const char *answer = ask();
    return answer ? answer : "";
}

static bool is_sequential(void)
{
    static _Atomic int known; /* 0: not asked yet, 1: no, 2: yes */
    int answer = atomic_load_explicit(&known, memory_order_relaxed);
    if (!answer) {
        void *address = dlsym(RTLD_DEFAULT, "openblas_get_parallel");
        int (*ask)(void) = NULL;
        memcpy(&ask, &address, sizeof ask);
        answer = ask && ask() == 0 ? 2 : 1;
        atomic_store_explicit(&known, answer, memory_order_relaxed);
    }
    return answer == 2;
}

static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;

void az_blas_enter(void)
{
    if (is_sequential()) pthread_mutex_lock(&one_at_a_time);
}

void az_blas_leave(void)
{
    if (is_sequential()) pthread_mutex_unlock(&one_at_a_time);
}

/* The kernels that suit the CPU, or NULL where this code cannot tell. */
static const char *suitable_kernels(void)
{
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512vl"))
        return "SkylakeX";
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return "Haswell";
#endif
    return NULL;
}

void az_blas_describe(az_blas_info *info)
{
    /* Kernels that use less than AVX2 and fused multiply-add: what an OpenBLAS older than the CPU falls back to. */
    static const char *const old[] = {"Prescott",    "Core2",     "Penryn",       "Dunnington",  "Nehalem",
                                      "Sandybridge", "Opteron",   "Opteron_SSE3", "Athlon",      "Barcelona",
                                      "Bobcat",      "Bulldozer", "Piledriver",   "Steamroller", "Atom",
                                      "Nano",        "Katmai",    "Coppermine",   "Northwood",   "Banias"};
    static _Thread_local char library[64];
    const char *configuration = ask_blas("openblas_get_config");
    /* "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH ...": name and version are the first two words. */
    size_t length = 0;
    for (int words = 0; configuration[length] && length + 1 < sizeof library; length++)
        if (configuration[length] == ' ' && ++words == 2) break;
    if (length) {
        memcpy(library, configuration, length);
        library[length] = '\0';
    } else {
        strcpy(library, "BLAS of unknown make");
    }
    info->library = library;
    info->kernels = ask_blas("openblas_get_corename");
    info->better = NULL;
    info->one_at_a_time = is_sequential();
    for (size_t i = 0; i < sizeof old / sizeof *old; i++)
        if (!strcmp(info->kernels, old[i])) info->better = suitable_kernels();
}
