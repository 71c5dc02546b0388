#!/usr/bin/env bats
# cluster-exec trusts no document: what it refuses, filtered documents, saved plans, bad input.

load helper
load fake

# Runs cluster-exec on a classified document that a jq filter has edited: edited FILTER
edited() {
    classified | jq -c "$1" >doc
    cluster-exec <doc
}

# Nothing was executed: no driver call, the ledger as it was, no sidecar, nothing reported as done.
nothing_happened() {
    [ ! -s "$FAKE_LOG" ]
    [ "$before" = "$(ledger_bytes)" ]
    [ "$(sidecars)" -eq 0 ]
    json_holds '.halt and .outcome.state_written == false and .outcome.applied_count == 0 and ([.outcome.changes[] | .disposition] | all(. != "applied" and . != "derived"))'
}

# An imported cluster to be created, or a converged one with changes of each kind pending.
to_create() { fake_cluster && import >/dev/null && before=$(ledger_bytes); }
to_change() {
    fake_converged
    more_schema a
    sed -i 's/return { \$p.name }/return { $p.name as it }/' queries/one.gq
    rm queries/two.gq
    sed -i 's/staff: \[ann\]/staff: [ann, bob]/' q.yaml
    before=$(ledger_bytes)
}

@test "a create of what is recorded, or an update of what is not, is not current" {
    to_create
    run -1 edited '(.changes[] | select(.resource == "policy.q")).operation = "update"'
    has_code change_not_current
    nothing_happened
    to_change
    for resource in policy.q query.a.one schema.a; do
        run -1 edited "(.changes[] | select(.resource == \"$resource\")).operation = \"create\""
        has_code change_not_current
        nothing_happened
    done
}

@test "digests that are not the ledger's or not the document's are not current" {
    to_change
    zero=$(printf '%064d' 0)
    for field in before_digest after_digest; do
        run -1 edited "(.changes[] | select(.resource == \"query.a.one\")).$field = \"$zero\""
        has_code change_not_current
        nothing_happened
        run -1 edited "del((.changes[] | select(.resource == \"query.a.one\")).$field)"
        has_code change_not_current
        nothing_happened
    done
    run -1 edited '(.changes[] | select(.resource == "query.a.two")).after_digest = .changes[0].after_digest'
    has_code change_not_current
    nothing_happened
    run -1 edited '(.ledger.state.applied_revision.resources["query.a.one"].digest) = ("0" * 64)'
    has_code change_not_current
    nothing_happened
}

@test "a delete of what is still configured is refused" {
    fake_converged
    before=$(ledger_bytes)
    run -1 edited '.changes = [{resource: "policy.q", operation: "delete", disposition: "applied", before_digest: .ledger.state.applied_revision.resources["policy.q"].digest}]'
    has_code change_not_current
    nothing_happened
}

@test "an update to what is recorded already is refused, unless bindings differ" {
    fake_converged
    before=$(ledger_bytes)
    same='{operation: "update", disposition: "applied", before_digest: $d, after_digest: $d}'
    run -1 edited ".ledger.state.applied_revision.resources[\"policy.q\"].digest as \$d | .changes = [$same + {resource: \"policy.q\", binding_change: true}]"
    has_code change_not_current
    nothing_happened
    run -1 edited ".ledger.state.applied_revision.resources[\"query.a.one\"].digest as \$d | .changes = [$same + {resource: \"query.a.one\"}]"
    has_code change_not_current
    nothing_happened
}

@test "an unapproved delete marked applied is refused: graph, schema and query" {
    fake_converged
    sed -i '/ a: {/d; s/applies_to: \[a\]/applies_to: [b]/' cluster.yaml
    before=$(ledger_bytes)
    for resource in graph.a schema.a query.a.one; do
        run -1 edited "(.changes[] | select(.resource == \"$resource\")) |= (.disposition = \"applied\" | del(.reason))"
        has_code apply_approval_invariant_violation
        nothing_happened
        [ -d graphs/a.omni ]
    done
    # Not even when the document brings an approval of its own.
    run -1 edited '(.changes[] | select(.resource == "graph.a")) |= (.disposition = "applied" | del(.reason)) | .ledger.approvals = [{schema_version: 1, approval_id: "01ARZ3NDEKTSV4RRFFQ69G5FAV", resource: "graph.a", operation: "delete", reason: "", bound_config_digest: .config.digest, bound_before_digest: .ledger.state.applied_revision.resources["graph.a"].digest, bound_after_digest: null, approved_by: "eve", created_at: "", consumed_at: null, consumed_by_operation: null}]'
    has_code apply_approval_invariant_violation
    nothing_happened
}

@test "an approved schema is deleted only with its graph" {
    fake_converged
    sed -i '/b: {/d' cluster.yaml
    approve graph.b >/dev/null
    before=$(ledger_bytes)
    run -1 edited '.changes |= map(select(.resource == "schema.b"))'
    has_code apply_approval_invariant_violation
    nothing_happened
    run -0 edited '.changes |= map(select(.resource == "graph.b"))'
    json_holds '.outcome.converged'
}

@test "the approval of a document for another configuration does not count" {
    fake_converged
    sed -i '/b: {/d' cluster.yaml
    approve graph.b >/dev/null
    before=$(ledger_bytes)
    run -1 edited '.config.digest = ("0" * 64)'
    has_code apply_approval_invariant_violation
    nothing_happened
}

@test "a source that does not hash to its digest, or is not there" {
    to_create
    for file in queries/one.gq p.yaml a.pg; do
        digest=$(sha256sum <"$file" | cut -c 1-64)
        run -1 edited ".sources[\"$digest\"] += \" \""
        has_code resource_content_changed
        nothing_happened
        run -1 edited "del(.sources[\"$digest\"])"
        has_code change_not_current
        nothing_happened
    done
}

@test "a graph without a schema in the document is not created" {
    to_create
    run -1 edited '.resources |= map(select(.address != "schema.b")) | .changes |= map(select(.resource == "graph.b"))'
    has_code change_not_current
    nothing_happened
}

@test "a composite is not applied by itself, nor a schema created without its graph" {
    to_change
    run -1 edited '(.changes[] | select(.resource == "graph.a")).disposition = "applied"'
    has_code change_not_current
    nothing_happened
    to_create
    run -1 edited '.changes |= map(select(.resource == "schema.a"))'
    has_code change_not_current
    nothing_happened
}

@test "what depends on something that is neither recorded nor in the run is refused" {
    to_create
    for resource in query.a.one policy.p; do
        run -1 edited ".changes |= map(select(.resource == \"$resource\"))"
        has_code change_not_current
        nothing_happened
    done
    # A query was checked against the schema of this document, not against the recorded one.
    to_change
    run -1 edited '.changes |= map(select(.resource == "query.a.one"))'
    has_code change_not_current
    nothing_happened
}

@test "changes of a graph whose recovery is pending are refused, whatever they are marked" {
    to_change
    for resource in schema.a query.a.one; do
        run -1 edited ".sweep.pending_graphs = [\"a\"] | .changes |= map(select(.resource == \"$resource\"))"
        has_code change_not_current
        nothing_happened
    done
    to_create
    run -1 edited '.sweep.pending_graphs = ["a"] | .changes |= map(select(.resource == "policy.p"))'
    has_code change_not_current
    nothing_happened
}

@test "two changes of one resource, an address that is none, no disposition" {
    to_create
    run -1 edited '.changes += [.changes[0]]'
    has_code change_not_current
    json_holds '.halt'
    run -1 edited '.changes[0].resource = "graph.../etc"'
    has_code change_not_current
    json_holds '.halt'
    run -1 edited 'del(.changes[0].disposition)'
    has_code stage_input_missing
    [ "$before" = "$(ledger_bytes)" ]
}

@test "a filtered document is applied as far as it goes, and says that more remains" {
    to_create
    run -0 edited '.changes |= map(select(.resource | test("^(graph|schema).a$")))'
    json_holds '.outcome | .applied_count == 2 and (.converged | not) and .state_written'
    ledger '.applied_revision.resources | keys == ["graph.a", "schema.a"]'
    ledger '.applied_revision.config_digest // null == null'
    run -0 edited '.changes |= map(select(.resource == "policy.p"))'
    json_holds '.outcome | .applied_count == 1 and (.converged | not)'
    run -0 edited '.'
    json_holds '.outcome.converged'
    ledger '.applied_revision.config_digest != null'
    [ "$(grep -c init "$FAKE_LOG")" -eq 2 ]
}

@test "a graph created without its schema's change comes with its schema" {
    to_create
    run -0 edited '.changes |= map(select(.resource == "graph.b"))'
    ledger '.applied_revision.resources | keys == ["graph.b", "schema.b"]'
    ledger '.resource_statuses["schema.b"].status == "applied"'
    ledger ".applied_revision.resources[\"graph.b\"].digest == \"$(jq -r '.resources[] | select(.address == "graph.b") | .digest' doc)\""
}

@test "a document without any change left writes nothing" {
    to_create
    run -0 edited '.changes = []'
    json_holds '.outcome | .state_written == false and (.converged | not)'
    [ "$before" = "$(ledger_bytes)" ]
}

@test "config_digest stays what the last converged apply set" {
    to_change
    digest=$(jq .applied_revision.config_digest __cluster/state.json)
    run -0 edited '.changes |= map(select(.resource == "policy.q"))'
    ledger ".applied_revision.config_digest == $digest"
}

# --- the lock

@test "without a lock the run warns; a lost lock is no matter then" {
    to_create
    run -0 edited '.'
    has_code state_lock_disabled
    json_holds '[.diagnostics[].code] | map(select(. == "state_lock_disabled")) | length == 1'
    fake_cluster
    echo 'state: { lock: false }' >>cluster.yaml
    import >/dev/null
    run -0 apply
    json_holds '[.diagnostics[].code] | map(select(. == "state_lock_disabled")) | length == 1'
    json_holds '.outcome.converged'
}

@test "a document of a run that no longer holds the lock is fenced off" {
    on_disk_only 'a folder stands where the lock belongs'
    to_create
    run -1 edited '.lock = {acquired: true, lock_id: "01ARZ3NDEKTSV4RRFFQ69G5FAV", operation: "apply", path: "x"}'
    has_code state_lock_lost
    [ ! -s "$FAKE_LOG" ]
    [ "$before" = "$(ledger_bytes)" ]
    mkdir __cluster/lock.json
    run -1 edited '.lock = {acquired: true, lock_id: "01ARZ3NDEKTSV4RRFFQ69G5FAV", operation: "apply", path: "x"}'
    has_code state_lock_read_error
    [ "$before" = "$(ledger_bytes)" ]
}

@test "two applies without a lock: at most one writes" {
    fake_cluster
    echo 'state: { lock: false }' >>cluster.yaml
    import >/dev/null
    classified >one
    cp one two
    run -0 cluster-exec <one
    run -1 cluster-exec <two
    json_holds '.outcome.state_written == false'
}

# --- saved plans

saved_plan() { cluster-parse . | cluster-sweep --read-only | cluster-diff --preview | cluster-classify >plan.json; }
apply_plan() { cluster-lock apply -- 'cluster-exec --plan --as ann' <plan.json; }

@test "a saved plan is applied as it was reviewed, whatever happened to the files, and once" {
    to_create
    saved_plan
    echo broken >a.pg
    rm -r queries
    run -0 apply_plan
    json_holds '.outcome | .converged and .applied_count == 8'
    run -1 apply_plan
    has_code plan_stale
    json_holds '.halt and .outcome.applied_count == 0 and .outcome.state.state_revision == 2'
}

@test "warnings of a saved plan are dropped, those of taking the lock are not" {
    to_create
    saved_plan
    jq -c '.diagnostics = [{code: "old", severity: "warning", path: "", message: "m"}, {code: "state_lock_recovered", severity: "warning", path: "", message: "m"}]' plan.json >p && mv p plan.json
    run -0 apply_plan
    lacks_code old
    has_code state_lock_recovered
}

@test "a plan is stale once the ledger has moved or vanished" {
    to_create
    saved_plan
    refresh >/dev/null
    : >"$FAKE_LOG"
    run -1 apply_plan
    has_code plan_stale
    [ ! -s "$FAKE_LOG" ]
    rm __cluster/state.json
    run -1 apply_plan
    has_code plan_stale
    echo x >__cluster/state.json
    run -1 apply_plan
    has_code invalid_state_json
}

@test "a plan is stale while recovery is pending, also if the sidecar cannot be read" {
    to_create
    saved_plan
    crash_at after_graph_create
    before=$(ledger_bytes)
    run -1 apply_plan
    has_code plan_stale
    echo nonsense >"$(echo __cluster/recoveries/*)"
    run -1 apply_plan
    has_code plan_stale
    [ "$before" = "$(ledger_bytes)" ]
    rm __cluster/recoveries/*
    rm -r graphs
    run -0 apply_plan
}

@test "a plan made without a ledger is refused, and so is one without changes" {
    fake_cluster
    saved_plan
    run -1 apply_plan
    has_code state_missing
    [ ! -e __cluster/state.json ]
    [ ! -s "$FAKE_LOG" ]
    import >/dev/null
    cluster-parse . | cluster-sweep >plan.json
    run -1 apply_plan
    has_code stage_input_missing
}

@test "a plan's approvals are judged again" {
    fake_converged
    sed -i '/b: {/d' cluster.yaml
    approve graph.b >/dev/null
    saved_plan
    rm __cluster/approvals/*
    run -1 apply_plan
    has_code apply_approval_invariant_violation
    [ -d graphs/b.omni ]
}

# --- bad input

@test "sections that are missing are named" {
    to_create
    classified >doc
    for section in config store ledger resources dependencies sources sweep; do
        jq -c "del(.$section)" doc >part
        run -1 cluster-exec <part
        has_code stage_input_missing
        json_holds '.halt'
    done
    jq -c '.ledger.cas = null' doc >part
    run -1 cluster-exec <part
    has_code stage_input_missing
    [ "$before" = "$(ledger_bytes)" ]
}

@test "an apply without a ledger is refused" {
    fake_cluster
    run -1 bash -c 'cluster-parse . | cluster-sweep --read-only | cluster-diff | cluster-classify | cluster-exec'
    has_code state_missing
    [ ! -s "$FAKE_LOG" ]
}

@test "a store that cannot be opened ends the run" {
    to_create
    run -1 edited '.store.root = "ftp://x"'
    has_code state_read_error
    json_holds '.halt'
}

@test "a driver that is not there fails the operation, nothing moved" {
    to_create
    run -1 edited '.config.driver = "none-such"'
    has_code graph_create_failed
    [ "$(sidecars)" -eq 0 ]
}

@test "progress is said when asked for, and only then" {
    to_create
    classified >doc
    cluster-exec <doc 2>said >/dev/null
    [ ! -s said ]
    to_create
    classified >doc
    cluster-exec --progress <doc 2>said >/dev/null
    grep -q graph.a said
}

@test "options, halted documents and no document" {
    run -64 cluster-exec extra
    run -64 cluster-exec --as
    run -64 cluster-exec --plans
    run -0 cluster-exec --help
    run -0 cluster-exec --version
    run -1 cluster-exec <<<'{"format":"cluster-run/1","halt":true,"diagnostics":[{"code":"x","severity":"error","path":"","message":"m"}]}'
    [ "$output" = '{"diagnostics":[{"code":"x","message":"m","path":"","severity":"error"}],"format":"cluster-run/1","halt":true}' ]
    run -1 --separate-stderr cluster-exec <<<'{"format":"cluster-run/1"'
    [ -z "$output" ]
}
