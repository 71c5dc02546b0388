# Faults: every call on the disk fails once, every stage runs out of memory at one allocation after
# the other. The differential test of diff and classify is in tests/fuzz/differential.
#
#   check-faults      a sample that takes about a minute; FAULT_ALL=1 for every call and error
#   fuzz-differential DIFFERENTIAL_CASES random ledgers and desired sets against a naive second opinion

FAULTS := $(OUT)/faults

$(FAULTS)/%.so: tests/faults/%.c
	@mkdir -p $(@D)
	$(CC) -D_GNU_SOURCE -std=c17 -O2 -g -fPIC $(WARN) $(CFLAGS) -shared -o $@ $<

.PHONY: fault-libraries check-faults check-faults-disk check-faults-memory
fault-libraries: all $(FAULTS)/disk.so $(FAULTS)/memory.so

check-faults:
	$(MAKE) -s -j2 VARIANT=test fault-libraries
	$(MAKE) -j2 --output-sync check-faults-disk check-faults-memory
check-faults-disk check-faults-memory: check-faults-%:
	PATH=$(abspath $(BUILD))/test/bin:$$PATH tests/faults/$* $(abspath $(BUILD))/test/faults/$*.so

DIFFERENTIAL_CASES ?= 400
.PHONY: fuzz-differential
fuzz-differential:
	$(MAKE) -s -j2 VARIANT=test all
	PATH=$(abspath $(BUILD))/test/bin:$$PATH tests/fuzz/differential/run $(DIFFERENTIAL_CASES)
