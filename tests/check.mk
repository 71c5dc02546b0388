# Tests and gates. `make check` is everything; the parts can be run alone.

# Pipeline suites, each in bats. CLUSTER_BIN tells them which build to run.
PIPELINE := $(sort $(wildcard tests/pipeline/*.bats))
BATS     ?= bats

.PHONY: check check-unit check-pipeline
check: lint check-unit check-pipeline

# Unit tests run under the sanitizers; valgrind's turn is check-valgrind.
check-unit:
	$(MAKE) VARIANT=asan all unit
	tests/run-unit $(BUILD)/asan/unit

check-pipeline:
	$(MAKE) VARIANT=test all
	CLUSTER_BIN=$(abspath $(BUILD)/test/bin) $(BATS) --print-output-on-failure $(PIPELINE)

.PHONY: check-valgrind
check-valgrind:
	$(MAKE) VARIANT=test all unit
	tests/run-unit --valgrind $(BUILD)/test/unit

.PHONY: lint format
lint:
	tests/lint
format:
	clang-format -i $$(git ls-files '*.c' '*.h')
