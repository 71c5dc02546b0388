#!/usr/bin/env bats
# A graph in a bucket behind a bad network: what was committed is known to be, and what was not did not move.

load graph

setup() {
    bucket_setup
    made
    # What the server can do is known, so that the rules below meet the requests that they mean.
    proxy_setup
    person warm | cluster-graph load "$G" --mode append >/dev/null
    swaps=$(requests '^PUT [^ ]*/manifest.json')
    : >log
}

teardown() {
    proxy_teardown
}

loads() {
    run cluster-graph load "$G" --mode append <<<"$(person "$1")"
}

# Rules about the swap that takes effect: on a server that wants the bare ETag the first is refused.
swap_rule() {
    with_rule "PUT /manifest.json $swaps $1"
}

@test "a_swap_whose_answer_was_lost_is_known_to_be_ours" {
    for loss in drop-after pass-then-500 pass-then-503; do
        swap_rule "$loss"
        loads "$loss"
        status_is 0
        with_rule ''
        [ "$(requests " $loss\$")" -ge 1 ]
    done
    graph_is 6 'drop-after old pass-then-500 pass-then-503 warm '
}

@test "an_init_whose_answer_was_lost_is_known_to_be_ours" {
    G=${G}2
    with_rule 'PUT /manifest.json 1 drop-after'
    run cluster-graph init "$G" <people.pg
    status_is 0
    [ "$(requests ' drop-after$')" -eq 1 ]
    graph_is 1 ''
}

@test "a_swap_that_never_arrives_moves_nothing_and_that_is_known" {
    # Every attempt fails, then the server is back.
    with_rule 'PUT /manifest.json 1 status 503' 'PUT /manifest.json 2 status 503' \
        'PUT /manifest.json 3 status 503' 'PUT /manifest.json 4 status 503' 'PUT /manifest.json 5 status 503'
    before=$(objects get "$G" manifest.json | jq 'del(.write)')
    loads lost
    status_is 1
    with_rule ''
    graph_is 3 'old warm '
    [ "$(objects get "$G" manifest.json | jq 'del(.write)')" = "$before" ]
    loads again
    status_is 0
}

@test "a_swap_of_which_nothing_can_be_learned_is_unknown" {
    with_rule 'PUT /manifest.json * drop-before'
    loads lost
    status_is 5
    with_rule ''
    graph_is 3 'old warm '
}

@test "an_upload_that_fails_moves_nothing" {
    for fault in 'status 503' 'drop-before' 'deny'; do
        with_rule "PUT /snapshots/ * $fault"
        loads lost
        status_is 1
    done
    with_rule ''
    graph_is 3 'old warm '
    [ "$(snapshots | wc -l)" -eq 3 ]
}

@test "an_upload_that_is_cut_once_is_sent_again" {
    with_rule 'PUT /snapshots/ 1 cut 3000'
    loads new
    status_is 0
    with_rule ''
    rm -r "$CACHE"
    graph_is 4 'new old warm '
}

@test "a_server_that_does_not_answer_is_a_failure_and_one_that_refuses_cannot_be_opened" {
    with_rule 'GET /manifest.json * status 503'
    run cluster-graph describe "$G"
    status_is 1
    loads lost
    status_is 1
    with_rule 'GET /manifest.json * deny'
    run cluster-graph describe "$G"
    status_is 4
    with_rule 'PUT /manifest.json * deny'
    loads lost
    status_is 1
    with_rule ''
    graph_is 3 'old warm '
}

@test "a_server_that_ignores_conditions_is_never_committed_to" {
    with_rule 'PUT * * ignore-conditions'
    loads lost
    status_is 1
    [[ $output = *storage_conditional_writes_unsupported* ]]
    run cluster-graph init "${G}2" <people.pg
    status_is 1
    with_rule ''
    graph_is 3 'old warm '
}

@test "a_cleanup_that_cannot_delete_says_so" {
    with_rule 'POST * * deny' 'DELETE /snapshots/ * deny'
    run cluster-graph cleanup "$G" --older-than 0m --confirm
    status_is 1
    with_rule ''
    graph_is 3 'old warm '
    cluster-graph apply "$G" <<<'node Person { name: String @key }'
    with_rule 'POST * * deny' 'DELETE /snapshots/ * deny'
    run cluster-graph cleanup "$G" --older-than 0m --confirm
    status_is 5
    with_rule ''
    graph_is 5 'old warm '
    run cluster-graph cleanup "$G" --older-than 0m --confirm
    status_is 0
    [ "$(snapshots | wc -l)" -eq 1 ]
}
