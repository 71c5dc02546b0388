#!/usr/bin/env bats
# Moving a cluster from a disk to a bucket, and cluster-store on its own.

load ../pipeline/helper
load bucket

setup() {
    cd "$(scratch)"
    cp -r "$ROOT/examples/minimal/." .
    cluster import >/dev/null
    cluster apply --as ann >/dev/null
    STORE=s3://$CLUSTER_TEST_S3_BUCKET/t/$(basename "$BATS_TEST_TMPDIR")-$$-$RANDOM$RANDOM
    export STORE CLUSTER_LIBEXEC=$CLUSTER_BIN XDG_CACHE_HOME=$BATS_TEST_TMPDIR/cache
}

@test "a cluster moved to a bucket has the same rows, and nothing to do" {
    cluster-graph load graphs/library.omni --mode append --data - <<'EOF' >/dev/null
{"type": "Author", "data": {"name": "Ursula", "born": 1929}}
{"type": "Book", "data": {"isbn": "1", "title": "The Dispossessed", "year": 1974}}
{"edge": "Wrote", "from": "Ursula", "to": "1"}
EOF
    cluster-graph export graphs/library.omni >rows
    [ "$(wc -l <rows)" = 3 ]
    run -0 "$ROOT/examples/move-to-bucket" . "$STORE"
    printf 'storage: %s\n' "$STORE" >>cluster.yaml
    cluster refresh >/dev/null
    run -0 cluster plan --json --detailed-exitcode
    json_holds '.ok and .changes == []'
    cluster-graph export "$STORE/graphs/library.omni" | cmp - rows
    run -0 cluster snapshot
    json_holds '.ok and (.graphs[0].root | startswith("s3://"))'
    run -0 cluster status --json
    json_holds '.ok and .diagnostics == []'
}

@test "a move that was cut off before the ledger is repeated" {
    cluster-store cat . __cluster/state.json >/dev/null
    query=$(cluster-store ls . __cluster/resources/ | head -n 1)
    cluster-store cat . "$query" | cluster-store put "$STORE" "$query"
    run -0 cluster-store cp . "$STORE"
    diff <(cluster-store ls . __cluster/) <(cluster-store ls "$STORE" __cluster/)
    cmp __cluster/state.json <(cluster-store cat "$STORE" __cluster/state.json)
}

@test "a copy never goes over a ledger, over other content, from under a lock or past a recovery" {
    mkdir other empty
    run -1 cluster-store cp empty "$STORE"
    echo x | cluster-store put . __cluster/lock.json
    run -1 cluster-store cp . "$STORE"
    cluster-store rm . __cluster/lock.json
    echo x | cluster-store put . __cluster/recoveries/01ARZ3NDEKTSV4RRFFQ69G5FAV.json
    run -1 cluster-store cp . "$STORE"
    cluster-store rm . __cluster/recoveries/
    query=$(cluster-store ls . __cluster/resources/ | head -n 1)
    echo other | cluster-store put "$STORE" "$query"
    run -1 cluster-store cp . "$STORE"
    [ "$(cluster-store ls "$STORE")" = "$(cluster-store ls "$STORE" | grep -v state.json)" ]
    cluster-store rm "$STORE" "$query"
    run -0 cluster-store cp . "$STORE"
    run -1 cluster-store cp . "$STORE"
}

@test "names and usage are checked" {
    run -64 cluster-store
    run -64 cluster-store cat .
    run -64 cluster-store mv . a b
    run -1 cluster-store cat . ../x
    run -1 cluster-store cat . nothing/here
    run -1 cluster-store ls s3://NO/
    run -1 cluster-store rm . ''
}
