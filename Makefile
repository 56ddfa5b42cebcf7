# Everything sets itself up: Python 3.11 or newer with venv, and make, are all that is needed.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
APP    := $(VENV)/.app
READY  := $(VENV)/.ready
COMPILED := $(VENV)/.compiled
# Many tests wait for real clients and terminals: three times as many workers as processors keep all of these busy.
WORKERS ?= $(shell $(PYTHON) -c "import os; print(3 * (os.cpu_count() or 1))")

# Without compiled files every worker and every command that a test starts would compile the package again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: bench-judge docs site picture demo test lint types bench snapshots samples wheel clean help

help: ## what there is to make
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

# Who only wants to see the program does not wait for what its tests and its documentation need.
$(APP): pyproject.toml constraints.txt
	@test -e $@ || echo "installing into $(VENV), half a minute"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(READY): $(APP)
	@test -e $@ || echo "installing what the tests need, about a minute"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

# The package and the tests, compiled once; else every worker of the first run would do so for itself.
$(COMPILED): $(READY)
	@-$(BIN)/python -m pytest --collect-only -q > $@

demo: $(APP) ## the live screen over sample logs; without a terminal the lane table, once
	@$(BIN)/lanewatch demo

test: $(COMPILED) ## all tests; LANEWATCH_LONG_TESTS=1 draws more examples, and new ones
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

lint: $(READY) ## format, lint, direction of imports
	@$(BIN)/ruff format --check tui tests sample_logs
	@$(BIN)/ruff check tui tests sample_logs
	@$(BIN)/lint-imports

types: $(READY) ## pyright, strict on the core
	@$(BIN)/pyright

bench: $(READY) ## speed, as ratios measured in one run
	@$(BIN)/python -m tests.bench

bench-judge: $(READY) ## how good the judge is, beside other tools' rules
	@$(BIN)/python -m tests.bench.judge

snapshots: $(READY) ## take the pictures and text layouts of the screens anew; look at each before you commit it
	@$(BIN)/python -m pytest -q tests/screen/test_pictures.py tests/view/test_layouts.py --snapshot-update

docs: $(READY) ## write the generated parts of README.md and docs/*.md anew, and build the site
	@$(BIN)/python docs/generate.py
	@$(MAKE) --no-print-directory site

site: $(READY) ## build the documentation into site/; a link that leads nowhere is an error
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

picture: $(READY) ## film the demo anew for README.md (a minute); look at docs/tour.svg before you commit it
	@$(BIN)/python docs/moving_picture.py

samples: $(READY) ## write the sample logs anew
	@$(BIN)/python sample_logs/make_samples.py

wheel: $(READY) ## build the wheel
	@$(BIN)/python -m build --wheel

clean: ## remove what was made
	rm -rf $(VENV) dist build bench-data *.egg-info
