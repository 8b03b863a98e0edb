#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# What libansatz is linked to, how large it is, and what libansatz-io shows and takes from it.
set -euo pipefail
library=$AZ_BUILD/libansatz.so io=$AZ_BUILD/libansatz-io.so
[ -e "$library" ] || { echo "SKIPPED: there is no libansatz.so"; exit 77; }
if readelf -d "$library" | grep -qE 'NEEDED.*(asan|tsan|ubsan)' || nm "$library" | grep -q __asan_init; then
    echo "SKIPPED: built with sanitizers"
    exit 77
fi

# libc and its parts, OpenMP, BLAS with LAPACKE, jansson; the compiler's own library where it is shared.
allowed='lib(c|m|dl|pthread)\.so|ld-linux|lib(gomp|omp|iomp5)\.so|lib(openblas|blas|lapacke|lapack)|libjansson|libgcc_s|libxsmm'
needed() { readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\].*/\1/p'; }
for file in "$library" "$AZ_BUILD/ansatz"; do
    if others=$(needed "$file" | grep -vE "^($allowed)"); then
        echo "$file is linked to $others"
        exit 1
    fi
done

copy=$(mktemp)
trap 'rm -f "$copy"' EXIT
strip -o "$copy" "$library"
size=$(stat -c %s "$copy")
[ "$size" -lt 2000000 ] || { echo "libansatz.so has $size bytes, which should be under 2 MB"; exit 1; }

shown=$(nm -D --defined-only "$io" | awk '{ print $3 }')
[ "$shown" = az_io_table ] || { echo "libansatz-io shows $shown, and should show az_io_table alone"; exit 1; }
if taken=$(nm -D --undefined-only "$io" | grep -E ' az_'); then echo "libansatz-io takes $taken from libansatz"; exit 1; fi
needed "$io" | grep -q 'libansatz\.so' && { echo "libansatz-io is linked to libansatz"; exit 1; }
echo "libansatz.so: $size bytes without symbols"
