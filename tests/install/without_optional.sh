#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# usage: tests/install/without_optional.sh
# Builds without the optional libraries, with warnings as errors: what one of them does is then refused with status 69
# and a sentence that names it, and the rest works.
set -euo pipefail
cd "$(dirname "$0")/../.."
cmake -S . -B build-minimal -G Ninja -DAZ_WITH_ZLIB=OFF -DAZ_TESTS=OFF -DAZ_WERROR=ON > /dev/null
cmake --build build-minimal -j "${JOBS:-$(nproc)}" > /dev/null
if ldd build-minimal/ansatz | grep -q libz; then echo "the command is linked to zlib"; exit 1; fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
printf 'x,y\n1,2\n3,4\n' > "$folder/table.csv"
gzip -k "$folder/table.csv"
build-minimal/ansatz show "$folder/table.csv" > /dev/null
status=0
output=$(build-minimal/ansatz show "$folder/table.csv.gz" 2>&1) || status=$?
if [ $status -ne 69 ] || [[ $output != *zlib* ]]; then
    echo "status $status instead of 69; it said: $output"
    exit 1
fi
build-minimal/ansatz doctor > "$folder/doctor"
grep -q '^gzip  *no' "$folder/doctor" || { echo "doctor does not say that gzip is missing"; exit 1; }
