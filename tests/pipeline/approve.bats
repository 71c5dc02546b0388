#!/usr/bin/env bats
# cluster-approve: only for a change that the plan gates now, bound to all three digests.

load helper
load fake

leaving_b() {
    fake_converged
    sed -i '/b: {/d' cluster.yaml
}
approvals() { find __cluster/approvals -name '*.json' 2>/dev/null | wc -l; }

@test "an approval is bound to the configuration and to the digests before and after" {
    leaving_b
    run -0 approve graph.b ann
    json_holds '.approval | .resource == "graph.b" and .operation == "delete" and .approved_by == "ann" and (.approval_id | length) == 26'
    id=$(jq -r .approval.approval_id <<<"$output")
    config=$(jq -r .config.digest <<<"$output")
    before=$(jq -r '.applied_revision.resources["graph.b"].digest' __cluster/state.json)
    jq -e --arg id "$id" --arg config "$config" --arg before "$before" \
        'keys == ["approval_id","approved_by","bound_after_digest","bound_before_digest","bound_config_digest","consumed_at","consumed_by_operation","created_at","operation","reason","resource","schema_version"]
         and .schema_version == 1 and .approval_id == $id and .bound_config_digest == $config and .bound_before_digest == $before
         and .bound_after_digest == null and .consumed_at == null and .consumed_by_operation == null
         and .approved_by == "ann" and (.reason | length) > 0 and (.created_at | length) > 10' "__cluster/approvals/$id.json"
    run -0 plan
    json_holds '.approvals_required[0].satisfied and .applicable'
    [ ! -e __cluster/lock.json ]
}

@test "the same approval is not written twice" {
    leaving_b
    first=$(approve graph.b ann | jq -c .approval)
    run -0 approve graph.b bob
    has_code approval_already_given
    [ "$(jq -c .approval <<<"$output")" = "$first" ]
    [ "$(approvals)" -eq 1 ]
}

@test "a stale approval never authorizes, and a new one may be given" {
    leaving_b
    approve graph.b >/dev/null
    more_schema a
    run -0 plan
    has_code approval_stale
    json_holds '.approvals_required[0].satisfied | not'
    run -0 approve graph.b
    lacks_code approval_already_given
    [ "$(approvals)" -eq 2 ]
    run -0 apply
    json_holds '.outcome.converged'
    [ ! -e graphs/b.omni ]
}

@test "what needs no approval gets none" {
    leaving_b
    for address in graph.a schema.b query.a.one graph.none nonsense ''; do
        run -1 approve "'$address'"
        has_code approval_not_required
        json_holds '.halt and (has("approval") | not)'
    done
    [ "$(approvals)" -eq 0 ]
}

@test "an approval needs an actor: exit 64, also for every stage after it" {
    leaving_b
    plan >doc
    run -64 bash -c 'HOME=$PWD cluster-approve graph.b <doc'
    has_code actor_required
    json_holds '.halt'
    run -64 bash -c 'HOME=$PWD cluster-approve graph.b --as " " <doc'
    has_code actor_required
    run -64 bash -c 'HOME=$PWD cluster-approve graph.b <doc | cluster-report approve --json'
    run -64 bash -c "HOME=\$PWD cluster-approve graph.b --as \$'a\\nb' <doc"
    has_code actor_required
    [ "$(approvals)" -eq 0 ]
    run -0 bash -c 'CLUSTER_ACTOR=eve cluster-approve graph.b <doc'
    json_holds '.approval.approved_by == "eve"'
}

@test "without a ledger there is nothing to approve" {
    fake_cluster
    run -1 approve graph.b
    has_code state_missing
    [ ! -e __cluster/approvals ]
}

@test "an approval that cannot be written" {
    on_disk_only 'a link that leads to itself'
    leaving_b
    mkdir -p __cluster && ln -s approvals __cluster/approvals
    run -1 approve graph.b
    has_code approval_write_error
    json_holds '.halt and (has("approval") | not)'
}

@test "a lost lock writes no approval" {
    leaving_b
    plan | jq -c '.lock = {acquired: true, lock_id: "01ARZ3NDEKTSV4RRFFQ69G5FAV", operation: "approve", path: "x"}' >doc
    run -1 bash -c 'cluster-approve graph.b --as ann <doc'
    has_code state_lock_lost
    [ "$(approvals)" -eq 0 ]
}

@test "sections that are missing are named; a store that cannot be opened" {
    leaving_b
    plan >doc
    for section in config store ledger changes approvals_required; do
        jq -c "del(.$section)" doc >part
        run -1 bash -c 'cluster-approve graph.b --as ann <part'
        has_code stage_input_missing
    done
    jq -c 'del(.config.digest)' doc >part
    run -1 bash -c 'cluster-approve graph.b --as ann <part'
    has_code stage_input_missing
    jq -c '.store.root = "ftp://x"' doc >part
    run -1 bash -c 'cluster-approve graph.b --as ann <part'
    has_code approval_write_error
    [ "$(approvals)" -eq 0 ]
}

@test "options and halted documents" {
    run -64 cluster-approve
    run -64 cluster-approve a b
    run -64 cluster-approve graph.b --like x
    run -0 cluster-approve --help
    run -1 cluster-approve graph.b <<<'{"format":"cluster-run/1","halt":true,"diagnostics":[{"code":"x","severity":"error","path":"","message":"m"}]}'
    [ "$output" = '{"diagnostics":[{"code":"x","message":"m","path":"","severity":"error"}],"format":"cluster-run/1","halt":true}' ]
    run -1 cluster-approve graph.b </dev/null
}
