#!/usr/bin/env bats
# The whole main job on a small real cluster, through the cluster command, as an operator does it.

load helper

setup() {
    T=$(scratch)
    cp -r "$ROOT/examples/minimal/." "$T"
    cd "$T"
    cat >schema.pg <<'EOF'
node Person {
    name: String @key
    email: String?
    nick: String?
}
edge Knows: Person -> Person {
    since: I32?
}
EOF
    mkdir -p queries
    rm -rf queries/* ./*.gq
    cat >queries/people.gq <<'EOF'
query find_person($name: String) {
    match { $p: Person { name: $name } }
    return { $p.name, $p.email }
}
query friends($name: String) {
    match { $p: Person { name: $name } $p knows $q }
    return { $q.name }
}
EOF
    cat >base.policy.yaml <<'EOF'
version: 1
groups:
  staff: [ann, bob]
rules:
  - id: staff-read
    allow: { actors: { group: staff }, actions: [read], branch_scope: any }
EOF
    cat >cluster.yaml <<'EOF'
version: 1
graphs:
  people:
    schema: schema.pg
    queries: queries/
policies:
  base:
    file: base.policy.yaml
    applies_to: [people]
EOF
}

load_people() {
    cluster-graph load graphs/people.omni --mode append --data - <<'EOF'
{"type": "Person", "data": {"name": "Ann", "email": "ann@example.org", "nick": "a"}}
{"type": "Person", "data": {"name": "Bob"}}
{"edge": "Knows", "from": "Ann", "to": "Bob", "data": {"since": 2019}}
EOF
}

@test "the main job converges: validate, import, plan, apply, load, migrate, refresh, nothing to do" {
    run -0 cluster validate --json
    json_holds '.ok and (.resources | map(.address)) == ["graph.people","policy.base","query.people.find_person","query.people.friends","schema.people"]'

    run -0 cluster import --json
    json_holds '.ok and .operation == "import" and .state_observations.lock_acquired'

    run -2 cluster plan --json --detailed-exitcode
    json_holds '.ok and .applicable and (.changes | length) == 5 and all(.changes[]; .operation == "create" and .disposition == "applied")'

    run -0 cluster apply --json --as ann
    json_holds '.ok and .converged and .state_written and .actor == "ann" and .deferred_count == 0'
    [ ! -e __cluster/lock.json ]
    [ -z "$(ls -A __cluster/recoveries 2>/dev/null)" ]

    ledger=$(sha256sum <__cluster/state.json)
    run -0 cluster apply --json
    json_holds '.ok and .converged and (.state_written | not) and .applied_count == 0'
    [ "$ledger" = "$(sha256sum <__cluster/state.json)" ]

    load_people
    cat >schema.pg <<'EOF'
node Person {
    name: String @key
    mail: String? @rename_from("email")
    age: I32?
}
edge Knows: Person -> Person {
    since: I32?
}
EOF
    sed -i 's/\$p\.email/$p.mail, $p.age/' queries/people.gq

    run -0 cluster plan --json
    json_holds '[.changes[] | select(.resource == "schema.people") | .migration.steps[].kind] | sort == ["add_property","drop_property","rename_property"]'
    json_holds 'all(.changes[]; .disposition == "applied" or .disposition == "derived")'

    run -0 cluster apply --json
    json_holds '.ok and .converged'

    run -0 cluster-graph export graphs/people.omni
    [ "$(printf '%s\n' "$output" | jq -sc 'map(select(.type)) | map(.data.mail // null) | sort')" = '[null,"ann@example.org"]' ]
    [ "$(printf '%s\n' "$output" | jq -sc 'map(select(.edge)) | length')" = 1 ]

    run -0 cluster status --json
    json_holds '.ok and .resource_statuses["graph.people"].status == "applied"'

    run -0 cluster refresh --json
    json_holds '.ok and .observations["graph.people"].exists and .observations["graph.people"].schema_matches_desired'

    run -0 cluster plan --json --detailed-exitcode
    json_holds '.ok and .changes == [] and (.applicable | not)'

    run -0 cluster snapshot
    json_holds '.ok and (.graphs | length) == 1 and (.queries | length) == 2 and (.policies | length) == 1'
}

@test "a plan saved to a file is what gets applied, once" {
    cluster import >/dev/null
    cluster plan --out plan.json >/dev/null
    # What was reviewed is applied, whatever happened to the working tree since.
    echo 'not a schema' >schema.pg
    run -0 cluster apply plan.json --json
    json_holds '.ok and .converged'
    run -1 cluster apply plan.json --json
    json_holds '[.diagnostics[].code] | index("plan_stale")'
}

@test "drift converges back" {
    cluster import >/dev/null
    cluster apply >/dev/null
    rm -r __cluster/resources/query/people/friends
    run -0 cluster status --json
    json_holds '[.diagnostics[].code] | index("catalog_payload_missing")'
    run -0 cluster refresh --json
    json_holds '.resource_statuses["query.people.friends"].status == "drifted"'
    run -0 cluster apply --json
    json_holds '.converged and .applied_count >= 1'
    run -0 cluster status --json
    json_holds '.diagnostics == []'

    rm -r graphs/people.omni
    run -0 cluster refresh --json
    json_holds '.resource_statuses["graph.people"].status == "drifted"'
    run -0 cluster apply --json
    json_holds '.converged'
    run -0 cluster-graph describe graphs/people.omni
}

@test "a graph is deleted only behind an approval, with its queries" {
    cluster import >/dev/null
    cluster apply >/dev/null
    load_people
    cat >cluster.yaml <<'EOF'
version: 1
EOF
    run -0 cluster apply --json
    json_holds '(.converged | not) and .deferred_count == 4'
    [ -n "$(ls -A graphs/people.omni)" ]

    run -64 cluster approve graph.people
    run -0 cluster approve graph.people --as ann --json
    json_holds '.ok and .approved_by == "ann" and .resource == "graph.people"'

    run -0 cluster apply --json --as bob
    json_holds '.ok and .converged'
    [ ! -e graphs/people.omni ]
    run -0 cluster status --json
    json_holds '.observations["graph.people"].kind == "tombstone" and .resource_digests == {}'
    run -0 jq -e '.consumed_at != null' __cluster/approvals/*.json
}
