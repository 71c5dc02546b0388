#!/usr/bin/env bats
# cluster-sweep: each row of the recovery matrix, from a run that really died, and what it reads.

load helper
load fake

@test "1: a create that never reached the driver is retired and proposed again" {
    fake_cluster && import >/dev/null
    crash_at before_graph_create
    [ "$(sidecars)" -eq 1 ]
    sidecar '.kind == "graph_create" and .expected_manifest_version == null and .approval_id == null'
    run -0 sweep
    json_holds '(.sweep.completed | length) == 1 and .sweep.pending_graphs == [] and .diagnostics == []'
    run -0 apply
    json_holds '.outcome.converged'
    [ "$(sidecars)" -eq 0 ]
    [ "$(sort "$FAKE_LOG")" = "$(printf 'init a\ninit b')" ]
}

@test "1: a root directory without anything in it is no root" {
    fake_cluster && import >/dev/null
    crash_at before_graph_create
    mkdir -p graphs/a.omni
    run -0 sweep
    json_holds '(.sweep.completed | length) == 1 and .sweep.pending_graphs == []'
}

@test "2: a create and a migration that the ledger has already are retired, and nothing is written" {
    fake_cluster && import >/dev/null
    crash_at after_state_write
    [ "$(sidecars)" -eq 2 ]
    before=$(ledger_bytes)
    run -0 apply
    json_holds '.outcome.converged and (.outcome.state_written | not) and .diagnostics == []'
    [ "$before" = "$(ledger_bytes)" ]
    [ "$(sidecars)" -eq 0 ]

    more_schema a
    crash_at after_state_write
    [ "$(sidecars)" -eq 1 ]
    before=$(ledger_bytes)
    run -0 apply
    json_holds '.outcome.converged and (.outcome.state_written | not) and .diagnostics == []'
    [ "$before" = "$(ledger_bytes)" ]
    [ "$(sidecars)" -eq 0 ]
}

@test "2: a migration that never landed is retired and runs again" {
    fake_converged
    more_schema a
    crash_at before_schema_apply
    sidecar '.kind == "schema_apply" and .observed_manifest_version == 1 and .expected_manifest_version == null'
    run -0 sweep
    json_holds '(.sweep.completed | length) == 1 and .ledger.state == .ledger.base and .diagnostics == []'
    run -0 apply
    json_holds '.outcome.converged and .outcome.applied_count == 1'
    [ "$(cat graphs/a.omni/version)" = 2 ]
}

@test "3: a migration that landed rolls the ledger forward" {
    fake_converged
    more_schema a
    crash_at after_schema_apply
    sidecar '.expected_manifest_version == 2'
    operation=$(jq -r .operation_id __cluster/recoveries/*.json)
    run -0 sweep
    has_code cluster_recovery_rolled_forward
    json_holds '.ledger.state.resource_statuses["schema.a"].status == "applied"'
    json_holds '.ledger.state.applied_revision.resources as $r | [.resources[] | select(.address == "schema.a" or .address == "graph.a") | .digest == $r[.address].digest] | all'
    [ "$(jq -r '.applied_revision.resources["schema.a"].digest' __cluster/state.json)" != "$(sha256sum <a.pg | cut -c 1-64)" ]
    run -0 apply
    json_holds '.outcome.converged and .outcome.state_written and .outcome.changes == []'
    ledger ".recovery_records[\"$operation\"] | .kind == \"schema_apply\" and .graph_id == \"a\" and .outcome == \"rolled_forward\" and .actor == \"ann\" and (.recovered_at | length) > 10"
    ledger '.observations["graph.a"] | .exists and .manifest_version == 2 and .schema_matches_desired'
    [ "$(sidecars)" -eq 0 ]
    [ "$(cat graphs/a.omni/version)" = 2 ]
}

@test "4: a create that landed rolls the ledger forward and is not repeated" {
    fake_cluster && import >/dev/null
    crash_at after_graph_create
    sidecar '.expected_manifest_version == 1'
    run -0 apply
    has_code cluster_recovery_rolled_forward
    json_holds '.outcome.converged'
    ledger '.recovery_records | length == 1 and (.[] | .kind == "graph_create" and .graph_id == "a")'
    [ "$(grep -c 'init a' "$FAKE_LOG")" -eq 1 ]
    [ "$(sidecars)" -eq 0 ]
}

@test "5: a root that does not open is kept for a person, its graph is closed and the rest goes on" {
    fake_cluster && import >/dev/null
    crash_at before_graph_create
    mkdir -p graphs/a.omni && echo half >graphs/a.omni/part
    run -1 apply
    has_code graph_create_incomplete
    json_holds '.halt | not'
    change_is graph.a blocked cluster_recovery_pending
    change_is schema.a blocked cluster_recovery_pending
    change_is query.a.one blocked cluster_recovery_pending
    change_is policy.p blocked cluster_recovery_pending
    change_is graph.b applied
    change_is policy.q applied
    ledger '.resource_statuses["graph.a"] | .status == "error" and .conditions == ["graph_create_incomplete"]'
    ledger '.resource_statuses["schema.a"] | .status == "blocked" and .conditions == ["cluster_recovery_pending"]'
    ledger '.applied_revision.config_digest // null == null'
    [ "$(sidecars)" -eq 1 ]
    [ -e graphs/a.omni/part ]

    # Once more: the same answer, and nothing to write.
    before=$(ledger_bytes)
    run -1 apply
    json_holds '.outcome.state_written | not'
    [ "$before" = "$(ledger_bytes)" ]

    rm -r graphs/a.omni
    run -0 apply
    json_holds '.outcome.converged'
    ledger '[.resource_statuses[] | .status] | all(. == "applied")'
    [ "$(sidecars)" -eq 0 ]
}

@test "5s: a migrated graph that does not open, or is gone, stays pending" {
    fake_converged
    more_schema a
    more_schema b
    crash_at before_schema_apply
    mv graphs/a.omni/schema hidden
    run -0 apply
    has_code cluster_recovery_pending
    change_is schema.a blocked cluster_recovery_pending
    change_is schema.b applied
    [ "$(sidecars)" -eq 1 ]

    rm -r graphs/a.omni
    run -0 apply
    has_code cluster_recovery_pending
    [ "$(sidecars)" -eq 1 ]
    ledger '.applied_revision.resources["graph.a"]'

    mkdir graphs/a.omni && mv hidden graphs/a.omni/schema && echo 1 >graphs/a.omni/version
    run -0 apply
    json_holds '.outcome.converged'
    [ "$(sidecars)" -eq 0 ]
}

@test "6: a graph with some other schema is marked, graph and schema, and kept" {
    fake_converged
    more_schema a
    crash_at after_schema_apply
    echo 'node Other { name: String @key }' >graphs/a.omni/schema
    run -0 apply
    has_code cluster_recovery_pending
    change_is schema.a blocked cluster_recovery_pending
    for address in graph.a schema.a; do
        ledger ".resource_statuses[\"$address\"] | .status == \"drifted\" and .conditions == [\"actual_applied_state_pending\"]"
    done
    [ "$(sidecars)" -eq 1 ]
    # A refresh does not settle it behind one's back either.
    run -0 refresh
    ledger '.resource_statuses["schema.a"].conditions == ["actual_applied_state_pending"]'
    [ "$(sidecars)" -eq 1 ]
    # The intended one shows up after all: settled.
    cp a.pg graphs/a.omni/schema
    run -0 apply
    json_holds '.outcome.converged'
    ledger '.resource_statuses["graph.a"] == {"status": "applied", "conditions": []}'
    [ "$(sidecars)" -eq 0 ]
}

@test "6: a create that opens with some other schema is kept too" {
    fake_cluster && import >/dev/null
    crash_at after_graph_create
    echo 'node Other { name: String @key }' >graphs/a.omni/schema
    run -0 apply
    has_code cluster_recovery_pending
    ledger '.resource_statuses["schema.a"].conditions == ["actual_applied_state_pending"]'
    ledger '.applied_revision.resources["graph.a"] | not'
    [ "$(sidecars)" -eq 1 ]
}

@test "6: a migration of a graph that the ledger lacks is kept, though its schema is the intended one" {
    fake_converged
    more_schema a
    crash_at after_schema_apply
    jq 'del(.applied_revision.resources["graph.a", "schema.a", "query.a.one", "query.a.two"])' \
        __cluster/state.json >s && mv s __cluster/state.json
    run -0 sweep
    json_holds '.sweep.pending_graphs == ["a"] and .ledger.state.resource_statuses["schema.a"].conditions == ["actual_applied_state_pending"]'
}

# Graph b is no longer wanted, and that is approved.
leave_b() {
    fake_converged
    sed -i '/b: {/d' cluster.yaml
    approve graph.b >/dev/null
    approval=$(jq -r .approval_id __cluster/approvals/*.json)
}

@test "7: a delete that the ledger has already is retired, and the approval is consumed" {
    leave_b
    crash_at after_state_write
    [ "$(sidecars)" -eq 1 ]
    [ ! -e graphs/b.omni ]
    # The ledger says that it was used, the artifact not yet.
    [ "$(jq .consumed_at __cluster/approvals/*.json)" = null ]
    ledger ".approval_records[\"$approval\"].consumed_by_operation | length == 26"
    before=$(ledger_bytes)
    run -0 apply
    json_holds '.outcome.converged and (.outcome.state_written | not)'
    [ "$before" = "$(ledger_bytes)" ]
    [ "$(sidecars)" -eq 0 ]
    record=$(jq -c ".approval_records[\"$approval\"]" __cluster/state.json)
    [ "$record" = "$(jq -cS '{consumed_at, consumed_by_operation}' __cluster/approvals/*.json)" ]
}

@test "7b: a delete whose root is gone is rolled forward: tombstone, approval consumed once" {
    leave_b
    crash_at after_graph_delete
    sidecar ".kind == \"graph_delete\" and .approval_id == \"$approval\" and .desired_schema_digest == \"\""
    operation=$(jq -r .operation_id __cluster/recoveries/*.json)
    run -0 apply
    has_code cluster_recovery_rolled_forward
    json_holds '.outcome.converged'
    ledger '.applied_revision.resources | has("graph.b") or has("schema.b") | not'
    ledger '.resource_statuses | has("graph.b") | not'
    ledger ".observations[\"graph.b\"] | .kind == \"tombstone\" and .approval_id == \"$approval\" and .actor == \"ann\" and (.deleted_at | length) > 10"
    ledger ".approval_records[\"$approval\"].consumed_by_operation == \"$operation\""
    ledger ".recovery_records[\"$operation\"].outcome == \"rolled_forward\""
    [ "$(jq -r .consumed_by_operation __cluster/approvals/*.json)" = "$operation" ]
    [ "$(sidecars)" -eq 0 ]
}

@test "7b: a recovery that loses the ledger write leaves sidecar and approval for the next" {
    leave_b
    crash_at after_graph_delete
    CLUSTER_FAILPOINTS=cluster_apply.before_state_write=error run -1 apply
    has_code injected_failpoint
    [ "$(sidecars)" -eq 1 ]
    [ "$(jq .consumed_at __cluster/approvals/*.json)" = null ]
    run -0 apply
    json_holds '.outcome.converged'
    [ "$(jq -r .consumed_at __cluster/approvals/*.json)" != null ]
}

@test "8: a delete whose root is still there is retired, and the same approval lets it run" {
    leave_b
    crash_at before_graph_delete
    [ -d graphs/b.omni ]
    rm graphs/b.omni/schema # half removed: no driver could open it
    run -0 apply
    has_code graph_delete_incomplete
    json_holds '.outcome.converged'
    [ ! -e graphs/b.omni ]
    [ "$(jq -r .consumed_at __cluster/approvals/*.json)" != null ]
    [ "$(sidecars)" -eq 0 ]
}

@test "a store that cannot be asked keeps the sidecar" {
    on_disk_only 'a file stands where a folder belongs'
    leave_b
    crash_at before_graph_delete
    mv graphs/b.omni hidden && mv graphs kept && : >graphs
    run -0 sweep
    has_code cluster_recovery_pending
    json_holds '.sweep.pending_graphs == ["b"] and .sweep.completed == []'
}

@test "sidecars are handled in the order of their ids" {
    fake_cluster && import >/dev/null
    crash_at after_state_write
    run -0 sweep
    json_holds '.sweep.completed == (.sweep.completed | sort) and (.sweep.completed | length) == 2'
}

@test "reading only: every sidecar closes its graph with a warning, and no graph is looked at" {
    fake_cluster && import >/dev/null
    crash_at after_graph_create
    : >"$FAKE_LOG"
    before=$(find __cluster -type f -exec sha256sum {} + | sort)
    run -0 sweep --read-only
    has_code cluster_recovery_pending
    json_holds '.sweep == {"completed": [], "consumed_approvals": [], "pending_graphs": ["a"]} and .ledger.state == .ledger.base'
    [ ! -s "$FAKE_LOG" ]
    [ "$before" = "$(find __cluster -type f -exec sha256sum {} + | sort)" ]
}

@test "an absent ledger: an error, but no matter when reading only, and right for an import" {
    fake_cluster
    run -1 sweep
    has_code state_missing
    json_holds '.halt'
    run -0 sweep --read-only
    json_holds '.ledger == {"found": false, "cas": null, "state": null, "base": null, "approvals": [], "sidecars": []}'
    run -0 sweep --import
    json_holds '.ledger.found == false and .ledger.state.state_revision == 0 and .ledger.state.applied_revision.resources == {} and .ledger.base == null'
    [ ! -e __cluster ]
}

@test "a ledger that is there: an import refuses, or is content with --if-missing" {
    fake_converged
    run -1 sweep --import
    has_code state_already_exists
    json_holds '.halt'
    before=$(ledger_bytes)
    run -0 import --if-missing
    has_code state_already_exists
    json_holds '.halt and .ledger.found and (has("outcome") | not)'
    [ "$before" = "$(ledger_bytes)" ]
}

@test "a broken ledger ends the run, also for an import that may find one" {
    on_disk_only 'a folder stands where the ledger belongs'
    fake_converged
    echo '{"version": 1' >__cluster/state.json
    run -1 sweep
    has_code invalid_state_json
    json_holds '.halt'
    run -1 sweep --import --if-missing
    has_code invalid_state_json
    echo '{"version": 2, "applied_revision": {"resources": {}}}' >__cluster/state.json
    run -1 sweep --read-only
    has_code unsupported_state_version
    json_holds '.halt'
    rm __cluster/state.json && mkdir __cluster/state.json
    run -1 sweep
    has_code state_read_error
}

@test "sidecars and approvals that cannot be read warn and stay" {
    fake_converged
    mkdir -p __cluster/recoveries __cluster/approvals
    echo nonsense >__cluster/recoveries/01ARZ3NDEKTSV4RRFFQ69G5FAV.json
    echo '{"schema_version": 9}' >__cluster/recoveries/01ARZ3NDEKTSV4RRFFQ69G5FAW.json
    echo nonsense >__cluster/approvals/01ARZ3NDEKTSV4RRFFQ69G5FAV.json
    run -0 apply
    has_code invalid_recovery_sidecar
    has_code unsupported_recovery_sidecar_version
    has_code invalid_approval_artifact
    json_holds '.outcome.converged'
    [ "$(sidecars)" -eq 2 ]
}

@test "a folder of sidecars that cannot be listed ends the run: anything might be pending" {
    on_disk_only 'permissions of a folder'
    [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null || skip 'only root can become somebody who may not'
    fake_converged
    mkdir -p __cluster/recoveries && chmod 0 __cluster/recoveries
    cluster-parse . >doc
    for folder in . .. ../.. ../../..; do chmod a+rx "$folder"; done
    run -1 --separate-stderr setpriv --reuid 65534 --regid 65534 --clear-groups cluster-sweep <doc
    has_code recovery_sidecar_read_error
    json_holds '.halt'
}

@test "old temporaries are removed by a sweep, young ones and reading-only runs leave them" {
    on_disk_only 'a bucket has no temporaries'
    fake_converged
    : >__cluster/.tmp.old && touch -d '2 hours ago' __cluster/.tmp.old
    : >__cluster/.tmp.new
    sweep --read-only >/dev/null
    [ -e __cluster/.tmp.old ]
    sweep >/dev/null
    [ ! -e __cluster/.tmp.old ]
    [ -e __cluster/.tmp.new ]
}

@test "the lock is observed when nobody took it" {
    fake_converged
    run -0 sweep --read-only
    json_holds '.lock.acquired == false and .lock.operation == "" and (.lock | has("observed") | not) and (.lock.path | endswith("/__cluster/lock.json"))'
    echo '{"version":1,"lock_id":"01ARZ3NDEKTSV4RRFFQ69G5FAV","operation":"apply","created_at":"2026-01-02T03:04:05.678Z","pid":1}' >__cluster/lock.json
    run -0 sweep --read-only
    json_holds '.lock.observed.lock_id == "01ARZ3NDEKTSV4RRFFQ69G5FAV" and .lock.observed.operation == "apply"'
    echo nonsense >__cluster/lock.json
    run -0 sweep --read-only
    has_code invalid_state_lock
    json_holds '.lock | has("observed")'
}

@test "a halted document passes through untouched, and a missing section is named" {
    run -1 cluster-sweep <<<'{"format":"cluster-run/1","halt":true,"diagnostics":[{"code":"x","severity":"error","path":"","message":"m"}],"x":[1]}'
    [ "$output" = '{"diagnostics":[{"code":"x","message":"m","path":"","severity":"error"}],"format":"cluster-run/1","halt":true,"x":[1]}' ]
    run -1 cluster-sweep <<<'{"format":"cluster-run/1"}'
    has_code stage_input_missing
    json_holds '.halt'
    run -1 cluster-sweep </dev/null
    [ -z "$(cluster-sweep </dev/null 2>/dev/null)" ]
}

@test "a store that cannot be opened ends the run" {
    run -1 cluster-sweep --read-only <<<'{"format":"cluster-run/1","store":{"root":"ftp://x","display":"x"}}'
    has_code state_read_error
    json_holds '.halt'
}

@test "wrong options are usage errors" {
    run -64 cluster-sweep --read-only --import
    run -64 cluster-sweep --if-missing
    run -64 cluster-sweep extra
    run -64 cluster-sweep --reed-only
    run -0 cluster-sweep --help
    run -0 cluster-sweep --version
}

@test "what a sweep complained of is settled once the live schema is the recorded one again" {
    fake_converged
    cp graphs/a.omni/schema recorded
    more_schema a
    crash_at after_schema_apply
    echo 'node Other { name: String @key }' >graphs/a.omni/schema
    apply >/dev/null
    ledger '.resource_statuses["schema.a"].status == "drifted"'
    cp recorded graphs/a.omni/schema
    run -0 sweep
    json_holds '.diagnostics == [] and .sweep.pending_graphs == [] and .ledger.state.resource_statuses["schema.a"] == {"status": "applied", "conditions": []}'
    run -0 apply
    json_holds '.outcome.converged'
}

@test "a store that cannot be asked keeps the sidecar of a create" {
    on_disk_only 'a file stands where a folder belongs'
    fake_cluster && import >/dev/null
    crash_at before_graph_create
    rm -rf graphs && : >graphs
    run -0 sweep
    has_code cluster_recovery_pending
    json_holds '.sweep.pending_graphs == ["a"] and .sweep.completed == []'
}
