#!/usr/bin/env bats
# The lock in a bucket: liveness by heartbeats, and holders that die or sleep. Needs a server
# (tests/s3/run) and a test build, where the times are short.

load ../pipeline/helper
load ../pipeline/fake
load bucket

setup() {
    export CLUSTER_TEST_HEARTBEAT_MS=200 CLUSTER_TEST_HEARTBEAT_LIMIT=1
    fake_cluster
    in_bucket
}

teardown() {
    [ ! -f pids ] || xargs kill -9 <pids 2>/dev/null || true
}

# A holder in the background: its lock is taken once "held" appears. It holds until its command
# reads a line from the pipe "go".
start_holder() {
    mkfifo go
    cluster-parse . >parsed
    cluster-lock refresh -- 'cat && touch held && read -r line <go' <parsed >held.out 2>held.err 3>&- &
    holder=$!
    echo "$holder" >>pids
    wait_until test -e held
}

@test "a lock that is held has a heartbeat whose age status tells, and both are gone after" {
    start_holder
    run -0 cluster status --json
    json_holds '.state_observations.locked'
    cluster-parse --header . | cluster-sweep --read-only >doc
    jq -e '.lock.observed | .heartbeat_age_seconds <= 2 and .age_seconds >= 0 and .lock_id == input.lock_id' \
        doc <(store_cat __cluster/lock.heartbeat.json)
    echo >go
    wait "$holder"
    [ -z "$(store_ls __cluster/)" ]
}

@test "a live holder's lock is neither stale nor taken over" {
    start_holder
    # Longer than the limit: without the beats it would be stale.
    past=$(($(date +%s) + 3))
    while [ "$(date +%s)" -lt "$past" ]; do
        run -1 cluster force-unlock --stale --json
        json_holds '[.diagnostics[].code] == ["state_lock_alive"]'
        run -75 cluster refresh --take-over-stale 2 --json
        json_holds '[.diagnostics[].code] == ["state_lock_held"]'
    done
    echo >go
    wait "$holder"
    jq -e '.diagnostics == []' held.out
}

@test "a killed holder's lock stays until its heartbeat is stale, then force-unlock --stale removes it" {
    start_holder
    kill -9 "$holder"
    echo >go
    run -75 cluster refresh --json
    wait_until is_stale
    run -0 cluster force-unlock --stale --json
    json_holds '.ok'
    [ -z "$(store_ls __cluster/)" ]
    run -1 cluster force-unlock --stale --json
    json_holds '[.diagnostics[].code] == ["state_lock_missing"]'
}

@test "--take-over-stale takes a dead holder's lock over, and says whose it was" {
    import >/dev/null
    CLUSTER_FAILPOINTS=lock.after_acquire=crash apply >/dev/null 2>&1 || true
    id=$(store_cat __cluster/lock.json | jq -r .lock_id)
    run -75 cluster apply --json --as ann
    wait_until is_stale
    run -75 cluster apply --json --as ann
    run -0 cluster apply --take-over-stale 1 --json --as ann
    json_holds '.converged and [.diagnostics[] | select(.code == "state_lock_recovered" and (.message | contains("'"$id"'")))] != []'
    run ! grep lock <(store_ls __cluster/)
}

@test "a lock without a heartbeat is another tool's and removed by its id only" {
    import >/dev/null
    jq -n '{version: 1, lock_id: "01ARZ3NDEKTSV4RRFFQ69G5FAV", operation: "apply", created_at: "2020-01-01T00:00:00Z", pid: 1}' |
        store_put __cluster/lock.json
    run -0 cluster status --json
    json_holds '.state_observations.locked'
    run -1 cluster force-unlock --stale --json
    json_holds '[.diagnostics[].code] == ["state_lock_alive"]'
    run -75 cluster apply --take-over-stale 1 --json
    run -1 cluster force-unlock 01ARZ3NDEKTSV4RRFFQ69G5FAW --json
    json_holds '[.diagnostics[].code] == ["state_lock_id_mismatch"]'
    run -0 cluster force-unlock 01ARZ3NDEKTSV4RRFFQ69G5FAV --json
    run -0 cluster apply --json --as ann
    json_holds '.converged'
}

# A holder is stopped, all of it, at a point; another takes over and finishes; then it wakes up.
sleeper_at() {
    import >/dev/null
    export CLUSTER_FAILPOINTS="cluster_apply.$1=pause"
    (status=0; apply >sleeper.out 2>sleeper.err 3>&- || status=$?; echo "$status" >sleeper.status) &
    unset CLUSTER_FAILPOINTS
    wait_until stage_is_stopped
    lock_pid=$(store_cat __cluster/lock.json | jq .pid)
    exec_pid=$(stopped_stage)
    echo "$lock_pid $exec_pid" >>pids
    kill -STOP "$lock_pid"
    wait_until is_stale
    run -0 cluster apply --take-over-stale 1 --json --as bob
    json_holds '.ok and .converged'
    ledger_before=$(store_cat __cluster/state.json)
    kill -CONT "$lock_pid" "$exec_pid"
    wait_until test -s sleeper.status
    [ "$(cat sleeper.status)" = 1 ]
    output=$(cat sleeper.out)
    json_holds '[.diagnostics[] | select(.severity == "error") | .code] | index("state_lock_lost")'
    json_holds '.outcome.state_written | not'
    [ "$ledger_before" = "$(store_cat __cluster/state.json)" ]
    # Nothing done twice, nothing lost.
    [ "$(grep -c '^init a' "$FAKE_LOG")" = 1 ]
    [ "$(grep -c '^init b' "$FAKE_LOG")" = 1 ]
    [ "$(store_cat graphs/a.omni/version)" = 1 ]
    run -0 cluster apply --json --as ann
    json_holds '.converged and (.state_written | not)'
    run ! grep -e lock -e recoveries <(store_ls __cluster/)
}

@test "a holder stopped before its operation wakes up after another took over: it notices and stops" {
    sleeper_at before_graph_create
}

@test "a holder stopped after its operation wakes up after another took over: it notices and stops" {
    sleeper_at after_graph_create
}

@test "a holder stopped before its ledger write wakes up after another took over: it notices and stops" {
    sleeper_at before_state_write
}
