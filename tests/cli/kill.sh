#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# usage: ANSATZ=build/ansatz tests/cli/kill.sh
# A fit of half a minute, killed without warning (SIGKILL) a while after each checkpoint that it wrote by the clock, and
# resumed every time: the model is the same to the last byte as that of a fit left alone.
set -euo pipefail
ansatz=$(realpath "${ANSATZ:?ANSATZ names the command}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

awk 'BEGIN {
    srand(1)
    for (j = 0; j < 80; j++) printf "x%d,", j
    print "y"
    for (i = 0; i < 40; i++) {
        x = rand(); y = 0
        for (j = 0; j < 80; j++) { x += 0.001 * rand(); y += x * (j % 3 - 1); printf "%.6f,", x }
        printf "%.6f\n", y + 0.01 * rand()
    }
}' > slow.csv
fit=("$ansatz" fit lasso slow.csv --target y --n-alphas 0 --alpha 1e-7 --tol 1e-16 -q)

# How many sweeps some half a minute takes on this machine.
"${fit[@]}" --max-iter 100000000 --checkpoint probe --time-limit 3 2> said || [ $? -eq 75 ]
n=$(sed -n 's/.* after \([0-9]*\) iterations.*/\1/p' said)
fit+=(--max-iter $((n * 12)))
"${fit[@]}" -o whole.az > /dev/null

n_kills=0
while [ ! -e parts.az ]; do
    "${fit[@]}" -o parts.az --checkpoint state --resume > /dev/null &
    for _ in $(seq 130); do # 13 seconds: a checkpoint is written every ten
        sleep 0.1
        kill -0 $! 2> /dev/null || break
    done
    if kill -9 $! 2> /dev/null; then n_kills=$((n_kills + 1)); fi
    wait $! 2> /dev/null || true
    [ $n_kills -lt 30 ] || { echo "no end after 30 kills"; exit 1; }
    [ -e parts.az ] || [ -s state ] || { echo "no checkpoint was written"; exit 1; }
done
[ $n_kills -gt 0 ] || { echo "the fit was over before it could be killed"; exit 1; }
cmp whole.az parts.az
echo "killed $n_kills times and resumed to the same bytes"
