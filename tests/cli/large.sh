#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# usage: large.sh FILE_MB LIMIT_MB [fit]
# Predicts and scores (and fits) a table of FILE_MB megabytes with an address space of LIMIT_MB: memory does not grow with
# the rows.  The table is a short one repeated, so predictions must repeat and means of scores stay.  Status 77: the program
# does not even start under such a limit (a sanitizer's build).
set -euo pipefail
ansatz=$(realpath "${ANSATZ:?}")
size=$1 limit=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export OPENBLAS_NUM_THREADS=1

limited() {
    (ulimit -v $((limit * 1024)); "$ansatz" "$@" --threads 2 --quiet)
}
(ulimit -v $((limit * 1024)); "$ansatz" --version > /dev/null 2>&1) || exit 77

awk 'BEGIN { srand(1)
             for (i = 0; i < 20000; i++) {
                 a = rand(); b = 10 * rand() - 5; c = 1000 * rand(); k = int(3 * rand())
                 printf "%.6f,%.5f,%.3f,%s,%.6f\n", a, b, c, k == 0 ? "red" : k == 1 ? "green" : "blue",
                        2 * a - b + 0.001 * c + k + 0.1 * rand() } }' > rows
header="a,b,c,colour,y"
{ echo "$header"; cat rows; } > small.csv
copies=$((size * 1000000 / $(stat -c %s rows) + 1))
echo "$header" > large.csv
for ((i = 0; i < 64; i++)); do cat rows; done > many
for ((i = 0; i + 64 <= copies; i += 64)); do cat many; done >> large.csv
for ((; i < copies; i++)); do cat rows; done >> large.csv
rm many
[ "$(stat -c %s large.csv)" -gt $((limit * 1000000)) ] || { echo "large.sh: the table fits under the limit"; exit 1; }

"$ansatz" fit linear small.csv --target y -o model.az --quiet > /dev/null
"$ansatz" predict model.az small.csv -o small-predictions.csv --quiet
"$ansatz" score model.az small.csv --quiet | sed '1,/^$/d; /^ *Next/d; /^$/d' > score-small

limited predict model.az large.csv -o predictions.csv
awk -F, -v copies="$copies" '
    NR == FNR { if (FNR > 1) small[FNR - 2] = $2; n = FNR - 1; next }
    FNR > 1 { if ($1 + 0 != FNR - 2 || $2 != small[(FNR - 2) % n]) { print "row " FNR ": " $0; exit 1 } rows++ }
    END { if (rows != copies * n) { print rows " predictions, not " copies * n; exit 1 } }' \
    small-predictions.csv predictions.csv
rm predictions.csv

limited score model.az large.csv | sed '1,/^$/d; /^ *Next/d; /^$/d' > score-large
diff score-small score-large

[ "${3:-}" = fit ] || exit 0
# Block by block, since the rows do not fit; the same coefficients.
limited fit linear large.csv --target y -o large.az > /dev/null
"$ansatz" show model.az --json | awk '/"estimate"/ { print $2 + 0 }' OFMT=%.17g > coefficients-small
"$ansatz" show large.az --json | awk '/"estimate"/ { print $2 + 0 }' OFMT=%.17g > coefficients-large
[ "$(wc -l < coefficients-small)" -ge 6 ]
paste coefficients-small coefficients-large | awk '
    { difference = $1 - $2; if (difference < 0) difference = -difference
      if (difference > 1e-9 * ($1 < 0 ? -$1 : $1)) { print "coefficients differ: " $0; exit 1 } }'
if limited fit knn large.csv --target y > refused 2>&1; then echo "knn was fitted"; exit 1; fi
grep -q -e "--sample N" refused
limited fit knn large.csv --target y --sample 2000 > sampled
grep -q "2,000 rows" sampled
