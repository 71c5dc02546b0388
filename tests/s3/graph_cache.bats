#!/usr/bin/env bats
# The cache of snapshots: fetched once, checked, shared, bounded, and clean after whoever died.

load graph

setup() {
    bucket_setup
    proxy_setup
    made
}

teardown() {
    proxy_teardown
}

# How often a snapshot was fetched.
fetched() {
    requests '^GET [^ ]*/snapshots/[0-9a-f]*\.db 200'
}

@test "what_a_writer_made_is_not_fetched_again" {
    graph_is 2 'old '
    person new | cluster-graph load "$G" --mode append
    graph_is 3 'new old '
    [ "$(fetched)" -eq 0 ]
    # What it replaced is not kept.
    [ "$(cached | wc -l)" -eq 1 ]
}

@test "a_snapshot_is_fetched_once" {
    rm -r "$CACHE"
    graph_is 2 'old '
    graph_is 2 'old '
    cluster-graph log "$G"
    [ "$(fetched)" -eq 1 ]
    # One small request is all that a read then needs.
    : >log
    cluster-graph describe "$G"
    [ "$(requests .)" -eq 1 ]
}

@test "eight_readers_of_a_cold_cache_share_one_fetch" {
    rm -r "$CACHE"
    with_rule 'GET /snapshots/ * delay 300'
    for i in 1 2 3 4 5 6 7 8; do
        cluster-graph export "$G" >"out$i" &
        readers+=($!)
    done
    for reader in "${readers[@]}"; do
        wait "$reader"
    done
    for i in 1 2 3 4 5 6 7 8; do
        [ "$(jq -r .data.name "out$i")" = old ]
    done
    [ "$(fetched)" -eq 1 ]
    [ "$(cached | wc -l)" -eq 1 ]
}

@test "a_corrupted_entry_is_fetched_again" {
    file=$CACHE/$(objects get "$G" manifest.json | jq -r .snapshot).db
    good=$(sha256sum <"$file")
    chmod u+w "$file"
    cp -p "$file" before
    printf x | dd of="$file" bs=1 seek=5000 conv=notrunc status=none
    # Even when it looks as old as it was.
    touch -r before "$file"
    graph_is 2 'old '
    [ "$(sha256sum <"$file")" = "$good" ]
    chmod u+w "$file"
    truncate -s 4096 "$file"
    graph_is 2 'old '
    rm "$file"
    graph_is 2 'old '
    [ "$(sha256sum <"$file")" = "$good" ]
    [ "$(fetched)" -eq 3 ]
}

@test "an_entry_that_is_touched_but_whole_is_checked_and_kept" {
    file=$CACHE/$(objects get "$G" manifest.json | jq -r .snapshot).db
    touch "$file"
    graph_is 2 'old '
    [ "$(fetched)" -eq 0 ]
}

@test "an_entry_without_its_lock_file_is_checked_and_kept" {
    rm "$CACHE"/*.lock
    graph_is 2 'old '
    [ "$(fetched)" -eq 0 ]
}

@test "the_least_recently_used_go_when_the_cache_is_full" {
    rm -r "$CACHE"
    place=$G
    for i in 1 2 3 4; do
        cluster-graph init "$place$i" <people.pg
    done
    size=$(stat -c %s "$(cached | head -1)")
    cluster-graph describe "${place}1"
    CLUSTER_CACHE_MAX=$((size * 2)) cluster-graph describe "${place}3"
    [ "$(cached | wc -l)" -eq 2 ]
    [ "$(find "$CACHE" -name '*.lock' | wc -l)" -eq 2 ]
    # The first and the third are the ones left.
    : >log
    cluster-graph describe "${place}1"
    cluster-graph describe "${place}3"
    [ "$(fetched)" -eq 0 ]
    cluster-graph describe "${place}2"
    [ "$(fetched)" -eq 1 ]
}

@test "units_of_the_limit_count" {
    CLUSTER_CACHE_MAX=1M cluster-graph describe "$G"
    [ "$(cached | wc -l)" -eq 1 ]
    CLUSTER_CACHE_MAX=1K cluster-graph describe "$G"
    [ "$(cached | wc -l)" -eq 0 ]
}

@test "a_limit_that_is_no_size_is_refused" {
    for bad in x 1x 1GG -1 '1 G' 99999999999999999999 999999999999999T; do
        CLUSTER_CACHE_MAX=$bad run cluster-graph describe "$G"
        status_is 1
    done
}

@test "what_somebody_uses_stays_however_full_the_cache_is" {
    file=$CACHE/$(objects get "$G" manifest.json | jq -r .snapshot)
    exec 9<>"$file.lock"
    flock -s 9
    CLUSTER_CACHE_MAX=0 cluster-graph describe "$G"
    [ "$(cached)" = "$file.db" ]
    exec 9<&-
    CLUSTER_CACHE_MAX=0 cluster-graph describe "$G"
    [ -z "$(cached)" ]
}

@test "readers_and_writers_with_no_room_to_keep_anything_still_work" {
    export CLUSTER_CACHE_MAX=0
    for i in 1 2 3 4 5 6; do
        cluster-graph export "$G" >"out$i" &
        readers+=($!)
    done
    person new | cluster-graph load "$G" --mode append
    for reader in "${readers[@]}"; do
        wait "$reader"
    done
    graph_is 3 'new old '
    [ -z "$(cached)" ]
}

@test "what_the_dead_left_is_removed_and_what_the_living_have_is_not" {
    CLUSTER_FAILPOINTS=cluster_graph.before_commit=crash run cluster-graph load "$G" --mode append <<<"$(person x)"
    status_is 137
    [ -n "$(find "$CACHE" -name 'work-*')" ]
    hash=$(printf x | sha256sum | cut -d' ' -f1)
    touch "$CACHE/$hash.tmp" "$CACHE/$hash.lock"
    mkdir "$CACHE/work-mine"
    exec 9<"$CACHE/work-mine"
    flock 9
    cluster-graph describe "$G"
    [ "$(find "$CACHE" -name 'work-*')" = "$CACHE/work-mine" ]
    [ -z "$(find "$CACHE" -name "$hash*")" ]
}

@test "a_fetch_that_breaks_off_leaves_nothing_that_is_used" {
    rm -r "$CACHE"
    with_rule 'GET /snapshots/ * cut-answer 5000'
    run cluster-graph describe "$G"
    status_is 1
    [ -z "$(cached)" ]
    with_rule ''
    graph_is 2 'old '
}

@test "a_reader_whose_snapshot_was_cleaned_up_reads_the_next_one" {
    rm -r "$CACHE"
    person new >new
    CLUSTER_FAILPOINTS="cluster_graph.before_snapshot_fetch=exec:cluster-graph load $G --mode append --data new && cluster-graph cleanup $G --older-than 0m --confirm && rm $CACHE/*" \
        cluster-graph export "$G" >out
    [ "$(jq -r .data.name out | tr '\n' ' ')" = 'new old ' ]
}

@test "without_a_place_for_the_cache_a_message_says_what_to_set" {
    XDG_CACHE_HOME=relative HOME='' run cluster-graph describe "$G"
    status_is 1
    [[ $output = *XDG_CACHE_HOME* ]]
    touch file
    XDG_CACHE_HOME=$PWD/file run cluster-graph describe "$G"
    status_is 1
    HOME=$PWD XDG_CACHE_HOME='' run cluster-graph describe "$G"
    status_is 0
    [ -d .cache/cluster ]
    [ "$(stat -c %a .cache)" = 700 ]
}
