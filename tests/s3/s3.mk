# check-s3: what needs a real S3 server, $CLUSTER_TEST_S3_ENDPOINT or a Ceph gateway of our own.

# The tests in C run under the sanitizers, and count for the coverage; the suites run the plain programs,
# for a server and thousands of runs on two processors are slow enough.

.PHONY: check-s3
check-s3:
	$(MAKE) -s -j2 VARIANT=asan s3-tests
	$(MAKE) -s -j2 VARIANT=test all s3-tests crash-harness-s3
	tests/s3/run tests/s3/suite $(BUILD)/test $(BUILD)/asan/s3

# What runs the programs on a bucket for tests/pipeline: one program, a link to it for each of them.
ON_BUCKET := $(OUT)/s3/on-bucket
$(ON_BUCKET)/mirror: $(patsubst %.c,$(OUT)/obj/%.o,$(wildcard tests/s3/on-bucket/*.c)) $(ALL_ARCHIVES)
	@mkdir -p $(@D)
	$(CC) $(LDHARDEN) $(LDFLAGS) -o $@ $(filter %.o,$^) -Wl,--start-group $(ALL_ARCHIVES) -Wl,--end-group \
	    $(SYSLIBS)
	for tool in cluster $(TOOLS); do ln -sf mirror $(@D)/$$tool; done
s3-tests: $(ON_BUCKET)/mirror
