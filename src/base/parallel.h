/* SPDX-License-Identifier: BSD-3-Clause */
/* The only file that knows OpenMP.  Work is cut into blocks whose number and extent depend on the problem alone; a
 * block writes to its own place, so that results do not depend on the number of threads. */
#ifndef AZ_BASE_PARALLEL_H
#define AZ_BASE_PARALLEL_H

#include <stdint.h>

/* block: 0 .. n_blocks-1, each run exactly once; thread: 0 .. n_threads-1, for scratch memory only. */
typedef void (*az_block_fn)(void *context, int64_t block, int thread);

/* Runs fn on every block with at most n_threads threads (0 and 1: in the calling thread, OpenMP not entered; so too
 * inside a caller's parallel region). */
void az_parallel(int n_threads, int64_t n_blocks, az_block_fn fn, void *context);

/* Runs driver(context) in the calling thread, with n_threads - 1 others that stand ready for its calls of az_parallel:
 * for many calls of some ten to a hundred microseconds each, which cost a microsecond so. */
void az_with_team(int n_threads, void (*driver)(void *context), void *context);

/* Adds n_slots rows of `width` numbers into row 0 by a fixed binary tree: (0+1) + (2+3), ... */
void az_tree_sum(double *slots, int64_t n_slots, int64_t width);

/* Threads that this process may use: OMP_NUM_THREADS, else the affinity mask and the cgroup quota.  For the command; at
 * least 1.  (available_threads.c) */
int az_available_threads(void);
/* CPUs that control groups of version 1 and 2 grant, rounded up; 0: no quota.  mount: "/sys/fs/cgroup"; membership:
 * "/proc/self/cgroup". */
int az_cgroup_cpus(const char *mount, const char *membership);

#endif
