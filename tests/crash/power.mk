# Power loss: the recorder, the replayer, and what runs them (tests/crash/power/run).
#
#   check-power   every scenario, some hundred states, and proof that a missing fsync is seen
#   soak-power    the same with POWER_STATES states a scenario and every moment of a killed holder

POWER_STATES ?= 20000
POWER := $(OUT)/power

$(POWER)/recorder.so: $(addprefix tests/crash/power/,recorder.c pen.c pen.h log.h)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -std=c17 -O2 -g -fPIC $(WARN) $(CFLAGS) -shared -o $@ $(filter %.c,$^)

$(POWER)/power: $(patsubst %,$(OUT)/obj/tests/crash/power/%.o,power run disk tree explore checks) \
                $(call lib_of,common)
	@mkdir -p $(@D)
	$(CC) $(LDHARDEN) $(LDFLAGS) -o $@ $^ $(SYSLIBS)

.PHONY: power check-power soak-power
power: $(POWER)/power $(POWER)/recorder.so all

check-power:
	$(MAKE) -s -j2 VARIANT=test power
	CLUSTER_BIN=$(abspath $(BUILD)/test/bin) tests/crash/power/run $(abspath $(BUILD)/test/power)

soak-power:
	$(MAKE) -s -j2 VARIANT=test power
	CLUSTER_BIN=$(abspath $(BUILD)/test/bin) \
	    tests/crash/power/run --soak $(POWER_STATES) $(abspath $(BUILD)/test/power)
