#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# usage: run.sh [FOLDER]    writes models, predictions and maps into FOLDER (default: the current one)
# Sea-surface temperature from latitude, longitude and month: see README.md.
set -euo pipefail
cd "${1:-.}"
sst=$(ansatz data get ersst_2010_2020 -q)

inputs=(--target sst --derive 'month = month(time)' --features lat,lon,month --periodic lon=360,month=12)

# Eight years to learn from; a fifth of them, the latest months, is held out: time is known to be the time.
ansatz fit ridge "$sst" "${inputs[@]}" --select time=2010:2017 --degree 6 --test 0.2 --refit -o ridge.az | tail -n 6
ansatz fit knn "$sst" "${inputs[@]}" --select time=2010:2017 --k 8 -o knn.az -q > knn.txt

# Years that neither has seen.
for model in ridge knn; do
    ansatz score $model.az "$sst" --select time=2018:2019 -q | head -n 4
done

# Predictions on the grid of the data: sea only, for land has no temperature of its sea surface.
for model in ridge knn; do
    ansatz predict $model.az "$sst" --select time=2019 --where 'sst > -10' -o $model.nc
    ansatz show $model.nc --select time=2019-12 -o $model.svg
done
ansatz show "$sst" --vars sst --select time=2019-12 -o observed.svg
ansatz show ridge.nc
