# Builds every program under cmd/ from the archives under lib/.
#
#   make                 release programs in build/bin/
#   make VARIANT=test    the same with failpoints and test clocks, in build/test/bin/
#   make VARIANT=asan    test build under AddressSanitizer + UndefinedBehaviorSanitizer, counting
#                        which lines were run
#   make check lint format bench fuzz check-crash soak install deps
#
# A file put into cmd/<tool>/, lib/<part>/ or tests/unit/ is built without an edit here.

VERSION := 0.1.0
PREFIX  ?= /usr/local
DESTDIR ?=
BUILD   ?= build
VARIANT ?= release
CC      ?= gcc
ifeq ($(origin CC),default)
CC := gcc
endif

WARN := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes \
        -Wpointer-arith -Wformat=2 -Wvla -Werror
HARDEN := -fstack-protector-strong -fPIE -D_FORTIFY_SOURCE=2
CPPFLAGS += -Ilib -D_GNU_SOURCE -DCLUSTER_VERSION='"$(VERSION)"'
LDHARDEN := -pie -Wl,-z,relro,-z,now -Wl,--as-needed

ifeq ($(VARIANT),release)
OUT := $(BUILD)
OPT := -O2 -g $(HARDEN)
else ifeq ($(VARIANT),test)
OUT := $(BUILD)/test
OPT := -O2 -g $(HARDEN)
CPPFLAGS += -DCLUSTER_TEST
else ifeq ($(VARIANT),asan)
OUT := $(BUILD)/asan
OPT := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all \
       --coverage
LDHARDEN += -fsanitize=address,undefined --coverage
CPPFLAGS += -DCLUSTER_TEST
else ifeq ($(VARIANT),clang)
# Nothing runs from here: it shows that clang compiles everything without a warning.
OUT := $(BUILD)/clang
CC := clang
OPT := -O1 -g
CPPFLAGS += -DCLUSTER_TEST
else ifeq ($(VARIANT),fuzz)
OUT := $(BUILD)/fuzz
CC := clang
OPT := -O1 -g -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined \
       -fno-sanitize-recover=all
LDHARDEN += -fsanitize=address,undefined
CPPFLAGS += -DCLUSTER_TEST
else
$(error VARIANT must be release, test, asan, clang or fuzz)
endif

CFLAGS_ALL = -std=c17 $(OPT) $(WARN) $(CFLAGS)

PARTS := common store ledger lang policy graph
TOOLS := $(notdir $(patsubst %/,%,$(wildcard cmd/*/)))

# What each program links, in link order. --as-needed drops the shared libraries it does not use,
# so a pure stage loads libjq alone.
PARTS_cluster-parse    := lang policy common
PARTS_cluster-lock     := ledger store common
PARTS_cluster-sweep    := ledger store common
PARTS_cluster-observe  := ledger store common
PARTS_cluster-diff     := common
PARTS_cluster-classify := common
PARTS_cluster-exec     := ledger store common
PARTS_cluster-approve  := ledger store common
PARTS_cluster-report   := common
PARTS_cluster-snapshot := ledger store common
PARTS_cluster-graph    := graph lang store common
PARTS_cluster-store    := store common

SYSLIBS := -ljq -lyaml -lcrypto -lsqlite3 -lyajl -lpcre2-8 -lm -ldl

lib_of   = $(OUT)/lib/lib$(1).a
objs_of  = $(patsubst %.c,$(OUT)/obj/%.o,$(wildcard $(1)/*.c) $(wildcard $(1)/*/*.c))

.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all
all: $(TOOLS:%=$(OUT)/bin/%) $(OUT)/bin/cluster

$(OUT)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

define part_rule
$(call lib_of,$(1)): $(call objs_of,lib/$(1))
	@mkdir -p $$(@D)
	@rm -f $$@
	ar rcs $$@ $$^
endef
$(foreach p,$(PARTS),$(eval $(call part_rule,$(p))))

# A tool's code without its main() is an archive too, so that a unit test can call it.
define tool_rule
$(call lib_of,cmd-$(1)): $(filter-out %/main.o,$(call objs_of,cmd/$(1)))
	@mkdir -p $$(@D)
	@rm -f $$@
	ar rcs $$@ $$^
$(OUT)/bin/$(1): $(OUT)/obj/cmd/$(1)/main.o $(call lib_of,cmd-$(1)) $(foreach p,$(PARTS_$(1)),$(call lib_of,$(p)))
	@mkdir -p $$(@D)
	$(CC) $(LDHARDEN) $(LDFLAGS) -o $$@ $$^ $(SYSLIBS)
endef
$(foreach t,$(TOOLS),$(eval $(call tool_rule,$(t))))

$(OUT)/bin/cluster: bin/cluster
	@mkdir -p $(@D)
	install -m 755 $< $@

# Unit tests: tests/unit/<name>_test.c, one program each, linked with everything.
UNIT := $(patsubst tests/unit/%.c,$(OUT)/unit/%,$(wildcard tests/unit/*_test.c))
ALL_ARCHIVES := $(foreach t,$(TOOLS),$(call lib_of,cmd-$(t))) \
                $(foreach p,ledger graph lang policy store common,$(call lib_of,$(p)))
$(OUT)/unit/%: $(OUT)/obj/tests/unit/%.o $(ALL_ARCHIVES)
	@mkdir -p $(@D)
	$(CC) $(LDHARDEN) $(LDFLAGS) -o $@ $< -Wl,--start-group $(ALL_ARCHIVES) -Wl,--end-group \
	    $(SYSLIBS) -lcmocka

.PHONY: unit
unit: $(UNIT)

# Tests that need a server: tests/s3/<name>_test.c, run by tests/s3/run.
S3_TESTS := $(patsubst tests/s3/%.c,$(OUT)/s3/%,$(wildcard tests/s3/*_test.c))
$(OUT)/s3/%: $(OUT)/obj/tests/s3/%.o $(ALL_ARCHIVES)
	@mkdir -p $(@D)
	$(CC) $(LDHARDEN) $(LDFLAGS) -o $@ $< -Wl,--start-group $(ALL_ARCHIVES) -Wl,--end-group \
	    $(SYSLIBS) -lcmocka
$(OUT)/obj/tests/s3/%.o: CPPFLAGS += -Itests/unit

$(OUT)/s3/proxy: $(OUT)/obj/tests/s3/proxy.o $(OUT)/obj/tests/s3/message.o
	@mkdir -p $(@D)
	$(CC) $(LDHARDEN) $(LDFLAGS) -o $@ $^ -lpthread

.PHONY: s3-tests
s3-tests: $(S3_TESTS) $(OUT)/s3/proxy $(OUT)/s3/objects

# Fuzzers: tests/fuzz/<name>_fuzz.c, one program each; make VARIANT=fuzz fuzzers.
FUZZERS := $(patsubst tests/fuzz/%.c,$(OUT)/fuzzers/%,$(wildcard tests/fuzz/*_fuzz.c))
$(OUT)/fuzzers/%: $(OUT)/obj/tests/fuzz/%.o $(ALL_ARCHIVES)
	@mkdir -p $(@D)
	$(CC) -fsanitize=fuzzer $(LDHARDEN) $(LDFLAGS) -o $@ $< -Wl,--start-group $(ALL_ARCHIVES) \
	    -Wl,--end-group $(SYSLIBS)

.PHONY: fuzzers
fuzzers: $(FUZZERS)

-include $(shell find $(OUT)/obj -name '*.d' 2>/dev/null)

include tests/check.mk
include bench/bench.mk
include tests/crash/crash.mk
include tests/crash/power.mk
include tests/faults/faults.mk

.PHONY: install
install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/libexec/cluster \
	    $(DESTDIR)$(PREFIX)/share/man/man1 $(DESTDIR)$(PREFIX)/share/man/man5 \
	    $(DESTDIR)$(PREFIX)/share/man/man7
	install -m 755 $(TOOLS:%=$(OUT)/bin/%) $(DESTDIR)$(PREFIX)/libexec/cluster/
	sed 's|@LIBEXEC@|$(PREFIX)/libexec/cluster|' bin/cluster > $(DESTDIR)$(PREFIX)/bin/cluster
	chmod 755 $(DESTDIR)$(PREFIX)/bin/cluster
	ln -sf ../libexec/cluster/cluster-graph $(DESTDIR)$(PREFIX)/bin/cluster-graph
	for m in man/*.1; do install -m 644 "$$m" $(DESTDIR)$(PREFIX)/share/man/man1/; done
	for m in man/*.5; do install -m 644 "$$m" $(DESTDIR)$(PREFIX)/share/man/man5/; done
	for m in man/*.7; do install -m 644 "$$m" $(DESTDIR)$(PREFIX)/share/man/man7/; done

.PHONY: deps
deps:
	./bootstrap deps

.PHONY: clean
clean:
	rm -rf $(BUILD)
