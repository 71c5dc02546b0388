# check-s3: what needs a real S3 server, $CLUSTER_TEST_S3_ENDPOINT or a Ceph gateway of our own.

.PHONY: check-s3
check-s3:
	$(MAKE) -s -j2 VARIANT=asan all s3-tests
	tests/s3/run tests/s3/suite $(BUILD)/asan
