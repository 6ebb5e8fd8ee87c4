# `make help` lists the targets. All of them work on a machine that has Rust and nothing
# else; what a target installs or fetches is said in its line.

CARGO ?= cargo
DENY_VERSION := 0.20.2
DENY := target/tools/bin/cargo-deny
PACKAGES := $(patsubst crates/%,datatransit-%,$(wildcard crates/*))
# The same features everywhere, so that lint, build, test and docs share one build.
ALL := --workspace --all-features --locked

ROWS ?= 200000
FUZZ_SECONDS ?= 60

.PHONY: help demo test check fuzz lint setup parity-mysql8 lambda bench clean
.DEFAULT_GOAL := help

help: ## This list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## The jobs on a private database and S3 server, proven and compared (ROWS=200000; may install MariaDB)
	@sh tests/setup/mariadb.sh
	$(CARGO) build --release --locked -p full-dump -p query-export -p compare-dumps -p dashboards -p spice-refresh -p demo
	@target/release/demo --rows $(ROWS)

test: setup lint check ## Everything that CI runs, set-up included (may install MariaDB, Chromium, systemd and logrotate, fetches the rest into target/)

setup:
	@sh tests/setup/mariadb.sh
	@sh tests/setup/mysql.sh || test $$? -eq 3 -a "$${CI:-}" != true
	@sh tests/setup/mariadb11.sh || test $$? -eq 3 -a "$${CI:-}" != true
	@sh tests/setup/readers.sh || test $$? -eq 3 -a "$${CI:-}" != true
	@sh tests/setup/chromium.sh || test $$? -eq 3 -a "$${CI:-}" != true
	@sh tests/setup/systemd.sh || test $$? -eq 3 -a "$${CI:-}" != true

lint: $(DENY) ## Format, clippy, docs, licences and bans (fetches cargo-deny into target/)
	$(CARGO) fmt --all --check
	$(CARGO) fmt --manifest-path tests/fuzz/Cargo.toml --check
	$(CARGO) clippy $(ALL) --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc $(ALL) --no-deps
	$(DENY) --log-level error check bans licenses sources

check: setup
	$(CARGO) build $(ALL) --all-targets
	$(CARGO) test $(ALL)
	@CARGO=$(CARGO) sh tests/package.sh $(PACKAGES)
	target/debug/demo --rows 20000
	@CARGO=$(CARGO) sh tests/fuzz/run.sh 10

fuzz: ## The literal writer and the splitter under libFuzzer (FUZZ_SECONDS=60 each; Linux with a C++ compiler)
	@CARGO=$(CARGO) sh tests/fuzz/run.sh $(FUZZ_SECONDS)

# No part of "make test": it reaches beyond the mirror that apt is set up for.
parity-mysql8: ## The parity tests with MySQL 8.0 and 8.4 as well (fetches both from Ubuntu's archive into target/)
	@sh tests/setup/mysql8.sh
	$(CARGO) test -p e2e --all-features --locked --test database_server -- mysql8
	$(CARGO) test -p e2e --all-features --locked --test dump_parity

lambda: ## The Lambda function's zips in target/lambda (for arm64 on x86_64 it fetches compilers, 1.4 GB in target/; LAMBDA_ARCH)
	@CARGO=$(CARGO) sh examples/spice-refresh-lambda/package.sh $(LAMBDA_ARCH)

bench: ## full-dump beside mariadb-dump | gzip | upload, comparisons beside cmp and diff, the Lambda function beside one in Python (about 30 minutes; BENCH_ROWS)
	@sh tests/setup/mariadb.sh
	$(CARGO) build --release --locked -p full-dump
	$(CARGO) bench --locked -p e2e --bench full_dump
	$(CARGO) bench --locked -p e2e --bench compare
	@CARGO=$(CARGO) sh examples/spice-refresh-lambda/package.sh "$$(uname -m | sed s/aarch64/arm64/)"
	$(CARGO) bench --locked -p e2e --bench lambda

clean: ## Removes target/, and with it all that the other targets fetched
	$(CARGO) clean

# Unoptimised and without debug information: it runs for seconds and builds in a third of the time.
$(DENY):
	CARGO_PROFILE_DEV_DEBUG=0 $(CARGO) install cargo-deny --version $(DENY_VERSION) --locked --debug --root target/tools \
		--target-dir target/tools/build
	@rm -rf target/tools/build
