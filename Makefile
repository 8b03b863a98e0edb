# SPDX-License-Identifier: BSD-3-Clause
# A thin front for CMake (see CMakePresets.json).  `make help` lists what there is.
PREFIX ?= /usr/local
DESTDIR ?=
JOBS ?= $(shell nproc)
export JOBS PREFIX DESTDIR

.PHONY: all install demo check check-long bench fuzz clean help
.NOTPARALLEL:

all:            ## build/ansatz, build/libansatz.a and build/libansatz.so
	@command -v cmake > /dev/null && command -v ninja > /dev/null || \
	    { echo "CMake or Ninja is missing: run scripts/bootstrap build" >&2; exit 69; }
	@cmake --preset release > build-configure.log 2>&1 || { cat build-configure.log; rm build-configure.log; exit 1; }
	@rm build-configure.log
	cmake --build build -j $(JOBS)

install: all    ## into PREFIX (/usr/local), under DESTDIR
	@cmake -S . -B build -DCMAKE_INSTALL_PREFIX="$(PREFIX)" > /dev/null
	DESTDIR="$(DESTDIR)" cmake --install build

demo:           ## install what is missing, build, and run the main job on the data in data/
	@scripts/bootstrap build demo
	@$(MAKE) --no-print-directory all
	@scripts/demo

check:          ## install what is missing, build with GCC and clang, run all tests (minutes)
	@scripts/bootstrap build demo check
	@scripts/check

check-long:     ## the sanitizers, 64-bit ARM, and ten CPU minutes of every fuzz target (hours)
	@scripts/bootstrap build demo check check-long
	@$(MAKE) --no-print-directory all
	@scripts/check_long

bench:          ## speed and agreement against the peers, in bench/
	@scripts/bootstrap build bench
	@$(MAKE) --no-print-directory all
	@scripts/bench

fuzz:           ## every fuzz target for FUZZ_SECONDS (600)
	@scripts/bootstrap build check
	@scripts/fuzz $(or $(FUZZ_SECONDS),600)

clean:          ## remove all that was built
	rm -rf build build-*

help:           ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 14
