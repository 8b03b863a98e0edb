#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The README shows what the commands in it really print.
exec "$AZ_SOURCE/scripts/update_readme" --check
