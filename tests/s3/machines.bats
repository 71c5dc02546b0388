#!/usr/bin/env bats
# Many machines on one bucket: each has its own copy of the configuration, none sees another's
# processes. And what a lost answer does to a whole run, through the fault proxy.

load ../pipeline/helper
load ../pipeline/fake
load bucket

teardown() {
    [ -z "${proxy_pid-}" ] || kill "$proxy_pid" 2>/dev/null || true
}

# N directories with the same configuration and storage: machine 1, machine 2, …
machines() {
    fake_cluster
    in_bucket
    import >/dev/null
    for n in $(seq "$1"); do
        mkdir "machine$n"
        cp -r cluster.yaml ./*.pg ./*.yaml queries "machine$n"
    done
}

@test "eight machines apply at once: one holds the lock at a time, all finish, nothing is done twice" {
    machines 8
    pids=
    for n in $(seq 8); do
        (cd "machine$n" && cluster apply --lock-timeout 120 --json --as "m$n" >"../report$n" 3>&-) &
        pids="$pids $!"
    done
    for pid in $pids; do wait "$pid"; done
    jq -se 'length == 8 and all(.ok and .converged)' report*
    # One found everything to do, the others nothing.
    jq -se '[.[] | select(.state_written)] | length == 1' report*
    jq -se 'map(.applied_count) | add == 8' report*
    [ "$(grep -c '^init a' "$FAKE_LOG")" = 1 ]
    [ "$(grep -c '^init b' "$FAKE_LOG")" = 1 ]
    store_cat __cluster/state.json | jq -e '.state_revision == 2'
    run ! grep -e lock -e recoveries <(store_ls __cluster/)
}

@test "eight machines without the lock: one compare-and-swap winner per revision, nothing lost" {
    machines 8
    cluster apply >/dev/null
    for n in $(seq 8); do
        printf 'state: { lock: false }\n' >>"machine$n/cluster.yaml"
        # Each adds a policy, and keeps those of the others out of its way by having them all.
        printf '# %s\n' "$n" >>"machine$n/q.yaml"
    done
    pids=
    for n in $(seq 8); do
        (cd "machine$n" && { cluster apply --json --as "m$n" >"../report$n" 3>&- || true; }) &
        pids="$pids $!"
    done
    for pid in $pids; do wait "$pid"; done
    winners=$(jq -s '[.[] | select(.state_written)] | length' report*)
    [ "$winners" -ge 1 ]
    # The ledger moved once for each winner, and every other one says why it did not write.
    store_cat __cluster/state.json | jq -e ".state_revision == 2 + $winners"
    jq -se 'all(.state_written or ([.diagnostics[].code] | index("state_cas_mismatch")))' report*
    digest=$(store_cat __cluster/state.json | jq -r '.applied_revision.resources["policy.q"].digest')
    store_cat "__cluster/resources/policy/q/$digest.yaml" | sha256sum | grep -q "^$digest"
    jq -se "[.[] | select(.state_written) | .changes[] | select(.resource == \"policy.q\") | .after_digest] | index(\"$digest\")" report*
}

# The proxy between the programs and the server, with rules.
through_proxy() {
    : >rules
    mkfifo port
    "$CLUSTER_TEST_PROXY" "${AWS_ENDPOINT_URL_S3##*:}" rules proxy.log >port 3>&- &
    proxy_pid=$!
    read -r number <port
    export AWS_ENDPOINT_URL_S3=http://127.0.0.1:$number
}

@test "the answers to the lock's create and to the ledger's swap are lost: the run knows that it won" {
    fake_cluster
    in_bucket
    through_proxy
    import >/dev/null
    printf 'PUT lock.json 1 drop-after\nPUT state.json 1 pass-then-500\n' >rules
    run -0 cluster apply --json --as ann
    json_holds '.ok and .converged and .state_written and .diagnostics == []'
    grep -q 'lock.json 200 drop-after' proxy.log
    grep -q 'state.json .* pass-then-500' proxy.log
    : >rules
    store_cat __cluster/state.json | jq -e '.state_revision == 2'
    run ! grep -e lock -e recoveries <(store_ls __cluster/)
}

@test "a server that ignores If-None-Match is refused before anything is written" {
    fake_cluster
    in_bucket
    through_proxy
    echo 'PUT * * ignore-conditions' >rules
    run -1 cluster import --json
    json_holds '[.diagnostics[].code] == ["storage_conditional_writes_unsupported"]'
    : >rules
    [ -z "$(store_ls '')" ]
}

@test "no secret is in a message, a report or a trace, and the trace tells of every request" {
    fake_cluster
    in_bucket
    through_proxy
    export AWS_SESSION_TOKEN=
    CLUSTER_TRACE=1 cluster import >out 2>err
    [ "$(grep -c '^trace: ' err)" = "$(wc -l <proxy.log)" ]
    grep -qE '^trace: (GET|PUT) [^ ]*__cluster/state.json [0-9]+ [0-9]+ ms attempt 1$' err
    AWS_SECRET_ACCESS_KEY=wrong-and-secret CLUSTER_TRACE=1 run -1 --separate-stderr cluster status --json
    printf '%s\n%s\n' "$output" "$stderr" >>err
    ! grep -qF -e "$AWS_SECRET_ACCESS_KEY" -e wrong-and-secret -e Signature= out err
}

@test "a no-op plan needs a handful of requests, whatever the number of resources" {
    fake_cluster
    for n in $(seq 200); do
        printf 'query q%s($n: String) { match { $p: N { name: $n } } return { $p.name } }\n' "$n"
    done >queries/many.gq
    in_bucket
    import >/dev/null
    apply >/dev/null
    through_proxy
    run -0 cluster plan --json
    json_holds '.changes == [] and .ok'
    [ "$(wc -l <proxy.log)" -le 6 ]
}

@test "snapshot --store needs no configuration, and shows what a disk shows" {
    fake_cluster
    cp -r . ../disk
    in_bucket
    import >/dev/null && apply >/dev/null
    (cd ../disk && import >/dev/null && apply >/dev/null && cluster snapshot >snapshot)
    mkdir empty
    (cd empty && cluster snapshot --store "$STORE") >snapshot
    same='del(.state_cas, .state_revision, .config_digest, .store, .storage_root, .root) | walk(if type == "string" then sub("^(s3://.*|/.*)/graphs/"; "graphs/") else . end)'
    diff <(jq -S "$same" snapshot) <(jq -S "$same" ../disk/snapshot)
    rm -rf ../disk
}
