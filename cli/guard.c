/* SPDX-License-Identifier: BSD-3-Clause */
/* The BLAS guard.  An OpenBLAS older than the CPU falls back to kernels of a much older one (Debian 12's 0.3.21 runs
 * SSE kernels on CPUs it does not know, five times slower), and it reads OPENBLAS_CORETYPE only while it is being
 * loaded. Threads of its own would change the bits of results, so it is held to one in any case.  Hence the program
 * sets both and starts itself once more; a marker in the environment makes sure that it is once. */
#include "cli.h"

#include "base/linalg.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MARKER "ANSATZ_BLAS_GUARD"

void cli_guard(char **argv)
{
    if (getenv(MARKER)) {
        unsetenv(MARKER); /* programs started from here, and their Ansatz, look for themselves */
        return;
    }
    az_blas_info info;
    az_blas_describe(&info);
    const char *threads = getenv("OPENBLAS_NUM_THREADS");
    bool kernels = info.better && !getenv("OPENBLAS_CORETYPE");
    bool one_thread = threads && strcmp(threads, "1") == 0;
    if (!kernels && one_thread) return;
    if ((kernels && setenv("OPENBLAS_CORETYPE", info.better, 1)) || setenv("OPENBLAS_NUM_THREADS", "1", 1) ||
        setenv(MARKER, "1", 1))
        return;
    execv("/proc/self/exe", argv);
    /* Without /proc the slow kernels still give right answers. */
    unsetenv(MARKER);
}
