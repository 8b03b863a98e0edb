/* SPDX-License-Identifier: BSD-3-Clause */
/* How many threads the process may use: what the user, the affinity mask (taskset, a batch system) and the control
 * groups (containers, a batch system) grant. */
#define _GNU_SOURCE /* sched_getaffinity */
#include "base/parallel.h"

#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_CPUS = 1 << 16 };

static FILE *open_in(const char *folder, const char *path, const char *name)
{
    char whole[4096];
    int length = snprintf(whole, sizeof whole, "%s%s/%s", folder, path, name);
    return length < (int)sizeof whole ? fopen(whole, "re") : NULL;
}

/* CPUs granted by the group at folder/path alone, rounded up; 0: no quota.  Version 2 writes "QUOTA PERIOD" or
 * "max PERIOD" into one file, version 1 two files, with quota -1 for none. */
static int quota_of_group(const char *folder, const char *path)
{
    long long quota = 0, period = 0;
    FILE *file = open_in(folder, path, "cpu.max");
    if (file) {
        if (fscanf(file, "%lld %lld", &quota, &period) != 2) quota = 0;
        fclose(file);
    } else {
        file = open_in(folder, path, "cpu.cfs_quota_us");
        if (file) {
            if (fscanf(file, "%lld", &quota) != 1) quota = 0;
            fclose(file);
        }
        file = open_in(folder, path, "cpu.cfs_period_us");
        if (file) {
            if (fscanf(file, "%lld", &period) != 1) period = 0;
            fclose(file);
        }
    }
    if (quota <= 0 || period <= 0) return 0;
    long long n = (quota + period - 1) / period;
    return n < MOST_CPUS ? (int)n : MOST_CPUS;
}

/* The least of a group and all above it, since each limits those below.  path is cut on the way up.  Inside a container
 * the path may be the host's, of which only the top is to be seen: that is the container's own. */
static int quota_up_from(const char *folder, char *path)
{
    int least = 0;
    for (;;) {
        int n = quota_of_group(folder, path);
        if (n > 0 && (least == 0 || n < least)) least = n;
        char *slash = strrchr(path, '/');
        if (!slash) return least;
        *slash = 0;
    }
}

/* The controller "cpu" in a list such as "cpu,cpuacct". */
static bool has_cpu(const char *controllers)
{
    for (const char *at = controllers; *at; at += strcspn(at, ","), at += *at == ',')
        if (strcspn(at, ",") == 3 && strncmp(at, "cpu", 3) == 0) return true;
    return false;
}

/* A line of membership (cgroups(7)): "0::/path" in version 2, "4:cpu,cpuacct:/path" in version 1. */
int az_cgroup_cpus(const char *mount, const char *membership)
{
    char line[4096], folder[4096];
    int least = 0;
    FILE *file = fopen(membership, "re");
    while (file && fgets(line, sizeof line, file)) {
        char *controllers = strchr(line, ':'), *path = controllers ? strchr(controllers + 1, ':') : NULL;
        if (!path) continue;
        controllers++;
        *path++ = 0;
        path[strcspn(path, "\n")] = 0;
        if (strcmp(path, "/") == 0) *path = 0;
        if (*controllers && !has_cpu(controllers)) continue;
        snprintf(folder, sizeof folder, "%s%s", mount, *controllers ? "/cpu" : "");
        int n = quota_up_from(folder, path);
        if (n > 0 && (least == 0 || n < least)) least = n;
    }
    if (file) fclose(file);
    return least;
}

static int affinity(void)
{
    cpu_set_t masks[MOST_CPUS / CPU_SETSIZE]; /* one mask; the kernel refuses one that is smaller than the machine */
    if (sched_getaffinity(0, sizeof masks, masks) == 0) {
        int n = CPU_COUNT_S(sizeof masks, masks);
        if (n > 0) return n;
    }
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n < 1 ? 1 : n < MOST_CPUS ? (int)n : MOST_CPUS;
}

int az_available_threads(void)
{
    const char *wanted = getenv("OMP_NUM_THREADS"); /* "4" or, for nested regions, "4,2" */
    if (wanted) {
        char *end;
        long n = strtol(wanted, &end, 10);
        if (end != wanted && n >= 1 && n <= 4096) return (int)n;
    }
    int n = affinity(), quota = az_cgroup_cpus("/sys/fs/cgroup", "/proc/self/cgroup");
    return quota > 0 && quota < n ? quota : n;
}
