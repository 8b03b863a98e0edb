#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# A table larger than the memory that is allowed; check-long does the same with 2 GB.
exec bash "$(dirname "$0")/large.sh" 120 100
