#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The checks of layers and house rules can fail: offences planted in a copy are found, at their place.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
cp -r "$root/src" "$root/cli" "$root/include" "$root/docs" "$copy"
mkdir -p "$copy"/{tests,bench,fuzz,examples}

expect() { # WHAT SCRIPT
    if output=$("$root/scripts/$2" "$copy" 2>&1) || [[ $output != *"$1"* ]]; then
        echo "$2 did not report $1; it said:"
        echo "$output"
        exit 1
    fi
}
"$root/scripts/check_layers" "$copy"
licence='/* SPDX-License-Identifier: BSD-3-Clause */'
planted=$copy/src/base/planted.c
printf '%s\n#include "models/model.h"\n' "$licence" > "$planted"
expect "src/base/planted.c:2: base may not include from models" check_layers
printf '%s\nint main(void) { return (int)(long)malloc(3); }\n' "$licence" > "$planted"
expect "src/base/planted.c:2:" check_house
printf '%s\n#pragma omp parallel\n' "$licence" > "$planted"
expect "src/base/planted.c:2:" check_house
printf 'int a;\t\n' > "$planted"
expect "src/base/planted.c:1: the first line is not the licence line" check_house
rm "$planted"
mkdir "$copy/src/cellar"
expect "src/cellar: the room is not listed" check_layers
