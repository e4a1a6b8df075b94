# make demo   train on training_data/, classify an export, find themes, show the results (light install: no torch)
# make test   everything installed, all tests          make test-fast   the quick ones
# make check  lint, types, architecture                make eval        the evaluation tables
# make eval-trust  promise, novelty, cold start, explanations, groups, audit, corrections, drift: hours
# make soak   capture 100,000 rows, killed 200 times, on SQLite and (SOAK_POSTGRES=URL) PostgreSQL: half an hour
# make models the shipped encoder and the default model, rebuilt byte for byte
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
DEMO := demo
export HF_HUB_OFFLINE = 1
export PIP_CONSTRAINT = constraints.txt

.PHONY: demo test test-fast check eval eval-trust soak models clean

$(VENV)/light: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet -e .
	touch $@

$(VENV)/full: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet -e '.[teachers,eval,dev]'
	touch $(VENV)/light $@

demo: $(VENV)/light
	$(BIN)/signaltriage train training_data/signals.csv --text text --label team --none-label none \
		--time created_at --out $(DEMO)/model
	$(BIN)/signaltriage classify training_data/export_sample.csv --model $(DEMO)/model --out $(DEMO)/classified.csv
	$(BIN)/signaltriage themes training_data/signals.csv --model $(DEMO)/model --out $(DEMO)/themes
	@echo
	@echo "Open $(DEMO)/classified.csv in a spreadsheet: st_team says who owns each ticket, st_reason why."
	@echo "Open $(DEMO)/themes/themes.html in a browser: what recurs, whose it is, and what is rising."
	@echo "The model lies in $(DEMO)/model; '$(BIN)/signaltriage doctor $(DEMO)/model' explains it."

test: test-fast
	$(BIN)/python -m pytest -q -m 'slow or teachers'

test-fast: $(VENV)/full
	$(BIN)/python -m pytest -q -n auto -m 'not slow and not teachers'

check: $(VENV)/full
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

eval: $(VENV)/full
	$(BIN)/python -m eval.encoder
	$(BIN)/python -m eval.serving
	$(BIN)/python -m eval.run
	$(BIN)/python -m eval.themes
	$(BIN)/python -m eval.theme_small
	$(BIN)/python -m eval.theme_stability
	$(BIN)/python -m eval.theme_speed
	$(BIN)/python -m eval.theme_names
	$(BIN)/python -m eval.trend
	$(BIN)/python -m eval.trend_stories
	$(BIN)/python -m eval.facets
	$(BIN)/python -m eval.gaps
	$(BIN)/python -m eval.gap_belief
	$(BIN)/python -m eval.searches
	$(BIN)/python -m eval.spelling
	$(BIN)/python -m eval.gap_speed
	$(BIN)/python -m eval.tables

eval-trust: $(VENV)/full
	for part in promise novelty coldstart explanations groups audit corrections drift; do \
		$(BIN)/python -m eval.$$part || exit 1; done
	$(BIN)/python -m eval.tables

soak: $(VENV)/full
	$(BIN)/python -m eval.soak 100000 --kills 200
	test -z "$(SOAK_POSTGRES)" || $(BIN)/python -m eval.soak 100000 --kills 200 --log "$(SOAK_POSTGRES)"

models: $(VENV)/full
	$(BIN)/python models/build_encoder.py
	$(BIN)/python models/build_default.py

clean:
	rm -rf $(DEMO) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
