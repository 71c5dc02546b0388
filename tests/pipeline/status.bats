#!/usr/bin/env bats
# cluster status and cluster force-unlock from end to end, with the stand-in graph driver.

bats_require_minimum_version 1.5.0
load helper

setup() {
    cd "$(scratch)"
    PATH=$FIXTURES/driver:$PATH
    export CLUSTER_DRIVER=fake HOME=$PWD
    printf 'node A {\n  name: String @key\n}\n' >a.pg
    printf 'query find($name: String) {\n  match { $a: A { name: $name } }\n  return { $a.name }\n}\n' >a.gq
    printf 'version: 1\n' >base.yaml
    cat >cluster.yaml <<'EOF2'
version: 1
graphs:
  a: { schema: a.pg, queries: a.gq }
policies:
  base: { file: base.yaml, applies_to: [a] }
EOF2
}

converge() {
    cluster import >/dev/null
    cluster apply --as ann >/dev/null
    query=$(ls __cluster/resources/query/a/find/*.gq)
    policy=$(ls __cluster/resources/policy/base/*.yaml)
}

status_is() {
    run -"$1" --separate-stderr cluster status --json
    listing >listing.after
    [ ! -e listing.before ] || cmp listing.before listing.after
}

listing() {
    find . -type f ! -name 'listing*' -exec sha256sum {} + | sort
}

foreign_lock() {
    mkdir -p __cluster
    echo '{"version":1,"lock_id":"01ARZ3NDEKTSV4RRFFQ69G5FAV","operation":"apply","created_at":"2026-01-02T03:04:05.678Z","pid":1}' >__cluster/lock.json
}

@test "without a ledger the status is a warning" {
    status_is 0
    json_holds '.ok and (.diagnostics | map([.code, .severity]) == [["state_missing", "warning"]])'
    [ ! -e __cluster ]
}

@test "status shows what the ledger records, without a schema, a graph or the lock, and writes nothing" {
    converge
    rm -r a.pg a.gq base.yaml graphs
    foreign_lock
    listing >listing.before
    FAKE_LOG=$PWD/asked status_is 0
    [ ! -e asked ]
    json_holds '.ok and .diagnostics == [] and (.resource_digests | length) == 4 and (.resource_statuses | map(.status) | unique == ["applied"])'
    json_holds '.state_observations | .state_found and .locked and .lock_id == "01ARZ3NDEKTSV4RRFFQ69G5FAV" and .resource_count == 4 and (.state_cas | startswith("sha256:"))'
    run -0 cluster status
    grep -Fq '01ARZ3NDEKTSV4RRFFQ69G5FAV' <<<"$output"
    grep -Eq '^4 resources: 4 applied\.$' <<<"$output"
}

@test "a blob that is gone or wrong is a warning" {
    converge
    rm "$query"
    echo other >"$policy"
    listing >listing.before
    status_is 0
    json_holds '.ok and (.diagnostics | map([.code, .severity, .path]) | sort == [["catalog_payload_mismatch", "warning", "policy.base"], ["catalog_payload_missing", "warning", "query.a.find"]])'
    json_holds '.resource_statuses["query.a.find"].status == "applied"'
}

@test "a blob that cannot be verified must not look healthy" {
    on_disk_only 'a folder stands where a file belongs'
    converge
    rm "$query"
    mkdir "$query"
    status_is 1
    json_holds '.ok == false and (.diagnostics | map([.code, .severity]) == [["catalog_payload_read_error", "error"]])'
}

@test "a pending operation warns" {
    converge
    mkdir -p __cluster/recoveries
    jq -n '{schema_version: 1, operation_id: "01ARZ3NDEKTSV4RRFFQ69G5FAV", started_at: "2026-01-02T03:04:05.678Z", actor: null,
        kind: "graph_delete", graph_id: "a", graph_uri: "x", observed_manifest_version: null, expected_manifest_version: null,
        desired_schema_digest: "", state_cas_base: null, approval_id: null}' >__cluster/recoveries/01ARZ3NDEKTSV4RRFFQ69G5FAV.json
    listing >listing.before
    status_is 0
    json_holds '.ok and ([.diagnostics[].code] | index("cluster_recovery_pending"))'
}

@test "a broken ledger is an error that says what it is" {
    converge
    echo '{' >__cluster/state.json
    status_is 1
    json_holds '.ok == false and (.diagnostics | map(.code) == ["invalid_state_json"]) and .resource_digests == {}'
    echo '{"version": 2}' >__cluster/state.json
    status_is 1
    json_holds '.diagnostics | map(.code) == ["unsupported_state_version"]'
}

@test "a broken configuration is an error" {
    echo 'version: 3' >cluster.yaml
    status_is 1
    json_holds '.ok == false and (.diagnostics | map(.code) == ["unsupported_cluster_config_version"])'
}

@test "force-unlock removes exactly the lock that is named" {
    converge
    foreign_lock
    run -1 --separate-stderr cluster force-unlock 01ARZ3NDEKTSV4RRFFQ69G5FAW --json
    json_holds '.ok == false and .lock_removed == false and .state_observations.locked and (.diagnostics | map(.code) == ["state_lock_id_mismatch"])'
    [ -e __cluster/lock.json ]
    run -0 --separate-stderr cluster force-unlock 01ARZ3NDEKTSV4RRFFQ69G5FAV --json
    json_holds '.ok and .lock_removed and .state_observations.locked == false and .diagnostics == []'
    [ ! -e __cluster/lock.json ]
    run -1 --separate-stderr cluster force-unlock 01ARZ3NDEKTSV4RRFFQ69G5FAV --json
    json_holds '.lock_removed == false and (.diagnostics | map(.code) == ["state_lock_missing"])'
}

@test "the command that status and a refused apply give removes the lock" {
    converge
    foreign_lock
    run -0 cluster status --config .
    command=$(grep -o 'cluster .*force-unlock 01[0-9A-Z]*' <<<"$output")
    run -0 sh -c "$command"
    [ ! -e __cluster/lock.json ]
}

@test "an id that is no plain word is quoted in the command that status gives" {
    converge
    foreign_lock
    sed -i 's/01ARZ3NDEKTSV4RRFFQ69G5FAV/x; touch broken/' __cluster/lock.json
    run -0 cluster status
    command=$(sed -n 's/.*\(cluster force-unlock .*\)/\1/p' <<<"$output")
    run -0 sh -c "$command"
    [ ! -e __cluster/lock.json ] && [ ! -e broken ]
}
