# What the suites of graphs in buckets load: a server (tests/s3/run starts one), its bucket, a place in it and a
# cache for each test.
# shellcheck shell=bash

load ../pipeline/helper

PATH=$CLUSTER_BIN/../s3:$PATH

bucket_setup() {
    cd "$(scratch)"
    export XDG_CACHE_HOME=$PWD/cache
    : "${CLUSTER_TEST_S3_BUCKET:?is not set: run this with tests/s3/run}"
    objects bucket "$CLUSTER_TEST_S3_BUCKET"
    G=s3://$CLUSTER_TEST_S3_BUCKET/graphs/$$-${PWD##*.}/g
    CACHE=$XDG_CACHE_HOME/cluster
    unset CLUSTER_S3_PROVEN CLUSTER_CACHE_MAX
    echo 'node Person { name: String @key age: I32? } edge Knows: Person -> Person' >people.pg
}

# A graph with one person, version 2.
made() {
    cluster-graph init "$G" <people.pg >/dev/null
    person old | cluster-graph load "$G" --mode append >/dev/null
}

# Lines for a load: person NAME...
person() {
    printf '{"type":"Person","data":{"name":"%s","age":1}}\n' "$@"
}

# Fails unless the last `run` ended with this status, and showed it.
status_is() {
    [ "$status" -eq "$1" ] || {
        printf 'status %s, expected %s: %s\n' "$status" "$1" "$output" >&2
        return 1
    }
}

# Fails unless the graph has this version and these people.
graph_is() {
    [ "$(cluster-graph describe "$G" | jq .manifest_version)" = "$1" ] &&
        [ "$(cluster-graph export "$G" | jq -r .data.name | tr '\n' ' ')" = "$2" ] || {
        printf 'the graph is: %s\n' "$(cluster-graph log "$G"; cluster-graph export "$G")" >&2
        return 1
    }
}

# The snapshots in the bucket, one a line.
snapshots() {
    objects list "$G" snapshots/
}

# The snapshots in the cache.
cached() {
    find "$CACHE" -name '*.db' | sort
}

# Puts the proxy of proxy.c between the programs and the server; with_rule LINE... says what it does from then on.
proxy_setup() {
    : >rules
    # Not bats' own descriptor: the proxy outlives the line that starts it.
    coproc PROXY { exec proxy "${AWS_ENDPOINT_URL_S3##*:}" rules log 3>&-; }
    proxy_pid=$PROXY_PID
    read -r port <&"${PROXY[0]}"
    direct=$AWS_ENDPOINT_URL_S3
    export AWS_ENDPOINT_URL_S3=http://127.0.0.1:$port
}

proxy_teardown() {
    [ -z "${proxy_pid-}" ] || kill "$proxy_pid"
}

with_rule() {
    printf '%s\n' "$@" >rules
}

# How many requests in the proxy's log match: requests REGEX
requests() {
    grep -cE "$1" log || true
}
