#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# usage: tests/install/install.sh BUILD
# Installs into an empty folder and uses the result as a stranger would: through pkg-config (shared and static), through
# CMake, and from C++, with warnings as errors.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
build=$(cd "${1:?usage: install.sh BUILD}" && pwd)
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT

DESTDIR=$stage cmake --install "$build" --prefix /opt/ansatz > /dev/null
prefix=$stage/opt/ansatz
library=$(dirname "$(find "$prefix" -name libansatz.so)")
export PKG_CONFIG_PATH=$library/pkgconfig LD_LIBRARY_PATH=$library
strict=(-std=c17 -Wall -Wextra -pedantic -Werror)

soname=$(objdump -p "$library/libansatz.so" | awk '$1 == "SONAME" { print $2 }')
[ "$soname" = libansatz.so.0 ] || { echo "soname is $soname, not libansatz.so.0"; exit 1; }

check_output() {
    local output
    output=$("$1")
    [ "$output" = "position(10 s) = 21.000000 m" ] || { echo "$1 printed: $output"; exit 1; }
}
cd "$stage"
read -ra flags <<< "$(pkg-config --cflags --libs ansatz)"
cc "${strict[@]}" "$root/examples/c_predict/main.c" "${flags[@]}" -o shared
check_output ./shared
cc "${strict[@]}" -O2 "$root/examples/oscillator/main.c" "${flags[@]}" -lm -o oscillator
./oscillator > /dev/null || { echo "the network does not solve the oscillator's equation"; exit 1; }
# Not grep -q: it leaves at the first match, and ldd, cut off in its writing, would count as a failure.
ldd shared | grep 'libansatz\.so\.0 => '"$library" > /dev/null || { echo "not linked to libansatz.so.0"; exit 1; }

read -ra flags <<< "$(pkg-config --static --cflags --libs ansatz)"
static=()
for flag in "${flags[@]}"; do
    if [ "$flag" = -lansatz ]; then static+=("$library/libansatz.a"); else static+=("$flag"); fi
done
cc "${strict[@]}" "$root/examples/c_predict/main.c" "${static[@]}" -o static
check_output ./static
if ldd static | grep libansatz > /dev/null; then echo "the static program needs libansatz.so"; exit 1; fi

cmake -S "$root/examples/c_predict" -B cmake -DCMAKE_PREFIX_PATH="$prefix" > /dev/null
cmake --build cmake > /dev/null
check_output ./cmake/c_predict

read -ra flags <<< "$(pkg-config --cflags --libs ansatz)"
printf '#include <ansatz/ansatz.h>\n#include <cstdio>\nint main() { std::puts(az_version()); return 0; }\n' > version.cpp
g++ -Wall -Wextra -pedantic -Werror version.cpp "${flags[@]}" -o version
[ "$(./version)" = "$(pkg-config --modversion ansatz)" ] || { echo "az_version() is not the package's version"; exit 1; }
for header in "$prefix"/include/ansatz/*.h; do # each stands on its own
    printf '#include <ansatz/%s>\n' "$(basename "$header")" > alone.cpp
    for standard in c++11 c++20; do
        g++ -std=$standard -Wall -Wextra -pedantic -Werror -fsyntax-only alone.cpp "${flags[@]}"
    done
    cp alone.cpp alone.c
    for standard in c11 c17; do
        cc -std=$standard -Wall -Wextra -pedantic -Werror -fsyntax-only alone.c "${flags[@]}"
    done
done

if command -v gfortran > /dev/null; then
    step=$root/examples/fortran_step
    source=$(pkg-config --variable=fortran ansatz)
    gfortran -std=f2008 -Wall -Wextra -pedantic -Werror -fopenmp "$source" "$step"/{atmosphere,step}.f90 "${flags[@]}" \
        -o step
    ./step data physics.csv
    grep -q '^temperature \[K\]' physics.csv || { echo "the Fortran program wrote no table"; exit 1; }
    cmake -S "$step" -B cmake_fortran -DCMAKE_PREFIX_PATH="$prefix" > /dev/null
    cmake --build cmake_fortran > /dev/null
    ./cmake_fortran/fortran_step data again.csv
    cmp physics.csv again.csv
fi

if [ -x "$build/ansatz" ]; then
    "$prefix/bin/ansatz" models > models.txt
    grep -q linear models.txt || { echo "the installed command lists no models"; exit 1; }
    for file in man/man1/ansatz.1 bash-completion/completions/ansatz zsh/site-functions/_ansatz; do
        [ -s "$prefix/share/$file" ] || { echo "share/$file is not installed"; exit 1; }
    done
    # libansatz-io is found where it was installed, from the command (beside its folder) and from the shared library.
    if "$build/ansatz" doctor --json 2> /dev/null | grep '"gzip": true' > /dev/null; then
        printf 'x,y\n1,2\n3,4\n' | gzip > table.csv.gz
        env -u LD_LIBRARY_PATH "$prefix/bin/ansatz" show table.csv.gz > table.txt 2>&1 ||
            { echo "the installed command does not find libansatz-io:"; cat table.txt; exit 1; }
    fi
    ls "$library"/libansatz-io.so.0 > /dev/null
fi
