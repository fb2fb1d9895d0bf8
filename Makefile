# Two commands on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: setup demo test test-slow lint types bench clean
.DELETE_ON_ERROR:

setup: $(READY)

$(READY): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	$(BIN)/python -m compileall -q sim benchmarks
	touch $@

# A real store from its own purchase log: what if it sent messages weekly, or every two days? And a market of 20 stores: what
# if the platform let each of them reach a consumer three times a week? (Its assumption range is that of 2,000 consumers.)
demo: $(READY)
	rm -rf runs/demo && mkdir -p runs/demo
	$(BIN)/sim calibrate data/cdnow.csv.gz --where in_sample=1 --until 1997-09-30 --out runs/demo/calibrated.yaml
	$(BIN)/sim compare scenarios/store.yaml scenarios/store_weekly.yaml scenarios/store_every_2_days.yaml \
	  --with runs/demo/calibrated.yaml -r 32 --draws 20 --out runs/demo/comparison
	$(BIN)/sim compare scenarios/market.yaml scenarios/market_cap_3_per_week.yaml -r 4 --draws 20 --draws-consumers 2000 \
	  --out runs/demo/market

test: $(READY)
	$(BIN)/python -m pytest -n 2 --dist worksteal

test-slow: $(READY)
	$(BIN)/python -m pytest -m slow -n 2 --dist worksteal

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy

bench: $(READY)
	$(BIN)/python -m benchmarks

clean:
	rm -rf $(VENV) build dist *.egg-info .ruff_cache .mypy_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
