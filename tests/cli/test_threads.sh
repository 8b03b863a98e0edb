#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The command uses as many threads as it is granted: by its affinity mask, by OMP_NUM_THREADS, by --threads.
set -euo pipefail
threads() { # COMMAND...: what doctor says of the threads
    "$@" "$ANSATZ" doctor --json 2> /dev/null | sed -n 's/.*"threads": *\([0-9]*\).*/\1/p'
}
expect() {
    [ "$2" = "$3" ] || { echo "$1: $2 threads, not $3"; exit 1; }
}
unset OMP_NUM_THREADS
cpu=$(taskset -cp $$ | sed 's/.*: *\([0-9]*\).*/\1/')
expect "taskset" "$(threads taskset -c "$cpu")" 1
expect "OMP_NUM_THREADS=3" "$(threads env OMP_NUM_THREADS=3)" 3
expect "OMP_NUM_THREADS=2,4" "$(threads env OMP_NUM_THREADS=2,4)" 2
all=$(threads env)
[ "$all" -ge 1 ] && [ "$all" -le "$(nproc)" ] || { echo "$all threads on $(nproc) CPUs"; exit 1; }
