#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The thread sanitizer can be believed: a race put there on purpose is reported, a correct program is not.
set -u
output=$("$AZ_BUILD/seeded_race" 2>&1)
status=$?
if [ $status -ne 66 ] || [[ $output != *"data race"*add_unsynchronised* ]]; then
    echo "the race in seeded_race.c was not found (exit status $status):"
    echo "$output"
    exit 1
fi
if ! output=$("$AZ_BUILD/no_race" 2>&1); then
    echo "a race was reported in no_race.c, which has none:"
    echo "$output"
    exit 1
fi
echo "race found; no false report"
