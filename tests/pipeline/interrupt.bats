#!/usr/bin/env bats
# A signal that asks a run to stop: the step under way is finished, what happened is recorded, the lock is released.

load helper

setup() {
    T=$(scratch)
    cd "$T"
    printf 'node Person { name: String @key }\n' >p.pg
    cat >cluster.yaml <<'EOF'
version: 1
graphs:
  a: { schema: p.pg }
  b: { schema: p.pg }
EOF
    cluster import >/dev/null
}

# interrupted SIGNAL FAILPOINT: applies; at the failpoint, cluster-exec gets the signal.
interrupted() {
    CLUSTER_FAILPOINTS="$2=exec:kill -$1 \$PPID" run cluster apply --json
}

@test "a_signal_during_a_create_lets_it_finish_and_begins_no_other" {
    for signal in INT TERM HUP; do
        rm -rf graphs __cluster
        cluster import >/dev/null
        interrupted "$signal" cluster_apply.before_graph_create
        [ "$status" -eq 1 ]
        json_holds '[.diagnostics[] | select(.severity == "error").code] == ["interrupted"]'
        json_holds '[.changes[] | select(.resource == "graph.a").disposition] == ["applied"]'
        json_holds '[.changes[] | select(.resource == "graph.b") | .disposition, .reason] == ["blocked", "skipped_after_failure"]'
        json_holds '.state_written and (.converged | not) and .resource_statuses["graph.a"].status == "applied"'
        [ -e "$(graph_file graphs/a.omni)" ]
        [ ! -e graphs/b.omni ]
        [ ! -e __cluster/lock.json ]
        [ -z "$(ls -A __cluster/recoveries 2>/dev/null)" ]
        run -0 cluster apply --json
        json_holds '.converged'
    done
}

@test "a_signal_when_all_is_done_changes_nothing_about_it" {
    interrupted TERM cluster_apply.before_state_write
    [ "$status" -eq 0 ]
    json_holds '.converged and .state_written'
    [ ! -e __cluster/lock.json ]
}

@test "a_signal_to_the_lock_holder_reaches_the_pipeline_first" {
    # The failpoint's parent is cluster-exec; the lock's holder is named in lock.json.
    CLUSTER_FAILPOINTS='cluster_apply.before_graph_create=exec:kill -TERM $(jq .pid __cluster/lock.json)' \
        run cluster apply --json
    [ "$status" -ne 0 ]
    [ ! -e __cluster/lock.json ]
    run -0 cluster apply --json
    json_holds '.converged'
    run -0 cluster plan --json --detailed-exitcode
}
