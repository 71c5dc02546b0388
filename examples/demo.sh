#!/bin/sh
# The life of a cluster, once through: validate, import, plan, apply, load data, change a schema and
# a query that uses it, apply that, and see that no row was lost. Works on a copy of
# examples/company-brain in a scratch directory, with the programs in build/bin (or in
# $CLUSTER_BIN). Prints each command and what it said; exits non-zero if anything is off.
#
#   examples/demo.sh          removes the scratch directory at the end
#   examples/demo.sh --keep   leaves it, and says where it is
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
bin=${CLUSTER_BIN:-$root/build/bin}
keep=no
case ${1-} in
'') ;;
--keep) keep=yes ;;
*)
    echo 'usage: demo.sh [--keep]' >&2
    exit 64
    ;;
esac
if [ ! -x "$bin/cluster" ]; then
    echo "demo: there are no programs in $bin; run make first" >&2
    exit 1
fi

PATH=$bin:$PATH
export PATH
unset CLUSTER_ACTOR CLUSTER_DRIVER NO_COLOR
scratch=$(mktemp -d "${TMPDIR:-/tmp}/cluster-demo.XXXXXX")

finish() {
    if [ "$keep" = yes ]; then
        printf 'The cluster of the demo is in %s\n' "$scratch/brain"
    else
        rm -rf "$scratch"
    fi
}
trap finish EXIT
trap 'exit 1' HUP INT TERM

fail() {
    printf '\ndemo: %s\n' "$*" >&2
    exit 1
}

# step TEXT: what comes next, for the reader.
step() {
    printf '\n==== %s\n' "$*"
}

# The beginning and the end of a long output.
show() {
    awk -v top=14 -v bottom=14 '
        { line[NR] = $0 }
        END {
            for (i = 1; i <= NR; i++)
                if (NR <= top + bottom + 1 || i <= top || i > NR - bottom)
                    print line[i]
                else if (i == top + 1)
                    printf "  ... %d lines ...\n", NR - top - bottom
        }' "$1"
}

# run STATUS COMMAND...: shows the command and its output, and insists on its exit status.
run() {
    expected=$1
    shift
    printf '\n$ %s\n' "$*"
    status=0
    "$@" >"$scratch/output" 2>&1 || status=$?
    show "$scratch/output"
    [ "$status" -eq "$expected" ] || fail "'$*' ended with $status, not with $expected"
}

# load GRAPH: the generated data into one graph.
load() {
    printf '\n$ data/generate %s | cluster-graph load graphs/%s.omni --mode append --data -\n' "$1" "$1"
    data/generate "$1" >"$scratch/$1.jsonl"
    cluster-graph load "graphs/$1.omni" --mode append --data - <"$scratch/$1.jsonl" ||
        fail "loading $1 failed"
}

# export_all DIR: both graphs, and the services alone.
export_all() {
    mkdir -p "$1"
    for graph in knowledge engineering; do
        cluster-graph export "graphs/$graph.omni" >"$1/$graph.jsonl" || fail "exporting $graph failed"
    done
    cluster-graph export graphs/engineering.omni --type Service >"$1/services.jsonl" ||
        fail 'exporting the services failed'
}

lines() {
    wc -l <"$1" | tr -d ' '
}

# same WHAT FILE FILE: two files must be equal.
same() {
    cmp -s "$2" "$3" || fail "$1 differ"
    printf 'ok: %s\n' "$1 are the same, $(lines "$2") lines"
}

# edit FILE SED-SCRIPT: changes a file and shows what changed.
edit() {
    sed "$2" "$1" >"$scratch/edited"
    printf '\n$ edit %s\n' "$1"
    diff -U 1 "$1" "$scratch/edited" | sed 1,2d || true
    cmp -s "$1" "$scratch/edited" && fail "nothing to edit in $1"
    cp "$scratch/edited" "$1"
}

# The value of one string property of every line, in order: values FILE NAME
values() {
    sed -n "s/.*\"$2\" *: *\"\\([^\"]*\\)\".*/\\1/p" "$1" | sort
}

cp -R "$root/examples/company-brain" "$scratch/brain"
cd "$scratch/brain"

step 'A new cluster: two graphs, their stored queries and policies'
run 0 cluster validate
run 0 cluster import
run 2 cluster plan --detailed-exitcode
run 0 cluster apply --as ingrid.solberg

step 'Data for both graphs'
load knowledge
load engineering
export_all "$scratch/before"
for graph in knowledge engineering; do
    [ "$(lines "$scratch/before/$graph.jsonl")" -eq "$(lines "$scratch/$graph.jsonl")" ] ||
        fail "$graph does not hold what was loaded"
    printf 'ok: %s holds the %s rows that were loaded\n' "$graph" "$(lines "$scratch/$graph.jsonl")"
done

step 'A schema changes: one property is added, one renamed, one dropped'
edit engineering/engineering.pg '
    s/^  pager: String @description/  escalation: String @rename_from("pager") @description/
    s/^  wiki_url: String?$/  reviewed_on: Date?/'

step 'A stored query still asks for what is gone; nothing is touched until it is right'
run 1 cluster apply --as ingrid.solberg
# The dollars are the query language's.
# shellcheck disable=SC2016
edit engineering/queries/services.gq '
    s/\$s\.pager as pager/$s.escalation as escalation/
    s/\$s\.wiki_url as wiki/$s.reviewed_on as reviewed_on/'

step 'What that means for the data, and then doing it'
run 0 cluster plan --out "$scratch/change.plan"
run 0 cluster apply "$scratch/change.plan" --as ingrid.solberg

step 'Every row is still there'
export_all "$scratch/after"
same 'the rows of knowledge' "$scratch/before/knowledge.jsonl" "$scratch/after/knowledge.jsonl"
for when in before after; do
    grep -v '"type" *: *"Service"' "$scratch/$when/engineering.jsonl" >"$scratch/$when/others.jsonl"
done
same 'the rows of engineering that are no services' "$scratch/before/others.jsonl" "$scratch/after/others.jsonl"
values "$scratch/before/services.jsonl" pager >"$scratch/before/pager"
values "$scratch/after/services.jsonl" escalation >"$scratch/after/escalation"
[ -s "$scratch/before/pager" ] || fail 'no service had a pager'
same 'pager before and escalation after' "$scratch/before/pager" "$scratch/after/escalation"
if grep -q '"wiki_url"' "$scratch/after/services.jsonl"; then
    fail 'wiki_url is still exported'
fi
run 0 cluster-graph dropped graphs/engineering.omni

step 'Nothing is left to do'
run 0 cluster status
run 0 cluster refresh
run 0 cluster plan --detailed-exitcode

printf '\ndemo: everything is as it should be\n'
