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
    [ "$(sqlite3 "$(graph_db g)" 'PRAGMA integrity_check; PRAGMA foreign_key_check')" = ok ]
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
    CLUSTER_FAILPOINTS=$AFTER_COMMIT=crash \
        run cluster-graph apply g <<<'node Person { name: String @key size: I32? }'
    [ "$status" -eq 137 ]
    run cluster-graph describe g
    json_holds '.manifest_version == 3'
    [ "$(cluster-graph export g)" = '{"type":"Person","data":{"name":"old"}}' ]
    whole
}

@test "what_a_killed_writer_committed_survives_the_loss_of_the_shm_file" {
    on_disk_only "a database's own files"
    CLUSTER_FAILPOINTS=$AFTER_COMMIT=crash \
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
    kill -KILL "$(pid_of "$loader")"
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

@test "a_write_that_the_disk_refuses_leaves_the_old_version" {
    seq 30000 | sed 's/.*/{"type":"Person","data":{"name":"p&"}}/' >data
    (
        trap '' XFSZ # a full disk is an error, not a signal
        ulimit -f 400
        run cluster-graph load g --mode append --data data
        [ "$status" -eq 1 ] || [ "$status" -eq 5 ]
    )
    run cluster-graph describe g
    json_holds '.manifest_version == 2'
    [ "$(cluster-graph export g)" = '{"type":"Person","data":{"age":1,"name":"old"}}' ]
    whole
    run cluster-graph load g --mode append --data data
    [ "$status" -eq 0 ]
}

@test "init_that_the_disk_refuses_leaves_no_root" {
    (
        trap '' XFSZ
        ulimit -f 8
        run cluster-graph init h <people.pg
        [ "$status" -eq 1 ]
    )
    [ ! -e h ]
    run cluster-graph init h <people.pg
    [ "$status" -eq 0 ]
}

@test "of_loads_at_once_each_is_whole_and_one_after_the_other" {
    on_disk_only "the writers of a database wait for each other (graph_conflict: tests/s3/graph.bats)"
    for i in 1 2 3 4; do
        seq 2000 | sed "s/.*/{\"type\":\"Person\",\"data\":{\"name\":\"$i-&\"}}/" >data$i
        cluster-graph load g --mode append --data data$i >out$i &
    done
    for _ in 1 2 3 4; do wait -n; done
    [ "$(cat out? | jq .manifest_version | sort | tr '\n' ' ')" = '3 4 5 6 ' ]
    [ "$(cluster-graph export g | wc -l)" -eq 8001 ]
    whole
}

@test "a_reader_of_a_large_export_sees_one_version_only" {
    seq 3000 | sed 's/.*/{"type":"Person","data":{"name":"p&","age":1}}/' | cluster-graph load g --mode append
    mkfifo pipe
    cluster-graph export g >pipe &
    exec 8<pipe
    IFS= read -r first <&8
    seq 3000 | sed 's/.*/{"type":"Person","data":{"name":"p&","age":2}}/' | cluster-graph load g --mode merge
    { printf '%s\n' "$first"; cat <&8; } >seen
    wait
    exec 8<&-
    [ "$(grep -c '"age":1' seen)" -eq 3001 ]
}
