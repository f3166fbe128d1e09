# "make up" starts everything, "make test" proves it, "make" lists the rest.
# The project brings its own Node.js 24 from npm; PATH puts it before the machine's.
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)

.DEFAULT_GOAL := help
.PHONY: help up down restart status logs demo shell audit migrate seed test test-matrix test-cluster lint format bench db-dump clean

# npm writes this file at the end of an installation.
installed := node_modules/.package-lock.json
tollgate := node bin/tollgate.js

##@ Run

up: $(installed) ## Start everything in the background and wait until it is healthy
	@$(tollgate) up

down: $(installed) ## Stop everything
	@$(tollgate) down

restart: $(installed) ## Stop everything and start it again
	@$(tollgate) down
	@$(tollgate) up

status: $(installed) ## Show what runs where; fails when a part is down
	@$(tollgate) status

logs: $(installed) ## Follow the logs of every process, until Ctrl-C
	@$(tollgate) logs

demo: up ## Tell the story of a deposit and a withdrawal in the terminal
	@$(tollgate) demo

##@ Data

migrate: $(installed) ## Bring the database to the newest schema
	@$(tollgate) migrate

seed: $(installed) ## Create the demo accounts that are missing
	@$(tollgate) seed

shell: $(installed) ## Open a SQL prompt on the database
	@$(tollgate) shell

audit: $(installed) ## Prove that every balance equals its postings
	@$(tollgate) audit

##@ Develop

test: $(installed) ## Check format, types and lint, and run every test (some: make test ARGS="money batcher")
	@node tools/test.ts $(ARGS)

test-matrix: $(installed) ## Run the end-to-end tests in every mode: embedded, distributed and both mixed pairs
	@npm run --silent test:matrix

test-cluster: $(installed) ## Kill the leaders of real clusters under load (minutes; needs Redis and RabbitMQ)
	@node tools/test.ts test/cluster

lint: $(installed) ## Check format, types and lint only
	@npm run --silent lint

format: $(installed) ## Format the sources
	@npm run --silent format

bench: $(installed) ## Measure it on this machine (ARGS="--json" for one JSON line)
	@node bench/main.ts $(ARGS)

db-dump: $(installed) ## Write schema.sql anew after a change of migrations/
	@npm run --silent db:dump

clean: ## Remove what tests and benchmarks leave behind; the data of DATA_DIR stays
	@rm -rf .test .bench coverage

help: ## Show this list
	@awk 'BEGIN { FS = ":[^#]*## " } \
	  /^##@ / { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-z-]+:[^#]*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# Two starts at once must not install at once: the second waits, and finds it done. The file is touched
# because npm leaves its time alone where nothing changed.
$(installed): package-lock.json
	@command -v npm >/dev/null || { echo "npm is missing: install Node.js 20 or newer, which brings it." >&2; exit 1; }
	@exec 9<package-lock.json; if command -v flock >/dev/null; then flock 9; fi; \
	if [ $(installed) -nt package-lock.json ]; then exit 0; fi; \
	echo "Installing what Tollgate needs (once, about half a minute) ..."; \
	npm ci --loglevel=error --no-fund --no-audit </dev/null 9<&- && touch $(installed)
	@case "$$(node --version)" in v24.*) ;; *) \
	  rm -f $(installed); \
	  echo "Node.js 24 could not be installed for this machine (found $$(node --version)): install Node.js 24 yourself and run this again." >&2; \
	  exit 1 ;; esac
