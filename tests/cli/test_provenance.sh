#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The same call on the same data writes the same bytes, wherever and whenever it is made: in another folder, by absolute
# paths, as another user in another time zone, after a pause.  The model file holds no folder, host, user or date.
set -euo pipefail
ansatz=$(realpath "${ANSATZ:?ANSATZ names the command}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "provenance: $*" >&2; exit 1; }

data() { # FOLDER
    mkdir -p "$1/left" "$1/right"
    awk 'BEGIN {
        print "a,b/c,k"
        for (i = 0; i < 40; i++) printf "%d,%.3f,%s\n", i, sin(i), i % 3 ? "u" : "v"
    }' > "$1/left/rows.csv"
    awk 'BEGIN { print "extra"; for (i = 0; i < 40; i++) printf "%.3f\n", cos(3 * i) }' > "$1/right/beside.csv"
    awk 'BEGIN { for (i = 0; i < 40; i++) print (i % 2 ? "odd" : "even") }' > "$1/right/labels.csv"
    cp "$1/left/rows.csv" "$1/left/more.csv"
    sed '1s/.*/other/' "$1/right/beside.csv" > "$1/right/other.csv"
}
data "$work/one"
data "$work/second place"
mkdir "$work/home"
second="$work/second place"

same() { # NAME MODEL: the files NAME of the two folders; the words that the command kept are $3
    cmp "$work/one/$1" "$second/$1" || fail "$1 depends on where or when it was made"
    local kept
    kept=$("$ansatz" show "$second/$1" --json | sed -n 's/.*"command": "\(.*\)",*$/\1/p')
    [ "$kept" = "$2" ] || fail "$1 keeps the command line: $kept"
    local found
    for found in "$work" "second place" "$(hostname)" "$(id -un)" "$(date +%Y-%m)" "$HOME" left/ right/; do
        [ "$found" != / ] || continue
        ! grep -qaF -- "$found" "$second/$1" || fail "$1 holds \"$found\""
    done
}

# From within the folder, and by absolute paths, a second and more later.
(cd "$work/one" && "$ansatz" fit ridge left/rows.csv --join right/beside.csv,right/other.csv --target b/c \
    --degree 2 --seed 5 -q -o ridge.az > /dev/null)
(cd "$work/one" && "$ansatz" fit naive_bayes left/rows.csv,left/more.csv \
    --names a,bc,k --header 1 --target k --test left/more.csv -o two.az -q > /dev/null)
(cd "$work/one/left" && "$ansatz" fit knn rows.csv --target ../right/labels.csv --test 0.2 \
    -o ../labels.az -q > /dev/null)
sleep 1.1
export HOME="$work/home" USER=somebody LOGNAME=somebody TZ=Asia/Tokyo
"$ansatz" fit ridge "$second/left/rows.csv" --join "$second/right/beside.csv,$second/right/other.csv" --target b/c \
    --degree 2 --seed 5 -q --threads 2 -o "$second/ridge.az" > /dev/null
"$ansatz" fit naive_bayes "$second/left/rows.csv,$second/left/more.csv" \
    --names a,bc,k --header 1 --target k --test "$second/left/more.csv" -o "$second/two.az" -q > /dev/null
"$ansatz" fit knn "$second/left/rows.csv" --target "$second/right/labels.csv" --test 0.2 \
    -o "$second/labels.az" -q > /dev/null

same ridge.az "ansatz fit ridge rows.csv --join beside.csv,other.csv --target b/c --degree 2 --seed 5"
same two.az "ansatz fit naive_bayes rows.csv,more.csv --names a,bc,k --header 1 --target k --test more.csv"
same labels.az "ansatz fit knn rows.csv --target labels.csv --test 0.2"

# What it does hold.
for word in '\"version\":\"' '\"seed\":5' '\"data_digest\":\"'; do
    grep -qaF -- "$word" "$work/one/ridge.az" || fail "ridge.az lacks $word"
done
