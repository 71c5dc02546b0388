#!/usr/bin/env bats
# Crashes on real graphs, through the cluster command: every row of the sweep, two at a time, and what
# must not be armed. How the sweep sees each row is in sweep.bats; here it is the graphs that count.
# Every run dies at a failpoint; nothing that the tools should write is written by hand.
# Each @test is a subshell of its own, on purpose.
# shellcheck disable=SC2030,SC2031

load helper

# Graphs x, y and d, each with rows, imported and applied, in a fresh directory.
setup() {
    cd "$(scratch)" || return 1
    schema x X >x.pg
    schema y Y >y.pg
    schema d D >d.pg
    configure x y d
    cluster import >/dev/null
    cluster apply >/dev/null
    fill x X
    fill y Y
    fill d D
}

# schema GRAPH TYPE [MORE]: a schema with one type, and a property more
schema() {
    printf 'node %s {\n    name: String @key\n%s}\n' "$2" "${3-}"
}

# configure GRAPH...: wants exactly these
configure() {
    {
        printf 'version: 1\ngraphs:\n'
        for graph in "$@"; do
            printf '  %s: { schema: %s.pg }\n' "$graph" "$graph"
        done
    } >cluster.yaml
}

fill() {
    for i in 1 2 3; do
        printf '{"type":"%s","data":{"name":"%s%d"}}\n' "$2" "$1" "$i"
    done | cluster-graph load "graphs/$1.omni" --mode append --data - >/dev/null
}

rows() { cluster-graph export "graphs/$1.omni" | wc -l; }
live_digest() { cluster-graph describe "graphs/$1.omni" | jq -r .schema_digest; }
file_digest() { sha256sum <"$1" | cut -c 1-64; }
sidecars() { find __cluster/recoveries -name '*.json' | wc -l; }
ledger() { jq -e "$1" __cluster/state.json >/dev/null || { cat __cluster/state.json >&2; false; }; }
recorded() { jq -r ".applied_revision.resources[\"$1\"].digest // \"none\"" __cluster/state.json; }
has_code() { json_holds "[.diagnostics[].code] | index(\"$1\")"; }

crash_at() {
    CLUSTER_FAILPOINTS="cluster_apply.$1=crash" cluster apply --as ann --json >report 2>/dev/null && return 1
    [ "$(sidecars)" -ge 1 ]
}

# One apply settles everything, a second finds nothing to do.
settles() {
    run -0 cluster apply --json
    json_holds '.ok and .converged'
    [ "$(sidecars)" -eq 0 ]
    before=$(sha256sum <__cluster/state.json)
    run -0 cluster apply --json
    json_holds '.converged and (.state_written | not)'
    [ "$before" = "$(sha256sum <__cluster/state.json)" ]
    [ ! -e __cluster/lock.json ]
}

want_new() {
    schema n N >n.pg
    configure x y d n
}
want_more() {
    schema "$1" "$2" '    more: String?
' >"$1.pg"
}
want_without_d() {
    configure x y
    cluster approve graph.d --as bob >/dev/null
}

@test "row 1: a create that never began is done by the next apply" {
    want_new
    crash_at before_graph_create
    [ ! -e graphs/n.omni ]
    settles
    ledger '.recovery_records == {}'
    [ "$(live_digest n)" = "$(file_digest n.pg)" ]
}

@test "row 1: a create that died before its root had its name leaves nothing in the way" {
    want_new
    CLUSTER_FAILPOINTS=$BEFORE_INIT=crash run -1 cluster apply --json
    has_code graph_create_failed
    [ "$(sidecars)" -eq 1 ]
    [ ! -e "$(graph_file graphs/n.omni)" ]
    settles
    [ "$(live_digest n)" = "$(file_digest n.pg)" ]
}

@test "row 2: what the ledger has already is only tidied up" {
    want_new
    want_more x X
    crash_at after_state_write
    [ "$(sidecars)" -eq 2 ]
    revision=$(jq .state_revision __cluster/state.json)
    settles
    [ "$(jq .state_revision __cluster/state.json)" -eq "$revision" ]
}

@test "row 2: a migration that never began runs once" {
    want_more x X
    crash_at before_schema_apply
    settles
    ledger '.recovery_records == {} and .observations["graph.x"].manifest_version == 3'
    [ "$(rows x)" -eq 3 ]
}

@test "row 2: a migration whose driver died before the commit runs once" {
    want_more x X
    CLUSTER_FAILPOINTS=cluster_graph.before_commit=crash run -1 cluster apply --json
    has_code schema_apply_failed
    [ "$(sidecars)" -eq 1 ]
    settles
    ledger '.observations["graph.x"].manifest_version == 3'
    [ "$(rows x)" -eq 3 ]
}

@test "row 3: a migration that landed is recorded, not repeated, and no row is lost" {
    want_more x X
    crash_at after_schema_apply
    [ "$(recorded schema.x)" != "$(file_digest x.pg)" ]
    run -0 cluster apply --json
    has_code cluster_recovery_rolled_forward
    [ "$(recorded schema.x)" = "$(file_digest x.pg)" ]
    ledger '[.recovery_records[]] | length == 1 and .[0].kind == "schema_apply" and .[0].actor == "ann"'
    settles
    [ "$(cluster-graph describe graphs/x.omni | jq .manifest_version)" -eq 3 ]
    [ "$(rows x)" -eq 3 ]
}

@test "row 3: a migration whose driver died after the commit is recorded, not repeated" {
    want_more x X
    CLUSTER_FAILPOINTS=$AFTER_COMMIT=crash run -1 cluster apply --json
    has_code schema_apply_failed
    [ "$(recorded schema.x)" != "$(file_digest x.pg)" ]
    run -0 cluster apply --json
    has_code cluster_recovery_rolled_forward
    settles
    [ "$(cluster-graph describe graphs/x.omni | jq .manifest_version)" -eq 3 ]
}

@test "row 4: a create that landed is recorded and not repeated" {
    want_new
    crash_at after_graph_create
    fill n N # somebody is quicker than the recovery
    run -0 cluster apply --json
    has_code cluster_recovery_rolled_forward
    settles
    [ "$(rows n)" -eq 3 ]
}

@test "row 5: a create that left what does not open is never deleted by itself" {
    want_new
    crash_at after_graph_create
    echo junk >"$(graph_file graphs/n.omni)"
    for _ in 1 2; do
        run -1 cluster apply --json
        has_code graph_create_incomplete
        json_holds '.resource_statuses["graph.n"].status == "error"'
        [ "$(cat "$(graph_file graphs/n.omni)")" = junk ]
        [ "$(sidecars)" -eq 1 ]
    done
    rm -r graphs/n.omni
    settles
}

@test "row 5s: a migrated graph that does not open stays pending until it does" {
    want_more x X
    crash_at after_schema_apply
    mv graphs/x.omni hidden
    mkdir graphs/x.omni
    echo junk >"$(graph_file graphs/x.omni)"
    for _ in 1 2; do
        run -0 cluster apply --json
        has_code cluster_recovery_pending
        json_holds '.converged | not'
        [ "$(sidecars)" -eq 1 ]
    done
    rm -r graphs/x.omni
    mv hidden graphs/x.omni
    settles
    [ "$(rows x)" -eq 3 ]
}

@test "row 6: a graph with a schema that nobody asked for is refused, until it has the right one" {
    want_more x X
    crash_at after_schema_apply
    schema x X '    other: I32?
' | cluster-graph apply graphs/x.omni >/dev/null
    version=$(cluster-graph describe graphs/x.omni | jq .manifest_version)
    for _ in 1 2; do
        run -0 cluster apply --json
        has_code cluster_recovery_pending
        json_holds '.resource_statuses | .["graph.x"].status == "drifted" and .["schema.x"].conditions == ["actual_applied_state_pending"]'
        [ "$(cluster-graph describe graphs/x.omni | jq .manifest_version)" -eq "$version" ]
    done
    cluster-graph apply graphs/x.omni <x.pg >/dev/null
    settles
    [ "$(rows x)" -eq 3 ]
}

@test "row 7: a delete that the ledger has is only tidied up, and its approval is consumed once" {
    want_without_d
    crash_at after_state_write
    revision=$(jq .state_revision __cluster/state.json)
    settles
    [ "$(jq .state_revision __cluster/state.json)" -eq "$revision" ]
    [ "$(jq -s '[.[] | select(.consumed_at)] | length' __cluster/approvals/*.json)" -eq 1 ]
}

@test "row 7b: a delete that landed is recorded with its tombstone, and its approval is consumed once" {
    want_without_d
    crash_at after_graph_delete
    [ ! -e graphs/d.omni ]
    run -0 cluster apply --json
    has_code cluster_recovery_rolled_forward
    settles
    ledger '.observations["graph.d"].kind == "tombstone" and (.approval_records | length == 1)'
    [ "$(jq -s '[.[] | select(.consumed_at)] | length' __cluster/approvals/*.json)" -eq 1 ]
}

@test "row 8: a delete that did not finish is repeated under the same approval" {
    want_without_d
    crash_at before_graph_delete
    rm "$(graph_file graphs/d.omni)"
    [ -n "$(ls -A graphs/d.omni)" ] || echo rest >graphs/d.omni/rest
    run -0 cluster apply --json
    has_code graph_delete_incomplete
    json_holds .converged
    settles
    [ ! -e graphs/d.omni ]
    [ "$(jq -s 'length' __cluster/approvals/*.json)" -eq 1 ]
    ledger '.approval_records | length == 1'
}

# Two operations in one run that died: kept KIND, breaks and repairs its graph; forward ROW.
want_kept() {
    case $1 in
    5 | 6c)
        schema k K >k.pg
        kept=k
        ;;
    5s | 6s)
        want_more x X
        kept=x
        ;;
    esac
}
break_kept() {
    case $1 in
    5 | 5s)
        mv "graphs/$kept.omni" hidden
        mkdir "graphs/$kept.omni"
        echo junk >"$(graph_file "graphs/$kept.omni")"
        ;;
    6c) schema k K '    odd: I32?
' | cluster-graph apply graphs/k.omni >/dev/null ;;
    6s) schema x X '    odd: I32?
' | cluster-graph apply graphs/x.omni >/dev/null ;;
    esac
}
repair_kept() {
    case $1 in
    5 | 5s)
        rm -r "graphs/$kept.omni"
        mv hidden "graphs/$kept.omni"
        ;;
    6c | 6s) cluster-graph apply "graphs/$kept.omni" <"$kept.pg" >/dev/null ;;
    esac
}

# one_kept KIND ROW: the other is rolled forward as if it were alone, whichever id comes first.
one_kept() {
    local graphs='x y d' point=after_payload_phase before status=0
    want_kept "$1"
    [ "$kept" != k ] || graphs="$graphs k"
    case $2 in
    3) want_more y Y forward=y ;;
    4) schema n N >n.pg && graphs="$graphs n" ;;
    7b) graphs=${graphs/ d/} point=after_graph_delete ;;
    esac
    # shellcheck disable=SC2086
    configure $graphs
    [ "$2" != 7b ] || cluster approve graph.d --as bob >/dev/null
    crash_at "$point"
    [ "$(sidecars)" -eq 2 ]
    break_kept "$1"
    before=$(recorded "schema.$kept")

    [ "$1" != 5 ] || status=1
    run "-$status" cluster apply --json
    has_code cluster_recovery_rolled_forward
    json_holds '.converged | not'
    [ "$(sidecars)" -eq 1 ]
    jq -e --arg kept "$kept" '.graph_id == $kept' __cluster/recoveries/*.json
    [ "$(recorded "schema.$kept")" = "$before" ]
    ledger ".recovery_records | length == 1 and ([.[].graph_id] | index(\"$kept\") | not)"
    case $2 in
    3) [ "$(recorded schema.y)" = "$(file_digest y.pg)" ] ;;
    4) [ "$(recorded schema.n)" = "$(file_digest n.pg)" ] ;;
    7b) ledger '.observations["graph.d"].kind == "tombstone" and (.approval_records | length == 1)' ;;
    esac

    repair_kept "$1"
    settles
    [ "$(recorded "schema.$kept")" = "$(file_digest "$kept.pg")" ]
    [ "$(rows x)" -eq 3 ] && [ "$(rows y)" -eq 3 ]
}

@test "an unfinished create is kept while a migration is rolled forward" { one_kept 5 3; }
@test "an unfinished create is kept while a create is rolled forward" { one_kept 5 4; }
@test "an unfinished create is kept while a delete is rolled forward" { one_kept 5 7b; }
@test "a migration that cannot be verified is kept while another is rolled forward" { one_kept 5s 3; }
@test "a migration that cannot be verified is kept while a create is rolled forward" { one_kept 5s 4; }
@test "a migration that cannot be verified is kept while a delete is rolled forward" { one_kept 5s 7b; }
@test "a create with another schema is kept while a migration is rolled forward" { one_kept 6c 3; }
@test "a create with another schema is kept while a create is rolled forward" { one_kept 6c 4; }
@test "a create with another schema is kept while a delete is rolled forward" { one_kept 6c 7b; }
@test "a migration to another schema is kept while another is rolled forward" { one_kept 6s 3; }
@test "a migration to another schema is kept while a create is rolled forward" { one_kept 6s 4; }
@test "a migration to another schema is kept while a delete is rolled forward" { one_kept 6s 7b; }

# What may differ between two runs that do the same: nothing but ids and times.
essence() {
    jq -cS '{ok, applied_count, deferred_count, converged, changes, codes: [.diagnostics[].code]}'
}

# same_twice STATUS CODE: an apply that ends so arms nothing, and the next one does the same.
same_twice() {
    run "-$1" cluster apply --json
    has_code "$2"
    first=$(printf '%s' "$output" | essence)
    [ "$(sidecars)" -eq 0 ]
    run "-$1" cluster apply --json
    [ "$first" = "$(printf '%s' "$output" | essence)" ]
    [ "$(sidecars)" -eq 0 ]
}

@test "an unsupported migration arms nothing, twice" {
    printf 'node X {\n    name: I32 @key\n}\n' >x.pg
    same_twice 1 schema_apply_failed
    [ "$(cluster-graph describe graphs/x.omni | jq .manifest_version)" -eq 2 ]
}

@test "a migration that cannot be planned arms nothing, twice" {
    want_more x X
    mv graphs/x.omni hidden
    mkdir graphs/x.omni
    echo junk >"$(graph_file graphs/x.omni)"
    same_twice 1 schema_apply_failed
    rm -r graphs/x.omni
    mv hidden graphs/x.omni
    settles
}

@test "a stale approval arms nothing, twice" {
    want_without_d
    want_more x X # another configuration than was approved
    run -0 cluster apply --json
    has_code approval_stale
    same_twice 0 approval_stale
    json_holds '.changes[] | select(.resource == "graph.d") | .disposition == "blocked" and .reason == "approval_required"'
    [ "$(rows d)" -eq 3 ]
}

@test "a source that changed after it was read arms nothing, twice" {
    want_more x X
    before=$(sha256sum <__cluster/state.json)
    cluster-parse . >document
    jq -c --arg digest "$(file_digest x.pg)" '.sources[$digest] += "// more\n"' document >changed
    for _ in 1 2; do
        run -1 cluster-lock apply -- 'cluster-sweep | cluster-diff | cluster-classify | cluster-exec' <changed
        has_code resource_content_changed
        [ "$(sidecars)" -eq 0 ]
        [ "$before" = "$(sha256sum <__cluster/state.json)" ]
        [ "$(cluster-graph describe graphs/x.omni | jq .manifest_version)" -eq 2 ]
    done
}

# The half of a schema may be a schema, too.
@test "a driver gets the whole schema though the run that gives it dies" {
    mkdir drivers
    cat >drivers/cluster-graph-dying <<'SH'
#!/bin/sh
case $1 in init | apply) kill -9 "$PPID" ;; esac
exec cluster-graph "$@"
SH
    chmod +x drivers/cluster-graph-dying
    {
        cat x.pg
        yes '// more than a pipe holds' | head -n 20000
        schema x Last
    } >x2.pg
    mv x2.pg x.pg
    cp x.pg n.pg
    configure x y d n
    for graph in n x; do
        PATH=$PWD/drivers:$PATH CLUSTER_DRIVER=dying cluster apply --lock-timeout 30 --json || true
        run cluster apply --lock-timeout 30 --json
        [ "$(live_digest "$graph")" = "$(file_digest x.pg)" ]
    done
    settles
    [ "$(rows x)" -eq 3 ]
}
