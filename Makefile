# One command each. Needs Python 3.11 to 3.13, make and the package registry; `make demo` needs no key and no network after that.

PYTHON ?= python3
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest
BENCH := $(BIN)/python -m tests.benchmarks
TRAIN = PYTHONPATH=build/torch $(BIN)/python -m agentflow.nano.train
ARGS ?=

.PHONY: help demo test test-fast attack lint types bench bench-million nano lock clean

help:
	@echo "make demo       read 40 till receipts with the embedded models, and print the report"
	@echo "make test       every test but the long attacks"
	@echo "make test-fast  the tests that take no time"
	@echo "make attack     the long attacks: kills, races, damaged files"
	@echo "make lint       ruff            make types   mypy --strict"
	@echo "make bench      measure, and write tests/benchmarks/BENCHMARKS.md; PEERS=1 for other libraries too"
	@echo "make bench-million  a million steps in one run: hours"
	@echo "make nano       train the embedded models again: hours"
	@echo "make lock       pin the dependencies again (needs uv)"
	@echo "make clean      remove what was built"

.venv: .venv/ready

.venv/ready: requirements.lock pyproject.toml
	@set -e; python=""; \
	for candidate in "$(PYTHON)" python3 python3.13 python3.12 python3.11; do \
		if "$$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null; then \
			python="$$candidate"; break; \
		fi; \
	done; \
	if [ -z "$$python" ]; then \
		echo "AgentFlow needs Python 3.11, 3.12 or 3.13; $(PYTHON) is $$($(PYTHON) --version 2>&1 || true)." >&2; \
		echo "Install one, or name it: make PYTHON=/path/to/python3.12" >&2; exit 1; \
	fi; \
	if ! "$$python" -m venv .venv; then \
		echo "$$python cannot make a virtual environment; on Debian: apt-get install python3-venv" >&2; exit 1; \
	fi
	@echo "setting up .venv from requirements.lock, once: a minute or two" >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@
	@echo "ready; \`. $(BIN)/activate\` puts the agentflow command on your path" >&2

demo: .venv/ready
	$(BIN)/agentflow run pipelines/receipts.py examples/receipts --tokens 20000

test: .venv/ready
	$(PYTEST) -m "not attack" $(ARGS)

test-fast: .venv/ready
	$(PYTEST) -m "not slow and not attack" $(ARGS)

attack: .venv/ready
	$(PYTEST) -m attack $(ARGS)

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/ready
	$(BIN)/mypy

# under forty minutes on two cores; PEERS=1 measures other libraries too, installed into environments of their own
bench: .venv/ready
	$(BENCH).overshoot $(ARGS)
	$(BENCH).step --json tests/benchmarks/results/step.json
	$(BENCH).fanout $(ARGS)
	$(BENCH).durable $(ARGS)
	$(BENCH).kill $(ARGS)
	$(BENCH).imports $(ARGS)
	$(BENCH).page $(ARGS)

bench-million: .venv/ready
	$(BENCH).million $(ARGS)
	$(BENCH).page $(ARGS)

# the models are judged by their figures: another machine's arithmetic gives other weights
nano: .venv/ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade --target build/torch \
		-r agentflow/nano/train/requirements.txt
	$(TRAIN).vocabulary
	$(TRAIN).train nano-s
	$(TRAIN).train nano-m
	$(TRAIN).export build/nano/nano-s.pt
	$(TRAIN).export build/nano/nano-m.pt
	$(TRAIN).evaluate --json >build/nano/figures.json
	mv build/nano/figures.json agentflow/nano/weights/figures.json

# hatchling and editables build the package itself, without the network
lock:
	printf 'hatchling>=1.27\neditables>=0.5\n' | uv pip compile --quiet --universal --generate-hashes \
		--python-version 3.11 --no-annotate --no-header --no-emit-index-url --group dev \
		--output-file requirements.lock pyproject.toml -

clean:
	rm -rf .venv .agentflow .mypy_cache .ruff_cache .hypothesis dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
