#!/usr/bin/env bats
# cluster-graph as a graph driver: init, describe, plan, apply, and their exit statuses.

load helper

setup() {
    cd "$(scratch)"
    cat >people.pg <<'PG'
node Person {
    name: String @key
    age: I32?
}
edge Knows: Person -> Person
PG
}

# Fails unless the last `run` ended with this status, and showed it.
status_is() {
    [ "$status" -eq "$1" ] || {
        printf 'status %s, expected %s: %s\n' "$status" "$1" "$output" >&2
        return 1
    }
}

made() {
    cluster-graph init g <people.pg >/dev/null
}

@test "init_makes_version_1_with_the_digest_of_the_source" {
    run cluster-graph init g --actor ann <people.pg
    status_is 0
    json_holds ".manifest_version == 1 and .schema_digest == \"$(sha256sum <people.pg | cut -d' ' -f1)\""
}

@test "init_makes_the_parents_of_the_root" {
    run cluster-graph init a/b/c <people.pg
    status_is 0
    run cluster-graph describe a/b/c
    status_is 0
}

@test "init_takes_an_empty_directory" {
    mkdir g
    run cluster-graph init g/ <people.pg
    status_is 0
}

@test "init_refuses_a_root_that_is_not_empty_and_leaves_it_alone" {
    mkdir g && touch g/mine
    run cluster-graph init g <people.pg
    status_is 1
    [ "$(ls -A g)" = mine ]
}

@test "init_takes_an_empty_directory_behind_a_link_and_names_no_dots" {
    on_disk_only 'a link to a folder, and the folder that one is in'
    mkdir -p disk/empty store
    ln -s ../disk/empty store/g
    cluster-graph init store/g <people.pg
    [ -L store/g ]
    [ -f disk/empty/graph.db ]
    [ -z "$(find . -name '.tmp.*')" ]
    cluster-graph describe store/g
    mkdir here
    cd here
    run cluster-graph init . <../people.pg
    status_is 1
    [[ $output == *outside* ]]
    [ -d ../here ] && [ -z "$(ls -A)" ]
}

@test "init_refuses_a_root_that_is_a_file" {
    on_disk_only 'a file stands where a folder belongs'
    touch file
    run cluster-graph init file <people.pg
    status_is 1
}

@test "init_refuses_a_graph_that_is_there" {
    made
    run cluster-graph init g <people.pg
    status_is 1
    run cluster-graph describe g
    json_holds '.manifest_version == 1'
}

@test "init_of_a_broken_schema_leaves_nothing" {
    run cluster-graph init g <<<'node person {'
    status_is 1
    [ ! -e g ]
    [ -z "$(ls -A | grep -v people.pg)" ]
}

@test "init_where_nothing_can_be_made_fails" {
    on_disk_only 'a file stands where a folder belongs'
    touch file
    run cluster-graph init file/g <people.pg
    status_is 1
    run cluster-graph init /proc/nowhere/g <people.pg
    status_is 1
}

@test "init_killed_before_the_end_leaves_no_root" {
    CLUSTER_FAILPOINTS=$BEFORE_INIT=crash run cluster-graph init g <people.pg
    status_is 137
    run cluster-graph describe g
    status_is 3
    made
}

@test "init_failing_before_the_end_leaves_no_trace" {
    for point in cluster_graph.before_commit $BEFORE_INIT; do
        CLUSTER_FAILPOINTS=$point=error run cluster-graph init g <people.pg
        status_is 1
        [ "$(ls -A)" = people.pg ]
    done
}

@test "init_overtaken_by_another_does_not_mix_with_it" {
    CLUSTER_FAILPOINTS="$BEFORE_INIT=exec:CLUSTER_FAILPOINTS= cluster-graph init g < people.pg > other" \
        run cluster-graph init g <people.pg
    status_is 1
    run cluster-graph describe g
    status_is 0
    [ "$(ls -A | sort | tr '\n' ' ')" = "g other people.pg " ]
}

@test "init_removes_what_a_dead_init_left_an_hour_ago" {
    on_disk_only 'temporaries beside the root'
    mkdir .tmp.graph-OLD .tmp.graph-NEW
    touch .tmp.graph-OLD/graph.db
    touch -d '2 hours ago' .tmp.graph-OLD
    made
    [ ! -e .tmp.graph-OLD ]
    [ -e .tmp.graph-NEW ]
}

@test "describe_gives_the_source_byte_for_byte" {
    printf '// no newline at the end\r\nnode A {}' >odd.pg
    cluster-graph init g <odd.pg >/dev/null
    run cluster-graph describe g
    status_is 0
    cluster-graph describe g | jq -j .schema | cmp - odd.pg
}

@test "where_there_is_no_graph_every_call_exits_3" {
    mkdir empty
    mkdir temporary && touch temporary/.tmp.x
    for root in missing empty temporary people.pg/x; do
        for call in describe plan apply export log dropped 'load --mode append' 'restore X' \
            'cleanup --older-than 0m --confirm'; do
            # shellcheck disable=SC2086
            run cluster-graph ${call%% *} "$root" ${call#"${call%% *}"} <people.pg
            status_is 3
        done
        [ ! -e missing ]
    done
    [ -z "$(ls -A empty)" ]
}

@test "a_root_that_cannot_be_opened_exits_4" {
    mkdir text other empty foreign
    echo 'no database' >text/graph.db
    touch empty/graph.db foreign/file
    sqlite3 other/graph.db 'CREATE TABLE t(x); PRAGMA application_id=5;'
    roots='text other empty foreign s3://bucket/graph'
    on_bucket || roots="$roots people.pg" # a file; no object is in the way of a folder
    for root in $roots; do
        for call in describe plan apply export log dropped 'load --mode append' 'restore X' \
            'cleanup --older-than 0m --confirm'; do
            # shellcheck disable=SC2086
            run cluster-graph ${call%% *} "$root" ${call#"${call%% *}"} <people.pg
            status_is 4
        done
    done
    [ "$(cat text/graph.db)" = 'no database' ]
    run cluster-graph init s3://bucket/graph <people.pg
    status_is 1
}

@test "a_newer_format_exits_4" {
    made
    harm g 'PRAGMA user_version=3'
    run cluster-graph describe g
    status_is 4
    [[ $output == *format* ]]
}

@test "a_damaged_header_exits_4" {
    made
    for version in -5 0 9223372036854775807 9007199254740992; do
        harm g "UPDATE graph SET manifest_version = $version"
        run cluster-graph describe g
        status_is 4
        run cluster-graph load g --mode append <<<'{"type":"Person","data":{}}'
        status_is 4
    done
    harm g "UPDATE graph SET manifest_version = 1"
    harm g "UPDATE graph SET schema_source = x'00'"
    run cluster-graph describe g
    status_is 4
    harm g 'DELETE FROM graph'
    run cluster-graph describe g
    status_is 4
    harm g 'DROP TABLE graph'
    run cluster-graph describe g
    status_is 4
}

@test "a_damaged_catalog_exits_4_where_it_is_needed" {
    made
    harm g "UPDATE properties SET name = 'ages' WHERE name = 'age'"
    run cluster-graph export g
    status_is 4
    harm g "DELETE FROM properties WHERE name = 'ages'"
    run cluster-graph export g
    status_is 4
    harm g "INSERT INTO types(kind, name, table_name) VALUES('node', 'X', 'x')"
    run cluster-graph export g
    status_is 4
    harm g "DELETE FROM types"
    run cluster-graph load g --mode append </dev/null
    status_is 4
}

@test "usage_errors_exit_64" {
    made
    for words in '' 'descibe g' 'query g' 'describe' 'describe g h' 'describe g --mode merge' 'load g' \
        'load g --mode upsert' 'export g --actor a' 'restore g' 'cleanup g' 'cleanup g --older-than 7' \
        'cleanup g --older-than 7w' 'cleanup g --older-than d' 'cleanup g --older-than 9999999d' \
        'describe g --nonsense' 'log g --confirm' 'init g --json' 'plan g --data x' 'plan g --type x' \
        'plan g --older-than 1d'; do
        # shellcheck disable=SC2086
        run cluster-graph $words <people.pg
        status_is 64
    done
    run cluster-graph describe ''
    status_is 64
    for actor in $'\xff' $'a\nb' "$(printf '%0201d' 1)"; do
        run cluster-graph apply g --actor "$actor" <people.pg
        status_is 64
    done
}

@test "help_lists_every_call_but_query" {
    run cluster-graph --help
    status_is 0
    for call in init describe plan apply load export log dropped restore cleanup; do
        [[ $output == *"  $call "* ]]
    done
    [[ $output != *query* ]]
    run cluster-graph --version
    status_is 0
}

@test "plan_only_says_what_apply_would_do" {
    made
    sed 's/age: I32?/size: I32? @index/' people.pg >new.pg
    run cluster-graph plan g <new.pg
    status_is 0
    json_holds '.supported and ([.steps[].kind] == ["add_property", "drop_property", "add_constraint"])'
    run cluster-graph describe g
    json_holds '.manifest_version == 1'
}

@test "an_unsupported_plan_exits_0_and_its_apply_1_and_nothing_moves" {
    made
    sed 's/I32/String/' people.pg >new.pg
    run cluster-graph plan g <new.pg
    status_is 0
    json_holds '.supported == false'
    run --separate-stderr cluster-graph apply g <new.pg
    status_is 1
    json_holds '.supported == false and .applied == false and .manifest_version == 1'
    [ "$(printf '%s\n' "$stderr" | wc -l)" -eq 1 ]
    run cluster-graph describe g
    json_holds '.manifest_version == 1'
}

@test "plan_and_apply_of_a_broken_schema_exit_1_with_one_line" {
    made
    for call in plan apply; do
        run --separate-stderr cluster-graph $call g <<<'node Person { name: Strng'
        status_is 1
        [ -z "$output" ]
        [ "$(printf '%s\n' "$stderr" | wc -l)" -eq 1 ]
    done
}

@test "apply_of_the_same_source_makes_no_commit" {
    made
    run cluster-graph apply g <people.pg
    status_is 0
    json_holds '.applied and .supported and .manifest_version == 1 and .steps == []'
}

@test "apply_of_another_comment_records_the_new_source" {
    made
    { echo '// more'; cat people.pg; } >new.pg
    run cluster-graph apply g --actor bo <new.pg
    status_is 0
    json_holds '.applied and .manifest_version == 2 and .steps == []'
    run cluster-graph describe g
    json_holds ".schema_digest == \"$(sha256sum <new.pg | cut -d' ' -f1)\""
    run cluster-graph log g --json
    [ "$(printf '%s\n' "$output" | tail -1 | jq -r .actor)" = bo ]
}

@test "every_write_is_a_line_of_the_log" {
    made
    sed 's/age/size/' people.pg | cluster-graph apply g --actor bo >/dev/null
    echo '{"type": "Person", "data": {"name": "x"}}' | cluster-graph load g --mode append --actor cy
    cluster-graph restore g node:Person.age --actor di
    sed 's/age/size/' people.pg | cluster-graph apply g >/dev/null
    cluster-graph cleanup g --older-than 0m --confirm --actor ed
    run cluster-graph log g --json
    status_is 0
    [ "$(jq -r '"\(.version) \(.operation) \(.actor) \(.nodes) \(.edges)"' <<<"$output")" = "1 init null 0 0
2 apply bo 0 0
3 load cy 1 0
4 restore di 0 0
5 apply null 0 0
6 cleanup ed 0 0" ]
    run cluster-graph log g
    status_is 0
    [ "${#lines[@]}" -eq 7 ]
}

# The files of a folder, their times and contents.
bytes_of() {
    ls -lAR --time-style=full-iso "$1" | grep -v shm
    find "$1" -type f ! -name '*-shm' -exec sha256sum '{}' +
}

@test "read_only_calls_create_no_file_and_change_no_byte" {
    made
    before=$(bytes_of g)
    for call in describe plan export log dropped 'cleanup --older-than 0m'; do
        # shellcheck disable=SC2086
        run cluster-graph ${call%% *} g ${call#"${call%% *}"} <people.pg
        status_is 0
        [ "$before" = "$(bytes_of g)" ]
    done
}

@test "a_copy_of_graph_db_alone_is_read_without_making_files" {
    on_disk_only "a database's own files"
    made
    mkdir copy && cp g/graph.db copy/
    run cluster-graph describe copy
    status_is 0
    [ "$(ls -A copy)" = graph.db ]
    run cluster-graph apply copy <<<'node Person { name: String @key }'
    status_is 0
}

@test "a_root_with_odd_characters_in_its_name_works" {
    on_disk_only "the URI of a bucket may hold no ? and #"
    root='g ?x=1&mode=memory#%41 "é'
    run cluster-graph init "$root" <people.pg
    status_is 0
    [ -e "$root/graph.db" ]
    run cluster-graph describe "$root"
    status_is 0
    mv "$root/graph.db-wal" w
    run cluster-graph describe "$root"
    status_is 0
}

@test "an_absolute_root_with_more_slashes_than_needed_works" {
    run cluster-graph init "//$PWD//g//" <people.pg
    status_is 0
    run cluster-graph describe "/$PWD/g"
    status_is 0
    run cluster-graph describe "$PWD/g/"
    status_is 0
}

@test "a_reader_sees_the_old_version_while_a_writer_has_not_committed" {
    made
    CLUSTER_FAILPOINTS="cluster_graph.before_commit=exec:CLUSTER_FAILPOINTS= cluster-graph describe g > seen" \
        run cluster-graph apply g <<<'node Person { name: String @key }'
    status_is 0
    jq -e '.manifest_version == 1' seen
    run cluster-graph describe g
    json_holds '.manifest_version == 2'
}

@test "a_second_writer_waits_5_seconds_and_then_fails_as_busy" {
    on_disk_only "the writers of a database wait for each other (graph_conflict: tests/s3/graph.bats)"
    made
    CLUSTER_FAILPOINTS="cluster_graph.before_commit=exec:CLUSTER_FAILPOINTS= cluster-graph load g --mode append < /dev/null > out 2>&1; echo \$? > status" \
        run cluster-graph apply g <<<'node Person { name: String @key }'
    status_is 0
    [ "$(cat status)" = 1 ]
}

@test "an_error_before_the_commit_exits_1_and_nothing_moved" {
    made
    CLUSTER_FAILPOINTS=cluster_graph.before_commit=error \
        run cluster-graph apply g <<<'node Person { name: String @key }'
    status_is 1
    run cluster-graph describe g
    json_holds '.manifest_version == 1'
}

@test "an_error_after_the_commit_exits_5" {
    made
    CLUSTER_FAILPOINTS=$AFTER_COMMIT=error \
        run cluster-graph apply g <<<'node Person { name: String @key }'
    status_is 5
    CLUSTER_FAILPOINTS=$AFTER_INIT=error run cluster-graph init h <people.pg
    status_is 5
    run cluster-graph describe h
    status_is 0
}

@test "an_answer_that_cannot_be_delivered_after_a_commit_exits_5" {
    made
    status=0
    cluster-graph apply g <<<'node Person { name: String @key }' >/dev/full || status=$?
    status_is 5
    status=0
    cluster-graph describe g >/dev/full || status=$?
    status_is 1
    status=0
    cluster-graph log g >/dev/full || status=$?
    status_is 1
}

@test "a_graph_that_may_not_be_written_exits_1" {
    on_disk_only 'permissions of a file'
    [ "$(id -u)" -ne 0 ] || skip "root may write everything"
    made
    chmod a-w g/graph.db
    run cluster-graph apply g <<<'node Person { name: String @key }'
    status_is 1
}
