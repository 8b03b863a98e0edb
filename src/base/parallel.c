/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE /* sched_getaffinity */
#include "base/parallel.h"

#include <omp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

void az_parallel(int n_threads, int64_t n_blocks, az_block_fn fn, void *context)
{
    if (n_threads > n_blocks) n_threads = (int)n_blocks;
    if (n_threads <= 1 || omp_in_parallel()) {
        for (int64_t block = 0; block < n_blocks; block++) fn(context, block, 0);
        return;
    }
    /* Which thread takes which block changes from run to run; what a block computes does not. */
#pragma omp parallel for schedule(dynamic, 1) num_threads(n_threads)
    for (int64_t block = 0; block < n_blocks; block++) fn(context, block, omp_get_thread_num());
}

void az_tree_sum(double *slots, int64_t n_slots, int64_t width)
{
    for (int64_t step = 1; step < n_slots; step *= 2) {
        for (int64_t i = 0; i + step < n_slots; i += 2 * step) {
            double *into = slots + i * width;
            const double *from = slots + (i + step) * width;
            for (int64_t j = 0; j < width; j++) into[j] += from[j];
        }
    }
}

/* CPUs that the cgroup's quota grants (version 2, then 1), rounded up; 0: no quota. */
static int cgroup_quota(void)
{
    long long quota = 0, period = 0;
    FILE *file = fopen("/sys/fs/cgroup/cpu.max", "re");
    if (file) {
        if (fscanf(file, "%lld %lld", &quota, &period) != 2) quota = 0;
        fclose(file);
    } else {
        file = fopen("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "re");
        if (file) {
            if (fscanf(file, "%lld", &quota) != 1) quota = 0;
            fclose(file);
        }
        file = fopen("/sys/fs/cgroup/cpu/cpu.cfs_period_us", "re");
        if (file) {
            if (fscanf(file, "%lld", &period) != 1) period = 0;
            fclose(file);
        }
    }
    if (quota <= 0 || period <= 0) return 0;
    return (int)((quota + period - 1) / period);
}

int az_available_threads(void)
{
    const char *wanted = getenv("OMP_NUM_THREADS");
    if (wanted) {
        char *end;
        long n = strtol(wanted, &end, 10);
        if (end != wanted && n >= 1 && n <= 4096) return (int)n;
    }
    cpu_set_t mask;
    int n = 1;
    if (sched_getaffinity(0, sizeof mask, &mask) == 0) n = CPU_COUNT(&mask);
    int quota = cgroup_quota();
    if (quota > 0 && quota < n) n = quota;
    return n < 1 ? 1 : n;
}
