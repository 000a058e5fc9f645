# Two commands need nothing but Python 3.11+, git and make: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
BROWSER := $(VENV)/.browser
# A worker more than cores, as some wait for clocks and other processes, and four at most; each keeps
# to one thread, or they would wait for each other.
WORKERS := $(shell $(PYTHON) -c 'import os; print(min(4, 1 + os.cpu_count()))')
PYTEST := OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile

.PHONY: setup demo test check bench docs site format clean

setup: $(STAMP)

$(STAMP): pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --editable ".[dev]"
	@touch $(STAMP)

# Tried once; without a browser its tests are skipped.
$(BROWSER): scripts/get_chromium.sh | $(STAMP)
	@scripts/get_chromium.sh
	@touch $(BROWSER)

demo: $(STAMP)
	$(BIN)/oscine demo

test: $(STAMP) $(BROWSER)
	$(PYTEST)

check: $(STAMP) $(BROWSER)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(PYTEST)

site: $(STAMP)
	$(BIN)/python -m sphinx --fail-on-warning --keep-going --quiet docs site

format: $(STAMP)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(STAMP)
	$(BIN)/python benchmarks/run_all.py

docs: $(STAMP)
	$(BIN)/python docs/generate.py
	$(BIN)/python docs/draw.py

clean:
	rm -rf $(VENV) dist site .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
