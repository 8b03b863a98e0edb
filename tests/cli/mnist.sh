#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# usage: ANSATZ=build/ansatz ANSATZ_DATA=FOLDER tests/cli/mnist.sh
# Handwritten digits and clothes from their IDX files, gzipped as published, labels in files of their own: the share of
# 10,000 test images that each model names rightly.  Of MNIST: k = 4 neighbours weighted by distance 0.971, logistic
# regression 0.925.  Some minutes of computing and 1.4 GB of memory.
set -euo pipefail
ansatz=${ANSATZ:?ANSATZ names the command}
[ -d "${ANSATZ_DATA:-}/mnist" ] || { echo "ANSATZ_DATA names no folder with mnist"; exit 77; }

expect() { # SET MODEL OPTIONS LEAST: the accuracy is at least that, and below 1
    local folder=$ANSATZ_DATA/$1 options accuracy
    read -ra options <<< "$3"
    accuracy=$("$ansatz" fit "$2" "$folder/train-images-idx3-ubyte.gz" --target "$folder/train-labels-idx1-ubyte.gz" \
        --test "$folder/t10k-images-idx3-ubyte.gz" --test-target "$folder/t10k-labels-idx1-ubyte.gz" \
        --task classification "${options[@]}" -q | awk '$1 == "test" { print $3 }')
    echo "$1 $2 $3: $accuracy"
    awk -v a="$accuracy" -v least="$4" 'BEGIN { exit !(a >= least && a < 1) }'
}

expect mnist knn '--k 4 --weights distance --scale none' 0.971
expect mnist logistic '--scale minmax' 0.925
expect fashion_mnist knn '--k 4 --weights distance --scale none' 0.859
