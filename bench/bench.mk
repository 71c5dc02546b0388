# make bench: what the programs cost, each figure with its size (docs/performance.md). The release
# build; nothing in it can fail for being slow. BENCH_DIR is where the data goes: put it on the disk
# that is to be measured.

BENCH_DIR ?= $(abspath $(BUILD))/bench

$(BUILD)/bench/measure: bench/measure.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS_ALL) -o $@ $<

# One after the other, whatever -j says: together they would measure each other.
.PHONY: bench bench-clusters bench-graphs
bench:
	$(MAKE) -s bench-clusters
	$(MAKE) -s bench-graphs
	$(MAKE) -s bench-buckets
bench-clusters bench-graphs: bench-%: all $(BUILD)/bench/measure
	bench/$* $(abspath $(BUILD)) $(BENCH_DIR)

# Needs Ceph or $CLUSTER_TEST_S3_ENDPOINT, and the proxy of the tests.
.PHONY: bench-buckets
bench-buckets: all $(BUILD)/bench/measure $(BUILD)/s3/proxy $(BUILD)/s3/objects
	tests/s3/run bench/buckets $(abspath $(BUILD)) $(BENCH_DIR)
