#!/usr/bin/env bats
# The examples are real clusters: they validate, their data loads, and the demo holds.

bats_require_minimum_version 1.5.0
load helper

BRAIN=$ROOT/examples/company-brain

setup() {
    T=$(scratch)
    cd "$T"
}

@test "company-brain validates without a diagnostic" {
    run cluster validate --config "$BRAIN" --json
    [ "$status" -eq 0 ]
    json_holds '.diagnostics == []'
    json_holds '[.resources[] | select(.kind == "query")] | length >= 40'
    json_holds '[.resources[] | select(.kind == "policy")] | length == 3'
}

@test "the minimal cluster validates without a diagnostic" {
    run cluster validate --config "$ROOT/examples/minimal" --json
    [ "$status" -eq 0 ]
    json_holds '.diagnostics == [] and ([.resources[] | select(.kind == "query")] | length == 3)'
}

@test "the same seed gives the same data, with any awk" {
    mkdir awks
    ln -s "$(command -v busybox)" awks/awk
    for graph in knowledge engineering; do
        "$BRAIN/data/generate" "$graph" 11 >one
        "$BRAIN/data/generate" "$graph" 11 >two
        cmp one two
        PATH=$T/awks:$PATH "$BRAIN/data/generate" "$graph" 11 >three
        cmp one three
        "$BRAIN/data/generate" "$graph" 12 >other
        run cmp -s one other
        [ "$status" -eq 1 ]
    done
}

@test "the data of a graph is over two thousand lines of JSON whose edges end at nodes" {
    "$BRAIN/data/generate" knowledge >knowledge
    "$BRAIN/data/generate" engineering >engineering
    key='(.handle // .slug // .city // .number // .id // (.country + .day))'
    for graph in knowledge engineering; do
        [ "$(wc -l <$graph)" -ge 2000 ]
        jq -s -e "
            ([.[] | select(.type) | .data | $key] | map({(.): true}) | add) as \$nodes
            | [.[] | select(.edge) | .from, .to | select(\$nodes[.] | not)] == []" $graph
    done
}

@test "generate refuses an unknown graph and a seed that is no number" {
    run "$BRAIN/data/generate" sales
    [ "$status" -eq 64 ]
    run "$BRAIN/data/generate" knowledge 1x
    [ "$status" -eq 64 ]
    run "$BRAIN/data/generate"
    [ "$status" -eq 64 ]
}

@test "data of other seeds keeps to the schemas too" {
    cp -r "$BRAIN/." .
    cluster import
    cluster apply
    for graph in knowledge engineering; do
        for seed in 1 2026 999999999; do
            "$BRAIN/data/generate" "$graph" "$seed" >data.jsonl
            cluster-graph load "graphs/$graph.omni" --mode overwrite --data data.jsonl
            cluster-graph export "graphs/$graph.omni" >out.jsonl
            [ "$(wc -l <out.jsonl)" -eq "$(wc -l <data.jsonl)" ]
        done
    done
}

@test "the minimal cluster comes up and takes data" {
    cp -r "$ROOT/examples/minimal/." .
    cluster import
    cluster apply
    cluster-graph load graphs/library.omni --mode append --data - <<'EOF'
{"type": "Author", "data": {"name": "Mary Shelley", "born": 1797}}
{"type": "Book", "data": {"isbn": "9780141439471", "title": "Frankenstein", "year": 1818}}
{"edge": "Wrote", "from": "Mary Shelley", "to": "9780141439471", "data": {}}
EOF
    cluster plan --detailed-exitcode
}

@test "the demo runs and finds everything as it should be" {
    run env TMPDIR="$T" CLUSTER_BIN="$PROGRAMS" "$ROOT/examples/demo.sh"
    [ "$status" -eq 0 ]
}

@test "the demo fails when rows are lost" {
    on_disk_only "it is the demo that is tested, on a program that loses rows"
    mkdir bin
    cp -P "$CLUSTER_BIN"/cluster* bin/
    mv bin/cluster-graph bin/cluster-graph-real
    cat >bin/cluster-graph <<'EOF'
#!/bin/sh
# Loses a row of every export once a plan was applied.
real=$(dirname "$0")/cluster-graph-real
case $1 in
export) "$real" "$@" | if [ -e "$LOSING" ]; then sed 1d; else cat; fi ;;
apply) : >"$LOSING"; exec "$real" "$@" ;;
*) exec "$real" "$@" ;;
esac
EOF
    chmod +x bin/cluster-graph
    run env LOSING="$T/losing" CLUSTER_BIN="$T/bin" "$ROOT/examples/demo.sh"
    [ "$status" -eq 1 ]
    [ -e losing ]
}

@test "generate for the benchmark makes valid clusters of the asked size" {
    "$ROOT/bench/generate" once 101
    "$ROOT/bench/generate" again 101
    diff -r once again
    for queries in 0 1 100 101; do
        "$ROOT/bench/generate" "c$queries" "$queries"
        run --separate-stderr cluster validate --config "c$queries" --json
        [ "$status" -eq 0 ]
        json_holds "[.resources[] | select(.kind == \"query\")] | length == $queries"
    done
    run "$ROOT/bench/generate" again 5
    [ "$status" -eq 1 ]
    run "$ROOT/bench/generate" other many
    [ "$status" -eq 64 ]
}
