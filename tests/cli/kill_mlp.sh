#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# usage: ANSATZ=build/ansatz tests/cli/kill_mlp.sh [KILLS]
# The training of a network, in batches, with rows held out, killed without warning (SIGKILL) KILLS times (20) at random
# moments and resumed every time from what its checkpoint holds: the model is the same to the last byte as that of a
# training left alone.  Checkpoints are written every ten seconds: it takes some 12 seconds a kill.
set -euo pipefail
ansatz=$(realpath "${ANSATZ:?ANSATZ names the command}")
kills=${1:-20}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

awk 'BEGIN {
    srand(1)
    print "a,b,c,y"
    for (i = 0; i < 3000; i++) {
        a = 2 * rand() - 1; b = 2 * rand() - 1; c = 2 * rand() - 1
        printf "%.6f,%.6f,%.6f,%.6f\n", a, b, c, sin(3 * a) * b + c * c + 0.1 * rand()
    }
}' > waves.csv
fit=("$ansatz" fit mlp waves.csv --target y -q --threads 1 --hidden-layer-sizes 64,64 --activation tanh --tol 0
     --early-stopping --n-iter-no-change 1000000000)

n_kills=0
RANDOM=1
while [ $n_kills -lt "$kills" ]; do
    "${fit[@]}" --max-iter 10000000 -o parts.az --checkpoint state --resume > /dev/null &
    sleep "$((10 + RANDOM % 4)).$((RANDOM % 900 + 100))"
    if kill -9 $! 2> /dev/null; then n_kills=$((n_kills + 1)); fi
    wait $! 2> /dev/null || true
done
[ -s state ] || { echo "no checkpoint was written"; exit 1; }

# Epochs may be added to, not taken away: asked to end at once, the command says how many there are.
"${fit[@]}" --max-iter 1 -o parts.az --checkpoint state --resume > /dev/null 2> said && exit 1
n=$(sed -n 's/.* it has \([0-9]*\) epochs.*/\1/p' said)
fit+=(--max-iter $((n + 100)))
"${fit[@]}" -o parts.az --checkpoint state --resume > /dev/null
"${fit[@]}" -o whole.az > /dev/null
cmp whole.az parts.az
echo "killed $n_kills times in $n epochs and resumed to the same bytes"
