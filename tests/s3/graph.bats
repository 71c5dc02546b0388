#!/usr/bin/env bats
# Graphs in a bucket: everything that a graph on a disk does, and what happens when two write at once.

load graph

setup() {
    bucket_setup
}

# One session on ROOT, without what differs from run to run.
session() {
    cluster-graph init "$1" --actor ann <people.pg
    printf '%s\n' '{"edge":"Knows","from":"a","to":"b","data":{}}' | cat <(person a b) - |
        cluster-graph load "$1" --mode append --actor ann
    cluster-graph describe "$1"
    cluster-graph plan "$1" <next.pg
    cluster-graph apply "$1" --actor bob <next.pg
    cluster-graph export "$1"
    cluster-graph dropped "$1" --json | jq -c .name
    cluster-graph restore "$1" Person.age
    cluster-graph export "$1"
    cluster-graph apply "$1" <next.pg
    cluster-graph cleanup "$1" --older-than 0m --confirm | jq -c 'del(.snapshots, .reclaimed)'
    cluster-graph dropped "$1" --json
    cluster-graph export "$1"
    cluster-graph log "$1" --json | jq -c 'del(.time)'
}

@test "a_graph_in_a_bucket_answers_as_one_on_a_disk" {
    echo 'node Person { name: String @key size: I32? } edge Knows: Person -> Person' >next.pg
    session "$PWD/disk" >disk.out
    session "$G" >bucket.out
    diff disk.out bucket.out
}

@test "trailing_slashes_of_a_root_mean_nothing" {
    made
    run cluster-graph describe "$G///"
    status_is 0
}

@test "init_refuses_a_graph_that_is_there" {
    made
    run cluster-graph init "$G" <people.pg
    status_is 1
    graph_is 2 'old '
}

@test "init_refuses_a_place_with_something_else_and_leaves_it_alone" {
    echo mine | objects put "$G" mine
    run cluster-graph init "$G" <people.pg
    status_is 1
    [ "$(objects list "$G")" = mine ]
    run cluster-graph describe "$G"
    status_is 4
}

@test "of_two_inits_at_once_one_makes_the_graph" {
    CLUSTER_FAILPOINTS="cluster_graph.before_manifest_swap=exec:cluster-graph init $G --actor first <people.pg" \
        run cluster-graph init "$G" --actor second <people.pg
    status_is 1
    [ "$(cluster-graph log "$G" --json | jq -r .actor)" = first ]
    [ "$(snapshots | wc -l)" -eq 1 ]
}

@test "init_of_a_broken_schema_or_without_a_bucket_leaves_nothing" {
    run cluster-graph init "$G" <<<'node person {'
    status_is 1
    [ -z "$(objects list "$G")" ]
    run cluster-graph init s3://no-such-bucket-here/g <people.pg
    status_is 1
}

@test "calls_on_nothing_say_that_there_is_no_graph" {
    for call in describe plan apply export log dropped 'restore -' 'cleanup' 'load'; do
        case $call in
        restore*) set -- restore "$G" Person.age ;;
        cleanup) set -- cleanup "$G" --older-than 1d --confirm ;;
        load) set -- load "$G" --mode append ;;
        *) set -- "$call" "$G" ;;
        esac
        run cluster-graph "$@" <people.pg
        status_is 3
    done
    [ -z "$(objects list "$G")" ]
}

@test "what_is_no_graph_cannot_be_opened" {
    made
    manifest=$(objects get "$G" manifest.json)
    for broken in '' '[]' '{}' "${manifest/\"snapshot\"/\"snap\"}" "${manifest/\"write\": \"/\"write\": \"x}" \
        "${manifest/\"format\": 1/\"format\": 2}"; do
        printf '%s' "$broken" | objects put "$G" manifest.json
        run cluster-graph describe "$G"
        status_is 4
        run cluster-graph load "$G" --mode append <<<'{}'
        status_is 4
    done
    run cluster-graph describe s3://no-such-bucket-here/g
    status_is 4
    run cluster-graph describe s3://x/g
    status_is 4
    AWS_ACCESS_KEY_ID='' run cluster-graph describe "$G"
    status_is 4
    AWS_SECRET_ACCESS_KEY=wrong run cluster-graph describe "$G"
    status_is 4
    [[ $output != *"$AWS_SECRET_ACCESS_KEY"* ]]
}

@test "a_snapshot_that_is_missing_or_damaged_cannot_be_opened" {
    made
    name=snapshots/$(objects get "$G" manifest.json | jq -r .snapshot).db
    objects get "$G" "$name" >good
    rm -r "$CACHE"
    { head -c 5000 good && printf x && tail -c +5002 good; } | objects put "$G" "$name"
    run cluster-graph export "$G"
    status_is 4
    [ -z "$(cached)" ]
    objects delete "$G" "$name"
    run cluster-graph export "$G"
    status_is 4
    objects put "$G" "$name" <good
    graph_is 2 'old '
}

@test "a_snapshot_that_is_another_database_cannot_be_opened" {
    made
    sqlite3 other.db 'CREATE TABLE t(x); PRAGMA application_id = 7'
    hash=$(sha256sum <other.db | cut -d' ' -f1)
    objects put "$G" "snapshots/$hash.db" <other.db
    objects get "$G" manifest.json | jq --arg h "$hash" '.snapshot = $h' | objects put "$G" manifest.json
    run cluster-graph describe "$G"
    status_is 4
}

@test "a_database_from_a_disk_can_be_a_snapshot" {
    cluster-graph init "$PWD/disk" <people.pg
    made
    hash=$(sha256sum <disk/graph.db | cut -d' ' -f1)
    objects put "$G" "snapshots/$hash.db" <disk/graph.db
    objects get "$G" manifest.json | jq --arg h "$hash" '.snapshot = $h | .manifest_version = 1' |
        objects put "$G" manifest.json
    graph_is 1 ''
    person new | cluster-graph load "$G" --mode append
    graph_is 2 'new '
}

@test "who_commits_second_loses_and_nothing_of_it_is_kept" {
    made
    person loser >loser
    person winner >winner
    CLUSTER_FAILPOINTS="cluster_graph.before_manifest_swap=exec:cluster-graph load $G --mode append --data winner" \
        run cluster-graph load "$G" --mode append --data loser
    status_is 1
    [[ $output = *graph_conflict* ]]
    graph_is 3 'old winner '
    # Versions 1, 2 and 3: the loser has taken its own away.
    [ "$(snapshots | wc -l)" -eq 3 ]
    cluster-graph load "$G" --mode append --data loser
    graph_is 4 'loser old winner '
}

@test "a_schema_change_that_comes_second_loses_too" {
    made
    person winner >winner
    CLUSTER_FAILPOINTS="cluster_graph.before_manifest_swap=exec:cluster-graph load $G --mode append --data winner" \
        run cluster-graph apply "$G" <<<'node Person { name: String @key }'
    status_is 1
    [[ $output = *graph_conflict* ]]
    graph_is 3 'old winner '
    [ -z "$(cluster-graph dropped "$G" --json)" ]
}

@test "of_many_loads_at_once_every_success_is_there_and_no_failure_is" {
    made
    for i in 1 2 3 4 5 6; do
        (person "p$i" | cluster-graph load "$G" --mode append >"out$i" 2>&1 && echo "p$i" >>won) &
    done
    wait
    won=$(sort won | tr '\n' ' ')
    n=$(wc -l <won)
    graph_is "$((2 + n))" "old $won"
    for i in 1 2 3 4 5 6; do
        grep -q "manifest_version\|graph_conflict" "out$i"
    done
}

@test "a_load_with_bad_lines_changes_nothing" {
    made
    before=$(objects get "$G" manifest.json)
    run cluster-graph load "$G" --mode append <<<'{"type":"Person","data":{}}'
    status_is 1
    [ "$(objects get "$G" manifest.json)" = "$before" ]
    [ "$(snapshots | wc -l)" -eq 2 ]
}

@test "a_large_snapshot_goes_there_and_back" {
    cluster-graph init "$G" <people.pg
    head -c 400 /dev/zero | tr '\0' x >pad
    # More than the 64 MiB from which an upload goes in parts.
    seq 90000 | sed "s/.*/{\"type\":\"Person\",\"data\":{\"name\":\"p&-$(cat pad)\"}}/" >data
    cluster-graph load "$G" --mode append --data data
    rm -r "$CACHE"
    cluster-graph export "$G" >copy
    [ "$(wc -l <copy)" -eq 90000 ]
    [ "$(find "$CACHE" -name '*.db' -size +65M | wc -l)" -eq 1 ]
    person more | cluster-graph load "$G" --mode append
    [ "$(cluster-graph export "$G" | wc -l)" -eq 90001 ]
}
