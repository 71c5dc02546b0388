#!/usr/bin/env bats
# cluster-snapshot on stores made by hand: all that is applied, or every reason why not.

bats_require_minimum_version 1.5.0
load helper

digest() {
    sha256sum | cut -d' ' -f1
}

# A store with graphs a and b, two queries of a and one of b, and two policies.
setup() {
    cd "$(scratch)"
    S=$PWD/store
    mkdir -p "$S/__cluster"
    query_a=$(printf 'query one() {…}\n' | digest)
    query_b=$(printf 'query two() {}\n' | digest)
    policy=$(printf 'version: 1\n' | digest)
    zero=0000000000000000000000000000000000000000000000000000000000000000
    blob "query/a/one/$query_a.gq" 'query one() {…}'
    blob "query/a/more/$query_a.gq" 'query one() {…}'
    blob "query/b/two/$query_b.gq" 'query two() {}'
    blob "policy/base/$policy.yaml" 'version: 1'
    blob "policy/only-b/$policy.yaml" 'version: 1'
    jq -n --arg a "$query_a" --arg b "$query_b" --arg p "$policy" --arg z "$zero" '{version: 1, state_revision: 4,
        applied_revision: {resources: {
            "graph.a": {digest: $z}, "schema.a": {digest: $z}, "graph.b": {digest: $z}, "schema.b": {digest: $z},
            "query.a.one": {digest: $a}, "query.a.more": {digest: $a}, "query.b.two": {digest: $b},
            "policy.base": {digest: $p, applies_to: ["cluster", "graph.a", "graph.b"]},
            "policy.only-b": {digest: $p, applies_to: ["graph.b"]}}}}' >"$S/__cluster/state.json"
}

blob() {
    mkdir -p "$(dirname "$S/__cluster/resources/$1")"
    printf '%s\n' "$2" >"$S/__cluster/resources/$1"
}

# Changes the ledger by a jq filter.
ledger() {
    jq "$1" "$S/__cluster/state.json" >changed
    mv changed "$S/__cluster/state.json"
}

# A recovery sidecar of a graph, changed by a jq filter.
sidecar() {
    mkdir -p "$S/__cluster/recoveries"
    jq -n --arg g "$1" "{schema_version: 1, operation_id: \"01ARZ3NDEKTSV4RRFFQ69G5FAV\", started_at: \"2026-01-02T03:04:05.678Z\",
        actor: null, kind: \"schema_apply\", graph_id: \$g, graph_uri: \"x\", observed_manifest_version: 1,
        expected_manifest_version: null, desired_schema_digest: \"$zero\", state_cas_base: null, approval_id: null} | ${2:-.}" \
        >"$S/__cluster/recoveries/01ARZ3NDEKTSV4RRFFQ69G5FAV.json"
}

snapshot() {
    run -"${expect:-0}" --separate-stderr cluster-snapshot --store "$S" "$@"
}

has_failpoints() {
    grep -q CLUSTER_FAILPOINTS "$CLUSTER_BIN/cluster-snapshot"
}

refuses() {
    expect=1 snapshot "${@:2}"
    json_holds '.ok == false and .graphs == [] and .queries == [] and .policies == []'
    json_holds "[.diagnostics[] | select(.severity == \"error\") | .code] | index(\"$1\")"
}

@test "everything that is applied is there, with its source" {
    at=$(stored_at "$S")
    snapshot
    json_holds 'keys == ["diagnostics", "graphs", "ok", "policies", "queries"] and .ok and .diagnostics == []'
    json_holds ".graphs == [{graph_id: \"a\", root: \"$at/graphs/a.omni\"}, {graph_id: \"b\", root: \"$at/graphs/b.omni\"}]"
    json_holds '.queries | map([.graph_id, .name]) == [["a", "more"], ["a", "one"], ["b", "two"]]'
    json_holds ".queries[1] == {graph_id: \"a\", name: \"one\", digest: \"$query_a\", source: \"query one() {…}\n\"}"
    json_holds ".policies == [
        {name: \"base\", digest: \"$policy\", source: \"version: 1\n\", applies_to: [\"cluster\", \"graph.a\", \"graph.b\"]},
        {name: \"only-b\", digest: \"$policy\", source: \"version: 1\n\", applies_to: [\"graph.b\"]}]"
}

@test "the output is one canonical object, and nothing in the store is touched" {
    find "$S" -type f -exec sha256sum {} + | sort >before
    cluster-snapshot --store "$S" --json >first
    cluster-snapshot --store "file://$S/" >second
    cmp first second
    jq -cS . first | cmp - first
    find "$S" -type f -exec sha256sum {} + | sort | cmp before -
}

@test "a configuration directory serves too, whatever its schemas say" {
    mkdir config
    printf 'version: 1\nstorage: ../store\ngraphs:\n  a: {schema: missing.pg}\n' >config/cluster.yaml
    run -0 --separate-stderr env CLUSTER_DRIVER=sh cluster-snapshot --config config
    json_holds '(.graphs | length) == 2'
    cd config
    run -0 --separate-stderr cluster-snapshot
    json_holds '(.graphs | length) == 2'
}

@test "a broken configuration refuses with its own diagnostics" {
    run -1 --separate-stderr cluster-snapshot --config nowhere
    json_holds '.ok == false and .graphs == [] and .diagnostics[0].code == "config_dir_not_found"'
    mkdir config
    echo 'version: 9' >config/cluster.yaml
    run -1 --separate-stderr cluster-snapshot --config config --quarantine
    json_holds '.ok == false and .quarantined == [] and .diagnostics[0].code == "unsupported_cluster_config_version"'
}

@test "a cluster-parse that is missing or talks nonsense refuses" {
    mkdir alone
    cp "$CLUSTER_BIN/cluster-snapshot" alone/
    no_parse() {
        run -1 --separate-stderr env PATH=/nowhere alone/cluster-snapshot --config .
        json_holds '.ok == false and (.diagnostics | map(.code) == ["cluster_config_read_error"])'
    }
    no_parse
    for words in '' 'echo nonsense' 'echo "{}"' 'exit 64'; do
        printf '#!/bin/sh\n%s\n' "$words" >alone/cluster-parse
        chmod +x alone/cluster-parse
        no_parse
    done
}

@test "a storage location that is none refuses" {
    run -1 --separate-stderr cluster-snapshot --store 's3://user:secret@bucket/x'
    json_holds '.ok == false and (.diagnostics | map(.code) == ["invalid_storage_root"])'
    run ! grep -q secret <<<"$output$stderr"
}

@test "a held lock is no reason to refuse" {
    echo '{"version":1,"lock_id":"01ARZ3NDEKTSV4RRFFQ69G5FAV","operation":"apply","created_at":"2026-01-02T03:04:05.678Z","pid":1}' >"$S/__cluster/lock.json"
    snapshot
    json_holds '.ok and .diagnostics == []'
}

@test "no ledger: cluster_state_missing" {
    rm "$S/__cluster/state.json"
    refuses cluster_state_missing
    rm -r "$S"
    refuses cluster_state_missing
}

@test "a broken ledger refuses as what it is" {
    echo '{' >"$S/__cluster/state.json"
    refuses invalid_state_json
    echo '{"version": 2}' >"$S/__cluster/state.json"
    refuses unsupported_state_version
}

@test "a ledger that cannot be read refuses as that" {
    on_disk_only 'a folder stands where a file belongs'
    rm "$S/__cluster/state.json"
    mkdir "$S/__cluster/state.json"
    refuses state_read_error
}

@test "an interrupted operation: cluster_recovery_pending" {
    sidecar a
    refuses cluster_recovery_pending
    json_holds '.diagnostics[0].path == "graph.a"'
}

@test "a sidecar that cannot be read refuses too" {
    sidecar a '.schema_version = 2'
    refuses cluster_recovery_pending
    json_holds '[.diagnostics[].code] | index("unsupported_recovery_sidecar_version")'
    refuses cluster_recovery_pending --quarantine
}

@test "a blob that is gone: catalog_payload_missing" {
    rm "$S/__cluster/resources/query/a/one/$query_a.gq"
    refuses catalog_payload_missing
    json_holds '.diagnostics[0].path == "query.a.one"'
}

@test "a blob of other content: catalog_payload_digest_mismatch" {
    blob "policy/base/$policy.yaml" 'version: 2'
    refuses catalog_payload_digest_mismatch
    json_holds '.diagnostics[0].path == "policy.base"'
}

@test "a blob that cannot be read: catalog_payload_read_error" {
    on_disk_only 'a folder stands where a file belongs'
    rm "$S/__cluster/resources/query/b/two/$query_b.gq"
    mkdir "$S/__cluster/resources/query/b/two/$query_b.gq"
    refuses catalog_payload_read_error
}

@test "a blob that is no text: catalog_payload_read_error" {
    bad=$(printf '\377\n' | digest)
    blob "query/b/two/$bad.gq" "$(printf '\377')"
    ledger ".applied_revision.resources.\"query.b.two\".digest = \"$bad\""
    refuses catalog_payload_read_error
}

@test "a policy from before bindings: policy_bindings_missing" {
    ledger 'del(.applied_revision.resources."policy.base".applies_to)'
    refuses policy_bindings_missing
}

@test "nothing applied: cluster_empty" {
    ledger '.applied_revision.resources = {}'
    refuses cluster_empty
    refuses cluster_empty --quarantine
}

@test "every reason is reported at once" {
    sidecar b
    rm "$S/__cluster/resources/query/a/one/$query_a.gq"
    blob "policy/only-b/$policy.yaml" other
    ledger 'del(.applied_revision.resources."policy.base".applies_to)'
    refuses cluster_recovery_pending
    json_holds '[.diagnostics[].code] | sort == ["catalog_payload_digest_mismatch", "catalog_payload_missing", "cluster_recovery_pending", "policy_bindings_missing"]'
}

@test "quarantine leaves a broken graph out and serves the rest" {
    rm "$S/__cluster/resources/query/b/two/$query_b.gq"
    sidecar b
    snapshot --quarantine
    json_holds '.ok and .diagnostics == [] and (.graphs | map(.graph_id) == ["a"]) and (.queries | map(.name) == ["more", "one"])'
    json_holds '.policies | map([.name, .applies_to]) == [["base", ["cluster", "graph.a"]]]'
    json_holds '.quarantined | length == 1 and .[0].graph_id == "b" and (.[0].reasons | map([.code, .severity]) == [["cluster_recovery_pending", "error"], ["catalog_payload_missing", "error"]])'
}

@test "quarantine with nothing wrong quarantines nothing" {
    snapshot --quarantine
    json_holds '.ok and .quarantined == [] and (.graphs | length) == 2'
}

@test "quarantine still refuses what is wrong with the cluster" {
    sidecar b
    blob "policy/base/$policy.yaml" other
    refuses catalog_payload_digest_mismatch --quarantine
    json_holds '.quarantined | map(.graph_id) == ["b"]'
}

@test "no graph left: cluster_no_healthy_graphs" {
    rm "$S/__cluster/resources/query/b/two/$query_b.gq"
    sidecar a
    refuses cluster_no_healthy_graphs --quarantine
    json_holds '.quarantined | map(.graph_id) == ["a", "b"]'
}

@test "a query whose graph is not recorded is left out, and said" {
    ledger 'del(.applied_revision.resources."graph.b")'
    rm "$S/__cluster/resources/query/b/two/$query_b.gq"
    snapshot
    json_holds '.ok and (.queries | map(.name) == ["more", "one"])'
    json_holds '.diagnostics | map([.code, .severity, .path]) == [["dangling_graph_reference", "warning", "query.b.two"]]'
}

@test "many blobs come whole" {
    ledger "reduce range(600) as \$i (.; .applied_revision.resources[\"query.a.q\(\$i)\"] = {digest: \"$query_a\"})"
    for i in $(seq 0 599); do
        mkdir "$S/__cluster/resources/query/a/q$i"
        ln "$S/__cluster/resources/query/a/one/$query_a.gq" "$S/__cluster/resources/query/a/q$i/"
    done
    snapshot
    json_holds '(.queries | length) == 603 and all(.queries[]; .source | length > 0)'
    rm "$S/__cluster/resources/query/a/q599/$query_a.gq"
    refuses catalog_payload_missing
}

@test "a ledger replaced during the reading is read again" {
    has_failpoints || skip 'a release build has no failpoints'
    jq '.applied_revision.resources |= del(."query.a.more")' "$S/__cluster/state.json" >next
    printf '#!/bin/sh\nif [ -e next ]; then mv next "%s"; fi\n' "$S/__cluster/state.json" >replace
    chmod +x replace
    CLUSTER_FAILPOINTS="cluster_snapshot.before_second_look=exec:./replace" snapshot
    json_holds '.ok and (.queries | map(.name) == ["one", "two"])'
}

@test "a ledger that never holds still refuses in the end" {
    has_failpoints || skip 'a release build has no failpoints'
    printf '#!/bin/sh\necho >>"%s"\n' "$S/__cluster/state.json" >replace
    chmod +x replace
    CLUSTER_FAILPOINTS="cluster_snapshot.before_second_look=exec:./replace" refuses state_cas_mismatch
}

@test "wrong usage is 64" {
    run -64 cluster-snapshot --store "$S" --config .
    run -64 cluster-snapshot operand
    run -64 cluster-snapshot --store
    run -0 cluster-snapshot --help
}
