# Everything runs in .venv; PYTHON names the interpreter that makes it (3.11 or newer).
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip --disable-pip-version-check
LOCK := -c .locks/constraints.txt
TORCH_INDEX := https://download.pytorch.org/whl/cpu

.PHONY: help setup demo run test lint bench models clean
help:            ## this list
	@grep -E '^[a-z]+:.*##' Makefile | sed 's/:.*##/\t/'

setup: $(VENV)/.core   ## .venv with the bot and what it needs (about 700 MB, no torch)
demo: setup      ## the whole desk without a token: local Bot API, bot and web page
	$(BIN)/zhuanban demo
run: setup       ## the bot on Telegram (needs ZHUANBAN_TOKEN)
	$(BIN)/zhuanban run
test: $(VENV)/.test   ## the whole test suite
	$(BIN)/python -m pytest
lint: $(VENV)/.test   ## style, types, import rules
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports
bench: $(VENV)/.bench  ## measurements, as ratios within one run
	$(BIN)/python -m tests.bench
models: $(VENV)/.models  ## training and transformer models: sentence-transformers + CPU torch (1.3 GB more, 1-3 minutes)

$(VENV)/bin/pip:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "zhuanban needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV) || (rm -rf $(VENV); echo 'on Debian: apt-get install python3-venv' >&2; false)
$(VENV)/.core: $(VENV)/bin/pip pyproject.toml .locks/constraints.txt
	$(PIP) install -q $(LOCK) -e .
	@touch $@
$(VENV)/.test: $(VENV)/.core
	$(PIP) install -q $(LOCK) -e '.[test]'
	@touch $@
$(VENV)/.bench: $(VENV)/.test
	$(PIP) install -q $(LOCK) -e '.[bench]'
	@touch $@
# Plain "torch" from PyPI would bring about 3 GB of CUDA on Linux. The CPU index is used when it answers
# within three seconds (an unreachable extra index stalls pip for minutes).
$(VENV)/.models: $(VENV)/.core
	@echo "installing sentence-transformers and a CPU build of torch: about 1.3 GB on disk, one to three minutes"
	@if $(BIN)/python -c "import urllib.request as u; u.urlopen('$(TORCH_INDEX)/', timeout=3)" 2>/dev/null; \
	  then $(PIP) install -q $(LOCK) torch==2.13.0 --index-url $(TORCH_INDEX); \
	  else $(PIP) install -q $(LOCK) torch==2.13.0; fi
	$(PIP) install -q $(LOCK) -e '.[models]'
	@touch $@
clean:           ## remove .venv and caches
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache
