/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE /* mkdtemp */
#include "base/parallel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

enum { N_BLOCKS = 1000, MOST_THREADS = 4 };

typedef struct visits {
    atomic_int count[N_BLOCKS];
    atomic_int wrong_thread;
    int n_threads;
} visits;

static void visit(void *context, int64_t block, int thread)
{
    visits *v = context;
    atomic_fetch_add(&v->count[block], 1);
    if (thread < 0 || thread >= (v->n_threads > 1 ? v->n_threads : 1)) atomic_fetch_add(&v->wrong_thread, 1);
}

static void each_block_once(void **state)
{
    (void)state;
    for (int n_threads = 0; n_threads <= MOST_THREADS; n_threads++) {
        for (int64_t n_blocks = 0; n_blocks <= N_BLOCKS; n_blocks = n_blocks * 3 + 1) {
            visits v = {.n_threads = n_threads};
            az_parallel(n_threads, n_blocks, visit, &v);
            for (int64_t i = 0; i < N_BLOCKS; i++) assert_int_equal(v.count[i], i < n_blocks);
            assert_int_equal(v.wrong_thread, 0);
        }
    }
}

static void nested(void *context, int64_t block, int thread)
{
    (void)block;
    (void)thread;
    atomic_int *sum = context;
    visits *v = calloc(1, sizeof *v);
    v->n_threads = 1; /* inside a parallel region the inner loop runs in the calling thread */
    az_parallel(MOST_THREADS, 10, visit, v);
    for (int i = 0; i < 10; i++) atomic_fetch_add(sum, v->count[i]);
    atomic_fetch_add(sum, 1000 * v->wrong_thread);
    free(v);
}

static void inside_a_parallel_region(void **state)
{
    (void)state;
    atomic_int sum = 0;
    az_parallel(2, 8, nested, &sum);
    assert_int_equal(sum, 80);
}

/* The tree for 5 rows is ((0+1)+(2+3))+4: with 2^53 and ones the order shows in the last bit. */
/* A driver with very many small jobs, of which each adds to every block's place; some for fewer threads, with a pause
 * now and then in which the others fall asleep. */
enum { TEAM_JOBS = 2000, TEAM_BLOCKS = 13 };

typedef struct team_work {
    long long sums[TEAM_BLOCKS], expected;
    _Atomic int bad_thread;
    int limit;
} team_work;

static void add_one(void *context, int64_t block, int thread)
{
    (void)thread;
    ++*((long long *)context + block);
}

static void team_block(void *context, int64_t block, int thread)
{
    team_work *work = context;
    long long inner[3] = {0};
    if (thread < 0 || thread >= work->limit) atomic_store(&work->bad_thread, 1);
    az_parallel(4, 3, add_one, inner); /* inside a block: in this thread */
    work->sums[block] += inner[0] + inner[1] + inner[2];
}

static void team_driver(void *context)
{
    team_work *work = context;
    for (int job = 0; job < TEAM_JOBS; job++) {
        work->limit = 1 + job % 4;
        az_parallel(work->limit, 1 + job % TEAM_BLOCKS, team_block, work);
        work->expected += 3 * (1 + job % TEAM_BLOCKS);
        if (job % 500 == 0) usleep(2000);
    }
}

static void a_team_does_every_block_once(void **state)
{
    (void)state;
    for (int n_threads = 1; n_threads <= 4; n_threads++) {
        team_work work = {.limit = 0};
        az_with_team(n_threads, team_driver, &work);
        long long sum = 0;
        for (int b = 0; b < TEAM_BLOCKS; b++) sum += work.sums[b];
        assert_true(sum == work.expected);
        assert_false(atomic_load(&work.bad_thread));
    }
}

static void sums_by_a_fixed_tree(void **state)
{
    (void)state;
    double slots[5] = {0x1p53, 1, 1, 1, 1};
    const volatile double left = 0x1p53 + 1, right = 1 + 1; /* left rounds back to 2^53 */
    double expected = (left + right) + 1;
    az_tree_sum(slots, 5, 1);
    assert_true(slots[0] == expected);
    double rows[6] = {1, 10, 2, 20, 3, 30};
    az_tree_sum(rows, 3, 2);
    assert_true(rows[0] == 6 && rows[1] == 60);
    double one[1] = {4};
    az_tree_sum(one, 1, 1);
    assert_true(one[0] == 4);
    az_tree_sum(one, 0, 1);
}

static void threads_of_the_process(void **state)
{
    (void)state;
    assert_true(az_available_threads() >= 1);
    setenv("OMP_NUM_THREADS", "3", 1);
    assert_int_equal(az_available_threads(), 3);
    setenv("OMP_NUM_THREADS", "none", 1);
    assert_true(az_available_threads() >= 1);
    unsetenv("OMP_NUM_THREADS");
}

/* Files as the kernel shows them (cgroups(7); Documentation/admin-guide/cgroup-v2.rst, scheduler/sched-bwc.rst). */
static char folder[64];

static void put(const char *path, const char *text)
{
    char whole[256];
    snprintf(whole, sizeof whole, "%s/%s", folder, path);
    for (char *slash = whole + strlen(folder) + 1; (slash = strchr(slash, '/')); slash++) {
        *slash = 0;
        mkdir(whole, 0700);
        *slash = '/';
    }
    FILE *file = fopen(whole, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static int granted(const char *membership)
{
    char path[128];
    put("membership", membership);
    snprintf(path, sizeof path, "%s/membership", folder);
    return az_cgroup_cpus(folder, path);
}

static void quotas_of_control_groups(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/az_cgroup_XXXXXX");
    assert_non_null(mkdtemp(folder));
    assert_int_equal(granted("0::/job\n"), 0); /* no such files: no quota */
    put("cpu.max", "max 100000\n");
    put("job/cpu.max", "250000 100000\n");
    put("job/step/cpu.max", "max 100000\n");
    put("job/step/wide/cpu.max", "1600000 100000\n");
    put("cpu/cpu.cfs_quota_us", "-1\n");
    put("cpu/cpu.cfs_period_us", "100000\n");
    put("cpu/old/cpu.cfs_quota_us", "150000\n");
    put("cpu/old/cpu.cfs_period_us", "50000\n");
    assert_int_equal(granted("0::/\n"), 0);
    assert_int_equal(granted("0::/job\n"), 3);      /* 2.5, rounded up */
    assert_int_equal(granted("0::/job/step\n"), 3); /* a job's limit holds for its steps */
    assert_int_equal(granted("0::/job/step/wide\n"), 3);
    assert_int_equal(granted("0::/of/the/host\n"), 0); /* not to be seen from inside a container: the top counts */
    put("cpu.max", "50000 100000\n");
    assert_int_equal(granted("0::/of/the/host\n"), 1);
    put("cpu.max", "max 100000\n");
    assert_int_equal(granted("5:memory:/old\n3:cpuset:/old\n"), 0);
    assert_int_equal(granted("5:memory:/x\n4:cpuacct,cpu:/old\n"), 3);
    assert_int_equal(granted("4:cpu,cpuacct:/old/deeper\n0::/\n"), 3);
    assert_int_equal(granted("nonsense\n:\n::\n"), 0);
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", folder);
    assert_int_equal(system(command), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_block_once),          cmocka_unit_test(inside_a_parallel_region),
        cmocka_unit_test(sums_by_a_fixed_tree),     cmocka_unit_test(threads_of_the_process),
        cmocka_unit_test(quotas_of_control_groups), cmocka_unit_test(a_team_does_every_block_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
