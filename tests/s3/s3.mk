# check-s3: what needs a real S3 server, $CLUSTER_TEST_S3_ENDPOINT or a Ceph gateway of our own.

# The tests in C run under the sanitizers, and count for the coverage; the suites run the plain programs,
# for a server and hundreds of runs on two processors are slow enough.

.PHONY: check-s3
check-s3:
	$(MAKE) -s -j2 VARIANT=asan s3-tests
	$(MAKE) -s -j2 VARIANT=test all s3-tests
	tests/s3/run tests/s3/suite $(BUILD)/test $(BUILD)/asan/s3
