#!/usr/bin/env bats
# cluster-observe by itself: status (--catalog) and bad input.

load helper
load fake

status() { cluster-parse --header . | cluster-sweep --read-only | cluster-observe --catalog; }

@test "status of a healthy catalog says nothing and changes nothing" {
    fake_converged
    before=$(find . -type f -not -name '*.log' -exec sha256sum {} + | sort)
    run -0 status
    json_holds '.diagnostics == [] and .ledger.state == .ledger.base'
    [ "$before" = "$(find . -type f -not -name '*.log' -exec sha256sum {} + | sort)" ]
    [ ! -s "$FAKE_LOG" ]
}

@test "status warns of blobs that are missing or wrong, and fails on those it cannot read" {
    on_disk_only 'a folder stands where a file belongs'
    fake_converged
    rm __cluster/resources/query/a/one/*
    echo x >>"$(echo __cluster/resources/policy/p/*)"
    run -0 status
    json_holds '[.diagnostics[] | [.code, .severity, .path]] | sort == [["catalog_payload_mismatch","warning","policy.p"],["catalog_payload_missing","warning","query.a.one"]]'
    json_holds '.ledger.state == .ledger.base'
    blob=$(echo __cluster/resources/query/a/two/*)
    rm "$blob" && mkdir "$blob"
    run -1 status
    json_holds '[.diagnostics[] | select(.severity == "error") | [.code, .path]] == [["catalog_payload_read_error","query.a.two"]]'
    json_holds '.halt | not'
}

@test "status without a ledger has no catalog to verify" {
    fake_cluster
    run -0 status
    json_holds '.diagnostics == []'
}

@test "sections that are missing are named" {
    run -1 cluster-observe <<<'{"format":"cluster-run/1"}'
    has_code stage_input_missing
    run -1 cluster-observe --catalog <<<'{"format":"cluster-run/1"}'
    has_code stage_input_missing
    fake_converged
    run -1 bash -c 'cluster-parse . | cluster-observe'
    has_code stage_input_missing
    json_holds '.halt'
}

@test "a document that was read only has no ledger to amend" {
    fake_cluster
    run -1 bash -c 'cluster-parse . | cluster-sweep --read-only | cluster-observe'
    has_code state_missing
    json_holds '.halt'
}

@test "a ledger in the document that is none is refused, not believed" {
    fake_converged
    sweep >doc
    for filter in '.ledger.state.applied_revision = 7' '.ledger.state.applied_revision.resources["graph.a"] = "x"' \
        '.ledger.state.resource_statuses = []' '.ledger.state.version = 2' 'del(.ledger.state.version)'; do
        jq -c "$filter" doc >bad
        run -1 cluster-observe <bad
        json_holds '.halt'
        json_holds '[.diagnostics[].code] | index("invalid_state_json") // index("unsupported_state_version") | . != null'
        run -1 cluster-exec <bad
        json_holds '.halt'
    done
}

@test "a store that cannot be opened ends the run" {
    fake_converged
    sweep >doc
    jq -c '.store.root = "ftp://x"' doc >bad
    run -1 cluster-observe <bad
    has_code state_read_error
    run -1 cluster-observe --catalog <<<'{"format":"cluster-run/1","store":{"root":"ftp://x","display":"x"},"ledger":{"found":true,"cas":null,"state":{},"base":{},"approvals":[],"sidecars":[]}}'
    has_code state_read_error
}

@test "progress is said when asked for" {
    fake_converged
    sweep >doc
    cluster-observe --progress <doc 2>said >/dev/null
    grep -q graph.a said
    cluster-observe <doc 2>said >/dev/null
    [ ! -s said ]
}

@test "options, halted documents and no document" {
    run -64 cluster-observe extra
    run -64 cluster-observe --catalogue
    run -0 cluster-observe --help
    run -1 cluster-observe <<<'{"format":"cluster-run/1","halt":true,"diagnostics":[{"code":"x","severity":"error","path":"","message":"m"}]}'
    [ "$output" = '{"diagnostics":[{"code":"x","message":"m","path":"","severity":"error"}],"format":"cluster-run/1","halt":true}' ]
    run -1 --separate-stderr cluster-observe <<<'nonsense'
    [ -z "$output" ]
}
