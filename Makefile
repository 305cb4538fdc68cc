# A thin front to CMake. `make help` lists the targets; PRESET=debug (asan, ci) picks another build.
.NOTPARALLEL:
.DEFAULT_GOAL := build

PRESET ?= release
BUILD := build/$(PRESET)
ENTENTE := $(CURDIR)/$(BUILD)/entente
# The interpreter that the configuration found (cmake/Python.cmake), the package in reach.
PYTHON = ENTENTE=$(ENTENTE) PYTHONPATH=analysis PYTHONDONTWRITEBYTECODE=1 \
    $(or $(shell sed -n 's/^ENTENTE_PYTHON:[^=]*=//p' $(BUILD)/CMakeCache.txt),python3)
VERSION = $(shell sed -n 's/^CMAKE_PROJECT_VERSION:[^=]*=//p' $(BUILD)/CMakeCache.txt)
JOBS ?= $(shell nproc 2>/dev/null || echo 2)

.PHONY: help build program deps deps-aarch64 deps-slurm deps-docs deb demo dist-binary docs notebooks gallery test test-long verify bench bench-fit bench-equilibrium asan lint format install clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

$(BUILD)/build.ninja:
	cmake --preset $(PRESET)

build: $(BUILD)/build.ninja ## build the program and its tests in build/release
	cmake --build $(BUILD) -j $(JOBS)

program: $(BUILD)/build.ninja ## build the program only
	cmake --build $(BUILD) -j $(JOBS) --target entente

deps: ## install the missing Debian packages, if any
	@tools/deps.sh

deps-aarch64: ## install a compiler and an emulator for the test of another processor; without them it is skipped
	@tools/deps.sh aarch64

deps-slurm: ## install a Slurm for the tests that start one; without it they are skipped
	@tools/deps.sh slurm

deps-docs: ## install the generator of the documentation; without it the tests of the site are skipped
	@tools/deps.sh docs

demo: deps program ## a first run: check, simulate, compare, plot
	@if [ -f tools/demo.sh ]; then ENTENTE=$(ENTENTE) sh tools/demo.sh; \
	else echo "tools/demo.sh is not there yet"; exit 1; fi

notebooks: deps program ## run all notebooks from top to bottom
	@$(PYTHON) tools/notebooks.py

gallery: deps program ## docs/gallery.md and its pictures, from the output of `make demo`, of a sweep and of an attribution
	@[ -f out/central-asia-2026.h5 ] || ENTENTE=$(ENTENTE) sh tools/demo.sh
	@[ -f out/summit-effect.h5 ] || $(ENTENTE) sweep @scenarios/sweeps/summit-effect.sweep -o out/summit-effect.h5
	@[ -f out/attribution.h5 ] || $(ENTENTE) attribute scenarios/central-asia-2026.yaml -o out/attribution.h5 -q
	@$(PYTHON) tools/gallery.py out/central-asia-2026.h5 out/summit-effect.h5 out/attribution.h5

docs: deps deps-docs program ## the documentation as a site in build/docs/html; runs notebooks that have changed
	$(PYTHON) tools/site/build.py

test: deps build ## unit and end-to-end tests
	@cat $(BUILD)/skipped.txt 2>/dev/null || true
	ctest --preset $(PRESET) -j $(JOBS)

test-long: deps build ## the tests that take minutes
	ctest --preset long -j $(JOBS)

verify: deps build ## simulated results against closed forms and a naive engine
	@rm -rf out/verify
	ctest --preset verify -j $(JOBS)
	$(PYTHON) tests/verification/report.py out/verify

bench: deps $(BUILD)/build.ninja ## speed, as a table, against what one would pick instead
	@sh tools/deps.sh bench
	cmake --build $(BUILD) -j $(JOBS) --target bench_engine entente
	$(PYTHON) tests/bench/run.py $(BUILD)/tests/bench_engine $(ENTENTE)

bench-fit: deps $(BUILD)/build.ninja ## how long fitting takes
	cmake --build $(BUILD) -j $(JOBS) --target bench_fit
	$(BUILD)/tests/bench_fit

bench-equilibrium: deps $(BUILD)/build.ninja ## how long an equilibrium of trade takes
	cmake --build $(BUILD) -j $(JOBS) --target bench_equilibrium
	$(BUILD)/tests/bench_equilibrium

asan: deps ## unit tests under the address and undefined-behaviour sanitizers
	$(MAKE) test PRESET=asan

lint: ## formatting, static analysis, layering
	@tools/deps.sh lint
	@tools/lint.sh

format: ## format the C sources in place
	git ls-files '*.c' '*.h' | xargs clang-format -i

install: program ## install below PREFIX (default /usr/local)
	cmake --install $(BUILD) $(if $(PREFIX),--prefix $(PREFIX))

deb: deps ## build a Debian package of the program in build/deb/packages
	cmake -S . -B build/deb -G Ninja -DCMAKE_BUILD_TYPE=Release -DENTENTE_TESTS=OFF -DENTENTE_PYTHON_DIR=lib/python3/dist-packages
	cmake --build build/deb -j $(JOBS) --target package

dist-binary: deps program ## build an archive in build/dist that runs on other Linux systems, with all it needs
	$(PYTHON) tools/packaging/bundle.py $(BUILD) build/dist/entente-$(VERSION)-linux-$(shell uname -m).tar.gz

clean: ## remove the build folders
	rm -rf build
