#!/usr/bin/env bats
# cluster-diff on documents made by hand.

bats_require_minimum_version 1.5.0
load helper

setup() {
    cd "$(scratch)"
    jq -ncS -f "$FIXTURES/diff/document.jq" >document
}

# Runs cluster-diff on the fixture changed by a jq filter: run_diff FILTER [OPTION...]
run_diff() {
    jq -cS "$1" document >changed
    shift
    run -"${expect:-0}" --separate-stderr cluster-diff "$@" <changed
}

# A driver that answers `plan` with $1 and exits with $2; what it was asked is kept in `asked`.
fake_driver() {
    mkdir -p drivers
    cat >drivers/cluster-graph-fake <<END
#!/bin/sh
printf '%s\n' "\$*" >>"$PWD/asked"
cat >>"$PWD/asked"
printf '%s' '$1'
[ "$2" = 0 ] || echo 'cluster-graph-fake: it hurts' >&2
exit $2
END
    chmod +x drivers/cluster-graph-fake
    PATH=$PWD/drivers:$PATH
}

@test "creates, updates, deletes and binding changes are told apart, sorted by resource" {
    run_diff .
    json_holds '.changes | map([.resource, .operation]) == [["graph.a","update"],["graph.new","create"],["graph.old","delete"],["policy.base","update"],["query.a.find","create"],["query.old.x","delete"],["schema.a","update"],["schema.new","create"],["schema.old","delete"]]'
    json_holds '.changes | map(select(.resource == "schema.a"))[0] | .before_digest[0:2] == "4b" and .after_digest[0:2] == "4a" and (has("binding_change") | not)'
    json_holds '.changes | map(select(.resource == "policy.base"))[0] | .binding_change and .before_digest == .after_digest'
    json_holds '.changes | map(select(.operation == "create")) | all(has("before_digest") | not)'
    json_holds '.changes | map(select(.operation == "delete")) | all(has("after_digest") | not)'
    json_holds '.diagnostics == [] and (has("halt") | not)'
}

@test "all other sections come out as they went in" {
    run_diff .
    [ "$(printf '%s\n' "$output" | jq -cS 'del(.changes)')" = "$(cat changed)" ]
}

@test "the same bytes in give the same bytes out, and a second diff changes nothing" {
    cluster-diff <document >first
    cluster-diff <document >second
    cmp first second
    cluster-diff <first >third
    cmp first third
}

@test "without a ledger, or without one found, everything is a create" {
    run_diff 'del(.ledger)'
    json_holds '(.changes | length) == 6 and all(.changes[]; .operation == "create")'
    run_diff '.ledger |= (.found = false | .cas = null | .state = null | .base = null)'
    json_holds '(.changes | length) == 6 and all(.changes[]; .operation == "create")'
}

@test "a ledger that records what is desired gives no changes" {
    run_diff '.resources as $all | .ledger.state.applied_revision.resources = ([$all[] | {key: .address, value: ({digest} + if .applies_to then {applies_to} else {} end)}] | from_entries)'
    json_holds '.changes == []'
}

@test "a missing section is named and halts" {
    expect=1 run_diff 'del(.resources)'
    json_holds '.halt and (.diagnostics | map([.code, .path]) == [["stage_input_missing","resources"]])'
    for section in config store sources; do
        expect=1 run_diff "del(.$section)" --preview
        json_holds ".halt and (.diagnostics[-1] | .code == \"stage_input_missing\" and .path == \"$section\")"
    done
}

@test "a ledger that cannot be compared is an error, not a guess" {
    expect=1 run_diff '.ledger.state.applied_revision.resources."graph.a".digest = 7'
    json_holds '.halt and .diagnostics[0].code == "invalid_state_json" and (has("changes") | not)'
    expect=1 run_diff '.ledger.state = {}'
    json_holds '.halt and .diagnostics[0].code == "invalid_state_json"'
}

@test "a halted document passes untouched, byte for byte" {
    jq -cS '. + {halt: true, diagnostics: [{code: "x", severity: "error", path: "", message: "no"}]}' document >halted
    status=0
    cluster-diff --preview <halted >out || status=$?
    [ "$status" -eq 1 ]
    cmp halted out
}

@test "what is no document gives no document" {
    for text in '' 'nonsense' '{}' '{"format":"cluster-run/2"}' '{"format":"cluster-run/1","changes":7}' '{"format":"cluster-run/1"'; do
        printf '%s' "$text" >bad
        run -1 --separate-stderr cluster-diff <bad
        [ -z "$output" ]
        [ -n "$stderr" ]
    done
}

@test "an error that rides the document makes the exit status, a held lock another" {
    expect=1 run_diff '.diagnostics = [{code: "x", severity: "error", path: "", message: ""}]'
    json_holds 'has("changes")'
    expect=75 run_diff '.diagnostics = [{code: "state_lock_held", severity: "error", path: "", message: ""}]'
    expect=0 run_diff '.diagnostics = [{code: "state_lock_held", severity: "warning", path: "", message: ""}]'
}

@test "wrong usage is 64" {
    run -64 cluster-diff --nonsense <document
    run -64 cluster-diff operand <document
    run -64 cluster-diff --preview=1 <document
}

@test "help and version go to stdout" {
    run -0 --separate-stderr cluster-diff --help
    [ -n "$output" ] && [ -z "$stderr" ]
    run -0 --separate-stderr cluster-diff --version
    [ -n "$output" ] && [ -z "$stderr" ]
}

@test "a preview carries the driver's plan for each schema update, and only for those" {
    fake_driver '{"supported": true, "steps": [{"kind": "add_type", "type_kind": "node", "name": "B"}], "extra": 1}' 0
    run_diff . --preview
    json_holds '[.changes[] | select(has("migration")) | .resource] == ["schema.a"]'
    json_holds '.changes[] | select(.resource == "schema.a") | .migration == {supported: true, steps: [{kind: "add_type", type_kind: "node", name: "B"}]}'
    [ "$(head -1 asked)" = 'plan /srv/brain/graphs/a.omni' ]
    [ "$(sed -n 2p asked)" = 'node A { name: String @key }' ]
    [ "$(grep -c ^plan asked)" -eq 1 ]
}

@test "without --preview no driver is asked" {
    fake_driver '{"supported": true, "steps": []}' 0
    run_diff .
    [ ! -e asked ]
    json_holds 'all(.changes[]; has("migration") | not)'
}

@test "a preview that cannot be had is a warning, whatever the reason" {
    for status in 1 3 4 5 64 77; do
        fake_driver '' "$status"
        run_diff . --preview
        json_holds '.diagnostics | map([.code, .severity, .path]) == [["schema_preview_unavailable","warning","schema.a"]]'
        json_holds '(.changes | length) == 9 and all(.changes[]; has("migration") | not)'
    done
    fake_driver 'nonsense' 0
    run_diff . --preview
    json_holds '.diagnostics[0].code == "schema_preview_unavailable"'
    fake_driver '{"supported": true}' 0
    run_diff . --preview
    json_holds '.diagnostics[0].code == "schema_preview_unavailable"'
    run_diff '.config.driver = "missing"' --preview
    json_holds '.diagnostics[0].code == "schema_preview_unavailable"'
    run_diff '.sources = {}' --preview
    json_holds '.diagnostics[0].code == "schema_preview_unavailable"'
}

@test "a migration that is not supported is shown as such" {
    fake_driver '{"supported": false, "steps": [{"kind": "unsupported_change", "entity": "node:A.x", "reason": "no"}]}' 0
    run_diff . --preview
    json_holds '.changes[] | select(.resource == "schema.a") | .migration.supported == false'
    json_holds '.diagnostics == []'
}
