# Ninefold's commands. Each one sets up its requirements, and does not repeat steps whose result is current.
SHELL := bash
.DEFAULT_GOAL := help
phase := toolchain/phase
.NOTPARALLEL:

.PHONY: help
help: ## prints this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' Makefile

.PHONY: setup
setup: ## installs system packages, toolchain and SDKs, compiles the program (10 min once, then a second)
	@toolchain/requirements
	@$(phase) 'system packages' toolchain/system-packages
	@$(phase) toolchain toolchain/build
	@$(phase) SDKs toolchain/sdks
	@$(phase) program toolchain/jar
	@# A machine that only runs clusters may be without access to PyPI.
	@$(phase) linters toolchain/linters || true

.PHONY: jar
jar: ## builds target/ninefold.jar, which `pulumi up` runs
	@toolchain/sdks
	@toolchain/jar

.PHONY: check
check: lint unit-tests ## runs the checks that need no lab and no root: lint, formatting, unit tests

.PHONY: lint
lint:
	@toolchain/linters
	@$(phase) lint toolchain/lint
	@$(phase) documentation toolchain/check-docs
	@$(phase) prose toolchain/lint-prose
	@toolchain/sdks
	@$(phase) 'imports between packages' ./mvnw -q test -Dtest=PackagesTest

.PHONY: unit-tests
unit-tests:
	@toolchain/sdks
	@rm -rf target/surefire-reports
	@$(phase) 'unit tests and formatting' ./mvnw -q test spotless:check -Dtest.forks=2

.PHONY: rendered
rendered: ## writes the golden files again: src/test/resources/rendered (docs/where-from.md)
	@toolchain/sdks
	@$(phase) 'golden files' ./mvnw -q test -Dtest=RenderedFilesTest -Drendered=write
	@git status --short src/test/resources/rendered

.PHONY: format
format: ## formats the Java and Python code
	@./mvnw -q spotless:apply
	@toolchain/lint --fix

.PHONY: test
test: setup lint ## runs setup, all checks, and the containers lab's suites
	@$(phase) 'checks and suites' lab/test-containers --checks

.PHONY: lab
lab: setup ## creates nine virtual machines with a cluster, and writes through the virtual address
	@$(phase) 'VMs lab' lab/lab vms deploy --verify

.PHONY: test-vms
test-vms: setup ## runs the VMs lab's suite
	@$(phase) 'VMs lab' lab/test-vms

.PHONY: soak
soak: setup ## runs the long suites of the containers lab (an hour); docs/soak.md records the results
	@$(phase) soak lab/soak

.PHONY: hive-config
hive-config: jar ## STACK=NAME [FOLDER=…]: writes the Hive Metastore's configuration files (mode 0600)
	@toolchain/hive-config '$(STACK)' $(FOLDER)

.PHONY: bench
bench: setup ## measures the figures of docs/performance.md, and fails if an aim is missed
	@$(phase) bench bench/run

.PHONY: clean
clean: ## removes Maven's build output, but not .build (toolchain, labs)
	@rm -rf target
