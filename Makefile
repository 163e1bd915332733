# One door to everything: `make help` says what there is. Every target may be repeated.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# LAB=loopback: five processes on 127.0.0.x, without root, without virtual IP.
LAB ?= network
export LAB

BIN := .venv/bin
NO_LAB := $(wildcard tests/unit tests/sim tests/scenarios tests/gui)
# A test file stays in one process: its tests share what is dear to make.
ABREAST := -n auto --dist loadfile
# A lab mostly waits; more than two at once would wait for each other.
LABS_ABREAST := -n 2 --dist loadfile

.PHONY: help setup lab lab-down test quick check test-unit test-lab test-hosts test-vagrant wheelhouse bench model fuzz mutation screenshots lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))
	@echo
	@echo "  LAB=loopback    with lab, test-lab, bench: no root and no virtual IP needed"
	@echo "  DEBIAN=13       with test-hosts: hosts of Debian 13 instead of 12"
	@echo "  CAMPAIGNS=1     with test-hosts: also what takes longest (another authority under load)"
	@echo "  CONTROLLER=13   with test-hosts: Debian 13 and the newest Ansible play the playbooks"
	@echo "  PYTHON=...      the interpreter that .venv is made from (3.11 or newer)"

setup: ## put everything that is needed into .venv, and missing Debian packages onto the machine
	@scripts/setup

lab: ## start five hosts on this machine, play the story, leave the lab running
	@scripts/may-run-lab $@
	@scripts/setup
	@$(BIN)/tmr lab demo $(if $(filter loopback,$(LAB)),--loopback)

lab-down: ## stop the lab and take its networks away
	@scripts/setup
	@$(BIN)/tmr lab down

test: check ## all checks, then all tests: those that need no lab on all cores at once
	@failed=0; \
	$(BIN)/python -m pytest $(ABREAST) $(NO_LAB) || failed=1; \
	$(BIN)/python -m pytest $(LABS_ABREAST) tests/lab tests/attacks || failed=1; \
	exit $$failed

quick: setup ## what a change in the pure rooms needs: their style, types, contracts and tests (90 s)
	@scripts/quick

check: setup ## style, types (also as Windows would see them), import contracts
	@scripts/check

test-unit: setup ## the tests that need no lab
	@$(BIN)/python -m pytest $(ABREAST) $(NO_LAB)

test-lab: setup ## the tests against real processes, real links and real keepalived
	@$(BIN)/python -m pytest $(LABS_ABREAST) tests/lab tests/attacks

test-hosts: wheelhouse ## the deployment, on five Debian hosts in containers (about ten minutes, needs root)
	@scripts/test-hosts

test-vagrant: wheelhouse ## `vagrant up` by libvirt, a licence, a machine halted (half an hour without KVM, root)
	@scripts/test-vagrant

wheelhouse: setup ## all that a server host installs, in one file below build/wheelhouse
	@scripts/wheelhouse

bench: setup ## the numbers of README, measured here
	@scripts/may-run-lab $@
	@$(BIN)/tmr bench checkout
	@$(if $(filter loopback,$(LAB)),true,$(BIN)/tmr bench failover)

model: ## search an independent model of the ledger's rules by spin, mutants too (not in CI)
	@scripts/model

fuzz: setup ## bytes of all kinds for every decoder, by coverage (TARGET=, RUNS=, SECONDS_EACH=, JOBS=, KEEP=1; not in CI)
	@$(BIN)/python -m tests.fuzz.run $(if $(TARGET),--target "$(TARGET)") \
	    $(if $(RUNS),--runs $(RUNS)) $(if $(SECONDS_EACH),--seconds $(SECONDS_EACH)) \
	    $(if $(JOBS),--jobs $(JOBS)) $(if $(KEEP),--keep)

mutation: setup ## small changes of the code that no test notices (MODULE=; not in CI)
	@scripts/mutation $(MODULE)

screenshots: setup ## pictures of the monitor's pages, light and dark, into SHOTS=FOLDER
	@TMR_SHOTS=$(abspath $(or $(SHOTS),$(error say where to: SHOTS=FOLDER))) \
	    $(BIN)/python -m pytest -q tests/gui/test_pictures.py

lock: setup ## write requirements/*.txt anew from pyproject.toml (UPGRADE=1: newest versions)
	@scripts/lock

clean: ## remove .venv and everything that was generated
	@rm -rf .venv .lock-venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
