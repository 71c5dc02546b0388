# The bucket of a test: its own prefix in the server's bucket, and looking into it.
# shellcheck shell=bash

: "${CLUSTER_TEST_S3_BUCKET:?run this with tests/s3/run, which starts a server}"

# Puts the cluster of the current directory into a bucket of its own.
in_bucket() {
    STORE=s3://$CLUSTER_TEST_S3_BUCKET/t/$(basename "$BATS_TEST_TMPDIR")-$$-$RANDOM$RANDOM
    export STORE
    printf 'storage: %s\n' "$STORE" >>cluster.yaml
}

store_cat() { cluster-store cat "$STORE" "$1"; }
store_ls() { cluster-store ls "$STORE" "$1"; }
store_put() { cluster-store put "$STORE" "$1"; }

# Polls until a command succeeds; 60 s at most.
wait_until() {
    local deadline=$(($(date +%s) + 60))
    until "$@" >/dev/null 2>&1; do
        [ "$(date +%s)" -lt "$deadline" ] || { echo "waited in vain for: $*" >&2; return 1; }
        sleep 0.05
    done
}

# Whether the lock's heartbeat has stopped, as the document of status says.
is_stale() {
    cluster-parse --header . | cluster-sweep --read-only | jq -e '.lock.observed.stale'
}

# The pid of the stage that stopped itself at a failpoint, of this test's own directory.
stopped_stage() {
    local stat pid
    for stat in /proc/[0-9]*/stat; do
        pid=${stat#/proc/}
        pid=${pid%/stat}
        if [ "$(readlink "/proc/$pid/cwd" 2>/dev/null)" = "$PWD" ] &&
            grep -q '(cluster-exec) T' "$stat" 2>/dev/null; then
            echo "$pid"
            return
        fi
    done
    return 1
}
stage_is_stopped() { stopped_stage; }
