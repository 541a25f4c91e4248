# One build configuration for everything, so that tests run what is shipped.
SWIFT        ?= swift
CONFIGURE    := -c release -Xswiftc -enable-testing
PYTHON       := /usr/bin/python3
FUZZ_SECONDS ?= 60
LAB          ?= dvpn
TESTS        ?=
DESTDIR      ?=
PREFIX       ?= /usr/local
# Programs to install: those of BIN, or what was built.
PROGRAMS     := $(or $(BIN),.build/programs)
# TESTS=…: these and no others, shown while they run.
ONE          := $(if $(TESTS),$(PYTHON) -m pytest --verbose -rs -p no:cacheprovider $(TESTS))
NEEDS_ROOT    = @[ $$(id -u) -eq 0 ] || echo "These tests need root (network namespaces): all of them will be skipped."
# BIN=DIR: the lab takes programs from there and nothing is built.

.PHONY: help build install uninstall deb lab lab-down demo recording picture demo-systemd test test-unit test-static \
        test-lab test-systemd test-bench bench bench-quick bench-full bench-scale lint fmt fuzz clean

help: ## this list
	@sed --quiet --regexp-extended 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand --tabs=21

build: ## the three programs, into .build/programs
	$(SWIFT) build $(CONFIGURE)
	Scripts/build-dataplane .build/embedded
	mkdir --parents .build/programs
	cp --force --remove-destination .build/embedded/dvpn-dataplane .build/programs
	Scripts/link-program dvpn-controlplane .build/programs
	Scripts/link-program dvpnctl .build/programs

install: $(if $(BIN),,build) ## programs, units, manual, completions (root); DESTDIR=, PREFIX=/usr/local
	Scripts/install "$(PROGRAMS)" "$(DESTDIR)" "$(PREFIX)"

uninstall: ## stop dvpn and remove all of that; configuration and state stay
	Scripts/uninstall "$(DESTDIR)" "$(PREFIX)"

deb: $(if $(BIN),,build) ## the Debian package, into .build
	Scripts/build-deb "$(PROGRAMS)"

lab: ## a network laboratory in namespaces (root); LAB=NAME for another one
	Tests/Lab/lab up --vpn $(LAB)

lab-down: ## end it and remove every trace
	Tests/Lab/lab down $(LAB)

demo: ## two idle networks, from nothing to an answer and back (root); KEEP=1 leaves the lab up
	@SWIFT=$(SWIFT) Scripts/demo

recording: $(if $(BIN),,build) ## docs/demo.svg: what the demo shows in a terminal (root)
	BIN=$(PROGRAMS) Scripts/record docs/demo.svg Scripts/demo

picture: $(if $(BIN),,build) ## docs/page.png: the web page, with networks of a lab in several states (root)
	BIN=$(PROGRAMS) Scripts/picture docs/page.png

demo-systemd: ## the package, the units, the bus and the journal, in a systemd of its own (root); KEEP=1
	@SWIFT=$(SWIFT) Scripts/demo-systemd

test: test-unit $(if $(BIN),,build) ## everything; lab and systemd need root and are named as skipped without
	$(NEEDS_ROOT)
	Tests/run Tests/Lab Tests/Systemd Tests/Static Benchmarks/tests

test-unit: ## tests that need no root
	$(SWIFT) build $(CONFIGURE) --build-tests
	$(SWIFT) test $(CONFIGURE) --skip-build

test-static: ## that the build refuses what it must: an allocation or a lock in the dataplane
	$(or $(ONE),Tests/run Tests/Static)

test-lab: $(if $(BIN),,build) ## tests in the lab; TESTS="Tests/Lab/test_x.py -k words" for some of them
	$(NEEDS_ROOT)
	$(or $(ONE),Tests/run Tests/Lab)

test-systemd: $(if $(BIN),,build) ## tests of the units under a systemd of their own
	$(NEEDS_ROOT)
	$(or $(ONE),Tests/run Tests/Systemd)

test-bench: $(if $(BIN),,build) ## tests of the benchmark itself; nothing is timed
	$(or $(ONE),Tests/run Benchmarks/tests)

bench: $(if $(BIN),,build) ## forwarders side by side, 15 minutes (root); figures in Benchmarks/results
	Scripts/install-packages bench
	Benchmarks/bench

bench-quick: $(if $(BIN),,build) ## the same in 3 minutes, with fewer of them
	Scripts/install-packages bench
	Benchmarks/bench --effort quick

bench-full: $(if $(BIN),,build) ## the same with 15 rounds, for a claim: 40 minutes
	Scripts/install-packages bench
	Benchmarks/bench --effort full

bench-scale: $(if $(BIN),,build) ## what a gateway map of 65,536 lines costs, and 200 active gateways (root): 10 minutes
	Benchmarks/scale

lint: ## formatting of Swift, syntax of scripts and man pages
	$(SWIFT) format lint --strict --recursive --parallel Package.swift Sources Tests
	for script in $$(grep --files-with-matches '^#!/bin/bash' Scripts/*) package/p* Tests/Systemd/box .ci/run; do \
	    bash -n $$script || exit 1; done
	$(PYTHON) -c 'import ast, sys; [ast.parse(open(f).read(), f) for f in sys.argv[1:]]' \
	    Tests/run Tests/Lab/lab Tests/Lab/*.py Benchmarks/bench Benchmarks/scale Benchmarks/*.py Benchmarks/tests/*.py \
	    Tests/Static/*.py Tests/Systemd/*.py Scripts/protocol-page Scripts/record Scripts/picture
	# Which other pages are installed here says nothing about ours.
	! mandoc -T lint man/* 2>&1 | grep --invert-match -e 'referenced manual not found' -e 'outdated mandoc.db'
	Scripts/protocol-page --check

fmt: ## write the formatting
	$(SWIFT) format --in-place --recursive --parallel Package.swift Sources Tests

fuzz: ## feed the frame decoder with noise for FUZZ_SECONDS
	Tests/Fuzz/run $(FUZZ_SECONDS)

clean: ## remove what was built
	rm --recursive --force .build
