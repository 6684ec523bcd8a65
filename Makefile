# Ninefold's commands. Each sets up what it needs; what is there and current is not made again.
SHELL := bash
.DEFAULT_GOAL := help
phase := toolchain/phase
.NOTPARALLEL:

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' Makefile

.PHONY: setup
setup: ## system packages, toolchain, SDKs and the compiled program (10 min once, then a second)
	@toolchain/requirements
	@$(phase) 'system packages' toolchain/system-packages
	@$(phase) toolchain toolchain/build
	@$(phase) SDKs toolchain/sdks
	@$(phase) program toolchain/jar

.PHONY: jar
jar: ## the program as target/ninefold.jar, which `pulumi up` runs while it is current
	@toolchain/sdks
	@toolchain/jar

.PHONY: check
check: lint unit-tests ## what needs no lab and no root: lint, formatting, unit tests

.PHONY: lint
lint:
	@$(phase) lint toolchain/lint
	@$(phase) prose toolchain/lint-prose

.PHONY: unit-tests
unit-tests:
	@toolchain/sdks
	@rm -rf target/surefire-reports
	@$(phase) 'unit tests and formatting' ./mvnw -q test spotless:check -Dtest.forks=2

.PHONY: format
format: ## formats the Java code
	@./mvnw -q spotless:apply

.PHONY: test
test: setup lint ## everything but the VMs lab: set-up, checks, and the containers lab's suites
	@$(phase) 'checks and suites' lab/test-containers --checks

.PHONY: lab
lab: setup ## nine virtual machines, the cluster on them, a write through the virtual address
	@$(phase) 'VMs lab' lab/lab vms deploy --verify

.PHONY: test-vms
test-vms: setup ## the VMs lab's suite
	@$(phase) 'VMs lab' lab/test-vms

.PHONY: soak
soak: setup ## long runs in the containers lab, an hour; docs/soak.md records what they find
	@$(phase) soak lab/soak

.PHONY: hive-config
hive-config: jar ## STACK=NAME [FOLDER=…]: what Hive's machines are to be given, files of mode 0600
	@toolchain/hive-config '$(STACK)' $(FOLDER)

.PHONY: bench
bench: setup ## measures what docs/performance.md says, and fails where an aim is missed
	@$(phase) bench bench/run

.PHONY: clean
clean: ## removes what Maven built; .build (toolchain, labs) stays
	@rm -rf target
