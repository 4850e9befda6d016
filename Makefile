# Omløp. `make` alone prints the targets. Needs make, a POSIX shell and Python >= 3.11; the rest
# is installed into .venv and node_modules. Which package index answers is for each user's own
# pip and npm settings: no address stands here.

SHELL = /bin/sh
VENV = .venv
BIN = $(VENV)/bin
PYTHON = $$(for each in python3 python3.14 python3.13 python3.12 python3.11; do \
	if $$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo $$each; break; fi; done)
PIP = $(BIN)/python -m pip --disable-pip-version-check install --quiet
HASHED = --require-hashes --only-binary :all:
LOCK = UV_CUSTOM_COMPILE_COMMAND="make lock" uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --only-binary :all:
SOURCES = app labels migrations bench tests tools

.PHONY: help install heic pdf docs demo test check check-pg lint format assets bench screens lock theme clean
.DEFAULT_GOAL = help

help: ## print these targets
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' Makefile

demo: install assets ## install, play the demo story into SQLite and start the server
	$(BIN)/omlop demo

test: $(VENV)/.test assets ## everything: lint, types, SQLite, PostgreSQL, browser on both, image build steps
	$(BIN)/python -m tools.run_tests

check: $(VENV)/.test assets ## format, lint, types and the tests on SQLite
	$(BIN)/python -m tools.run_tests lint sqlite

check-pg: $(VENV)/.test assets ## the tests on a throw-away PostgreSQL
	$(BIN)/python -m tools.run_tests postgresql

lint: $(VENV)/.test ## format, lint and types only
	$(BIN)/python -m tools.run_tests lint

format: $(VENV)/.test ## let ruff write the format and the safe fixes
	$(BIN)/ruff check --fix --quiet $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

install: $(VENV)/.runtime ## the Python environment, hash-locked, with the omlop command

heic: $(VENV)/.runtime ## the optional decoder of HEIC photos; its wheel is GPL-2.0
	$(PIP) $(HASHED) -r requirements-heic.txt

pdf: $(VENV)/.runtime ## pages as PDF; needs libpango-1.0-0 and libpangoft2-1.0-0 on the host
	$(PIP) $(HASHED) -r requirements-pdf.txt

assets: static/vendor/.copied ## the front-end packages, copied to static/vendor

bench: $(VENV)/.test assets ## the benchmark; ONLY=labels for one part of it
	$(BIN)/python -m bench $(ONLY)

screens: $(VENV)/.test assets ## make the pictures in docs/pictures from the demo (needs Chromium)
	$(BIN)/python -m tools.screens

docs: install ## write docs/settings.md and docs/problems.md from the program
	$(BIN)/python -m tools.write_docs

lock: $(VENV)/.created ## write all lock files anew (needs uv and Node)
	$(LOCK) requirements.in -o requirements.txt
	$(LOCK) -c requirements.txt requirements-test.in -o requirements-test.txt
	$(LOCK) -c requirements.txt requirements-heic.in -o requirements-heic.txt
	$(LOCK) -c requirements.txt requirements-pdf.in -o requirements-pdf.txt
	$(LOCK) requirements-node.in -o requirements-node.txt
	$(BIN)/python -m tools.npm install --package-lock-only --no-audit --no-fund
	$(BIN)/python -m tools.npm --prefix design/theme install --package-lock-only --no-audit --no-fund
	$(BIN)/python -m tools.strip_funding package-lock.json design/theme/package-lock.json

theme: $(VENV)/.created ## build static/theme.css from design/theme (needs Node; the result is committed)
	$(BIN)/python -m tools.npm --prefix design/theme ci --ignore-scripts --no-audit --no-fund
	cd design/theme && npm exec -- designsystemet tokens create --config omlop.config.json
	cd design/theme && npm exec -- designsystemet tokens build -t tokens -o out
	cp design/theme/out/omlop.css static/theme.css

clean: ## remove what the targets above made (the demo's database in var/ stays)
	rm -rf $(VENV) node_modules design/theme/node_modules static/vendor build omlop.egg-info \
		.mypy_cache .ruff_cache .hypothesis
	find $(SOURCES) -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.created:
	@test -n "$(PYTHON)" || { echo "Omløp needs Python 3.11 or newer; none was found on the path."; exit 1; }
	@$(PYTHON) -c "import ensurepip" 2>/dev/null || { \
		echo "This Python has no ensurepip. Install it with: apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.runtime: $(VENV)/.created requirements.txt pyproject.toml
	@echo "Installing the Python packages of requirements.txt"
	@$(PIP) $(HASHED) -r requirements.txt
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.test: $(VENV)/.runtime requirements-test.txt requirements-heic.txt requirements-pdf.txt
	@echo "Installing the Python packages of requirements-test.txt"
	@$(PIP) $(HASHED) -r requirements-test.txt
	@$(PIP) $(HASHED) -r requirements-heic.txt || echo "No pillow-heif for this machine: its tests are skipped."
	@$(PIP) $(HASHED) -r requirements-pdf.txt
	@touch $@

node_modules/.installed: package.json package-lock.json $(VENV)/.runtime
	@echo "Installing the front-end packages of package-lock.json"
	@$(BIN)/python -m tools.npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

static/vendor/.copied: node_modules/.installed $(wildcard app/kit/vendor.py)
	$(BIN)/omlop assets
	@touch $@
