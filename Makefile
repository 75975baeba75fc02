# Konomi's chores.  `make demo` and `make test` set up everything they need by themselves.

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check

# Which Python builds the environment; empty: the newest of 3.13, 3.12 and 3.11 that works.
PYTHON ?=
# Where PyTorch comes from; empty: PyPI, or on Linux without NVIDIA's driver the CPU build.
TORCH_INDEX ?=
# Further words for pytest or for the playground, as in `make test ARGS="tests/storage -x"`.
ARGS ?=
# Compiled modules are kept whatever the environment says: tests start hundreds of processes, each
# of which would compile the same ones again.
PYTEST := PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest
# How many tests run at once: a third of their time they wait, so more than there are cores.
WORKERS ?= 4

CPU_BUILDS := https://download.pytorch.org/whl/cpu

.PHONY: help demo run doctor invite test test-random check format screenshots clean

help: ## say what there is to make
	@sed -n 's/^\([a-z-]*\):.*## /  make \1 — /p' Makefile

demo: $(VENV)/.installed-demo ## open the playground in a browser: no token, no GPU
	@$(BIN)/python -m bot demo $(ARGS)

run: $(VENV)/.installed-bot ## run the bot on Discord with the settings of .env
	@$(BIN)/python -m bot run

doctor: $(VENV)/.installed-bot ## check the setup and say what to fix
	@$(BIN)/python -m bot doctor

invite: $(VENV)/.installed-bot ## print the link that adds the bot to a server
	@$(BIN)/python -m bot invite

test: $(VENV)/.installed-dev ## run the tests
	@$(PYTEST) -n $(WORKERS) --dist worksteal $(ARGS)

test-random: $(VENV)/.installed-dev ## run the tests in a random order; ARGS="--randomly-seed=SEED" repeats one
	@$(PYTEST) -p randomly -n $(WORKERS) $(ARGS)

check: $(VENV)/.installed-dev ## lint, formatting, types, import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

format: $(VENV)/.installed-dev ## put the code into its one format
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

screenshots: $(VENV)/.installed-dev ## take the pictures of README and docs anew, in Chromium
	@$(BIN)/python -m tests.demo.screenshots $(ARGS)
	@$(BIN)/python -m tests.demo.training_pictures

clean: ## remove the environment, so that the next command sets it up anew
	rm -rf $(VENV)

# --- Setting up -------------------------------------------------------------------------
# Each stamp says what stands; touching pyproject.toml or constraints.txt asks pip again.

$(VENV)/.installed-bot: EXTRA :=
$(VENV)/.installed-bot: SETS := bot
$(VENV)/.installed-demo: EXTRA := [demo]
$(VENV)/.installed-demo: SETS := bot demo
$(VENV)/.installed-dev: EXTRA := [dev]
$(VENV)/.installed-dev: SETS := bot demo dev

$(VENV)/.installed-bot $(VENV)/.installed-demo $(VENV)/.installed-dev: pyproject.toml constraints.txt $(VENV)/.installed-torch
	@echo "Installing Konomi$(EXTRA) …"
	@$(PIP) install --constraint constraints.txt --editable '.$(EXTRA)'
	@touch $(SETS:%=$(VENV)/.installed-%)

# PyTorch goes first and alone: its index serves copies of other packages, too.  PyPI's
# build for Linux brings gigabytes of CUDA, which only a machine with NVIDIA's driver uses.
# Where the index of CPU builds cannot be reached, whatever pip finds elsewhere will do.
$(VENV)/.installed-torch: constraints.txt | $(BIN)/pip
	@index='$(TORCH_INDEX)'; \
	if [ -z "$$index" ] && [ "$$(uname -s)" = Linux ] && ! nvidia-smi >/dev/null 2>&1; then \
		if $(BIN)/python -c 'import urllib.request as u; u.urlopen("$(CPU_BUILDS)/torch/", timeout=5)' 2>/dev/null; \
		then index='$(CPU_BUILDS)'; \
		else echo "download.pytorch.org does not answer; leaving the choice of build to pip."; fi; \
	fi; \
	echo "Installing PyTorch ($${index:-pip's own choice of build}), a few minutes the first time …"; \
	$(PIP) install --constraint constraints.txt $${index:+--extra-index-url "$$index"} torch
	@touch $@

$(BIN)/pip:
	@python='$(PYTHON)'; \
	for candidate in python3.13 python3.12 python3.11 python3; do \
		[ -n "$$python" ] && break; \
		if $$candidate -c 'import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1; \
		then python=$$candidate; fi; \
	done; \
	if [ -z "$$python" ]; then \
		echo "Konomi needs Python 3.11, 3.12 or 3.13 with its venv module (Debian, Ubuntu: apt install python3-venv)." >&2; \
		exit 1; \
	fi; \
	echo "Creating $(VENV) with $$($$python --version) …"; \
	$$python -m venv $(VENV)
