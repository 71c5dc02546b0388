#!/usr/bin/env bats
# A writer killed at any point leaves the old version or the new one, whole.

load helper

setup() {
    cd "$(scratch)"
    echo 'node Person { name: String @key age: I32? } edge Knows: Person -> Person' >people.pg
    cluster-graph init g <people.pg >/dev/null
    echo '{"type":"Person","data":{"name":"old","age":1}}' | cluster-graph load g --mode append >/dev/null
}

whole() {
    [ "$(sqlite3 g/graph.db 'PRAGMA integrity_check; PRAGMA foreign_key_check')" = ok ]
}

@test "apply_killed_before_the_commit_leaves_the_old_version" {
    CLUSTER_FAILPOINTS=cluster_graph.before_commit=crash \
        run cluster-graph apply g <<<'node Person { name: String @key size: I32? }'
    [ "$status" -eq 137 ]
    run cluster-graph describe g
    json_holds '.manifest_version == 2'
    [ "$(cluster-graph export g)" = '{"type":"Person","data":{"age":1,"name":"old"}}' ]
    [ -z "$(cluster-graph dropped g --json)" ]
    whole
}

@test "apply_killed_after_the_commit_leaves_the_new_version" {
    CLUSTER_FAILPOINTS=cluster_graph.after_commit=crash \
        run cluster-graph apply g <<<'node Person { name: String @key size: I32? }'
    [ "$status" -eq 137 ]
    run cluster-graph describe g
    json_holds '.manifest_version == 3'
    [ "$(cluster-graph export g)" = '{"type":"Person","data":{"name":"old"}}' ]
    whole
}

@test "what_a_killed_writer_committed_survives_the_loss_of_the_shm_file" {
    CLUSTER_FAILPOINTS=cluster_graph.after_commit=crash \
        run cluster-graph apply g <<<'node Person { name: String @key size: I32? }'
    rm g/graph.db-shm
    run cluster-graph describe g
    json_holds '.manifest_version == 3'
}

@test "load_killed_before_the_commit_leaves_nothing_of_it" {
    seq 5000 | sed 's/.*/{"type":"Person","data":{"name":"p&"}}/' >data
    CLUSTER_FAILPOINTS=cluster_graph.before_commit=crash run cluster-graph load g --mode overwrite <data
    [ "$status" -eq 137 ]
    [ "$(cluster-graph export g)" = '{"type":"Person","data":{"age":1,"name":"old"}}' ]
    whole
    run cluster-graph load g --mode overwrite <data
    [ "$status" -eq 0 ]
    [ "$(cluster-graph export g | wc -l)" -eq 5000 ]
}

@test "load_killed_while_it_reads_leaves_nothing_of_it" {
    mkfifo pipe
    cluster-graph load g --mode append <pipe &
    loader=$!
    exec 9>pipe
    seq 20000 | sed 's/.*/{"type":"Person","data":{"name":"p&"}}/' >&9
    kill -KILL "$loader"
    wait "$loader" || true
    exec 9>&-
    run cluster-graph describe g
    json_holds '.manifest_version == 2'
    [ "$(cluster-graph export g | wc -l)" -eq 1 ]
    whole
}

@test "restore_and_cleanup_killed_leave_the_old_version" {
    cluster-graph apply g <<<'node Person { name: String @key }' >/dev/null
    for call in 'restore g Person.age' 'cleanup g --older-than 0m --confirm'; do
        # shellcheck disable=SC2086
        CLUSTER_FAILPOINTS=cluster_graph.before_commit=crash run cluster-graph $call
        [ "$status" -eq 137 ]
        run cluster-graph describe g
        json_holds '.manifest_version == 3'
        whole
    done
    cluster-graph restore g Person.age
    [ "$(cluster-graph export g)" = '{"type":"Person","data":{"age":1,"name":"old"}}' ]
}
