# The crash harness: kills runs of the cluster command at every failpoint and at random moments, and
# checks what is promised (tests/crash/promises.h). A failure prints how to replay it.
#
#   make check-crash              about two minutes
#   make check-crash CRASH_SEED=N the same kills again
#   make soak SOAK_MINUTES=N      every victim at every failpoint, over and over

CRASH_SEED   ?=
SOAK_MINUTES ?= 30
CRASH_OBJS   := $(patsubst %.c,$(OUT)/obj/%.o,$(wildcard tests/crash/*.c))

$(OUT)/crash/harness: $(CRASH_OBJS) $(call lib_of,common)
	@mkdir -p $(@D)
	$(CC) $(LDHARDEN) $(LDFLAGS) -o $@ $(CRASH_OBJS) $(call lib_of,common) $(SYSLIBS)

.PHONY: crash-harness check-crash soak
crash-harness: all $(OUT)/crash/harness

check-crash:
	$(MAKE) -s -j2 VARIANT=test crash-harness
	PATH=$(abspath $(BUILD))/test/bin:$$PATH $(BUILD)/test/crash/harness \
	    --within 105 $(if $(CRASH_SEED),--seed $(CRASH_SEED))

soak:
	$(MAKE) -s -j2 VARIANT=test crash-harness
	PATH=$(abspath $(BUILD))/test/bin:$$PATH $(BUILD)/test/crash/harness \
	    --soak $(SOAK_MINUTES) --random 300 $(if $(CRASH_SEED),--seed $(CRASH_SEED))
