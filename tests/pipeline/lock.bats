#!/usr/bin/env bats
# cluster-lock: who holds the lock, for how long, and what a signal or a crash leaves.
# Each @test is a subshell of its own, on purpose.
# shellcheck disable=SC2030,SC2031

bats_require_minimum_version 1.5.0
load helper

setup() {
    dir=$(scratch)
    lock_json=$dir/__cluster/lock.json
    document >"$dir/doc"
}

# A run document for the store in $dir: document [JQ FILTER THAT CHANGES IT]
document() {
    local place scheme=file://
    place=$(stored_at "$dir")
    ! on_bucket || scheme=
    jq -cS "${1:-.}" <<'DOC' | sed "s|@DIR@|$dir|g; s|@ROOT@|$scheme$place|g; s|@PLACE@|$place|g"
{"format": "cluster-run/1", "diagnostics": [],
 "config": {"dir": "@DIR@", "file": "@DIR@/cluster.yaml", "name": null, "lock": true,
            "storage": null, "driver": "sqlite"},
 "store": {"root": "@ROOT@", "display": "@PLACE@"}}
DOC
}

# Polls until a command succeeds; 10 s at most.
eventually() {
    local deadline=$((SECONDS + 10))
    until "$@"; do
        [ "$SECONDS" -lt "$deadline" ] || return 1
        sleep 0.02
    done
}

# Starts a holder whose command runs until the fifo $dir/go is written to. $holder is its pid.
# With an argument that runs before.
start_holder() {
    [ -p "$dir/go" ] || mkfifo "$dir/go"
    cluster-lock apply -- "${1:-:}; : >'$dir/running'; read -r _ <'$dir/go' || :; cat" \
        <"$dir/doc" >"$dir/holder.out" 3>&- &
    holder=$!
    eventually test -e "$dir/running"
}

finish_holder() {
    echo go >"$dir/go"
    wait "$holder"
}

# After a holder was killed: on a disk the next command takes the lock over and says so, in a bucket it is
# held until it is force-unlocked. taken_over LOCK_ID
taken_over() {
    local what=".diagnostics[0].code == \"state_lock_recovered\" and .diagnostics[0].severity == \"warning\"
        and (.diagnostics[0].message | contains(\"$1\"))"
    if on_bucket; then
        lock apply -- cat
        [ "$status" -eq 75 ]
        json_holds ".lock.observed.lock_id == \"$1\""
        lock release "$1"
        [ "$status" -eq 0 ]
        what='.diagnostics == []'
    fi
    lock apply --lock-timeout 10 -- cat # the kernel may take a moment to close what it held
    [ "$status" -eq 0 ]
    json_holds ".lock.acquired and $what"
    [ ! -e "$lock_json" ]
}

# A lock that some other tool wrote.
foreign_lock() {
    mkdir -p "$dir/__cluster"
    cat >"$lock_json" <<'LOCK'
{"version":1,"lock_id":"01HZZZZZZZZZZZZZZZZZZZZZZZ","operation":"apply","created_at":"2026-01-02T03:04:05Z","pid":1}
LOCK
}

lock() {
    run --separate-stderr cluster-lock "$@" <"$dir/doc"
}

@test "the command gets the document with our lock in it, and the lock is gone afterwards" {
    lock apply -- "cp '$lock_json' '$dir/seen'; cat"
    [ "$status" -eq 0 ]
    json_holds '.lock.acquired == true and .lock.operation == "apply" and .diagnostics == []'
    json_holds ".lock.path == \"$(stored_at "$lock_json")\""
    [ "$(jq -r .lock_id "$dir/seen")" = "$(printf '%s' "$output" | jq -r .lock.lock_id)" ]
    jq -e '(keys == ["created_at", "lock_id", "operation", "pid", "version"]) and .version == 1
        and .operation == "apply" and (.pid | type) == "number"' "$dir/seen"
    [ ! -e "$lock_json" ]
}

@test "what the command says is passed on byte for byte" {
    lock plan -- "tee '$dir/said'"
    cluster-lock plan -- "cat '$dir/said'" <"$dir/doc" | cmp - "$dir/said"
}

@test "the lock is free by the time that the document is passed on" {
    cluster-lock apply -- cat <"$dir/doc" | {
        read -r _
        look "$dir"
        [ ! -e "$lock_json" ]
    }
}

@test "a halted document passes through untouched and its command is not run" {
    document '.halt = true | .diagnostics = [{code: "x", severity: "error", path: "", message: "m"}]' >"$dir/doc"
    lock apply -- "touch '$dir/ran'; cat"
    [ "$status" -eq 1 ]
    [ "$output" = "$(cat "$dir/doc")" ]
    [ ! -e "$dir/ran" ]
    [ ! -e "$dir/__cluster" ]
}

@test "what is no document runs nothing and gives nothing" {
    echo 'not json' >"$dir/doc"
    lock apply -- "touch '$dir/ran'; cat"
    [ "$status" -eq 1 ]
    [ -z "$output" ]
    [ ! -e "$dir/ran" ]
}

@test "a document without a store says which stage to run first" {
    document 'del(.store)' >"$dir/doc"
    lock apply -- cat
    [ "$status" -eq 1 ]
    json_holds '.halt and .diagnostics[0].code == "stage_input_missing"'
}

@test "a storage root that cannot be opened halts" {
    document '.store.root = "file://relative"' >"$dir/doc"
    lock apply -- cat
    [ "$status" -eq 1 ]
    json_holds '.halt and .diagnostics[0].code == "invalid_storage_root"'
}

@test "a bucket without credentials is no wrong storage root" {
    document '.store.root = "s3://bucket/x"' >"$dir/doc"
    unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
    lock apply -- cat
    [ "$status" -eq 1 ]
    json_holds '.halt and [.diagnostics[].code] == ["state_lock_read_error"]'
    lock release 01ARZ3NDEKTSV4RRFFQ69G5FAV
    json_holds '.halt and [.diagnostics[].code] == ["state_lock_read_error"]'
    run -1 --separate-stderr cluster-snapshot --store s3://bucket/x
    json_holds '[.diagnostics[].code] == ["state_read_error"]'
}

@test "state.lock false runs the command without a lock, and says so" {
    document '.config.lock = false' >"$dir/doc"
    lock apply -- "test ! -e '$lock_json' && cat"
    [ "$status" -eq 0 ]
    json_holds '.lock.acquired == false and (.diagnostics | map([.code, .severity]) == [["state_lock_disabled", "warning"]])'
    [ ! -e "$dir/__cluster" ]
}

@test "a held lock is exit 75, names its holder, and runs nothing" {
    start_holder
    lock refresh -- "touch '$dir/ran'; cat"
    [ "$status" -eq 75 ]
    json_holds '.halt and .diagnostics[0].code == "state_lock_held" and .diagnostics[0].severity == "error"'
    json_holds ".lock | .acquired == false and .operation == \"refresh\" and .observed.operation == \"apply\"
        and .observed.lock_id == \"$(jq -r .lock_id "$lock_json")\" and .observed.pid == $(pid_of "$holder")
        and .observed.age_seconds >= 0 and .observed.stale == false"
    json_holds ".diagnostics[0].message | contains(\"cluster force-unlock $(jq -r .lock_id "$lock_json") --config $dir\")"
    [ ! -e "$dir/ran" ]
    finish_holder
}

@test "the command that would release a held lock survives a shell" {
    foreign_lock
    document ".config.dir = \"/tmp/it's \$HOME\"" >"$dir/doc"
    lock apply -- cat
    words=$(printf '%s' "$output" | jq -r '.diagnostics[0].message' | sed 's/.*with: cluster //')
    eval "set -- $words"
    [ "$4" = "/tmp/it's \$HOME" ]
}

@test "a holder that finishes in time lets a waiting command in" {
    start_holder
    cluster-lock refresh --lock-timeout 30 -- cat <"$dir/doc" >"$dir/waiter.out" 3>&- &
    waiter=$!
    finish_holder
    wait "$waiter"
    jq -e '.lock.acquired and .lock.operation == "refresh" and .diagnostics == []' "$dir/waiter.out"
}

@test "waiting ends when its time is over" {
    start_holder
    lock refresh --lock-timeout 1 -- cat
    [ "$status" -eq 75 ]
    finish_holder
}

@test "a killed command's lock is taken over with a warning that names it" {
    start_holder
    dead=$(jq -r .lock_id "$lock_json")
    pid=$(pid_of "$holder")
    kill -9 "-$(pgrep -P "$pid")" "$pid"
    wait "$holder" || true
    taken_over "$dead"
}

@test "a killed cluster-lock still holds the lock while its pipeline runs" {
    start_holder
    dead=$(jq -r .lock_id "$lock_json")
    kill -9 "$(pid_of "$holder")"
    wait "$holder" || true
    lock apply -- cat
    [ "$status" -eq 75 ]
    json_holds '.lock.observed.stale == false'
    echo go >"$dir/go"
    taken_over "$dead"
}

@test "a crash at any failpoint of acquiring leaves nothing for a human" {
    for point in store.before_put store.after_put lock.after_acquire; do
        CLUSTER_FAILPOINTS="$point=crash" lock apply -- cat
        [ "$status" -eq 137 ]
        if on_bucket && [ -e "$lock_json" ]; then
            lock release "$(jq -r .lock_id "$lock_json")"
        fi
        lock apply -- cat
        [ "$status" -eq 0 ]
        json_holds '.lock.acquired'
        [ ! -e "$lock_json" ]
    done
}

@test "an injected failure after acquiring releases the lock" {
    CLUSTER_FAILPOINTS=lock.after_acquire=error lock apply -- cat
    [ "$status" -eq 1 ]
    json_holds '.halt and .diagnostics[0].code == "injected_failpoint"'
    [ ! -e "$lock_json" ]
}

@test "another tool's lock is held until it is force-unlocked" {
    foreign_lock
    before=$(cat "$lock_json")
    for _ in 1 2; do
        lock apply -- cat
        [ "$status" -eq 75 ]
        json_holds '.lock.observed.lock_id == "01HZZZZZZZZZZZZZZZZZZZZZZZ" and (.lock.observed | has("stale") | not)'
        [ "$(cat "$lock_json")" = "$before" ]
    done
    lock release 01HZZZZZZZZZZZZZZZZZZZZZZZ
    [ "$status" -eq 0 ]
    lock apply -- cat
    [ "$status" -eq 0 ]
}

@test "another tool's lock is not mistaken for a dead one after a crash of ours" {
    CLUSTER_FAILPOINTS=store.before_put=crash lock apply -- cat
    foreign_lock
    lock apply -- cat
    [ "$status" -eq 75 ]
    [ -e "$lock_json" ]
}

@test "a lock.json that cannot be understood is an error and stays" {
    mkdir -p "$dir/__cluster"
    while read -r code content; do
        printf '%s' "$content" >"$lock_json"
        lock apply -- cat
        [ "$status" -eq 1 ]
        json_holds ".halt and .diagnostics[0].code == \"$code\""
        lock release 01HZZZZZZZZZZZZZZZZZZZZZZZ
        [ "$status" -eq 1 ]
        json_holds ".diagnostics[0].code == \"$code\" and .lock.removed == false and (has(\"halt\") | not)"
        [ "$(cat "$lock_json")" = "$content" ]
    done <<'CASES'
invalid_state_lock {"version":1,"lock_id":
invalid_state_lock []
invalid_state_lock {"version":1,"lock_id":"a","operation":"x","created_at":"","pid":1,"host":"h"}
invalid_state_lock {"version":1,"lock_id":"","operation":"x","created_at":"","pid":1}
unsupported_state_lock_version {"version":2,"lock_id":"a"}
CASES
}

@test "a lock.json that cannot be read is an error" {
    on_disk_only 'a folder stands where the lock belongs'
    mkdir -p "$lock_json"
    lock apply -- cat
    [ "$status" -eq 1 ]
    json_holds '.halt and .diagnostics[0].code == "state_lock_read_error"'
    lock release 01HZZZZZZZZZZZZZZZZZZZZZZZ
    [ "$status" -eq 1 ]
    json_holds '.diagnostics[0].code == "state_lock_read_error"'
}

@test "twenty commands at once run one at a time" {
    for _ in $(seq 20); do
        cluster-lock apply --lock-timeout 60 -- \
            "mkdir '$dir/alone' && cat && rmdir '$dir/alone' && echo x >>'$dir/count'" \
            <"$dir/doc" >/dev/null 3>&- &
        pids="${pids-} $!"
    done
    for pid in $pids; do
        wait "$pid"
    done
    [ "$(wc -l <"$dir/count")" -eq 20 ]
    [ ! -e "$lock_json" ]
}

@test "of twenty that do not wait, those that do not get the lock are told 75" {
    start_holder
    for _ in $(seq 20); do
        cluster-lock apply -- "touch '$dir/ran'" <"$dir/doc" >/dev/null 3>&- &
        pids="${pids-} $!"
    done
    for pid in $pids; do
        wait "$pid" && code=0 || code=$?
        [ "$code" -eq 75 ]
    done
    [ ! -e "$dir/ran" ]
    finish_holder
}

@test "a signal goes to the command, then the lock is released, then the signal acts" {
    for signal in TERM INT HUP; do
        rm -f "$dir/running" "$dir/got"
        cat >"$dir/holder.sh" <<SCRIPT
cluster-lock apply -- "trap 'echo $signal >$dir/got; exit 3' $signal; : >$dir/running; while :; do sleep 0.02; done" <$dir/doc
SCRIPT
        # Through env, for a background job of a shell starts with SIGINT ignored.
        env --default-signal="$signal" sh -c "exec sh '$dir/holder.sh'" 3>&- &
        shell=$!
        eventually test -e "$dir/running"
        kill "-$signal" "$(jq .pid "$lock_json")"
        wait "$shell" && code=0 || code=$?
        [ "$code" -eq $((128 + $(kill -l "$signal"))) ]
        [ "$(cat "$dir/got")" = "$signal" ]
        [ ! -e "$lock_json" ]
    done
}

@test "a command that finishes its step after a signal has its document passed on" {
    start_holder "trap '' TERM"
    kill -TERM "$holder"
    echo go >"$dir/go"
    wait "$holder" && code=0 || code=$?
    [ "$code" -eq 143 ]
    jq -e .lock.acquired "$dir/holder.out"
    [ ! -e "$lock_json" ]
}

@test "every process of the command has ended before the lock is released" {
    # The shell dies of the signal at once; the stage that finishes its step does not.
    mkfifo "$dir/go"
    cat >"$dir/stage" <<SCRIPT
trap '' TERM
: >$dir/running
read -r _ <$dir/go
$(look_command "$dir")
test -e $lock_json && echo held >$dir/last
SCRIPT
    cluster-lock apply -- "sh '$dir/stage' | cat" <"$dir/doc" >"$dir/out" 3>&- &
    holder=$!
    eventually test -e "$dir/running"
    kill -TERM "$holder"
    echo go >"$dir/go"
    wait "$holder" && code=0 || code=$?
    [ "$code" -eq 143 ]
    [ "$(cat "$dir/last")" = held ]
    [ ! -e "$lock_json" ]
}

@test "a signal while waiting for the lock ends the wait and leaves the holder alone" {
    start_holder
    cluster-lock refresh --lock-timeout 60 -- cat <"$dir/doc" >"$dir/waiter.out" 3>&- &
    waiter=$!
    # It waits once it has the signals blocked: SIGTERM is bit 15.
    eventually sh -c "grep -q '^SigBlk:.*[4-7c-f][0-9a-f]\{3\}\$' /proc/$(pid_of "$waiter")/status"
    kill -TERM "$waiter"
    wait "$waiter" && code=0 || code=$?
    [ "$code" -eq 143 ]
    [ ! -s "$dir/waiter.out" ]
    [ "$(jq .pid "$lock_json")" -eq "$(pid_of "$holder")" ]
    finish_holder
}

@test "a signal that is ignored from the start stays ignored" {
    (
        trap '' HUP
        start_holder
        kill -HUP "$(pid_of "$holder")"
        finish_holder
    )
    jq -e .lock.acquired "$dir/holder.out"
}

@test "a command that says nothing is an error of the document that it was given" {
    for command in 'cat >/dev/null' 'kill -9 $$' "jq -c . | sh -c 'kill -9 \$\$'"; do
        lock apply -- "$command"
        [ "$status" -eq 1 ]
        json_holds '.halt and [.diagnostics[].code] == ["stage_failed"] and .lock.acquired and .store'
        [ -z "$(sed '/[Kk]illed/d' <<<"$stderr")" ]
        [ ! -e "$lock_json" ]
    done
    lock apply -- 'exit 64'
    [ "$status" -eq 64 ]
}

@test "a command that says what is no document is exit 1, and that is passed on" {
    lock apply -- 'echo nonsense'
    [ "$status" -eq 1 ]
    [ "$output" = nonsense ]
    [ ! -e "$lock_json" ]
}

@test "the document's errors decide the exit status" {
    lock apply -- "jq -c '.diagnostics = [{code: \"x\", severity: \"error\", path: \"\", message: \"m\"}]'"
    [ "$status" -eq 1 ]
    lock apply -- "jq -c '.diagnostics = [{code: \"x\", severity: \"warning\", path: \"\", message: \"m\"}]'"
    [ "$status" -eq 0 ]
}

@test "a command that fails without an error in its document is exit 1, a usage error 64" {
    lock apply -- 'cat; exit 3'
    [ "$status" -eq 1 ]
    json_holds '[.diagnostics[].code] == ["stage_failed"]'
    lock apply -- 'cat; exit 64'
    [ "$status" -eq 64 ]
    lock apply -- 'cat; kill -9 $$'
    [ "$status" -eq 1 ]
}

@test "a command that does not read its input is no trouble" {
    document '.sources = {x: ("y" * 300000)}' >"$dir/doc"
    lock apply -- "exec <&-; printf '%s\n' '$(document)'"
    [ "$status" -eq 0 ]
}

@test "a document larger than a pipe goes through" {
    document '.sources = {x: ("y" * 3000000)}' >"$dir/doc"
    cluster-lock apply -- 'cat | cat' <"$dir/doc" >"$dir/out"
    jq -e '.sources.x | length == 3000000' "$dir/out"
}

@test "a lock that was removed during the run is reported" {
    lock apply -- "rm '$lock_json'; cat"
    [ "$status" -eq 1 ]
    json_holds '.lock.acquired and .diagnostics[0].code == "state_lock_lost" and .diagnostics[0].severity == "error"'
}

@test "a lock that became another's during the run is reported and left alone" {
    other='{"version":1,"lock_id":"01HZZZZZZZZZZZZZZZZZZZZZZZ","operation":"apply","created_at":"2026-01-02T03:04:05Z","pid":1}'
    lock apply -- "printf '%s' '$other' >'$lock_json'; cat"
    [ "$status" -eq 1 ]
    json_holds '.diagnostics[0].code == "state_lock_lost"'
    [ "$(cat "$lock_json")" = "$other" ]
}

@test "a force-unlocked command that still runs keeps others out, and is told" {
    start_holder
    lock release "$(jq -r .lock_id "$lock_json")"
    [ "$status" -eq 0 ]
    json_holds '.lock.removed and (.lock | has("observed") | not)'
    # The kernel's lock is still there. In a bucket nothing is: there the holder is fenced.
    lock apply -- cat
    if on_bucket; then [ "$status" -eq 0 ]; else [ "$status" -eq 75 ]; fi
    finish_holder || true
    jq -e '.diagnostics[0].code == "state_lock_lost"' "$dir/holder.out"
    lock apply -- cat
    [ "$status" -eq 0 ]
}

@test "release refuses anything but an exact match, and leaves the lock" {
    lock release 01HZZZZZZZZZZZZZZZZZZZZZZZ
    [ "$status" -eq 1 ]
    json_holds '.diagnostics[0].code == "state_lock_missing" and .lock.removed == false and .lock.operation == "force-unlock"'
    foreign_lock
    before=$(cat "$lock_json")
    for id in 01HZZZZZZZZZZZZZZZZZZZZZZ 01hzzzzzzzzzzzzzzzzzzzzzzz ''; do
        lock release "$id"
        [ "$status" -eq 1 ]
        json_holds '.diagnostics[0].code == "state_lock_id_mismatch" and (has("halt") | not)'
        json_holds '.lock.removed == false and .lock.observed.lock_id == "01HZZZZZZZZZZZZZZZZZZZZZZZ"'
        [ "$(cat "$lock_json")" = "$before" ]
    done
}

@test "release --stale removes a dead holder's lock" {
    on_disk_only 'the heartbeat has to be a minute old (tests/s3/lock.bats)'
    CLUSTER_FAILPOINTS=lock.after_acquire=crash lock apply -- cat
    [ -e "$lock_json" ]
    lock release --stale
    [ "$status" -eq 0 ]
    json_holds .lock.removed
    [ ! -e "$lock_json" ]
}

@test "release --stale refuses a live holder and a foreign lock" {
    start_holder
    lock release --stale
    [ "$status" -eq 1 ]
    json_holds '.diagnostics[0].code == "state_lock_alive" and .lock.removed == false'
    [ -e "$lock_json" ]
    finish_holder
    foreign_lock
    lock release --stale
    [ "$status" -eq 1 ]
    json_holds '.diagnostics[0].code == "state_lock_alive"'
    [ -e "$lock_json" ]
}

@test "the command finds the stages beside cluster-lock first" {
    lock apply -- "printf '%s' \"\$PATH\" >'$dir/path'; cat"
    [ "$(cut -d: -f1 "$dir/path")" = "$CLUSTER_BIN" ]
}

@test "wrong usage is 64 and touches nothing" {
    for words in '' 'apply' 'release' 'release a b' 'release --stale a' 'apply --stale -- cat' \
        'apply --lock-timeout x -- cat' 'apply --take-over-stale -1 -- cat' 'Apply! -- cat' \
        'apply --unknown -- cat' 'apply -- cat cat'; do
        # shellcheck disable=SC2086
        lock $words
        [ "$status" -eq 64 ]
        [ -z "$output" ]
    done
    [ ! -e "$dir/__cluster" ]
    run cluster-lock --help
    [ "$status" -eq 0 ]
}

@test "a store that is full or read-only gives a clear error and leaves nothing" {
    on_disk_only 'a full disk'
    [ "$(id -u)" -eq 0 ] || skip "needs root to mount"
    mkdir "$dir/small"
    mount -t tmpfs -o size=64k tmpfs "$dir/small" 2>/dev/null || skip "cannot mount here"
    dir=$dir/small
    document >"$BATS_TEST_TMPDIR/small.doc"
    mkdir "$dir/__cluster"
    dd if=/dev/zero of="$dir/ballast" bs=4096 2>/dev/null || true
    run --separate-stderr cluster-lock apply -- cat <"$BATS_TEST_TMPDIR/small.doc"
    full_status=$status full=$output left=$(ls -A "$dir/__cluster")
    rm "$dir/ballast"
    mount -o remount,ro "$dir"
    run --separate-stderr cluster-lock apply -- cat <"$BATS_TEST_TMPDIR/small.doc"
    umount "$dir"
    [ "$status" -eq 1 ]
    json_holds '.halt and .diagnostics[0].code == "state_lock_write_error"'
    output=$full
    [ "$full_status" -eq 1 ]
    json_holds '.halt and .diagnostics[0].code == "state_lock_write_error"'
    [ "$left" = .lock ]
}

@test "a document that cannot be passed on is exit 1, and the lock is free" {
    [ -w /dev/full ] || skip "no /dev/full here"
    run sh -c "cluster-lock apply -- cat <'$dir/doc' >/dev/full"
    [ "$status" -eq 1 ]
    [ -n "$output" ]
    [ ! -e "$lock_json" ]
}
