#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# bindings/fortran/ansatz.f90 is Fortran 2008 without a warning, and predicts to the last bit what C does: one and
# several outputs, categories, missing numbers.  Then examples/fortran_step, with one thread and with three.
set -euo pipefail
command -v gfortran > /dev/null || { echo "SKIPPED: no gfortran"; exit 77; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export LD_LIBRARY_PATH=$AZ_BUILD${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
strict=(-std=f2008 -Wall -Wextra -Werror -pedantic)
gfortran "${strict[@]}" -fsyntax-only "$AZ_SOURCE/bindings/fortran/ansatz.f90" # without OpenMP too
gfortran "${strict[@]}" -O2 -g -fopenmp -fcheck=all -ffpe-trap=invalid,zero,overflow \
    "$AZ_SOURCE/bindings/fortran/ansatz.f90" "$AZ_SOURCE/tests/bindings/predict_bits.f90" -L"$AZ_BUILD" -lansatz -o fortran
cc -std=c17 -Wall -Wextra -pedantic -Werror -O2 -I"$AZ_SOURCE/include" "$AZ_SOURCE/tests/bindings/predict_bits.c" \
    -L"$AZ_BUILD" -lansatz -o c

# Temperatures and a soil, so that the third column is a level's number: 0, 1, none.
awk 'BEGIN { print "t,p,soil,flux,melt"
    for (i = 0; i < 60; i++) printf "%d,%g,%s,%g,%g\n", 260 + i, 1000 - i * i % 97, i % 3 ? "sand" : "clay",
        0.3 * i + i * i % 7, i % 5 }' > soil.csv
"$ANSATZ" fit linear soil.csv --target flux --features t,p -o plain.az > log 2>&1
"$ANSATZ" fit ridge soil.csv --target flux,melt --features t,p -o two.az > log 2>&1
"$ANSATZ" fit linear soil.csv --target flux --features t,p,soil --degree 2 -o soil.az > log 2>&1
"$ANSATZ" fit logistic soil.csv --target soil --features t,p,flux -o classes.az > log 2>&1
rows() { # N-COLUMNS: 23 rows as raw doubles; a missing number and an unseen level among them
    perl -e 'for my $i (0 .. 22) { my @row = (258.5 + 3 * $i, 900 + 7 * $i, $i == 4 ? -1 : $i % 2);
        $row[1] = "nan" if $i == 6; print pack "d*", @row[0 .. $ARGV[0] - 1] }' "$1"
}
for model in plain:2 two:2 soil:3 classes:3; do
    name=${model%:*}
    rows "${model#*:}" > rows.f64
    ./c $name.az rows.f64 c.out
    ./fortran $name.az rows.f64 fortran.out
    cmp c.out fortran.out || { echo "$name: Fortran and C differ"; exit 1; }
    [ -s c.out ]
done
echo "Fortran and C agree to the last bit on 4 models"

cc -std=c17 -O2 -fno-builtin -c "$AZ_SOURCE/tests/bindings/count_allocations.c" -o count_allocations.o
gfortran "${strict[@]}" -O2 "$AZ_SOURCE/bindings/fortran/ansatz.f90" "$AZ_SOURCE/tests/bindings/no_allocation.f90" \
    count_allocations.o -L"$AZ_BUILD" -lansatz -o no_allocation
for model in plain two soil classes; do
    n=$(./no_allocation $model.az)
    [ "$n" = 0 ] || { echo "$model: $n allocations in the loop"; exit 1; }
done
echo "no allocation in a Fortran loop on 4 models"

# The two programs of the README.
"$ANSATZ" fit linear "$AZ_SOURCE/data/hubble.csv" --target velocity --features distance -o hubble.az > log 2>&1
gfortran "${strict[@]}" "$AZ_SOURCE/bindings/fortran/ansatz.f90" "$AZ_SOURCE/examples/simulation/step.f90" \
    -L"$AZ_BUILD" -lansatz -o small_fortran
cc -std=c17 -Wall -Wextra -pedantic -Werror -I"$AZ_SOURCE/include" "$AZ_SOURCE/examples/simulation/step.c" \
    -L"$AZ_BUILD" -lansatz -o small_c
printf '%7.1f km/s%s\n' 84.1 "" 163.6 "" 1321.7 ", out of range" > expected.txt
./small_c > small_c.txt
./small_fortran > small_fortran.txt
cmp expected.txt small_c.txt
cmp expected.txt small_fortran.txt

step=$AZ_SOURCE/examples/fortran_step
gfortran "${strict[@]}" -O2 -fopenmp "$AZ_SOURCE/bindings/fortran/ansatz.f90" "$step"/{atmosphere,step}.f90 \
    -L"$AZ_BUILD" -lansatz -o step
./step data physics.csv
"$ANSATZ" fit ridge physics.csv --target radiation,moistening --degree 4 -o physics.az > log 2>&1
for threads in 1 3; do OMP_NUM_THREADS=$threads ./step run physics.az 10 > $threads.txt; done
cmp 1.txt 3.txt || { echo "the threads of a Fortran program change its results"; exit 1; }
awk '/^Root mean square/ { found = 1; if (!($(NF - 3) < 1)) { print "the learned physics goes astray:", $0; exit 1 } }
    END { exit !found }' 1.txt
cat 1.txt
