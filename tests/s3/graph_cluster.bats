#!/usr/bin/env bats
# A cluster whose store is a bucket: its graphs are made, changed, observed, recovered and deleted there.

load graph

setup() {
    bucket_setup
    STORE=${G%/g}
    G=$STORE/graphs/people.omni
    mkdir c
    cat >c/cluster.yaml <<EOF
version: 1
storage: $STORE
graphs:
  people:
    schema: people.pg
EOF
    cp people.pg c/
    export CLUSTER_ACTOR=ann
    cluster import --config c >/dev/null
}

applied() {
    cluster apply --config c >/dev/null
}

@test "apply_makes_and_migrates_a_graph_and_then_has_nothing_to_do" {
    run cluster apply --config c --json
    status_is 0
    json_holds '.converged'
    graph_is 1 ''
    [ "$(cluster-graph log "$G" --json | jq -r .actor)" = ann ]
    person a | cluster-graph load "$G" --mode append
    echo 'node Person { name: String @key age: I32? size: I32? } edge Knows: Person -> Person' >c/people.pg
    applied
    graph_is 3 'a '
    run cluster plan --config c --detailed-exitcode
    status_is 0
    run cluster refresh --config c
    status_is 0
}

@test "an_unsupported_migration_is_refused_and_nothing_moves" {
    applied
    echo 'node Person { name: String @key age: String? } edge Knows: Person -> Person' >c/people.pg
    run cluster apply --config c
    status_is 1
    graph_is 1 ''
    [ -z "$(objects list "$STORE" __cluster/recoveries/)" ]
}

@test "a_create_that_died_before_the_swap_is_made_by_the_next_apply" {
    CLUSTER_FAILPOINTS=cluster_graph.before_manifest_swap=crash run cluster apply --config c
    status_is 1
    [ -n "$(snapshots)" ]
    run cluster apply --config c --json
    status_is 0
    json_holds '.converged'
    graph_is 1 ''
}

@test "a_migration_that_died_on_either_side_of_the_swap_is_settled_by_the_next_apply" {
    applied
    for point in before_manifest_swap after_manifest_swap; do
        echo "node Person { name: String @key age: I32? $point: I32? } edge Knows: Person -> Person" >c/people.pg
        CLUSTER_FAILPOINTS=cluster_graph.$point=crash run cluster apply --config c
        status_is 1
        run cluster apply --config c --json
        status_is 0
        json_holds '.converged'
    done
    graph_is 3 ''
    run cluster plan --config c --detailed-exitcode
    status_is 0
}

@test "an_approved_delete_removes_all_of_a_graph" {
    applied
    person a | cluster-graph load "$G" --mode append
    cat >c/cluster.yaml <<EOF
version: 1
storage: $STORE
graphs: {}
EOF
    run cluster apply --config c
    [ -n "$(objects list "$G")" ]
    cluster approve graph.people --config c
    run cluster apply --config c
    status_is 0
    [ -z "$(objects list "$G")" ]
    run cluster-graph describe "$G"
    status_is 3
}

# Everything that a holder can miss while it sleeps between its last look at the lock and its delete.
@test "a_delete_that_slept_while_the_graph_was_made_anew_leaves_the_new_one" {
    applied
    person old | cluster-graph load "$G" --mode append
    cp c/cluster.yaml with.yaml
    printf 'version: 1\nstorage: %s\ngraphs: {}\n' "$STORE" >c/cluster.yaml
    cluster approve graph.people --config c
    person new >new
    cat >meanwhile <<EOF
set -eu
cluster force-unlock "\$(cluster-store cat $STORE __cluster/lock.json | jq -r .lock_id)" --config c
cluster apply --config c
cp with.yaml c/cluster.yaml
cluster apply --config c
cluster-graph load $G --mode append --data new
EOF
    CLUSTER_FAILPOINTS='cluster_apply.before_root_removal=exec:sh meanwhile >meanwhile.log 2>&1 || echo failed >>meanwhile.log' \
        run cluster apply --config c --json
    status_is 1
    cat meanwhile.log
    run ! grep -qx failed meanwhile.log
    graph_is 2 'new '
    run cluster plan --config c --detailed-exitcode
    status_is 0
}

@test "a_delete_takes_no_commit_that_came_after_it_looked" {
    applied
    printf 'version: 1\nstorage: %s\ngraphs: {}\n' "$STORE" >c/cluster.yaml
    cluster approve graph.people --config c
    person late >late
    CLUSTER_FAILPOINTS="cluster_apply.before_root_removal=exec:cluster-graph load $G --mode append --data late" \
        run cluster apply --config c --json
    status_is 1
    json_holds '[.diagnostics[].code] | index("graph_delete_failed")'
    graph_is 2 'late '
    run cluster apply --config c --json
    status_is 0
    json_holds '.converged'
    [ -z "$(objects list "$G")" ]
}
