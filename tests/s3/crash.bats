#!/usr/bin/env bats
# Every process of a run killed at every point, on a bucket: then one release of the lock by its id, and
# apply. What chapter 5 promises holds as on a disk.

load ../pipeline/helper
load ../pipeline/fake
load bucket

# An apply that is stopped at a point of cluster-exec, and there killed: the holder of the lock and all
# that it runs, or only the holder (which its pipeline then outlives).
die_at() {
    (CLUSTER_FAILPOINTS=cluster_apply.$1=pause apply >died.out 2>/dev/null 3>&- || true) &
    background=$!
    wait_until stage_is_stopped
    stage=$(stopped_stage)
    group=$(ps -o pgid= -p "$stage" | tr -d ' ')
    lock=$(store_cat __cluster/lock.json | jq .pid)
    kill -9 "$lock"
    if [ "${2-all}" = all ]; then
        kill -9 -- "-$group"
    else
        kill -CONT "$stage"
        wait_until group_is_gone "$group"
    fi
    wait "$background" || true
    [ "${2-all}" != all ] || [ ! -s died.out ] # no success was told of
}
# Nothing of the group runs any more. What stops at its failpoint once more is sent on again.
group_is_gone() {
    kill -CONT -- "-$1" 2>/dev/null || true
    ! ps -e -o pgid=,stat= | awk -v group="$1" '$1 == group && $2 !~ /^Z/ { found = 1 } END { exit !found }'
}

# The lock needs somebody, once; then at most one apply more than the first converges.
settle() {
    id=$(store_cat __cluster/lock.json | jq -er .lock_id)
    run -75 cluster apply --json --as ann
    run -0 cluster force-unlock "$id" --json
    run cluster apply --json --as ann
    run -0 cluster apply --json --as ann
    json_holds '.ok and .converged'
    run -0 cluster apply --json --as ann
    json_holds '.converged and (.state_written | not) and .diagnostics == []'
    run ! grep -e lock -e recoveries <(store_ls __cluster/)
}

# The ledger names what is there: blobs by their hash, schemas by that of the configuration's files.
ledger_is_true() {
    store_cat __cluster/state.json >ledger.json
    jq -r '.applied_revision.resources | to_entries[] | select(.key | test("^(query|policy)\\.")) | "\(.key) \(.value.digest)"' ledger.json |
        while read -r address digest; do
            folder=$(printf '%s' "$address" | tr . /)
            case $address in query.*) file=$folder/$digest.gq ;; *) file=$folder/$digest.yaml ;; esac
            [ "$(store_cat "__cluster/resources/$file" | sha256sum | cut -c 1-64)" = "$digest" ]
        done
    for graph in a b; do
        digest=$(jq -r ".applied_revision.resources[\"schema.$graph\"].digest // empty" ledger.json)
        [ -z "$digest" ] || [ "$(sha256sum <$graph.pg | cut -c 1-64)" = "$digest" ]
        [ -z "$digest" ] || [ "$(store_cat "graphs/$graph.omni/schema" | sha256sum | cut -c 1-64)" = "$digest" ]
        [ -n "$digest" ] || [ -z "$(store_ls "graphs/$graph.omni/")" ]
    done
}

fresh() {
    fake_cluster
    in_bucket
    import >/dev/null
}

@test "creates, killed at every point: each graph is made once" {
    for point in before_graph_create after_graph_create after_payload_phase before_state_write after_state_write; do
        fresh
        die_at "$point"
        settle
        ledger_is_true
        [ "$(grep -c '^init a' "$FAKE_LOG") $(grep -c '^init b' "$FAKE_LOG")" = '1 1' ]
        [ "$(store_cat graphs/a.omni/version) $(store_cat graphs/b.omni/version)" = '1 1' ]
    done
}

@test "a schema update and its query, killed at every point: the migration is carried out once" {
    for point in before_schema_apply after_schema_apply after_payload_phase before_state_write after_state_write; do
        fresh
        apply >/dev/null
        more_schema a
        sed -i 's/\$p.name }/$p.name, $p.more }/' queries/one.gq
        die_at "$point"
        settle
        ledger_is_true
        [ "$(store_cat graphs/a.omni/version) $(store_cat graphs/b.omni/version)" = '2 1' ]
    done
}

@test "a catalog and a binding change, killed at every point" {
    for point in after_payload_phase before_state_write after_state_write; do
        fresh
        apply >/dev/null
        echo '# more' >>q.yaml
        rm queries/two.gq
        sed -i 's/applies_to: \[a\]/applies_to: [a, b]/' cluster.yaml
        die_at "$point"
        settle
        ledger_is_true
        jq -e '.applied_revision.resources | (has("query.a.two") | not) and .["policy.p"].applies_to == ["graph.a", "graph.b"]' ledger.json
        jq -e '.state_revision == 3' ledger.json
    done
}

@test "an approved delete, killed at every point: its approval is used exactly once" {
    for point in before_graph_delete after_graph_delete before_state_write after_state_write; do
        fresh
        apply >/dev/null
        sed -i '/^  b:/d' cluster.yaml
        approve graph.b >/dev/null
        die_at "$point"
        settle
        ledger_is_true
        [ -z "$(store_ls graphs/b.omni/)" ]
        jq -e '(.approval_records | length == 1) and .observations["graph.b"].kind == "tombstone"' ledger.json
        artifact=$(store_ls __cluster/approvals/)
        store_cat "$artifact" | jq -e '.consumed_at != null'
    done
}

@test "only the holder of the lock is killed: what it ran ends by itself, and all is found again" {
    for point in before_graph_create before_state_write; do
        fresh
        die_at "$point" holder
        settle
        ledger_is_true
        [ "$(grep -c '^init a' "$FAKE_LOG") $(grep -c '^init b' "$FAKE_LOG")" = '1 1' ]
    done
}
