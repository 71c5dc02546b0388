# What every pipeline suite loads: the programs under test in PATH, a scratch directory, shorthands.
# shellcheck shell=bash

bats_require_minimum_version 1.5.0

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
CLUSTER_BIN=${CLUSTER_BIN:-$ROOT/build/test/bin}
PATH=$CLUSTER_BIN:$PATH
FIXTURES=$ROOT/tests/fixtures
# The same suites on a bucket: the programs run behind a mirror of it (tests/s3/on-bucket).
[ "${CLUSTER_TEST_STORE-}" != s3 ] || PATH=$ROOT/tests/s3/on-bucket:$PATH
export ROOT CLUSTER_BIN PATH FIXTURES
unset CLUSTER_ACTOR CLUSTER_DRIVER CLUSTER_FAILPOINTS NO_COLOR

# A fresh directory for one test, removed by bats with all of its temporaries.
scratch() {
    mktemp -d "$BATS_TEST_TMPDIR/scratch.XXXXXX"
}

# A test of what only a disk has: on_disk_only REASON
on_disk_only() {
    [ "${CLUSTER_TEST_STORE-}" != s3 ] || skip "on a disk only: $1"
}

# The codes of a document's or report's diagnostics, one a line: codes < FILE
codes() {
    jq -r '.diagnostics[].code' "$@"
}

# Checks that $output is one JSON document whose `jq -e` filter holds: json_holds '.ok == true'
json_holds() {
    printf '%s\n' "$output" | jq -e "$1" >/dev/null || {
        printf 'does not hold: %s\n%s\n' "$1" "$output" >&2
        return 1
    }
}
