#!/usr/bin/env bats
# Many commands on one cluster at the same time, with the lock and without, and a lock that is taken
# away from under a running command. What single stages do about it is in lock.bats and exec.bats.

# Each @test is a subshell of its own, on purpose.
# shellcheck disable=SC2030,SC2031

load helper

# Twenty directories of configuration over one store, each wanting another text of the same query.
MANY=20

setup() {
    cd "$(scratch)" || return 1
    store=$PWD/store
    mkdir "$store"
    for i in $(seq "$MANY"); do
        mkdir "$i"
        echo 'node N { name: String @key }' >"$i/n.pg"
        echo "query find(\$name: String) { match { \$n: N { name: \$name } } return { \$n.name } } // $i" >"$i/find.gq"
        configure "$i"
    done
}

# configure DIR [MORE YAML]
configure() {
    printf 'version: 1\nstorage: %s\ngraphs:\n  n: { schema: n.pg, queries: find.gq }\n%s\n' \
        "$store" "${2-}" >"$1/cluster.yaml"
}

begin() {
    cluster import --config 1 >/dev/null
    cluster apply --config 1 >/dev/null
    base=$(revision)
}

revision() { jq .state_revision "$store/__cluster/state.json"; }
recorded() { jq -r ".applied_revision.resources[\"$1\"].digest" "$store/__cluster/state.json"; }

# all_apply [OPTION]...: from every directory at once. Reports in N/report, statuses in N/status.
all_apply() {
    local i pids=
    for i in $(seq "$MANY"); do
        {
            code=0
            cluster apply --json --config "$i" "$@" >"$i/report" 2>"$i/stderr" || code=$?
            echo "$code" >"$i/status"
        } 3>&- &
        pids="$pids $!"
    done
    # shellcheck disable=SC2086
    wait $pids
}

# reports FILTER: the array of all reports through it, which must be true
reports() {
    jq -se "$1" ./*/report >/dev/null || { jq -c . ./*/report >&2; false; }
}

# Reads the ledger for as long as the file `reading` is there; a torn one ends it with an error.
read_all_the_time() {
    local place
    place=$(stored_at "$store")
    while [ -e reading ]; do
        cluster-store cat "$place" __cluster/state.json |
            jq -e '.version == 1 and (.applied_revision.resources | type) == "object"' >/dev/null || return 1
    done
}

# Every ledger was written by one winner, and by none twice.
one_winner_a_revision() {
    reports "[.[] | select(.state_written)] | length == $(($(revision) - base))"
    reports '[.[] | select(.state_written) | .state_observations.state_cas] | length == (unique | length)'
    reports '[.[] | select(.state_written) | .state_observations.state_revision] | length == (unique | length)'
}

nothing_is_left() {
    [ ! -e "$store/__cluster/lock.json" ]
    [ -z "$(ls -A "$store/__cluster/recoveries" 2>/dev/null)" ]
    run -0 cluster status --config 1 --json
    json_holds '.diagnostics == []'
}

@test "twenty applies at once that wait: each gets its turn, each turn is one ledger write" {
    begin
    all_apply --lock-timeout 120
    [ "$(cat ./*/status | sort -u)" = 0 ]
    one_winner_a_revision
    # The first directory's text was there; all others differ from whatever went before them.
    reports '[.[] | select(.state_written)] | length >= 19'
    reports 'all(.[]; .ok and .converged)'
    nothing_is_left
}

@test "twenty applies at once that do not wait: some get the lock, the others are told 75" {
    begin
    all_apply
    run -1 grep -hvx -e 0 -e 75 ./*/status
    grep -qx 0 ./*/status
    reports 'all(.[]; .ok or [.diagnostics[].code] == ["state_lock_held"])'
    one_winner_a_revision
    nothing_is_left
    run -0 cluster apply --config 7 --json
    json_holds .converged
}

@test "twenty creates of the same graphs at once that wait: made once" {
    cluster import --config 1 >/dev/null
    for i in $(seq 2 "$MANY"); do
        cp 1/find.gq "$i"
    done
    base=$(revision)
    all_apply --lock-timeout 120
    [ "$(cat ./*/status | sort -u)" = 0 ]
    reports '[.[] | select(.state_written)] | length == 1'
    [ "$(cluster-graph describe store/graphs/n.omni | jq .manifest_version)" -eq 1 ]
    nothing_is_left
}

@test "twenty applies at once without a lock: never two winners of one CAS, never a torn ledger" {
    begin
    for i in $(seq "$MANY"); do
        configure "$i" 'state: { lock: false }'
    done
    : >reading
    read_all_the_time 3>&- &
    reader=$!
    all_apply
    rm reading
    wait "$reader"
    one_winner_a_revision
    reports 'any(.[]; .state_written)'
    reports 'all(.[]; .ok or ([.diagnostics[] | select(.severity == "error") | .code] == ["state_cas_mismatch"]))'
    # The ledger is that of the last winner, whole: its text is in the catalog under its digest.
    digest=$(recorded query.n.find)
    [ "$(sha256sum <"$store/__cluster/resources/query/n/find/$digest.gq" | cut -c 1-64)" = "$digest" ]
    run -0 cluster apply --config 7 --json
    json_holds .converged
    nothing_is_left
}

@test "creates at once without a lock: one graph, and one apply more converges" {
    cluster import --config 1 >/dev/null
    base=$(revision)
    for i in $(seq "$MANY"); do
        configure "$i" 'state: { lock: false }'
    done
    all_apply
    one_winner_a_revision
    run -0 cluster apply --config 7 --json
    json_holds .converged
    [ "$(cluster-graph describe store/graphs/n.omni | jq .manifest_version)" -eq 1 ]
    [ "$(recorded schema.n)" = "$(sha256sum <7/n.pg | cut -c 1-64)" ]
    nothing_is_left
}

# The lock is released by somebody else's command while an apply stands at a failpoint.
unlock_at() {
    # Expanded when the failpoint is reached, not here.
    # shellcheck disable=SC2016
    local unlock='cluster force-unlock --config 1 $(jq -r .lock_id store/__cluster/lock.json)'
    CLUSTER_FAILPOINTS="$1=exec:$unlock >unlocked" run -1 --separate-stderr cluster apply --config 2 --json
    [ -s unlocked ]
    json_holds '[.diagnostics[].code] | index("state_lock_lost")'
    json_holds '(.state_written | not) and .applied_count == 0 and (.converged | not)'
}

@test "force-unlock under a running apply stops it before its next operation on a graph" {
    cluster import --config 1 >/dev/null
    before=$(sha256sum <store/__cluster/state.json)
    unlock_at cluster_apply.before_graph_create
    [ ! -e store/graphs/n.omni ]
    [ "$before" = "$(sha256sum <store/__cluster/state.json)" ]

    run -0 cluster apply --config 1 --json
    echo 'node N { name: String @key more: String? }' >2/n.pg
    unlock_at cluster_apply.before_schema_apply
    [ "$(cluster-graph describe store/graphs/n.omni | jq .manifest_version)" -eq 1 ]

    printf 'version: 1\nstorage: %s\n' "$store" >2/cluster.yaml
    cluster approve graph.n --config 2 --as ann >/dev/null
    unlock_at cluster_apply.before_graph_delete
    [ -e "$(graph_file store/graphs/n.omni)" ]
    run -0 cluster apply --config 1 --json
    json_holds .converged
    nothing_is_left
}

@test "force-unlock under a running apply stops it before the ledger write" {
    begin
    before=$(sha256sum <store/__cluster/state.json)
    unlock_at cluster_apply.before_state_write
    [ "$before" = "$(sha256sum <store/__cluster/state.json)" ]
    echo 'node N { name: String @key more: String? }' >2/n.pg
    unlock_at cluster_apply.after_schema_apply
    [ "$before" = "$(sha256sum <store/__cluster/state.json)" ]
    # What it had already done to the graph is found, and nothing is done twice.
    run -0 cluster apply --config 2 --json
    json_holds '.converged and ([.diagnostics[].code] | index("cluster_recovery_rolled_forward"))'
    [ "$(cluster-graph describe store/graphs/n.omni | jq .manifest_version)" -eq 2 ]
    nothing_is_left
}
