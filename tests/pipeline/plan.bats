#!/usr/bin/env bats
# cluster plan from end to end, with the stand-in graph driver.

bats_require_minimum_version 1.5.0
load helper

setup() {
    cd "$(scratch)"
    PATH=$FIXTURES/driver:$PATH
    export CLUSTER_DRIVER=fake HOME=$PWD
    mkdir queries
    printf 'node A {\n  name: String @key\n}\n' >a.pg
    printf 'query find($name: String) {\n  match { $a: A { name: $name } }\n  return { $a.name }\n}\n' >queries/a.gq
    printf 'version: 1\n' >base.yaml
    config
}

config() {
    cat >cluster.yaml <<'EOF2'
version: 1
graphs:
  a: { schema: a.pg, queries: queries/ }
  b: { schema: a.pg }
policies:
  base: { file: base.yaml, applies_to: [a] }
EOF2
}

converge() {
    cluster import >/dev/null
    cluster apply --as ann >/dev/null
}

plan() {
    run -"${expect:-0}" --separate-stderr cluster plan --json "$@"
}

# Every file with its bytes.
listing() {
    find . -type f ! -name 'listing*' -exec sha256sum {} + | sort
}

is() {
    json_holds ".changes[] | select(.resource == \"$1\") | .disposition == \"$2\" and .reason == $([ -n "${3-}" ] && echo "\"$3\"" || echo null)"
}

@test "the first plan creates everything and touches nothing" {
    settle .
    listing >listing.before
    plan
    json_holds '.applicable and (.changes | map(.operation) | unique == ["create"]) and (.changes | map(.resource) == ["graph.a","graph.b","policy.base","query.a.find","schema.a","schema.b"])'
    json_holds '.state_observations.state_found == false'
    listing | cmp listing.before
    [ ! -e __cluster ]
    run -0 cluster plan
    grep -Fq 'cluster import' <<<"$output"
}

@test "after an apply there is nothing to plan, and a plan writes nothing" {
    converge
    listing >listing.before
    plan --detailed-exitcode
    json_holds '.changes == [] and .applicable == false and .diagnostics == []'
    listing | cmp listing.before
}

@test "reformatting changes nothing, editing a file changes it and its graph" {
    converge
    printf '# a comment\n' >>cluster.yaml
    plan
    json_holds '.changes == []'
    printf '// a comment\n' >>queries/a.gq
    expect=2 plan --detailed-exitcode
    json_holds '.changes | map([.resource, .disposition]) == [["graph.a", "derived"], ["query.a.find", "applied"]]'
}

@test "a schema update carries the live graph's migration plan" {
    converge
    printf '// a comment\n' >>a.pg
    plan
    json_holds '[.changes[] | select(.resource | startswith("schema.")) | .migration] == [{supported: true, steps: []}, {supported: true, steps: []}]'
    FAKE_FAIL=plan:a:unsupported plan
    json_holds '.changes[] | select(.resource == "schema.a") | .migration.supported == false'
    FAKE_FAIL=plan:a:unsupported run -0 cluster plan
    grep -Fq 'apply would refuse' <<<"$output"
}

@test "a graph that cannot be opened leaves the plan valid, with a warning" {
    converge
    printf '// a comment\n' >>a.pg
    for how in 3 4 5 kill nonsense nofields; do
        FAKE_FAIL=plan:b:$how plan
        json_holds '.ok and (.diagnostics | map([.code, .path]) == [["schema_preview_unavailable", "schema.b"]])'
        is schema.b applied
    done
}

@test "a policy bound to other graphs is a change, shown as one and applied as one" {
    converge
    sed -i 's/applies_to: \[a\]/applies_to: [a, b]/' cluster.yaml
    plan
    json_holds '.changes | map([.resource, .operation, .binding_change, .before_digest == .after_digest]) == [["policy.base", "update", true, true]]'
    run -0 cluster plan
    grep -Fq '[bindings]' <<<"$output"
    run -0 --separate-stderr cluster apply --json
    json_holds '.converged and .applied_count == 1'
    plan
    json_holds '.changes == []'
}

@test "a delete is gated until it is approved, and an approval holds for one configuration only" {
    converge
    sed -i '/^  b:/d' cluster.yaml
    plan
    is graph.b blocked approval_required
    is schema.b blocked approval_required
    json_holds '.applicable == false and (.approvals_required | map([.resource, .satisfied]) == [["graph.b", false]])'
    cluster approve graph.b --as ann >/dev/null
    plan
    is graph.b applied
    is schema.b applied
    json_holds '.applicable and .approvals_required[0].satisfied and .diagnostics == []'
    printf 'metadata: { name: other }\n' >>cluster.yaml
    plan
    is graph.b blocked approval_required
    json_holds '.diagnostics | map([.code, .severity]) == [["approval_stale", "warning"]]'
}

@test "a pending operation warns, blocks its graph, and is left for a command that sweeps" {
    converge
    printf '// a comment\n' >>a.pg
    mkdir -p __cluster/recoveries
    jq -n '{schema_version: 1, operation_id: "01ARZ3NDEKTSV4RRFFQ69G5FAV", started_at: "2026-01-02T03:04:05.678Z", actor: null,
        kind: "schema_apply", graph_id: "a", graph_uri: "x", observed_manifest_version: 1, expected_manifest_version: null,
        desired_schema_digest: ("0" * 64), state_cas_base: null, approval_id: null}' \
        >__cluster/recoveries/01ARZ3NDEKTSV4RRFFQ69G5FAV.json
    listing >listing.before
    plan
    json_holds '[.diagnostics[] | select(.severity == "warning") | .code] | index("cluster_recovery_pending")'
    is schema.a blocked cluster_recovery_pending
    is schema.b applied
    listing | cmp listing.before
}

@test "a held lock warns a plan and stops one under the lock" {
    converge
    echo '{"version":1,"lock_id":"01ARZ3NDEKTSV4RRFFQ69G5FAV","operation":"apply","created_at":"2026-01-02T03:04:05.678Z","pid":1}' >__cluster/lock.json
    plan
    json_holds '.ok and (.diagnostics | map([.code, .severity]) == [["state_lock_held", "warning"]])'
    json_holds '.state_observations | .locked and .lock_id == "01ARZ3NDEKTSV4RRFFQ69G5FAV" and .lock_operation == "apply" and .lock_pid == 1 and .lock_age_seconds >= 0'
    expect=75 plan --lock
    json_holds '.ok == false and (.diagnostics | map(.code) == ["state_lock_held"])'
    expect=75 plan --lock --out saved
    [ ! -e saved ]
}

@test "a plan under the lock says so" {
    converge
    plan --lock
    json_holds '.ok and .state_observations.lock_acquired and (.state_observations.acquired_lock_id | length) == 26 and .diagnostics == []'
    [ ! -e __cluster/lock.json ]
}

@test "a lost graph is planned anew, after a warning that it will be empty" {
    converge
    rm -r graphs/a.omni
    cluster refresh >/dev/null
    plan
    json_holds '.diagnostics | map([.code, .path]) == [["graph_missing", "graph.a"]]'
    is graph.a applied
}

@test "a configuration with errors has no plan, and none is saved" {
    echo 'node' >a.pg
    expect=1 plan --out saved
    json_holds '.ok == false and .changes == [] and .applicable == false'
    [ ! -e saved ]
    [ ! -e __cluster ]
    expect=1 plan --detailed-exitcode
}

@test "a saved plan tells whether there is anything to apply" {
    converge
    cluster plan --out saved >/dev/null
    [ "$(jq .applicable saved)" = false ]
    printf '// a comment\n' >>queries/a.gq
    cluster plan --out saved >/dev/null
    [ "$(jq .applicable saved)" = true ]
    run -0 --separate-stderr cluster apply saved --json
    json_holds '.converged'
}

@test "plan and its JSON agree with the stages run by hand" {
    converge
    printf '// a comment\n' >>queries/a.gq
    cluster-parse . | cluster-sweep --read-only | cluster-diff --preview | cluster-classify | cluster-report plan --json >byhand
    cluster plan --json | cmp byhand -
}

@test "a lock that cannot be read is one warning, and it is seen as held by somebody" {
    converge
    echo '{' >__cluster/lock.json
    plan
    json_holds '[.diagnostics[].code] == ["invalid_state_lock"] and .state_observations.locked'
    run -1 --separate-stderr cluster apply --json
    json_holds '[.diagnostics[].code] == ["invalid_state_lock"]'
    json_holds '.state_observations | .locked and (.lock_acquired | not) and (has("lock_id") | not)'
}

@test "a plan saved under the lock says nothing of the lock of the run that applies it" {
    converge
    echo '// more' >>queries/a.gq
    run -0 cluster plan --lock --out saved.json
    run --separate-stderr -0 cluster-exec --plan <saved.json
    json_holds '[.diagnostics[].code] == ["state_lock_disabled"] and .outcome.converged and (has("lock") | not)'
    run -0 cluster-report apply --json <<<"$output"
    json_holds '.ok and .converged'
}

@test "a saved plan is applied without a lock where the configuration wants none" {
    echo 'state: { lock: false }' >>cluster.yaml
    converge
    echo '// more' >>queries/a.gq
    for flag in '' --lock; do
        echo '// more' >>queries/a.gq
        # shellcheck disable=SC2086 # a word or none
        run -0 cluster plan $flag --out saved.json
        run -0 --separate-stderr cluster apply saved.json --json
        json_holds '.converged and .state_written and [.diagnostics[].code] == ["state_lock_disabled"]'
        json_holds '.state_observations | (.locked | not) and (.lock_acquired | not)'
    done
}

@test "an entry of a kind that is not known here is deferred by plan and by apply" {
    converge
    jq '.applied_revision.resources["other.x"] = {digest: .applied_revision.config_digest}' \
        __cluster/state.json >changed
    mv changed __cluster/state.json
    echo '// more' >>queries/a.gq
    plan
    is other.x deferred apply_unsupported_kind
    run -0 --separate-stderr cluster apply --json
    json_holds '.applied_count == 1 and .deferred_count == 1 and .state_written and (.converged | not)'
    json_holds '[.diagnostics[].code] == ["apply_unsupported_change"]'
    jq -e '.applied_revision.resources["other.x"].digest' __cluster/state.json
    # Marked applied by somebody, it is refused.
    run --separate-stderr -1 sh -c 'cluster-parse . | cluster-sweep | cluster-diff | cluster-classify |
        jq -c ".changes[].disposition = \"applied\"" | cluster-exec'
    json_holds '[.diagnostics[] | select(.severity == "error").code] == ["change_not_current"]'
}

@test "a store that cannot be read is one error of whoever reads it" {
    on_disk_only 'a file stands in place of the store'
    printf 'storage: wall\n' >>cluster.yaml
    touch wall
    for command in plan status snapshot; do
        run -1 --separate-stderr cluster "$command" --json
        [ "$command" = snapshot ] || json_holds '.state_observations.locked == false'
        json_holds '[.diagnostics[].code] == ["state_read_error"]'
    done
}
