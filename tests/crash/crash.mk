# The crash harness: kills runs of the cluster command at every failpoint and at random moments, and
# checks what is promised (tests/crash/promises.h), on a disk and on a bucket. A failure prints how
# to replay it.
#
#   make check-crash              a minute and a half
#   make check-crash CRASH_SEED=N the same kills again
#   make soak SOAK_MINUTES=N      every victim at every failpoint, over and over
#   make check-crash-s3           about a minute on a bucket, as in check-s3
#   make soak-s3 SOAK_MINUTES=N   every victim at every failpoint on a bucket

CRASH_SEED   ?=
SOAK_MINUTES ?= 30
CRASH_OBJS   := $(patsubst %.c,$(OUT)/obj/%.o,$(wildcard tests/crash/*.c))
CRASH_WITH   := $(if $(CRASH_SEED),--seed $(CRASH_SEED))
CRASH_SHORT  := --least 60 --within 50 --random 40

$(OUT)/crash/harness: $(CRASH_OBJS) $(call lib_of,common)
	@mkdir -p $(@D)
	$(CC) $(LDHARDEN) $(LDFLAGS) -o $@ $(CRASH_OBJS) $(call lib_of,common) $(SYSLIBS)

$(OUT)/crash/mirror: $(OUT)/obj/tests/crash/bucket/mirror.o $(call lib_of,store) $(call lib_of,common)
	@mkdir -p $(@D)
	$(CC) $(LDHARDEN) $(LDFLAGS) -o $@ $^ $(SYSLIBS)

.PHONY: crash-harness crash-harness-s3 check-crash soak check-crash-s3 soak-s3
crash-harness: all $(OUT)/crash/harness
crash-harness-s3: crash-harness $(OUT)/crash/mirror $(OUT)/s3/objects

check-crash:
	$(MAKE) -s -j2 VARIANT=test crash-harness
	PATH=$(abspath $(BUILD))/test/bin:$$PATH $(BUILD)/test/crash/harness --within 75 $(CRASH_WITH)

soak:
	$(MAKE) -s -j2 VARIANT=test crash-harness
	PATH=$(abspath $(BUILD))/test/bin:$$PATH $(BUILD)/test/crash/harness \
	    --soak $(SOAK_MINUTES) --random 300 $(CRASH_WITH)

check-crash-s3:
	$(MAKE) -s -j2 VARIANT=test crash-harness-s3
	tests/s3/run tests/crash/in-bucket $(BUILD)/test $(CRASH_SHORT) $(CRASH_WITH)

soak-s3:
	$(MAKE) -s -j2 VARIANT=test crash-harness-s3
	tests/s3/run tests/crash/in-bucket $(BUILD)/test \
	    --soak $(SOAK_MINUTES) --random 300 $(CRASH_WITH)
