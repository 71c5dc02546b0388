#!/usr/bin/env bats
# apply: the order of things, convergence, and every way in which an operation can fail.

load helper
load fake

@test "an apply creates graphs by id, publishes blobs, writes the ledger once and converges" {
    fake_cluster && import >/dev/null
    run -0 apply
    json_holds '.outcome | .actor == "ann" and .converged and .state_written and .applied_count == 8 and .deferred_count == 0'
    json_holds '.diagnostics == []'
    [ "$(cat "$FAKE_LOG")" = "$(printf 'init a\ninit b')" ]
    ledger '.state_revision == 2 and .applied_revision.config_digest != null'
    json_holds '.config.digest == .outcome.state.applied_revision.config_digest'
    json_holds ".outcome.cas == \"sha256:$(sha256sum <__cluster/state.json | cut -c 1-64)\""
    [ "$(jq -cS '[.resources[] | {key: .address, value: .digest}] | from_entries' <<<"$output")" = \
        "$(jq -cS '.applied_revision.resources | map_values(.digest)' __cluster/state.json)" ]
    ledger '.applied_revision.resources | .["policy.p"].applies_to == ["graph.a"] and .["policy.q"].applies_to == ["cluster"] and (.["graph.a"] | has("applies_to") | not)'
    ledger '[.resource_statuses[]] | all(. == {"status": "applied", "conditions": []})'
    ledger '.observations["graph.a"] | .exists and .manifest_version == 1 and .schema_matches_desired'
    for file in queries/one.gq queries/two.gq; do
        name=$(basename "$file" .gq)
        cmp "$file" "__cluster/resources/query/a/$name/$(sha256sum <"$file" | cut -c 1-64).gq"
    done
    cmp p.yaml "__cluster/resources/policy/p/$(sha256sum <p.yaml | cut -c 1-64).yaml"
    [ "$(sidecars)" -eq 0 ]
}

@test "a converged apply writes nothing: same bytes, same files" {
    fake_converged
    before=$(find . -type f -not -name '*.log' -exec sha256sum {} + | grep -v -e '/\.lock$' | sort)
    run -0 apply
    json_holds '.outcome | .converged and (.state_written | not) and .changes == [] and .state.state_revision == 2'
    [ "$before" = "$(find . -type f -not -name '*.log' -exec sha256sum {} + | grep -v -e '/\.lock$' | sort)" ]
    [ ! -s "$FAKE_LOG" ]
}

@test "a migration and the query that needs it converge in one run" {
    fake_converged
    more_schema a
    sed -i 's/\$p.name }/$p.name, $p.more }/' queries/one.gq
    run -0 apply
    json_holds '.outcome.converged and ([.outcome.changes[] | [.resource, .disposition]] == [["graph.a","derived"],["query.a.one","applied"],["schema.a","applied"]])'
    [ "$(cat "$FAKE_LOG")" = "$(printf 'describe a\nplan a\napply a')" ]
    ledger '.observations["graph.a"].manifest_version == 2'
}

@test "only comments changed in a schema is a migration like any other" {
    fake_converged
    echo '// a remark' >>a.pg
    run -0 apply
    json_holds '.outcome.converged'
}

@test "queries and policies leave the ledger, their blobs stay inert" {
    fake_converged
    rm queries/two.gq
    sed -i '/p: {/d' cluster.yaml
    run -0 apply
    json_holds '.outcome.converged'
    ledger '.applied_revision.resources | has("query.a.two") or has("policy.p") | not'
    ledger '.resource_statuses | has("query.a.two") or has("policy.p") | not'
    [ -n "$(ls __cluster/resources/policy/p)" ]
}

@test "a change of bindings alone is applied and recorded" {
    fake_converged
    sed -i 's/applies_to: \[a\]/applies_to: [a, b]/' cluster.yaml
    run -0 apply
    json_holds '.outcome.converged and .outcome.changes[0].binding_change'
    ledger '.applied_revision.resources["policy.p"].applies_to == ["graph.a", "graph.b"]'
    # One that predates bindings gets its own.
    jq 'del(.applied_revision.resources["policy.p"].applies_to)' __cluster/state.json >s && mv s __cluster/state.json
    run -0 apply
    json_holds '.outcome.converged and .outcome.applied_count == 1'
    ledger '.applied_revision.resources["policy.p"].applies_to == ["graph.a", "graph.b"]'
}

@test "the actor comes from --as, else from the environment, else there is none" {
    fake_cluster && import >/dev/null
    classified >doc
    run -0 bash -c 'CLUSTER_ACTOR=eve cluster-exec --as bob <doc'
    json_holds '.outcome.actor == "bob"'
    fake_cluster && import >/dev/null
    classified >doc
    run -0 bash -c 'CLUSTER_ACTOR=eve cluster-exec <doc'
    json_holds '.outcome.actor == "eve"'
    fake_cluster && import >/dev/null
    classified >doc
    run -0 bash -c 'HOME=$PWD cluster-exec <doc'
    json_holds '.outcome.actor == null'
    fake_cluster && import >/dev/null
    classified >doc
    mkdir .omnigraph && echo '[' >.omnigraph/config.yaml
    run -0 bash -c 'HOME=$PWD cluster-exec <doc'
    has_code actor_unknown
    json_holds '.outcome.converged and .outcome.actor == null'
}

# --- failures of graph operations

@test "a create that fails without moving leaves no sidecar; the rest is recorded, dependents are blocked" {
    fake_cluster && import >/dev/null
    FAKE_FAIL=init:a:1 run -1 apply
    has_code graph_create_failed
    has_code graph_create_skipped
    has_code apply_dependency_blocked
    json_holds '.halt | not'
    change_is graph.a blocked graph_create_failed
    change_is graph.b blocked skipped_after_failure
    for address in schema.a schema.b query.a.one query.a.two policy.p; do
        change_is "$address" blocked dependency_not_applied
    done
    change_is policy.q applied
    json_holds '.outcome | .state_written and (.converged | not) and .applied_count == 1 and .deferred_count == 7'
    [ "$(sidecars)" -eq 0 ]
    ledger '.applied_revision.resources | keys == ["policy.q"]'
    ledger '.resource_statuses["graph.a"] | .status == "blocked" and .conditions == ["graph_create_failed"] and (.message | length) > 0'
    ledger '.resource_statuses["query.a.one"] | .status == "blocked" and .conditions == ["dependency_not_applied"]'
    ledger '.applied_revision | has("config_digest") and .config_digest == null or (has("config_digest") | not)'
    [ "$(cat "$FAKE_LOG")" = 'init a' ]
    # And then it works, and what was blocked is blocked no longer.
    run -0 apply
    json_holds '.outcome.converged'
    ledger '[.resource_statuses[] | .status] | all(. == "applied")'
}

@test "the second create fails: the first is recorded, partial and loudly" {
    fake_cluster && import >/dev/null
    FAKE_FAIL=init:b:1 run -1 apply
    change_is graph.a applied
    change_is query.a.one applied
    change_is policy.p applied
    change_is graph.b blocked graph_create_failed
    ledger '.applied_revision.resources | has("graph.a") and has("query.a.one") and has("policy.p") and (has("graph.b") or has("schema.b") | not)'
    [ "$(sidecars)" -eq 0 ]
    run -0 apply
    json_holds '.outcome.converged'
    [ "$(cat "$FAKE_LOG")" = "$(printf 'init a\ninit b\ninit b')" ]
}

@test "a create that may have moved keeps its sidecar, and the next run finds out" {
    for how in moved5 kill nonsense nofields; do
        fake_cluster && import >/dev/null
        FAKE_FAIL=init:a:$how run -1 apply
        has_code graph_create_failed
        change_is graph.a blocked graph_create_failed
        [ "$(sidecars)" -eq 1 ]
        ledger '.applied_revision.resources | has("graph.a") | not'
        run -0 apply
        has_code cluster_recovery_rolled_forward
        json_holds '.outcome.converged'
        [ "$(grep -c 'init a' "$FAKE_LOG")" -eq 1 ]
        [ "$(sidecars)" -eq 0 ]
    done
}

@test "a create that cannot say whether it moved, and did not, is repeated" {
    fake_cluster && import >/dev/null
    FAKE_FAIL=init:a:5 run -1 apply
    [ "$(sidecars)" -eq 1 ]
    run -0 apply
    json_holds '.outcome.converged'
    [ "$(grep -c 'init a' "$FAKE_LOG")" -eq 2 ]
}

@test "a driver that created the graph with another schema is not believed" {
    fake_cluster && import >/dev/null
    FAKE_FAIL=init:a:wrong run -1 apply
    has_code graph_create_failed
    [ "$(sidecars)" -eq 1 ]
}

@test "a create over a root that holds something is refused by the driver and moves nothing" {
    fake_cluster && import >/dev/null
    mkdir -p graphs/a.omni && echo precious >graphs/a.omni/data
    run -1 apply
    has_code graph_create_failed
    [ "$(cat graphs/a.omni/data)" = precious ]
    [ "$(sidecars)" -eq 0 ]
}

@test "an unsupported migration leaves no sidecar behind and stops graph work" {
    fake_converged
    more_schema a
    more_schema b
    echo 'query three($n: String) { match { $p: N { name: $n } } return { $p.name } }' >queries/three.gq
    sed -i 's/staff: \[ann\]/staff: [ann, bob]/' q.yaml
    FAKE_FAIL=plan:a:unsupported run -1 apply
    has_code schema_apply_failed
    has_code schema_apply_skipped
    change_is schema.a blocked schema_apply_failed
    change_is schema.b blocked skipped_after_failure
    change_is query.a.three blocked dependency_not_applied
    change_is graph.a blocked dependency_not_applied
    change_is policy.q applied
    [ "$(sidecars)" -eq 0 ]
    grep -q 'it cannot be' <<<"$output"
    [ "$(cat "$FAKE_LOG")" = "$(printf 'describe a\nplan a')" ]
    ledger ".applied_revision.resources[\"schema.a\"].digest != \"$(sha256sum <a.pg | cut -c 1-64)\""
    ledger '.resource_statuses["schema.a"].conditions == ["schema_apply_failed"]'
    # The change is taken back: what was blocked is blocked no longer.
    sed -i 's/^ *more: String?//' a.pg && tr -d '\n' <a.pg >s && echo 'node N { name: String @key }' >a.pg
    run -0 apply
    json_holds '.outcome.converged'
    ledger '[.resource_statuses[] | .status] | all(. == "applied")'
}

@test "a migration whose graph cannot be asked fails before anything is written" {
    for entry in describe:a:4 describe:a:3 describe:a:kill plan:a:1 plan:a:nonsense plan:a:5; do
        fake_converged
        more_schema a
        FAKE_FAIL=$entry run -1 apply
        has_code schema_apply_failed
        [ "$(sidecars)" -eq 0 ]
        [ "$(cat graphs/a.omni/version)" = 1 ]
    done
}

@test "a migration that fails without moving leaves no sidecar, one that may have moved keeps it" {
    for how in 1 3 4; do
        fake_converged
        more_schema a
        FAKE_FAIL=apply:a:$how run -1 apply
        has_code schema_apply_failed
        [ "$(sidecars)" -eq 0 ]
    done
    for how in 5 moved5 kill nonsense nofields idle; do
        fake_converged
        more_schema a
        FAKE_FAIL=apply:a:$how run -1 apply
        has_code schema_apply_failed
        change_is schema.a blocked schema_apply_failed
        [ "$(sidecars)" -eq 1 ]
        run -0 apply
        json_holds '.outcome.converged'
        [ "$(cat graphs/a.omni/version)" = 2 ]
        [ "$(sidecars)" -eq 0 ]
    done
}

@test "a migration of a graph that has the schema already is no failure" {
    fake_converged
    more_schema a
    cp a.pg graphs/a.omni/schema
    FAKE_FAIL=apply:a:idle run -0 apply
    json_holds '.outcome.converged'
}

@test "a failed create stops migrations too" {
    fake_cluster
    sed -i '/b: {/d' cluster.yaml
    import >/dev/null && apply >/dev/null
    sed -i 's/^graphs:/&\n  b: { schema: b.pg }/' cluster.yaml
    more_schema a
    FAKE_FAIL=init:b:1 run -1 apply
    has_code schema_apply_skipped
    change_is schema.a blocked skipped_after_failure
    change_is graph.a blocked dependency_not_applied
}

# --- deletes

leave_b() {
    fake_converged
    sed -i '/b: {/d' cluster.yaml
    approve graph.b >/dev/null
}

@test "an approved delete goes last, leaves a tombstone and consumes its approval, in one ledger write" {
    leave_b
    more_schema a
    revision=$(jq .state_revision __cluster/state.json)
    # The configuration has changed since: the approval no longer fits.
    run -0 apply
    change_is graph.b blocked approval_required
    has_code approval_stale
    [ -d graphs/b.omni ]
    approve graph.b >/dev/null
    approval=$(jq -rs 'map(.approval_id) | sort | last' __cluster/approvals/*.json)
    run -0 apply
    json_holds '.outcome.converged'
    [ ! -e graphs/b.omni ]
    ledger '.applied_revision.resources | has("graph.b") or has("schema.b") | not'
    ledger ".observations[\"graph.b\"] == {\"kind\": \"tombstone\", \"deleted_at\": .observations[\"graph.b\"].deleted_at, \"approval_id\": \"$approval\", \"actor\": \"ann\"}"
    ledger ".approval_records[\"$approval\"] | (.consumed_at | length) > 10 and (.consumed_by_operation | length) == 26"
    ledger ".state_revision == $((revision + 2))"
    jq -e ".consumed_by_operation | length == 26" "__cluster/approvals/$approval.json"
    [ "$(jq -s 'map(select(.consumed_at)) | length' __cluster/approvals/*.json)" -eq 1 ]
    [ "$(sidecars)" -eq 0 ]
}

@test "an unapproved delete is blocked, warned of, and is no failure" {
    fake_converged
    sed -i '/b: {/d' cluster.yaml
    run -0 apply
    has_code apply_dependency_blocked
    change_is graph.b blocked approval_required
    change_is schema.b blocked approval_required
    json_holds '.outcome | (.converged | not) and .deferred_count == 2 and .state_written'
    ledger '.resource_statuses["graph.b"] | .status == "blocked" and .conditions == ["approval_required"]'
    # Again: nothing new to write.
    before=$(ledger_bytes)
    run -0 apply
    json_holds '.outcome.state_written | not'
    [ "$before" = "$(ledger_bytes)" ]
    # The graph is wanted again: blocked no longer.
    sed -i 's/^graphs:/&\n  b: { schema: b.pg }/' cluster.yaml
    run -0 apply
    ledger '.resource_statuses["graph.b"].status == "applied" and .resource_statuses["schema.b"].status == "applied"'
}

@test "a graph with queries is deleted with all of them" {
    fake_converged
    sed -i '/ a: {/d; s/applies_to: \[a\]/applies_to: [b]/' cluster.yaml
    approve graph.a >/dev/null
    run -0 apply
    json_holds '.outcome.converged'
    ledger '.applied_revision.resources | keys == ["graph.b", "policy.p", "policy.q", "schema.b"]'
    ledger '.resource_statuses | keys == ["graph.b", "policy.p", "policy.q", "schema.b"]'
    [ ! -e graphs/a.omni ]
}

@test "a used approval authorizes nothing, although the same delete is due again" {
    leave_b
    run -0 apply
    cp cluster.yaml without
    sed -i 's/^graphs:/&\n  b: { schema: b.pg }/' cluster.yaml
    apply >/dev/null
    cp without cluster.yaml
    run -0 apply
    change_is graph.b blocked approval_required
    [ -d graphs/b.omni ]
}

@test "a delete that fails keeps its sidecar and its approval" {
    on_disk_only 'a mount keeps a folder from being removed'
    leave_b
    # A mount point cannot be removed, not even by root.
    mount -t tmpfs none graphs/b.omni 2>/dev/null || skip 'mounting is not allowed here'
    echo x >graphs/b.omni/schema && echo 1 >graphs/b.omni/version
    run -1 apply
    umount graphs/b.omni
    has_code graph_delete_failed
    change_is graph.b blocked graph_delete_failed
    change_is schema.b blocked dependency_not_applied
    [ "$(sidecars)" -eq 1 ]
    [ "$(jq .consumed_at __cluster/approvals/*.json)" = null ]
    ledger '.applied_revision.resources | has("graph.b")'
    run -0 apply
    json_holds '.outcome.converged'
    [ "$(sidecars)" -eq 0 ]
}

@test "a failure before them skips the deletes" {
    leave_b
    more_schema a
    approve graph.b >/dev/null
    FAKE_FAIL=plan:a:unsupported run -1 apply
    has_code graph_delete_skipped
    change_is graph.b blocked skipped_after_failure
    change_is schema.b blocked dependency_not_applied
    [ -d graphs/b.omni ]
}

@test "an approval that goes away before its delete authorizes nothing" {
    leave_b
    CLUSTER_FAILPOINTS='cluster_apply.after_payload_phase=exec:rm __cluster/approvals/*' run -1 apply
    has_code graph_delete_failed
    [ -d graphs/b.omni ]
    [ "$(sidecars)" -eq 0 ]
}

# --- the catalog

@test "a blob that cannot be written aborts before the deletes and before the ledger moves" {
    on_disk_only 'a file stands where a folder belongs'
    leave_b
    sed -i 's/return { \$p.name }/return { $p.name as it }/' queries/one.gq
    approve graph.b >/dev/null
    rm -r __cluster/resources/query/a/one && : >__cluster/resources/query/a/one
    before=$(ledger_bytes)
    run -1 apply
    has_code resource_payload_write_error
    json_holds '.halt and (.outcome.state_written | not)'
    json_holds '[.outcome.changes[] | .disposition] | all(. == "blocked")'
    change_is graph.b blocked resource_payload_write_error
    [ "$before" = "$(ledger_bytes)" ]
    [ -d graphs/b.omni ]
    rm __cluster/resources/query/a/one
    run -0 apply
    json_holds '.outcome.converged'
}

@test "graphs made before a blob failed are found by the next run" {
    on_disk_only 'a file stands where a folder belongs'
    fake_cluster && import >/dev/null
    mkdir -p __cluster/resources && : >__cluster/resources/query
    run -1 apply
    has_code resource_payload_write_error
    [ "$(sidecars)" -eq 2 ]
    rm __cluster/resources/query
    run -0 apply
    json_holds '.outcome.converged'
    [ "$(sort "$FAKE_LOG" | grep -c init)" -eq 2 ]
}

@test "a blob of the right name is reused, one with other content is replaced" {
    fake_cluster && import >/dev/null
    digest=$(sha256sum <queries/one.gq | cut -c 1-64)
    mkdir -p __cluster/resources/query/a/one __cluster/resources/query/a/two
    cp queries/one.gq "__cluster/resources/query/a/one/$digest.gq"
    inode=$(stat -c %i "__cluster/resources/query/a/one/$digest.gq")
    two="__cluster/resources/query/a/two/$(sha256sum <queries/two.gq | cut -c 1-64).gq"
    echo tampered >"$two"
    run -0 apply
    json_holds '[.diagnostics[] | [.code, .path]] == [["catalog_payload_mismatch", "query.a.two"]]'
    [ "$inode" = "$(stat -c %i "__cluster/resources/query/a/one/$digest.gq")" ]
    cmp queries/two.gq "$two"
}

@test "a blob name that holds a directory is an error, not a loop" {
    on_disk_only 'a folder stands where a file belongs'
    fake_cluster && import >/dev/null
    mkdir -p "__cluster/resources/query/a/one/$(sha256sum <queries/one.gq | cut -c 1-64).gq"
    run -1 apply
    has_code resource_payload_write_error
}

# --- the ledger write

@test "a ledger that somebody else wrote meanwhile is not overwritten" {
    fake_cluster && import >/dev/null
    CLUSTER_FAILPOINTS='cluster_apply.before_state_write=exec:echo >>__cluster/state.json' run -1 apply
    has_code state_cas_mismatch
    json_holds '.halt and (.outcome.state_written | not) and (.outcome.converged | not) and .outcome.applied_count == 0'
    change_is graph.a blocked state_cas_mismatch
    json_holds '.outcome.state.state_revision == 1'
    json_holds ".outcome.cas == \"sha256:$(sha256sum <__cluster/state.json | cut -c 1-64)\""
    [ "$(sidecars)" -eq 2 ]
    run -0 apply
    json_holds '.outcome.converged'
    [ "$(grep -c init "$FAKE_LOG")" -eq 2 ]
}

@test "a ledger that vanished or broke meanwhile is unknown in the outcome" {
    fake_cluster && import >/dev/null
    CLUSTER_FAILPOINTS='cluster_apply.before_state_write=exec:rm __cluster/state.json' run -1 apply
    has_code state_cas_mismatch
    json_holds '.outcome.state == null and .outcome.cas == null'
    [ ! -e __cluster/state.json ]
    fake_cluster && import >/dev/null
    CLUSTER_FAILPOINTS='cluster_apply.before_state_write=exec:echo x >__cluster/state.json' run -1 apply
    json_holds '.outcome.state == null and .outcome.cas == null'
}

@test "a lost lock stops before the driver is called, and before the ledger write" {
    for point in before_graph_create before_state_write; do
        fake_cluster && import >/dev/null
        before=$(ledger_bytes)
        CLUSTER_FAILPOINTS="cluster_apply.$point=exec:rm __cluster/lock.json" run -1 apply
        has_code state_lock_lost
        json_holds '.halt and (.outcome.state_written | not) and .outcome.applied_count == 0'
        change_is graph.a blocked state_lock_lost
        [ "$before" = "$(ledger_bytes)" ]
    done
    fake_cluster && import >/dev/null
    CLUSTER_FAILPOINTS="cluster_apply.before_graph_create=exec:rm __cluster/lock.json" run -1 apply
    [ ! -s "$FAKE_LOG" ]
    [ "$(sidecars)" -eq 0 ]

    fake_converged
    more_schema a
    CLUSTER_FAILPOINTS="cluster_apply.before_schema_apply=exec:rm __cluster/lock.json" run -1 apply
    has_code state_lock_lost
    [ "$(cat graphs/a.omni/version)" = 1 ]
    [ "$(sidecars)" -eq 0 ]

    leave_b
    CLUSTER_FAILPOINTS="cluster_apply.before_graph_delete=exec:rm __cluster/lock.json" run -1 apply
    has_code state_lock_lost
    [ -d graphs/b.omni ]
}

@test "an injected error at each point aborts, and the next run converges" {
    for point in before_graph_create after_graph_create after_payload_phase before_state_write after_state_write; do
        fake_cluster && import >/dev/null
        CLUSTER_FAILPOINTS="cluster_apply.$point=error" run -1 apply
        has_code injected_failpoint
        json_holds '.halt'
        if [ "$point" = after_state_write ]; then
            json_holds '.outcome.state_written and .outcome.applied_count == 8 and .outcome.converged'
        else
            json_holds '.outcome.state_written == false and .outcome.applied_count == 0'
        fi
        run -0 apply
        json_holds '.outcome.converged'
        [ "$(sidecars)" -eq 0 ]
        [ "$(grep -c init "$FAKE_LOG")" -eq 2 ]
    done
    for point in before_schema_apply after_schema_apply before_graph_delete after_graph_delete; do
        leave_b
        more_schema a
        approve graph.b >/dev/null
        CLUSTER_FAILPOINTS="cluster_apply.$point=error" run -1 apply
        has_code injected_failpoint
        run -0 apply
        json_holds '.outcome.converged'
        [ "$(sidecars)" -eq 0 ]
        [ "$(jq -s 'map(select(.consumed_at)) | length' __cluster/approvals/*.json)" -eq 1 ]
    done
}

@test "killed anywhere, one apply more converges" {
    for point in before_graph_create after_graph_create after_payload_phase before_state_write after_state_write; do
        fake_cluster && import >/dev/null
        crash_at "$point"
        run -0 apply
        json_holds '.outcome.converged'
        [ "$(sidecars)" -eq 0 ]
        [ "$(grep -c init "$FAKE_LOG")" -eq 2 ]
    done
}

@test "a sidecar that cannot be written fails the operation, nothing moves" {
    on_disk_only 'a file stands where a folder belongs'
    fake_cluster && import >/dev/null
    ln -s recoveries __cluster/recoveries
    run -1 apply
    has_code graph_create_failed
    change_is policy.q applied
    [ ! -s "$FAKE_LOG" ]
}

@test "deferred and blocked changes warn and do not fail the run" {
    fake_converged
    jq '.applied_revision.resources["schema.gone"] = {digest: ("0" * 64)}' __cluster/state.json >s && mv s __cluster/state.json
    run -0 apply
    has_code apply_unsupported_change
    change_is schema.gone deferred apply_unsupported_kind
    json_holds '.outcome | (.converged | not) and .deferred_count == 1'
}

@test "the status of what was never made and is no longer wanted goes" {
    fake_cluster && import >/dev/null
    FAKE_FAIL=init:b:1 apply >/dev/null || true
    ledger '.resource_statuses["graph.b"].status == "blocked"'
    sed -i '/b: {/d' cluster.yaml
    run -0 apply
    json_holds '.outcome.converged'
    ledger '.resource_statuses | has("graph.b") or has("schema.b") | not'
}

@test "a sidecar that cannot be written fails migrations and deletes too" {
    on_disk_only 'a file stands where a folder belongs'
    fake_converged
    more_schema a
    rm -rf __cluster/recoveries && ln -s recoveries __cluster/recoveries
    run -1 apply
    has_code schema_apply_failed
    [ "$(cat graphs/a.omni/version)" = 1 ]
    leave_b
    rm -rf __cluster/recoveries && ln -s recoveries __cluster/recoveries
    run -1 apply
    has_code graph_delete_failed
    [ -d graphs/b.omni ]
}

@test "a sidecar that cannot be removed after the ledger write is a warning" {
    on_disk_only 'a folder stands where a file belongs'
    fake_converged
    more_schema a
    # shellcheck disable=SC2016
    CLUSTER_FAILPOINTS='cluster_apply.after_state_write=exec:f=$(echo __cluster/recoveries/*) && mv $f kept && mkdir $f' run -0 apply
    has_code recovery_sidecar_write_error
    json_holds '.outcome.converged and .outcome.state_written'
}

@test "a sidecar that cannot be taken back after a failure is a warning" {
    on_disk_only 'a folder stands where a file belongs'
    fake_converged
    more_schema a
    # shellcheck disable=SC2016
    CLUSTER_FAILPOINTS='cluster_apply.before_schema_apply=exec:f=$(echo __cluster/recoveries/*) && rm $f && mkdir $f' \
        FAKE_FAIL=apply:a:1 run -1 apply
    has_code recovery_sidecar_write_error
    has_code schema_apply_failed
}

@test "an artifact that vanished after its use is no matter" {
    leave_b
    CLUSTER_FAILPOINTS='cluster_apply.after_state_write=exec:rm __cluster/approvals/*' run -0 apply
    json_holds '.outcome.converged'
    ledger '.approval_records | length == 1'
}

@test "an artifact that says already that it was used is not rewritten" {
    leave_b
    # shellcheck disable=SC2016
    CLUSTER_FAILPOINTS='cluster_apply.after_state_write=exec:sed -i "s/\"consumed_at\": null/\"consumed_at\": \"then\"/" __cluster/approvals/*' run -0 apply
    [ "$(jq -r .consumed_at __cluster/approvals/*.json)" = then ]
}

@test "a signal during the last create leaves the blobs to the next run, and records the graph" {
    fake_cluster && sed -i '/b: {/d' cluster.yaml && import >/dev/null
    # shellcheck disable=SC2016
    CLUSTER_FAILPOINTS='cluster_apply.after_graph_create=exec:kill -TERM $PPID' run -1 apply
    has_code interrupted
    change_is graph.a applied
    change_is schema.a applied
    change_is query.a.one blocked skipped_after_failure
    change_is policy.p blocked skipped_after_failure
    [ ! -e __cluster/resources ]
    [ "$(sidecars)" -eq 0 ]
    ledger '.applied_revision.resources | keys == ["graph.a", "schema.a"]'
    run -0 apply
    json_holds '.outcome.converged'
    ledger '[.resource_statuses[] | .status] | all(. == "applied")'
}
