# A small cluster on the fake graph driver (tests/fixtures/driver), and shorthands for running it.
# shellcheck shell=bash

bats_require_minimum_version 1.5.0
PATH=$FIXTURES/driver:$PATH
export PATH
unset FAKE_FAIL FAKE_LOG

# Makes the cluster in a fresh directory and goes there: graphs a (two queries) and b, policy p
# bound to a, policy q bound to the cluster.
fake_cluster() {
    cd "$(scratch)" || return 1
    FAKE_LOG=$PWD/driver.log
    export FAKE_LOG
    : >"$FAKE_LOG"
    cat >cluster.yaml <<'YAML'
version: 1
driver: fake
graphs:
  a: { schema: a.pg, queries: queries }
  b: { schema: b.pg }
policies:
  p: { file: p.yaml, applies_to: [a] }
  q: { file: q.yaml, applies_to: [cluster] }
YAML
    echo 'node N { name: String @key }' >a.pg
    echo 'node M { name: String @key }' >b.pg
    mkdir queries
    echo 'query one($n: String) { match { $p: N { name: $n } } return { $p.name } }' >queries/one.gq
    echo 'query two($n: String) { match { $p: N { name: $n } } return { $p.name } }' >queries/two.gq
    cat >p.yaml <<'YAML'
version: 1
groups: { staff: [ann] }
rules:
  - id: r
    allow: { actors: { group: staff }, actions: [read] }
YAML
    cat >q.yaml <<'YAML'
version: 1
groups: { staff: [ann] }
rules:
  - id: r
    allow: { actors: { group: staff }, actions: [graph_list] }
YAML
}

# Adds a property to the schema of a graph: more_schema a
more_schema() {
    sed -i 's/ }/\n    more: String? }/' "$1.pg"
}

# The pipelines, without the report: each prints the run document.
sweep() { cluster-parse . | cluster-sweep "$@"; }
plan() { cluster-parse . | cluster-sweep --read-only | cluster-diff | cluster-classify; }
classified() { cluster-parse . | cluster-sweep | cluster-diff | cluster-classify; }
apply() {
    cluster-parse . |
        cluster-lock apply -- 'cluster-sweep | cluster-diff | cluster-classify | cluster-exec --as ann'
}
refresh() { cluster-parse . | cluster-lock refresh -- 'cluster-sweep | cluster-observe | cluster-exec'; }
import() {
    cluster-parse . |
        cluster-lock import -- "cluster-sweep --import ${1-} | cluster-observe | cluster-exec"
}
approve() {
    cluster-parse . | cluster-lock approve -- \
        "cluster-sweep --read-only | cluster-diff | cluster-classify | cluster-approve $1 --as ${2-ann}"
}
# Everything imported and applied.
fake_converged() {
    fake_cluster && import >/dev/null && apply >/dev/null && : >"$FAKE_LOG"
}
# An apply that dies by SIGKILL at a failpoint of cluster_apply: crash_at after_graph_create
crash_at() {
    CLUSTER_FAILPOINTS=cluster_apply.$1=crash apply >/dev/null 2>&1 || true
}

# Looking at the result.
ledger() { jq -e "$1" __cluster/state.json >/dev/null || { cat __cluster/state.json >&2; false; }; }
sidecars() { find __cluster/recoveries -name '*.json' 2>/dev/null | wc -l; }
sidecar() { jq -e "$1" __cluster/recoveries/*.json >/dev/null || { cat __cluster/recoveries/*.json >&2; false; }; }
ledger_bytes() { sha256sum <__cluster/state.json; }
has_code() { json_holds "[.diagnostics[].code] | index(\"$1\")"; }
lacks_code() { json_holds "[.diagnostics[].code] | index(\"$1\") | not"; }
change_is() { json_holds ".outcome.changes[] | select(.resource == \"$1\") | .disposition == \"$2\" and (.reason // \"\") == \"${3-}\""; }
