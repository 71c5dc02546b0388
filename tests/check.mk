# Tests and gates. `make check` is everything; each part can be run alone.
#
#   check-compile    gcc and clang, every variant, no warning
#   check-unit       unit tests under AddressSanitizer + UndefinedBehaviorSanitizer
#   check-valgrind   unit tests and the main job, plain, under valgrind
#   check-pipeline   pipeline suites under the sanitizers
#   check-coverage   lines of lib/ and cmd/ that those ran: at least 90 %
#   check-s3         the pipeline suites again, the store, and kills, on a bucket of a real server (tests/s3/s3.mk)
#   check-release    no failpoint in a release build, what each program links, install
#   check-faults     every disk call and every allocation fails (tests/faults)
#   check-crash      kills at every failpoint and at random moments (tests/crash); check-crash-s3 the same
#                    on a bucket, which is part of check-s3
#   check-power      the disk states that a power failure may leave (tests/crash/power)
#   fuzz-differential  diff and classify against a naive second opinion
#   fuzz             every fuzzer for FUZZ_SECONDS
#
# Each part notes what passed and failed in build/results; tests/summary adds it up.

BATS_JOBS     ?= 2
FUZZ_SECONDS  ?= 30
COVERAGE_LEAST ?= 90
PIPELINE := $(sort $(wildcard tests/pipeline/*.bats))
RESULTS  := $(abspath $(BUILD))/results
export RESULTS BATS_JOBS

GATES := lint check-compile check-unit check-pipeline check-s3 check-coverage check-valgrind \
    check-release check-faults check-crash check-power fuzz-differential fuzz

.PHONY: check
check:
	rm -rf $(RESULTS)
	@set -e; for gate in $(GATES); do \
	    echo "== $$gate"; start=$$(date +%s); \
	    $(MAKE) --no-print-directory $$gate; \
	    echo "== $$gate: $$(($$(date +%s) - start)) s"; \
	done
	tests/summary

.PHONY: check-compile
check-compile:
	$(MAKE) -s -j2 all
	$(MAKE) -s -j2 VARIANT=clang all unit

.PHONY: check-unit
check-unit:
	$(MAKE) -s -j2 VARIANT=asan all unit
	find $(BUILD)/asan -name '*.gcda' -delete
	tests/run-unit $(BUILD)/asan/unit

# Looking for leaks costs each of some ten thousand processes a fifth of its time; the unit tests do it
# here, and valgrind does it for every stage.
.PHONY: check-pipeline
check-pipeline:
	$(MAKE) -s -j2 VARIANT=asan all
	CLUSTER_BIN=$(abspath $(BUILD)/asan/bin) ASAN_OPTIONS=detect_leaks=0 tests/run-pipeline $(PIPELINE)

# What the sanitizer builds above have counted.
.PHONY: check-coverage
check-coverage:
	gcovr --root . --filter lib/ --filter cmd/ --fail-under-line $(COVERAGE_LEAST) \
	    --txt $(BUILD)/coverage.txt --print-summary $(BUILD)/asan/obj
	@echo "by file: $(BUILD)/coverage.txt"

.PHONY: check-valgrind
check-valgrind:
	$(MAKE) -s -j2 VARIANT=test all unit
	tests/run-unit --valgrind $(BUILD)/test/unit
	tests/under-valgrind $(abspath $(BUILD)/test/bin) tests/run-pipeline tests/pipeline/main_job.bats

.PHONY: check-release
check-release:
	$(MAKE) -s -j2 all
	tests/check-release $(BUILD)

include tests/s3/s3.mk

.PHONY: fuzz
fuzz:
	$(MAKE) -s -j2 VARIANT=fuzz fuzzers
	tests/run-fuzz $(FUZZ_SECONDS) $(BUILD)/fuzz/fuzzers

.PHONY: lint format
lint:
	tests/lint
format:
	clang-format -i $$(git ls-files '*.c' '*.h')
