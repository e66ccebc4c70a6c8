# SPDX-License-Identifier: MIT
# Thin targets: each one is a command you could type yourself.

PYTHON ?= python3
PORT   ?=
# One worker per core. `make test TESTS="tests/test_x.py -k name" WORKERS=0` runs one test.
WORKERS ?= auto
TESTS   ?=
# Of the campaign: sessions on the core (one in 20 on the full stack), hours of healthy walking.
N       ?= 1000
HOURS   ?= 0

PY      := .venv/bin/python
STUBS   := micropython-esp32-stubs==1.29.0.post1
STAMP   := build/venv.stamp
TYPINGS := build/typings/.stamp

# A stamp that outlived its .venv would lie.
ifeq ($(wildcard $(PY)),)
$(shell rm -f $(STAMP))
endif

.DEFAULT_GOAL := help
.PHONY: hardware docs explore fuzz hazards mutation help venv demo test check format bench campaign firmware deploy clean
.PHONY: check-format lint spelling types-host types-firmware micropython

help:  ## this list
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/:.*## /|/' | \
	    while IFS='|' read -r name text; do printf '  make %-15s %s\n' "$$name" "$$text"; done

venv: $(STAMP)  ## .venv with the host tools and everything the checks need

$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "treadguard needs Python 3.11 or later as '$(PYTHON)'; or say make PYTHON=..."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	    { echo "This Python cannot make a venv: run 'apt-get install python3-venv' first."; exit 1; }
	@test -x $(PY) || $(PYTHON) -m venv .venv
	$(PY) -m pip install --quiet --editable '.[dev]'
	@mkdir -p build && touch $@

$(TYPINGS): Makefile | $(STAMP)
	@rm -rf build/typings
	$(PY) -m pip install --quiet --no-compile --target build/typings '$(STUBS)'
	@touch $@

micropython:
	@$(PYTHON) tests/micropython/install.py || test -z "$$CI"

demo: $(STAMP)  ## a walk, a runaway belt and a fall, on a virtual board
	.venv/bin/treadguard demo --out build/demo

test: $(STAMP) micropython  ## every test this machine can run; says what it could not
	$(PY) -m pytest -n $(WORKERS) $(if $(CI),--durations=15) $(if $(CI)$(TESTS),,-m "not slow") $(TESTS)
	@test -n "$$CI" || echo "Not run here: the tests marked slow (long walks on MicroPython); CI=1 make test runs them too."

check: check-format lint spelling types-host types-firmware test  ## all of what CI checks

check-format: $(STAMP)
	$(PY) -m ruff format --check .

lint: $(STAMP)
	$(PY) -m ruff check .

spelling: $(STAMP)
	$(PY) -m codespell_lib

types-host: $(STAMP)
	$(PY) -m mypy

types-firmware: $(STAMP) $(TYPINGS)
	$(PY) -m pyright

format: $(STAMP)  ## put every file into shape
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix .

bench: $(STAMP) micropython  ## measure: build/bench.json
	@$(PYTHON) tests/micropython/install.py --amd64 || true
	$(PY) -m tests.bench --json build/bench.json

campaign: $(STAMP)  ## random hazards, and walking: make campaign N=20000 HOURS=1000
	$(PY) -m tests.campaign --sessions $(N) --hours $(HOURS)

explore: $(STAMP)  ## every reachable state of the deciding core: build/explore.json
	$(PY) -m tests.explore

mutation: $(STAMP)  ## does a test notice each small change of the core? build/mutation.json
	$(PY) -m tests.mutation --all --resume

fuzz: $(STAMP)  ## 10 MB of traffic and 100,000 damaged images: build/fuzz.json
	$(PY) -m tests.fuzz --resume

hazards: $(STAMP)  ## exceptions, hangs, cuts, flipped bits at every moment: build/hazards.json
	$(PY) -m tests.hazards --resume

# PICTURES=folder takes pictures of the pages, at the width of a phone and of a desk.
docs: $(STAMP)  ## build/site: the guide, every link checked, looked at in a browser
	$(PY) -m tests.docs.site.build $(if $(PICTURES),--pictures $(PICTURES))

# UPDATE=1 writes what was made into hardware/, to be committed.
hardware: $(STAMP)  ## rule check, exports, harness and simulation of the schematic
	@bash hardware/setup.sh --check
	$(PY) -m hardware.tools.make $(if $(UPDATE),--update)

firmware: $(STAMP)  ## build/firmware: what a board gets; make firmware CHIP=esp32s3
	$(PY) -m treadguard.board.build $(if $(CHIP),--chip $(CHIP)) build/firmware

deploy: $(STAMP)  ## update a board, red button pressed: make deploy PORT=/dev/ttyUSB0
	@test -n "$(PORT)" || { echo "Say which board: make deploy PORT=/dev/ttyUSB0"; exit 1; }
	.venv/bin/treadguard deploy --port $(PORT) $(if $(CHIP),--chip $(CHIP))

clean:  ## remove everything that was built, .venv too
	rm -rf build .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +
