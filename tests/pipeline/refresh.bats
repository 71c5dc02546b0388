#!/usr/bin/env bats
# refresh and import: what is really there, recorded.

load helper
load fake

@test "an import of nothing makes a ledger in which declared graphs are missing" {
    fake_cluster
    run -0 import
    json_holds '.outcome | .state_written and .actor == null and .applied_count == 0 and .deferred_count == 0 and (has("changes") | not)'
    ledger '.version == 1 and .state_revision == 1 and .applied_revision.resources == {}'
    for address in graph.a schema.a graph.b schema.b; do
        ledger ".resource_statuses[\"$address\"] | .status == \"drifted\" and .conditions == [\"graph_missing\"]"
    done
    ledger '.observations["graph.a"] | .kind == "graph" and .address == "graph.a" and .exists == false and .manifest_version == null and .schema_digest == null and .schema_matches_desired == null and (.desired_schema_digest | length) == 64 and (.graph_uri | endswith("/graphs/a.omni"))'
    [ "$(jq -r '.state_revision, .cas' <<<"$output" | head -1)" = null ]
    json_holds ".outcome.cas == \"sha256:$(sha256sum <__cluster/state.json | cut -c 1-64)\""
}

@test "an import records live graphs, matching or not, with their composites" {
    fake_converged
    cp __cluster/state.json before
    rm __cluster/state.json
    echo 'node Other { name: String @key }' >graphs/b.omni/schema
    run -0 import
    ledger '.resource_statuses["schema.a"].status == "applied" and .resource_statuses["graph.a"].status == "applied"'
    for address in graph.b schema.b; do
        ledger ".resource_statuses[\"$address\"] | .status == \"drifted\" and .conditions == [\"schema_mismatch\"]"
    done
    ledger ".applied_revision.resources[\"schema.b\"].digest == \"$(sha256sum <graphs/b.omni/schema | cut -c 1-64)\""
    ledger ".applied_revision.resources[\"schema.a\"].digest == \"$(sha256sum <a.pg | cut -c 1-64)\""
    ledger '.observations["graph.b"] | .exists and .schema_matches_desired == false and .manifest_version == 1 and .error == null'
    # The queries are not recorded, so that the next apply publishes them; then all is as it was.
    ledger '.applied_revision.resources | has("query.a.one") | not'
    run -0 apply
    json_holds '.outcome.converged'
    [ "$(jq -S .applied_revision before)" = "$(jq -S .applied_revision __cluster/state.json)" ]
}

@test "an import halts on any error and writes nothing" {
    fake_cluster
    mkdir -p graphs/b.omni && echo junk >graphs/b.omni/junk
    run -1 import
    has_code graph_observation_error
    json_holds '.halt and (has("outcome") | not)'
    [ ! -e __cluster/state.json ]
}

@test "an import with any error writes nothing, also when nobody halted it" {
    fake_cluster
    sweep --import | jq -c '.diagnostics = [{code: "x", severity: "error", path: "", message: "m"}]' >doc
    run -1 cluster-exec <doc
    json_holds '.halt and .outcome.state_written == false and .outcome.state == null'
    [ ! -e __cluster/state.json ]
}

@test "an import sweeps first" {
    fake_cluster && import >/dev/null
    crash_at after_graph_create
    rm __cluster/state.json
    run -0 import
    has_code cluster_recovery_rolled_forward
    ledger '.recovery_records | length == 1'
    ledger '.resource_statuses["schema.a"].status == "applied"'
    [ "$(sidecars)" -eq 0 ]
}

@test "two imports: the second fails, and what it races with is not overwritten" {
    fake_cluster
    CLUSTER_FAILPOINTS="cluster_sync.before_state_write=exec:mkdir -p __cluster && echo theirs >__cluster/state.json" run -1 import
    has_code state_cas_mismatch
    [ "$(cat __cluster/state.json)" = theirs ]
}

@test "approvals on disk keep counting after an import" {
    fake_converged
    cp cluster.yaml with
    sed -i '/b: {/d' cluster.yaml
    approve graph.b >/dev/null
    gates='[.approvals_required[] | [.resource, .satisfied]] == [["graph.b", true]]'
    run -0 plan
    json_holds "$gates"
    approvals=$(cat __cluster/approvals/*)
    rm __cluster/state.json
    cp cluster.yaml without && cp with cluster.yaml
    run -0 import
    cp without cluster.yaml
    [ "$approvals" = "$(cat __cluster/approvals/*)" ]
    run -0 plan
    json_holds "$gates"
}

@test "a refresh of a converged cluster raises the revision by one and keeps the rest" {
    fake_converged
    cp __cluster/state.json before
    run -0 refresh
    json_holds '.diagnostics == [] and .outcome.state_written'
    [ "$(jq .state_revision before)" -eq $(($(jq .state_revision __cluster/state.json) - 1)) ]
    filter='del(.state_revision, .observations[].observed_at)'
    [ "$(jq -S "$filter" before)" = "$(jq -S "$filter" __cluster/state.json)" ]
    [ "$(cat "$FAKE_LOG")" = "$(printf 'describe a\ndescribe b')" ]
}

@test "a refresh without a ledger fails" {
    fake_cluster
    run -1 refresh
    has_code state_missing
    [ ! -e __cluster/state.json ]
}

@test "a missing blob: drifted, its digest leaves, the next apply publishes it again" {
    fake_converged
    composite=$(jq -r '.applied_revision.resources["graph.a"].digest' __cluster/state.json)
    rm __cluster/resources/query/a/one/*.gq
    run -0 refresh
    has_code catalog_payload_missing
    ledger '.resource_statuses["query.a.one"] | .status == "drifted" and .conditions == ["payload_missing"]'
    ledger '.applied_revision.resources | has("query.a.one") | not'
    [ "$composite" != "$(jq -r '.applied_revision.resources["graph.a"].digest' __cluster/state.json)" ]
    run -0 plan
    json_holds '[.changes[] | [.resource, .operation, .disposition]] == [["graph.a","update","derived"],["query.a.one","create","applied"]]'
    run -0 apply
    json_holds '.outcome.converged'
    ledger ".applied_revision.resources[\"graph.a\"].digest == \"$composite\""
    ledger '.resource_statuses["query.a.one"].status == "applied"'
}

@test "a blob with other content: drifted, and replaced with a warning on apply" {
    fake_converged
    blob=$(echo __cluster/resources/policy/p/*.yaml)
    echo tampered >"$blob"
    run -0 refresh
    has_code catalog_payload_mismatch
    ledger '.resource_statuses["policy.p"] | .status == "drifted" and .conditions == ["payload_mismatch"]'
    ledger '.applied_revision.resources | has("policy.p") | not'
    run -0 apply
    has_code catalog_payload_mismatch
    json_holds '.outcome.converged'
    cmp p.yaml "$blob"
}

@test "a blob that cannot be read: an error, the digest stays, and it heals" {
    on_disk_only 'a folder stands where a file belongs'
    fake_converged
    blob=$(echo __cluster/resources/query/a/one/*.gq)
    rm "$blob" && mkdir "$blob"
    run -1 refresh
    has_code catalog_payload_read_error
    json_holds '.outcome.state_written and (.halt | not)'
    ledger '.resource_statuses["query.a.one"] | .status == "error" and .conditions == ["payload_read_error"]'
    ledger '.applied_revision.resources | has("query.a.one")'
    rmdir "$blob" && cp queries/one.gq "$blob"
    run -0 refresh
    ledger '.resource_statuses["query.a.one"] == {"status": "applied", "conditions": []}'
}

@test "a graph that is gone leaves the record, and apply makes an empty one" {
    fake_converged
    rm -r graphs/a.omni
    run -0 refresh
    has_code graph_missing
    for address in graph.a schema.a; do
        ledger ".applied_revision.resources | has(\"$address\") | not"
        ledger ".resource_statuses[\"$address\"] | .status == \"drifted\" and .conditions == [\"graph_missing\"]"
    done
    ledger '.applied_revision.resources | has("query.a.one")'
    run -0 plan
    json_holds '[.changes[] | select(.operation == "create") | .resource] == ["graph.a", "schema.a"]'
    run -0 apply
    json_holds '.outcome.converged'
    ledger '.resource_statuses["graph.a"].status == "applied"'
}

@test "a graph that does not open: recorded as an error, digests stay, exit 1, the rest goes on" {
    fake_converged
    rm graphs/a.omni/schema
    run -1 refresh
    has_code graph_observation_error
    json_holds '.outcome.state_written and (.halt | not)'
    for address in graph.a schema.a; do
        ledger ".resource_statuses[\"$address\"] | .status == \"error\" and .conditions == [\"graph_observation_error\"]"
        ledger ".applied_revision.resources | has(\"$address\")"
    done
    ledger '.observations["graph.a"] | .exists and .schema_digest == null and (.error | length) > 0'
    ledger '.observations["graph.b"].error == null'
}

@test "a root that cannot be looked at has no known existence" {
    on_disk_only 'a link that leads to itself'
    fake_converged
    mv graphs kept && ln -s graphs graphs
    run -1 refresh
    has_code graph_observation_error
    ledger '.observations["graph.a"].exists == null and .applied_revision.resources["graph.a"]'
}

@test "a driver that dies or talks nonsense is a graph that does not open" {
    fake_converged
    for how in kill nonsense nofields 1 3 5; do
        FAKE_FAIL="describe:a:$how" run -1 refresh
        has_code graph_observation_error
        ledger '.applied_revision.resources["schema.a"]'
    done
}

@test "a graph with another schema: recorded, drifted, and the next plan migrates it back" {
    fake_converged
    echo 'node N { name: String @key extra: String? }' >graphs/a.omni/schema
    run -0 refresh
    for address in graph.a schema.a; do
        ledger ".resource_statuses[\"$address\"] | .status == \"drifted\" and .conditions == [\"schema_mismatch\"]"
    done
    ledger ".applied_revision.resources[\"schema.a\"].digest == \"$(sha256sum <graphs/a.omni/schema | cut -c 1-64)\""
    run -0 plan
    json_holds '[.changes[] | [.resource, .operation, .disposition]] == [["graph.a","update","derived"],["schema.a","update","applied"]]'
    run -0 apply
    json_holds '.outcome.converged'
    ledger '.resource_statuses["graph.a"].status == "applied" and .resource_statuses["schema.a"].status == "applied"'
    cmp a.pg graphs/a.omni/schema
}

@test "graphs that the configuration no longer names are left as they are" {
    fake_converged
    sed -i '/b: {/d' cluster.yaml
    rm -r graphs/b.omni
    entry=$(jq -S '[.applied_revision.resources["graph.b"], .resource_statuses["graph.b"], .observations["graph.b"]]' __cluster/state.json)
    run -0 refresh
    [ "$entry" = "$(jq -S '[.applied_revision.resources["graph.b"], .resource_statuses["graph.b"], .observations["graph.b"]]' __cluster/state.json)" ]
}

@test "a refresh rolls recovery forward and retires sidecars after its write" {
    fake_converged
    more_schema a
    crash_at after_schema_apply
    CLUSTER_FAILPOINTS=cluster_sync.before_state_write=error run -1 refresh
    has_code injected_failpoint
    [ "$(sidecars)" -eq 1 ]
    run -0 refresh
    has_code cluster_recovery_rolled_forward
    ledger '.resource_statuses["schema.a"].status == "applied" and (.recovery_records | length) == 1'
    [ "$(sidecars)" -eq 0 ]
}

@test "a refresh that loses the race leaves the ledger of the other, and sidecars stay" {
    fake_converged
    more_schema a
    crash_at after_schema_apply
    CLUSTER_FAILPOINTS="cluster_sync.before_state_write=exec:sed -i s/resources/resources/ __cluster/state.json && echo >>__cluster/state.json" run -1 refresh
    has_code state_cas_mismatch
    json_holds '.halt and .outcome.state_written == false'
    json_holds ".outcome.cas == \"sha256:$(sha256sum <__cluster/state.json | cut -c 1-64)\""
    [ "$(sidecars)" -eq 1 ]
}

@test "a refresh that loses its lock writes nothing" {
    fake_converged
    before=$(ledger_bytes)
    CLUSTER_FAILPOINTS="cluster_sync.before_state_write=exec:rm __cluster/lock.json" run -1 refresh
    has_code state_lock_lost
    [ "$before" = "$(ledger_bytes)" ]
}

@test "what other tools wrote into the ledger is kept verbatim" {
    fake_converged
    jq '.applied_revision.resources["query.a.one"].embedding_profile = {"x": [1, 2]} | .applied_revision.resources["graph.a"].external_blob_policy = "keep" | .approval_records.z = {"odd": null} | .recovery_records.z = [1] | .observations.z = "free"' \
        __cluster/state.json >s && mv s __cluster/state.json
    run -0 refresh
    ledger '.applied_revision.resources["query.a.one"].embedding_profile == {"x": [1, 2]} and .applied_revision.resources["graph.a"].external_blob_policy == "keep"'
    ledger '.approval_records.z == {"odd": null} and .recovery_records.z == [1] and .observations.z == "free"'
    more_schema a
    run -0 apply
    json_holds '.outcome.converged'
    ledger '.applied_revision.resources["graph.a"].external_blob_policy == "keep"'
}

@test "a create that left a root which does not open is one error of a refresh and of an import" {
    fake_cluster && import >/dev/null
    crash_at before_graph_create
    mkdir -p graphs/a.omni && echo half >graphs/a.omni/part
    run -1 refresh
    json_holds '[.diagnostics[] | select(.severity == "error").code] == ["graph_create_incomplete"]'
    ledger '.observations["graph.a"] | .exists and .error != null'
    rm __cluster/state.json
    run -1 import
    json_holds '[.diagnostics[] | select(.severity == "error").code] == ["graph_create_incomplete"] and .halt'
    [ ! -e __cluster/state.json ]
}
