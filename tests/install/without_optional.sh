#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# usage: tests/install/without_optional.sh
# Builds without the optional libraries, with warnings as errors: what one of them does is then refused with status 69
# and a sentence that names it, and the rest works, as the tests of that build find.  Then libansatz-io is taken away.
set -euo pipefail
cd "$(dirname "$0")/../.."
switches=()
for name in NETCDF HDF5 UDUNITS CURL ZLIB; do switches+=("-DAZ_WITH_$name=OFF"); done
cmake -S . -B build-minimal -G Ninja "${switches[@]}" -DAZ_WERROR=ON > /dev/null
# The optional libraries bear on reading files alone, so these tests stand for all.
tests=(base_test_file data_test_csv data_test_design)
cmake --build build-minimal -j "${JOBS:-$(nproc)}" --target ansatz "${tests[@]}" > /dev/null
if readelf -d build-minimal/ansatz build-minimal/libansatz-io.so | grep -E 'NEEDED.*(libz|netcdf|hdf5|udunits|curl)\.'; then
    echo "the build without optional libraries is linked to one"
    exit 1
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
printf 'x,y\n1,2\n3,4\n' > "$folder/table.csv"
gzip -k "$folder/table.csv"
printf 'CDF\001\000\000\000\000' > "$folder/field.nc"
build-minimal/ansatz show "$folder/table.csv" > /dev/null

refused() { # NAME FILE: the command refuses the file with status 69 and a sentence that holds NAME
    local output status=0
    output=$("$command" show "$2" 2>&1) || status=$?
    if [ $status -ne 69 ] || [[ $output != *"$1"* ]]; then
        echo "status $status instead of 69 for $2; it said: $output"
        exit 1
    fi
}
command=build-minimal/ansatz
refused zlib "$folder/table.csv.gz"
refused libnetcdf "$folder/field.nc"
build-minimal/ansatz doctor > "$folder/doctor"
grep -q 'without reading compressed tables' "$folder/doctor" || { echo "doctor does not say what is missing"; exit 1; }

for test in "${tests[@]}"; do
    (cd build-minimal && "./$test") > "$folder/log" 2>&1 || { cat "$folder/log"; exit 1; }
done

cp build-minimal/ansatz "$folder/ansatz"
command=$folder/ansatz
refused "libansatz-io.so.0" "$folder/table.csv.gz"
"$command" doctor > "$folder/doctor"
grep -q 'libansatz-io.so.0' "$folder/doctor" || { echo "doctor does not say where it looked"; exit 1; }
