# make run    set everything up and start the hub with a virtual classroom
# make test   set everything up and run every check and test
# make test-lab  the hub installed in a virtual machine: hotplug, power cuts, upgrades (as root)
# make check  the fast part: format, lint, types, layers, unit tests
# make bench  the table of figures, each beside its peer or limit
# make build  the pages and the translation catalogues
# make dist   the archive that installs without internet
# make lock   take newer dependencies into requirements/*.lock
SHELL := /bin/bash
.DELETE_ON_ERROR:
.PHONY: run test test-lab check bench build dist lock fmt clean setup-run setup-test

PYTHON ?= $(shell command -v python3.11 || command -v python3 || echo python3)
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Compiled modules are kept, as in a school: without them each hub of the tests compiles itself for two seconds.
unexport PYTHONDONTWRITEBYTECODE
PIP := $(BIN)/python -m pip --quiet

CLIENT := $(shell find clients/python -type f -not -path '*/__pycache__/*')
PO := $(wildcard hub/locale/*.po drivers/locale/*.po plugins/*/locale/*.po)
GUIDES := docs/lesson docs/engineer docs/microscope docs/printing docs/images
WEB := $(shell find hub/web plugins/*/web $(GUIDES) package.json -type f \
	-not -path '*/node_modules/*' -not -path '*/dist/*' 2>/dev/null)

run: setup-run
	exec $(BIN)/classhub run --virtual

test: setup-test
	tools/test.sh

# LAB_TESTS names some of them, LAB gives pytest more arguments. CLASSHUB_LAB=require fails where the lab cannot run; else it says why and is skipped.
test-lab: export CLASSHUB_LAB ?= run
LAB_TESTS ?= tests/lab
test-lab: setup-test .make/apt-lab dist
	$(BIN)/python -m pytest -q --reruns 1 -r fER $(LAB_TESTS) $(LAB)

check: setup-test
	tools/check.sh

bench: setup-test
	$(BIN)/python -m tests.bench

build: .make/web .make/catalogues .make/client

setup-run: .make/apt-run .make/run .make/web .make/catalogues .make/client
setup-test: .make/apt-test .make/test .make/peers/done .make/web .make/catalogues .make/client

.make/apt-run: packaging/apt-run.txt
	@tools/apt.sh packaging/apt-run.txt && mkdir -p .make && touch $@

.make/apt-test: packaging/apt-run.txt packaging/apt-test.txt
	@tools/apt.sh packaging/apt-run.txt packaging/apt-test.txt && mkdir -p .make && touch $@

.make/apt-lab: packaging/apt-lab.txt
	@tools/apt.sh packaging/apt-lab.txt && mkdir -p .make && touch $@

.make/venv:
	@tools/venv.sh "$(PYTHON)" && mkdir -p .make && touch $@

# What runs and what builds the pages; `make test` installs more into the same environment.
.make/run: requirements/build.lock pyproject.toml | .make/venv
	@echo "Setting up the Python environment …"
	@$(PIP) install --require-hashes -r requirements/build.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

.make/test: requirements/dev.lock .make/run
	@echo "Setting up what the tests need …"
	@$(PIP) install --require-hashes -r requirements/dev.lock
	@touch $@

# Print servers of others, whose licences keep them out of our processes: each in an environment of its own.
.make/peers/done: $(wildcard requirements/peers/*.lock) tools/peers.sh | .make/test
	@echo "Setting up the programs that the tests talk to …"
	@tools/peers.sh octoprint moonraker kivy ink
	@touch $@

.make/node: package-lock.json package.json | .make/run
	@echo "Setting up what builds the pages …"
	@npm ci --no-audit --no-fund --no-update-notifier --loglevel=error
	@touch $@

.make/catalogues: $(PO) tools/catalogues.py | .make/run
	@$(BIN)/python tools/catalogues.py build
	@touch $@

# The Python client's wheel, for rooms with no internet.
.make/client: $(CLIENT) | .make/run
	@rm -rf hub/clients
	@cd clients/python && $(CURDIR)/$(BIN)/python -m hatchling build -t wheel -d $(CURDIR)/hub/clients >/dev/null
	@touch $@

.make/web: $(WEB) .make/node
	@echo "Building the pages …"
	@npm run --silent build
	@touch $@

dist: build
	@tools/dist.sh

fmt: setup-test
	$(BIN)/ruff check --fix . ; $(BIN)/ruff format . ; npm run --silent fmt

lock: | .make/test
	tools/lock.sh

clean:
	rm -rf .make .venv node_modules dist hub/clients hub/web/dist plugins/*/web/dist
