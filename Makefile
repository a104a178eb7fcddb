# Each target does its own set-up; `make help` lists them.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
STUDIO := .venv-studio

.DEFAULT_GOAL := help
.PHONY: chromium help setup setup-dev run test test-fast lint bench bench-index bench-map figures report index same screenshots catalogue train clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(VENV)/.run: requirements.txt
	test -x $(BIN)/python || $$(command -v $(PYTHON) || command -v python3) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

$(VENV)/.dev: requirements-dev.txt requirements-mcp.txt $(VENV)/.run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@

setup: $(VENV)/.run ## environment for running the app
setup-dev: $(VENV)/.dev ## environment for testing and training, too

run: setup ## start the app on http://localhost:7860
	$(BIN)/python app.py

# The browser tests' Chromium, from Debian's packages where we may install them; without it they are skipped.
# Where its headless shell cannot be had, the whole browser does.
INSTALL = DEBIAN_FRONTEND=noninteractive apt-get install -y -qq fonts-dejavu-core
chromium:
	@test -x $${CHROMIUM:-/usr/bin/chromium-headless-shell} || test "$$(id -u)" != 0 || ! command -v apt-get >/dev/null || \
	  (apt-get update -qq && ($(INSTALL) chromium-headless-shell || $(INSTALL) chromium) >/dev/null) || test -x /usr/bin/chromium

# Two processes, a file each at a time, in the order of their names: the browser's take longest.
test: setup-dev chromium ## all tests
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

test-fast: setup-dev ## the tests that load no model and open no browser
	$(BIN)/python -m pytest -m "not slow and not browser"

lint: setup-dev ## ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

screenshots: setup-dev ## take the pictures of the page that the README shows
	$(BIN)/python -m tests.browser.screenshots

bench: setup-dev ## time of every stage, overhead over the bare model runs, photos a second
	FASHION_MODELS=bundled $(BIN)/python -m bench.stages --out docs/figures/speed.json
	$(BIN)/python -m bench.figures

SIZES ?= 1000 100000 1000000
bench-index: setup-dev ## flat search against inverted lists at SIZES vectors, into docs/search.md (5 GB, some minutes)
	$(BIN)/python -m bench.index --sizes $(SIZES) --out docs/figures/search.json
	$(BIN)/python -m bench.figures

bench-map: setup-dev ## time and faithfulness of the fashion map on 5,000 items, into docs/map.md (some minutes)
	FASHION_MODELS=bundled $(BIN)/python -m bench.map --out docs/figures/map.json
	$(BIN)/python -m bench.figures

figures: setup ## write what was measured, as docs/figures and the models' registry have it, into README and docs
	$(BIN)/python -m bench.figures

# The held-out evaluations need the data sets that the models were trained on: only with DATA=folder.
report: setup-dev ## measure what README and docs quote, some minutes; DATA=folder adds the held-out evaluations
	FASHION_MODELS=bundled $(BIN)/python -m bench.report $(if $(filter-out default file undefined,$(origin DATA)),--data $(DATA))

index: setup ## publish the demo catalogue's index again
	FASHION_MODELS=bundled $(BIN)/python -m pipeline catalogue add assets/catalogue/items.csv --replace --keep-duplicates --index index

same: setup-dev ## measure from which likeness on two pieces are one garment, for the embedder in use
	$(BIN)/python -m bench.garments

$(STUDIO)/.done: requirements-studio.txt
	test -x $(STUDIO)/bin/python || $$(command -v $(PYTHON) || command -v python3) -m venv $(STUDIO)
	$(STUDIO)/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-studio.txt
	touch $@

catalogue: $(STUDIO)/.done ## render the missing pictures of the demo catalogue (hours from nothing)
	$(STUDIO)/bin/python -m studio

DATA ?= data
FIRST := runs/first/weights/best.pt

# The first stage's own figures use the bundled cut-out model.
$(FIRST): | setup-dev
	mkdir -p runs/first-models && cp assets/models/cutout.onnx runs/first-models/
	$(BIN)/python -m pipeline.training.segmenter --data $(DATA) --epochs 45 --share 0 --rate 0.002 --mosaic 1 \
	  --run runs/first --out runs/first-models

train: setup-dev $(FIRST) ## train the three bundled models from DATA=folder (many hours), and publish the index
	$(BIN)/python -m pipeline.training.matte --data $(DATA) --start $(FIRST)
	$(BIN)/python -m pipeline.training.segmenter --data $(DATA) --start $(FIRST)
	$(BIN)/python -m pipeline.training.embedder --data $(DATA) --start $(FIRST)
	$(MAKE) index
	$(MAKE) same

clean: ## remove the environments and caches
	rm -rf $(VENV) $(STUDIO) .pytest_cache .mypy_cache .ruff_cache
