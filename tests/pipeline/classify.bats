#!/usr/bin/env bats
# cluster-classify on documents made by hand; tests/unit/classify_test.c has the table in full.

bats_require_minimum_version 1.5.0
load helper

setup() {
    cd "$(scratch)"
    jq -ncS -f "$FIXTURES/diff/document.jq" | cluster-diff >document
}

# Runs cluster-classify on the fixture changed by a jq filter.
run_classify() {
    jq -cS "$1" document >changed
    run -"${expect:-0}" --separate-stderr cluster-classify <changed
}

# Checks the disposition and reason of a change: is RESOURCE DISPOSITION [REASON]
is() {
    json_holds ".changes[] | select(.resource == \"$1\") | .disposition == \"$2\" and .reason == $([ -n "${3-}" ] && echo "\"$3\"" || echo null)"
}

# The jq filter that adds an approval of the delete of graph.old, changed by another filter.
approval() {
    cat <<END
(.changes[] | select(.resource == "graph.old")) as \$change |
.ledger.approvals += [{schema_version: 1, approval_id: "01A", resource: "graph.old", operation: "delete", reason: "",
    bound_config_digest: .config.digest, bound_before_digest: \$change.before_digest, bound_after_digest: null,
    approved_by: "ann", created_at: "2026-01-02T03:04:05.678Z", consumed_at: null, consumed_by_operation: null} | ${1:-.}]
END
}

# The jq filter that leaves these changes: [{resource, operation}…] given as "operation resource …".
only() {
    printf '.changes = ['
    comma=
    while [ $# -gt 0 ]; do
        printf '%s{operation: "%s", resource: "%s"}' "$comma" "$1" "$2"
        comma=,
        shift 2
    done
    printf ']'
}

@test "each change gets the disposition of the table" {
    run_classify .
    is graph.a derived
    is graph.new applied
    is schema.new applied
    is schema.a applied
    is query.a.find applied
    is policy.base applied
    is graph.old blocked approval_required
    is schema.old blocked approval_required
    is query.old.x blocked approval_required
    json_holds '.applicable'
    json_holds '.diagnostics == []'
}

@test "a schema create without its graph's create is deferred, and so is what rests on it" {
    run_classify "$(only create schema.new update graph.new create query.new.q update query.new.r delete query.new.s)"
    is schema.new deferred apply_unsupported_kind
    is graph.new deferred apply_unsupported_kind
    is query.new.q blocked dependency_not_applied
    is query.new.r blocked dependency_not_applied
    is query.new.s applied
}

@test "a schema delete alone is deferred and listed as a gate" {
    run_classify "$(only delete schema.old delete query.old.x)"
    is schema.old deferred apply_unsupported_kind
    is query.old.x applied
    json_holds '.approvals_required | map([.resource, .satisfied]) == [["schema.old", false]]'
}

@test "what is no resource of ours is deferred" {
    run_classify "$(only delete embedding.x create policy.a.b)"
    is embedding.x deferred apply_unsupported_kind
    is policy.a.b deferred apply_unsupported_kind
    json_holds '.applicable == false'
}

@test "policies and queries come and go without a gate" {
    run_classify "$(only create policy.base delete policy.gone delete query.a.find)"
    is policy.base applied
    is policy.gone applied
    is query.a.find applied
    json_holds '.approvals_required == []'
}

@test "a pending graph blocks its own subtree and what policies gain by it, and nothing else" {
    run_classify '.sweep.pending_graphs = ["a", "old"]'
    is graph.a blocked cluster_recovery_pending
    is schema.a blocked cluster_recovery_pending
    is query.a.find blocked cluster_recovery_pending
    is policy.base blocked cluster_recovery_pending
    is graph.old blocked cluster_recovery_pending
    is query.old.x blocked cluster_recovery_pending
    is graph.new applied
    is schema.new applied
    run_classify '.sweep.pending_graphs = ["a"] | '"$(only delete policy.base delete query.a.find create graph.a create schema.a)"
    is policy.base applied
    is query.a.find blocked cluster_recovery_pending
    is graph.a blocked cluster_recovery_pending
    is schema.a blocked cluster_recovery_pending
    json_holds '.applicable'
}

@test "a pending graph that only an old binding names does not block the policy" {
    run_classify '.sweep.pending_graphs = ["old"]'
    is policy.base applied
}

@test "one gate a subtree, with a reason for people" {
    run_classify .
    json_holds '.approvals_required | length == 1 and .[0].resource == "graph.old" and .[0].satisfied == false and (.[0].reason | length) > 0'
}

@test "an approval bound to this very change opens the gate for the whole subtree" {
    run_classify "$(approval)"
    is graph.old applied
    is schema.old applied
    is query.old.x applied
    json_holds '.approvals_required[0].satisfied and .diagnostics == []'
    run_classify "$(approval '.bound_after_digest = ""')"
    is graph.old applied
}

@test "a stale approval never authorizes, and says so" {
    for change in '.bound_config_digest = "0" * 64' '.bound_before_digest = "0" * 64' '.bound_before_digest = null' \
        '.bound_after_digest = "0" * 64' '.operation = "update"'; do
        run_classify "$(approval "$change")"
        is graph.old blocked approval_required
        is query.old.x blocked approval_required
        json_holds '.diagnostics | map([.code, .severity, .path]) == [["approval_stale", "warning", "graph.old"]]'
        json_holds '.approvals_required[0].satisfied == false'
    done
}

@test "a stale approval beside a good one still warns" {
    run_classify "$(approval '.bound_before_digest = null') | $(approval '.approval_id = "01B"')"
    is graph.old applied
    json_holds '.diagnostics | map(.code) == ["approval_stale"]'
}

@test "an approval of another resource neither authorizes nor warns" {
    run_classify "$(approval '.resource = "graph.a"')"
    is graph.old blocked approval_required
    json_holds '.diagnostics == []'
}

@test "a consumed approval never authorizes, whoever says that it is consumed" {
    for filter in \
        "$(approval '.consumed_at = "2026-01-02T03:04:05.678Z"')" \
        "$(approval '.consumed_by_operation = "01O"')" \
        "$(approval) | .ledger.state.approval_records = {\"01A\": {}}" \
        "$(approval) | .sweep.consumed_approvals = [{approval_id: \"01A\", consumed_at: \"\", consumed_by_operation: null}]"; do
        run_classify "$filter"
        is graph.old blocked approval_required
        json_holds '.diagnostics == [] and .approvals_required[0].satisfied == false'
    done
}

@test "without a sweep nothing is pending and nothing is approved" {
    run_classify "$(approval) | del(.sweep)"
    is graph.old blocked approval_required
    is graph.a derived
    json_holds '.diagnostics == []'
}

@test "the blast radius lists what directly depends on each change, in the order of changes" {
    run_classify .
    json_holds '.blast_radius == [
        {resource: "graph.a", affected: ["policy.base", "query.a.find", "schema.a"]},
        {resource: "graph.new", affected: ["schema.new"]},
        {resource: "graph.old", affected: ["policy.base", "query.old.x", "schema.old"]},
        {resource: "schema.a", affected: ["query.a.find"]},
        {resource: "schema.old", affected: ["query.old.x"]}]'
}

@test "without changes there is nothing to apply, to approve or to affect" {
    run_classify '.changes = []'
    json_holds '.applicable == false and .approvals_required == [] and .blast_radius == [] and .changes == []'
}

@test "applicable is false when every change is held back" {
    run_classify '.changes |= map(select(.operation == "delete"))'
    json_holds '.applicable == false'
}

@test "all other sections come out as they went in, and so does the rest of each change" {
    run_classify '.changes[0].migration = {supported: true, steps: [{kind: "x"}]}'
    [ "$(printf '%s\n' "$output" | jq -cS 'del(.applicable, .approvals_required, .blast_radius, .changes[].disposition, .changes[].reason)')" = "$(cat changed)" ]
}

@test "the same bytes in give the same bytes out, and a second run changes nothing" {
    cluster-classify <document >first
    cluster-classify <document >second
    cmp first second
    cluster-classify <first >third
    cmp first third
}

@test "a missing section is named and halts" {
    for section in resources dependencies changes config; do
        expect=1 run_classify "del(.$section)"
        json_holds ".halt and (.diagnostics | map([.code, .path]) == [[\"stage_input_missing\", \"$section\"]])"
        json_holds '(has("applicable") | not) and (has("approvals_required") | not)'
    done
}

@test "a halted document passes untouched, byte for byte" {
    jq -cS '. + {halt: true, diagnostics: [{code: "state_lock_held", severity: "error", path: "", message: "no"}]}' document >halted
    status=0
    cluster-classify <halted >out || status=$?
    [ "$status" -eq 75 ]
    cmp halted out
}

@test "wrong usage is 64, no document is 1" {
    run -64 cluster-classify --preview <document
    run -64 cluster-classify operand <document
    run -1 --separate-stderr cluster-classify </dev/null
    [ -z "$output" ] && [ -n "$stderr" ]
}
