#!/usr/bin/env bats
# A graph in a bucket after a writer was killed, or cleaned up under: the old version or the new one, whole.

load graph

setup() {
    bucket_setup
    made
}

@test "a_writer_killed_before_the_swap_leaves_the_old_version_and_cleanup_removes_its_snapshot" {
    CLUSTER_FAILPOINTS=cluster_graph.before_manifest_swap=crash \
        run cluster-graph load "$G" --mode append <<<"$(person lost)"
    status_is 137
    graph_is 2 'old '
    [ "$(snapshots | wc -l)" -eq 3 ]
    run --separate-stderr cluster-graph cleanup "$G" --older-than 0m
    json_holds '.snapshots == 2'
    [ "$(snapshots | wc -l)" -eq 3 ]
    run cluster-graph cleanup "$G" --older-than 0m --confirm
    json_holds '.snapshots == 2 and .removed == []'
    [ "$(snapshots)" = "snapshots/$(objects get "$G" manifest.json | jq -r .snapshot).db" ]
    rm -r "$CACHE"
    graph_is 2 'old '
    person new | cluster-graph load "$G" --mode append
    graph_is 3 'new old '
}

@test "a_writer_killed_before_its_upload_leaves_the_old_version" {
    for point in before_commit after_commit; do
        CLUSTER_FAILPOINTS=cluster_graph.$point=crash run cluster-graph load "$G" --mode append <<<"$(person lost)"
        status_is 137
        graph_is 2 'old '
    done
    [ "$(snapshots | wc -l)" -eq 2 ]
}

@test "a_writer_killed_after_the_swap_leaves_the_new_version" {
    CLUSTER_FAILPOINTS=cluster_graph.after_manifest_swap=crash \
        run cluster-graph apply "$G" <<<'node Person { name: String @key }'
    status_is 137
    graph_is 3 'old '
    [ "$(cluster-graph dropped "$G" --json | wc -l)" -eq 2 ]
}

@test "an_init_killed_before_the_swap_leaves_no_graph_and_can_be_repeated" {
    G=${G}2
    CLUSTER_FAILPOINTS=cluster_graph.before_manifest_swap=crash run cluster-graph init "$G" <people.pg
    status_is 137
    [ "$(snapshots | wc -l)" -eq 1 ]
    run cluster-graph describe "$G"
    status_is 3
    run cluster-graph init "$G" <people.pg
    status_is 0
    graph_is 1 ''
    cluster-graph cleanup "$G" --older-than 0m --confirm
    [ "$(snapshots | wc -l)" -eq 1 ]
}

@test "errors_at_every_step_before_the_swap_move_nothing" {
    for point in before_commit after_commit before_manifest_swap; do
        CLUSTER_FAILPOINTS=cluster_graph.$point=error run cluster-graph load "$G" --mode append <<<"$(person lost)"
        status_is 1
        graph_is 2 'old '
        [ "$(snapshots | wc -l)" -eq 2 ]
    done
    CLUSTER_FAILPOINTS=cluster_graph.after_manifest_swap=error \
        run cluster-graph load "$G" --mode append <<<"$(person new)"
    status_is 5
    graph_is 3 'new old '
}

@test "who_loses_against_the_same_change_in_the_same_moment_leaves_the_winners_snapshot" {
    person new >new.jsonl
    export CLUSTER_TEST_CLOCK=1795456000000
    CLUSTER_FAILPOINTS="cluster_graph.before_manifest_swap=exec:XDG_CACHE_HOME=$PWD/other cluster-graph load $G --mode append --data new.jsonl" \
        run cluster-graph load "$G" --mode append --data new.jsonl
    status_is 1
    [[ $output = *graph_conflict* ]]
    rm -r "$CACHE"
    graph_is 3 'new old '
}

@test "cleanup_never_removes_what_a_writer_is_about_to_commit" {
    # The writer has uploaded; the cleanup takes that for garbage; then the writer must not win.
    CLUSTER_FAILPOINTS="cluster_graph.before_manifest_swap=exec:cluster-graph cleanup $G --older-than 0m --confirm" \
        run cluster-graph load "$G" --mode append <<<"$(person late)"
    status_is 1
    [[ $output = *graph_conflict* ]]
    rm -r "$CACHE"
    graph_is 2 'old '
    [ "$(snapshots | wc -l)" -eq 1 ]
}

@test "cleanup_gives_space_back_in_the_snapshot" {
    seq 2000 | sed 's/.*/{"type":"Person","data":{"name":"a-name-of-some-length-&"}}/' |
        cluster-graph load "$G" --mode append
    cluster-graph apply "$G" <<<'node Animal { name: String @key }'
    run cluster-graph cleanup "$G" --older-than 0m --confirm
    json_holds '.reclaimed > 50000 and .snapshots == 4'
    name=$(snapshots)
    [ "$(objects get "$G" "$name" | wc -c)" -lt 60000 ]
    # What was dropped is in no object any more.
    ! objects get "$G" "$name" | grep -q a-name-of-some-length
}

@test "a_graph_whose_root_is_removed_meanwhile_does_not_come_back" {
    cat >remove.sh <<EOF
objects list $G | while read -r name; do objects delete $G "\$name"; done
EOF
    CLUSTER_FAILPOINTS="cluster_graph.before_manifest_swap=exec:sh remove.sh" \
        run cluster-graph load "$G" --mode append <<<"$(person late)"
    status_is 1
    run cluster-graph describe "$G"
    status_is 3
}
