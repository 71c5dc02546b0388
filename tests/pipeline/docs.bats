#!/usr/bin/env bats
# docs/pipelines.md is true: every block marked `tested NAME` runs, and does what the page says.

bats_require_minimum_version 1.5.0
load helper

DOC=$ROOT/docs/pipelines.md

# The text of the fenced block whose info string is "$1".
block() {
    awk -v info="$1" '
        $0 == "```" && inside { inside = 0 }
        inside { print }
        $0 == "```" info { inside = 1 }
    ' "$DOC"
}

# Runs a block as a script of its own in the current directory.
run_block() {
    block "sh tested $1" >"$BATS_TEST_TMPDIR/block.sh"
    [ -s "$BATS_TEST_TMPDIR/block.sh" ]
    run --separate-stderr sh -eu "$BATS_TEST_TMPDIR/block.sh"
}

# What the last block printed is what the page shows.
prints_as_shown() {
    diff -u <(block "text output-of $1") <(printf '%s\n' "$output")
}

setup() {
    T=$(scratch)
    cp -r "$ROOT/examples/minimal/." "$T"
    cd "$T"
}

bring_up() {
    cluster import >/dev/null
    cluster apply >/dev/null
}

revision() {
    jq .state_revision __cluster/state.json
}

@test "every marked block has a test here" {
    awk '/^```[a-z]+ tested / { print $3 }' "$DOC" | sort >"$T/marked"
    sed -n 's/^@test "\([a-z-]*\): .*/\1/p' "$BATS_TEST_FILENAME" | sort -u >"$T/covered"
    [ -s "$T/marked" ]
    diff -u "$T/marked" "$T/covered"
}

@test "every sh block of the page is marked" {
    run awk '/^```sh/ && !/^```sh tested [a-z-]+$/' "$DOC"
    [ -z "$output" ]
}

@test "one-stage: prints the creates of a first apply" {
    run_block one-stage
    [ "$status" -eq 0 ]
    prints_as_shown one-stage
    [ ! -e __cluster ]
}

@test "a-fixture: a hand-made ledger shows what would be blocked" {
    cluster-parse . >desired.json
    run_block a-fixture
    [ "$status" -eq 0 ]
    prints_as_shown a-fixture
}

@test "hold-back-deletes: applies the new query and leaves the removed one recorded" {
    bring_up
    sed -i 's/query most_books/query busiest/' library.gq
    run_block hold-back-deletes
    [ "$status" -eq 0 ]
    jq -e '.applied_revision.resources | has("query.library.busiest") and has("query.library.most_books")' \
        __cluster/state.json
    run cluster plan --json
    json_holds '[.changes[] | select(.disposition == "applied") | [.operation, .resource]] == [["delete", "query.library.most_books"]]'
}

@test "not-my-policies: plans without the changes of policies" {
    bring_up
    cat >extra.policy.yaml <<'EOF'
version: 1
groups: { all: [ann] }
rules: [{ id: reads, allow: { actors: { group: all }, actions: [read] } }]
EOF
    printf 'policies:\n  extra: { file: extra.policy.yaml, applies_to: [library] }\n' >>cluster.yaml
    run cluster plan
    [[ "$output" == *policy.extra* ]]
    run_block not-my-policies
    [ "$status" -eq 0 ]
    [[ "$output" != *policy.extra* ]]
}

@test "gate: lets an addition through and applies it" {
    bring_up
    sed -i 's/^  born: I32?/&\n  died: I32?/' library.pg
    run_block gate
    [ "$status" -eq 0 ]
    cluster plan --detailed-exitcode
}

@test "gate: refuses a dropped property and applies nothing" {
    bring_up
    before=$(revision)
    sed -i '/^  born: I32?/d' library.pg
    run_block gate
    [ "$status" -ne 0 ]
    [[ "$stderr" == *schema.library* ]]
    [ "$(revision)" = "$before" ]
}

@test "gate: refuses the delete of a graph although it is approved" {
    bring_up
    printf 'version: 1\ngraphs: {}\n' >cluster.yaml
    cluster approve graph.library --as ann
    run_block gate
    [ "$status" -ne 0 ]
    [ -d graphs/library.omni ]
}

# The command of the crontab, for the cluster in the current directory, in $CRON.
make_cron() {
    CRON=$BATS_TEST_TMPDIR/cron.sh
    block 'cron tested quiet-refresh' | sed -n 's/^17 \* \* \* \* //p' |
        sed "s|/srv/library|$T|" >"$CRON"
    [ -s "$CRON" ]
    # An unescaped per cent sign ends a command of cron.
    run grep -q '%' "$CRON"
    [ "$status" -eq 1 ]
}

run_cron() {
    make_cron
    run sh "$CRON"
}

@test "quiet-refresh: says nothing while nothing drifted" {
    bring_up
    before=$(revision)
    run_cron
    [ -z "$output" ]
    [ "$(revision)" -gt "$before" ]
}

@test "quiet-refresh: names a query whose published file is gone" {
    bring_up
    rm __cluster/resources/query/library/add_book/*.gq
    run_cron
    [[ "$output" == *"query.library.add_book is drifted"* ]]
}

@test "quiet-refresh: names a graph that is gone" {
    bring_up
    rm -r graphs/library.omni
    run_cron
    [[ "$output" == *"graph.library is drifted"* ]]
}

@test "quiet-refresh: says what is wrong when there is no ledger" {
    run_cron
    [[ "$output" == *state_missing* ]]
}

@test "quiet-refresh: says nothing while somebody else holds the lock" {
    bring_up
    make_cron
    sed -i 's/--lock-timeout 60/--lock-timeout 0/' "$CRON"
    cluster-parse --header . |
        cluster-lock hold -- "sh $CRON >said 2>&1; cluster refresh >/dev/null; echo \$? >status; cat" >/dev/null
    [ -e said ]
    [ ! -s said ]
    [ "$(cat status)" -eq 75 ]
}

@test "keep-a-record: the record gives the report again" {
    bring_up
    sed -i 's/query most_books/query busiest/' library.gq
    run_block keep-a-record
    [ "$status" -eq 0 ]
    run cluster-report apply --json <runs/*.json
    [ "$status" -eq 0 ]
    json_holds '.ok and .converged and .state_written'
}

@test "not-yet-served: names the query that was edited and not applied" {
    bring_up
    run_block not-yet-served
    [ "$status" -eq 0 ]
    [ -z "$output" ]
    printf '\nquery all_books() { match { $b: Book } return { $b.title } }\n' >extra.gq
    sed -i 's/queries: library.gq/queries: [library.gq, extra.gq]/' cluster.yaml
    run_block not-yet-served
    [ "$output" = query.library.all_books ]
}

@test "own-stage: its section passes through the others" {
    run_block own-stage
    [ "$status" -eq 0 ]
    prints_as_shown own-stage
}
