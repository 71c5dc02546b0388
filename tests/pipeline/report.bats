#!/usr/bin/env bats
# cluster-report on documents made by hand: the public output of every command, and the exit status.

bats_require_minimum_version 1.5.0
load helper

COMMANDS='validate plan apply approve status refresh import force-unlock'

setup() {
    cd "$(scratch)"
    jq -ncS -f "$FIXTURES/diff/document.jq" | cluster-diff | cluster-classify >document
}

# A jq filter that adds what the working stage of a command leaves, so that its run counts as done.
work_of() {
    case $1 in
    apply | refresh | import)
        printf '%s' '.outcome = {actor: null, applied_count: 0, deferred_count: 0, converged: false,
            state_written: false, state: .ledger.base, cas: .ledger.cas}'
        ;;
    approve)
        printf '%s' '.approval = {approval_id: "01A", resource: "graph.old", operation: "delete", approved_by: "ann"}'
        ;;
    force-unlock)
        printf '%s' '.lock = {acquired: false, operation: "force-unlock", path: "/x", removed: true}'
        ;;
    *) printf . ;;
    esac
}

# Runs cluster-report on the fixture changed by a jq filter: report FILTER COMMAND [OPTION...]
report() {
    jq -cS "$(work_of "$2") | $1" document >changed
    shift
    run -"${expect:-0}" --separate-stderr cluster-report "$@" <changed
}

# The fixture's ledger as cluster-exec would leave it: $1 changes the new state.
outcome() {
    cat <<END
.lock = {acquired: true, lock_id: "01L", operation: "apply", path: "/srv/brain/__cluster/lock.json"} |
.outcome = {actor: "ann", changes: .changes, applied_count: 4, deferred_count: 3, converged: false, state_written: true,
    state: (.ledger.state | .state_revision = 4 | ${1:-.}), cas: "sha256:new"}
END
}

keys_are() {
    json_holds "keys == ($1 | sort)"
}

@test "validate says what is configured" {
    report . validate --json
    keys_are '["ok","config_dir","config_file","resource_digests","resources","dependencies","diagnostics"]'
    json_holds '.ok and .config_dir == "." and .config_file == "./cluster.yaml"'
    json_holds '.resources | map(.address) == ["graph.a","graph.new","policy.base","query.a.find","schema.a","schema.new"]'
    json_holds '.resources | all((keys - ["address","digest","kind","path"]) == [])'
    json_holds '.resource_digests | length == 6 and .["graph.a"][0:2] == "1a"'
    json_holds '(.dependencies | length) == 5'
}

@test "plan says what apply would do" {
    report . plan --json
    keys_are '["ok","config_dir","desired_revision","resource_digests","dependencies","state_observations","changes","applicable","blast_radius","approvals_required","diagnostics"]'
    json_holds '.desired_revision.config_digest[0:2] == "c0"'
    json_holds '.applicable and (.changes | length) == 9 and (.approvals_required | length) == 1 and (.blast_radius | length) == 5'
    json_holds '.changes | all((keys - ["resource","operation","before_digest","after_digest","disposition","reason","binding_change","migration"]) == [])'
    json_holds '.resource_digests["graph.a"][0:2] == "1a"'
}

@test "the store's observations come from the ledger as it is on disk" {
    report '.ledger.state.state_revision = 99 | .ledger.state.applied_revision.resources = {}' plan --json
    json_holds '.state_observations == {state_path: "/srv/brain/__cluster/state.json", lock_path: "/srv/brain/__cluster/lock.json", state_found: true, applied_config_digest: ("c9" + "0" * 62), state_revision: 3, state_cas: ("sha256:ca" + "0" * 62), resource_count: 6, locked: false, lock_acquired: false}'
}

@test "after a run they are those it left" {
    report "$(outcome 'del(.applied_revision.config_digest)')" apply --json
    json_holds '.state_observations | .state_revision == 4 and .state_cas == "sha256:new" and .lock_acquired and .acquired_lock_id == "01L" and (has("applied_config_digest") | not) and .locked == false'
    report "$(outcome) | .outcome.state = null | .outcome.cas = null" apply --json
    json_holds '.state_observations | .state_revision == 3 and .state_cas[0:9] == "sha256:ca"'
}

@test "the paths of a bucket are URIs, those of the root directory have one slash" {
    report '.store = {root: "s3://b/p", display: "s3://b/p"}' status --json
    json_holds '.state_observations.state_path == "s3://b/p/__cluster/state.json"'
    report '.store = {root: "file:///", display: "/"}' status --json
    json_holds '.state_observations.lock_path == "/__cluster/lock.json"'
}

@test "a lock held by someone else is shown, and warns a plan" {
    held='.lock = {acquired: false, operation: "", path: "/x", observed: {lock_id: "01X", operation: "apply", created_at: "2026-01-02T03:04:05.678Z", pid: 7, age_seconds: 30, heartbeat_age_seconds: 5}}'
    report "$held" plan --json
    json_holds '.state_observations | .locked and .lock_id == "01X" and .lock_operation == "apply" and .lock_created_at == "2026-01-02T03:04:05.678Z" and .lock_pid == 7 and .lock_age_seconds == 30 and .lock_acquired == false'
    json_holds '.ok and (.diagnostics | map([.code, .severity]) == [["state_lock_held", "warning"]])'
    report "$held | .lock.observed.stale = true" plan --json
    json_holds '.ok and (.diagnostics | map([.code, .severity]) == [["state_lock_stale", "warning"]])'
    report "$held" status --json
    json_holds '.state_observations.locked and .diagnostics == []'
    report "$held | .lock.observed = {}" plan --json
    json_holds '.state_observations | .locked and (has("lock_id") | not) and (has("lock_pid") | not)'
}

@test "a plan under its own lock does not warn of it" {
    report '.lock = {acquired: true, lock_id: "01L", operation: "plan", path: "/x"}' plan --json
    json_holds '.diagnostics == [] and .state_observations.lock_acquired and .state_observations.locked == false'
}

@test "a plan says first that a lost graph would come back empty" {
    report '.ledger.base.resource_statuses["graph.new"] = {status: "drifted", conditions: ["graph_missing"]}' plan --json
    json_holds '.ok and (.diagnostics | map([.code, .severity, .path]) == [["graph_missing", "warning", "graph.new"]])'
}

@test "apply reports the outcome" {
    report "$(outcome '.resource_statuses["graph.a"].status = "blocked"')" apply --json
    keys_are '["ok","config_dir","actor","desired_revision","state_observations","changes","applied_count","deferred_count","converged","state_written","resource_statuses","diagnostics"]'
    json_holds '.ok and .actor == "ann" and .applied_count == 4 and .deferred_count == 3 and .converged == false and .state_written'
    json_holds '.resource_statuses["graph.a"].status == "blocked" and .diagnostics == []'
    report "$(outcome) | .outcome.actor = null | .outcome.changes = [.changes[0] | .disposition = \"blocked\" | .reason = \"schema_apply_failed\"]" apply --json
    json_holds '(has("actor") | not) and (.changes | length) == 1 and .changes[0].reason == "schema_apply_failed"'
}

@test "after a failed write the statuses are those from before the run" {
    report "$(outcome) | .outcome.state = null | .outcome.cas = null | .outcome.state_written = false | .ledger.state.resource_statuses = {}" apply --json
    json_holds '.resource_statuses["graph.a"].status == "applied" and .state_written == false'
}

@test "approve reports the approval" {
    report '.lock = {acquired: true, lock_id: "01L", operation: "approve", path: "/x"} | .approval = {approval_id: "01A", resource: "graph.old", operation: "delete", approved_by: "ann"}' approve --json
    [ "$output" = '{"approval_id":"01A","approved_by":"ann","config_dir":".","diagnostics":[],"ok":true,"operation":"delete","resource":"graph.old"}' ]
}

@test "status reports the ledger" {
    report . status --json
    keys_are '["ok","config_dir","state_observations","resource_digests","resource_statuses","observations","diagnostics"]'
    json_holds '.resource_digests["graph.a"][0:2] == "1b" and (.resource_digests | length) == 6'
    json_holds '.resource_statuses["query.a.find"] == {status: "drifted", conditions: ["payload_missing"], message: "gone"}'
    json_holds '.observations["graph.gone"].kind == "tombstone" and .diagnostics == []'
}

@test "status without a ledger warns and succeeds" {
    report '.ledger |= (.found = false | .cas = null | .state = null | .base = null)' status --json
    json_holds '.ok and (.diagnostics | map([.code, .severity]) == [["state_missing", "warning"]])'
    json_holds '.state_observations | .state_found == false and .state_revision == 0 and .resource_count == 0 and (has("state_cas") | not)'
    json_holds '.resource_digests == {} and .resource_statuses == {} and .observations == {}'
}

@test "refresh and import report the ledger they left" {
    for command in refresh import; do
        report "$(outcome '.resource_statuses = {"graph.a": {status: "error"}}')" "$command" --json
        keys_are '["ok","operation","config_dir","state_observations","resource_digests","resource_statuses","observations","diagnostics"]'
        json_holds ".operation == \"$command\" and .resource_statuses == {\"graph.a\": {status: \"error\"}} and .state_observations.state_revision == 4"
    done
}

@test "an import into nothing finds the ledger that it made" {
    report "$(outcome) | .ledger |= (.found = false | .cas = null | .base = null)" import --json
    json_holds '.state_observations | .state_found and .state_revision == 4 and .state_cas == "sha256:new"'
}

@test "force-unlock says whether the lock is removed" {
    report '.lock = {acquired: false, operation: "force-unlock", path: "/x", removed: true}' force-unlock --json
    keys_are '["ok","config_dir","state_observations","lock_removed","diagnostics"]'
    json_holds '.ok and .lock_removed and .state_observations.locked == false'
    expect=1 report '.lock = {acquired: false, operation: "force-unlock", path: "/x", removed: false, observed: {lock_id: "01X"}} | .diagnostics = [{code: "state_lock_id_mismatch", severity: "error", path: "", message: "no"}]' force-unlock --json
    json_holds '(.ok | not) and .lock_removed == false and .state_observations.locked and .state_observations.lock_id == "01X"'
}

@test "a run that was not under the lock says so, once" {
    for command in apply approve refresh import; do
        report . "$command" --json
        json_holds '.diagnostics | map([.code, .severity]) == [["state_lock_disabled", "warning"]]'
        report '.diagnostics = [{code: "state_lock_disabled", severity: "warning", path: "", message: "off"}]' "$command" --json
        json_holds '.diagnostics | length == 1'
    done
    for command in validate plan status force-unlock; do
        report . "$command" --json
        json_holds '.diagnostics == []'
    done
}

@test "a halted document of any length has a report with its defaults" {
    for command in $COMMANDS; do
        expect=1 report '{format, halt: true, diagnostics: [{code: "config_dir_not_found", severity: "error", path: "", message: "no such directory"}]}' "$command" --json
        json_holds '.ok == false and (.diagnostics | map(.code) == ["config_dir_not_found"]) and .config_dir == ""'
        expect=1 report '{format, config, store, halt: true, diagnostics: [{code: "x", severity: "error", path: "", message: "no"}]}' "$command" --json
        json_holds '.ok == false and .config_dir == "."'
        expect=1 report '{format, config, store, halt: true, diagnostics: [{code: "x", severity: "error", path: "", message: "no"}]}' "$command"
        [ -n "$output" ]
    done
    expect=1 report '{format, halt: true, diagnostics: [{code: "x", severity: "error", path: "", message: "no"}]}' plan --json
    json_holds '.changes == [] and .applicable == false and .desired_revision == {config_digest: null} and .state_observations.state_found == false'
    expect=1 report '{format, halt: true, diagnostics: [{code: "x", severity: "error", path: "", message: "no"}]}' apply --json
    json_holds '.changes == [] and .converged == false and .state_written == false and .applied_count == 0'
}

@test "the exit status follows the diagnostics" {
    for command in $COMMANDS; do
        report '.diagnostics = [{code: "x", severity: "warning", path: "", message: ""}]' "$command" --json
        json_holds '.ok'
        expect=1 report '.diagnostics = [{code: "x", severity: "error", path: "", message: ""}]' "$command" --json
        json_holds '.ok | not'
        expect=75 report '.diagnostics = [{code: "x", severity: "error", path: "", message: ""}, {code: "state_lock_held", severity: "error", path: "", message: ""}]' "$command"
        expect=64 report '.diagnostics = [{code: "actor_required", severity: "error", path: "", message: ""}]' "$command"
    done
}

@test "--detailed-exitcode is 2 only for a plan that is done and has changes" {
    expect=2 report . plan --detailed-exitcode --json
    expect=2 report '.changes |= map(select(.disposition == "blocked"))' plan --detailed-exitcode
    expect=0 report '.changes = []' plan --detailed-exitcode
    expect=1 report '.diagnostics = [{code: "x", severity: "error", path: "", message: ""}]' plan --detailed-exitcode
    expect=75 report '.diagnostics = [{code: "state_lock_held", severity: "error", path: "", message: ""}]' plan --detailed-exitcode
    expect=64 report . apply --detailed-exitcode
}

@test "with --json stdout is one canonical object and a line break" {
    for command in $COMMANDS; do
        jq -cS "$(work_of "$command")" document >done
        cluster-report "$command" --json <done >out
        [ "$(wc -l <out)" -eq 1 ]
        jq -cS . out | cmp - out
    done
}

@test "reports are pure: the same bytes in, the same bytes out" {
    for command in $COMMANDS; do
        jq -cS "$(work_of "$command")" document >done
        for form in '' --json; do
            cluster-report "$command" ${form:+"$form"} <done >first
            cluster-report "$command" ${form:+"$form"} <done >second
            cmp first second
        done
    done
}

@test "text has no colour where there is no terminal" {
    for command in $COMMANDS; do
        jq -cS "$(work_of "$command")" document >done
        TERM=xterm cluster-report "$command" <done >out
        run ! grep -q "$(printf '\033')" out
    done
}

@test "on a terminal text is coloured, unless NO_COLOR or a dumb one forbids it" {
    command -v script >/dev/null || skip 'no script(1)'
    show() {
        script -qec "cluster-report plan <document" /dev/null | grep -c "$(printf '\033')" || true
    }
    [ "$(TERM=xterm show)" -gt 0 ]
    [ "$(TERM=xterm NO_COLOR=1 show)" -eq 0 ]
    [ "$(TERM=xterm NO_COLOR='' show)" -gt 0 ]
    [ "$(TERM=dumb show)" -eq 0 ]
}

@test "a plan for people shows changes, bindings, gates, reasons and a summary" {
    report . plan
    grep -Eq '^  \+ create  graph\.new ' <<<"$output"
    grep -Eq '^  ~ update  schema\.a .*4b000000 -> 4a000000' <<<"$output"
    grep -Eq '^  ~ update  policy\.base .*\[bindings\]' <<<"$output"
    grep -Eq '^  - delete  graph\.old .*blocked: approval_required' <<<"$output"
    grep -Fq 'cluster approve graph.old --as' <<<"$output"
    grep -Fxq 'Plan: 3 to create, 3 to update, 3 to delete; 3 of them held back.' <<<"$output"
    run ! grep -q ' $' <<<"$output"
}

@test "a plan for people shows each migration step on a line" {
    report '(.changes[] | select(.resource == "schema.a")) += {migration: {supported: false, steps: [
        {kind: "add_property", type_kind: "node", type_name: "A", property_name: "nick", property_type: {scalar: "String", nullable: true, list: false, enum_values: null}},
        {kind: "rename_property", type_kind: "node", type_name: "A", from: "email", to: "mail"},
        {kind: "drop_type", type_kind: "edge", name: "Knows", mode: "soft"},
        {kind: "unsupported_change", entity: "node:A.age", reason: "it changed", code: "OG-MF-106"}]}}' plan
    grep -Fxq '      + node A.nick: String?' <<<"$output"
    grep -Eq '^      ~ node A\.email -> mail' <<<"$output"
    grep -Eq '^      - edge Knows .*soft' <<<"$output"
    grep -Fxq '      ! node:A.age: it changed [OG-MF-106]' <<<"$output"
}

@test "a first plan tells to import" {
    jq -cS '.ledger |= (.found = false | .cas = null | .state = null | .base = null) | .config.dir = "it'\''s here"' document >changed
    run -0 cluster-report plan <changed
    grep -Fq "cluster --config 'it'\\''s here' import" <<<"$output"
}

@test "people see who holds the lock, and how to break it" {
    report '.lock = {acquired: false, operation: "", path: "/x", observed: {lock_id: "01X", operation: "apply", pid: 7, age_seconds: 30, heartbeat_age_seconds: 5}} | .config.dir = "conf"' status
    grep -Eq 'apply.* 7.* 30 s.* 5 s' <<<"$output"
    grep -Fq 'cluster --config conf force-unlock 01X' <<<"$output"
    report '.lock = {acquired: false, operation: "", path: "/x", observed: {lock_id: "01X", stale: true}}' status
    run ! grep -Fq 'force-unlock' <<<"$output"
}

@test "people see each resource with its status, the graphs' versions, and what was deleted" {
    report '.ledger.base.observations["graph.a"] = {kind: "graph", address: "graph.a", manifest_version: 12}' status
    grep -Eq '^  graph\.a +applied +1b000000  version 12$' <<<"$output"
    grep -Eq '^  query\.a\.find +drifted +-         payload_missing: gone$' <<<"$output"
    grep -Eq '^  schema\.a +recorded +4b000000$' <<<"$output"
    grep -Eq '^  graph\.gone was deleted at 2026-01-02T03:04:05\.678Z by ann$' <<<"$output"
    grep -Fxq '7 resources: 1 applied, 1 drifted, 5 recorded.' <<<"$output"
}

@test "people see a ledger that is there and cannot be read" {
    expect=1 report '.ledger |= (.state = null | .base = null) | .diagnostics = [{code: "invalid_state_json", severity: "error", path: "", message: "no"}]' status
    grep -Eq 'state\.json  not readable$' <<<"$output"
    expect=1 report '.ledger |= (.found = false | .state = null | .base = null) | .diagnostics = [{code: "state_read_error", severity: "error", path: "", message: "no"}]' status
    grep -Eq 'state\.json  not readable$' <<<"$output"
}

@test "people see some of many that depend on a change, and how many more" {
    report '.blast_radius[0].affected += ["query.a.x", "query.a.y"]' plan
    grep -Eq '^  graph\.a .*and 2 more$' <<<"$output"
}

@test "people see whether an apply converged" {
    report "$(outcome)" apply
    grep -Fq 'Apply has not converged: 4 applied, 3 held back.' <<<"$output"
    report "$(outcome) | .outcome.converged = true | .outcome.deferred_count = 0" apply
    grep -Fq 'Apply complete: 4 applied.' <<<"$output"
    report "$(outcome) | .outcome.converged = true | .outcome.deferred_count = 0 | .outcome.applied_count = 0" apply
    grep -Fq 'Apply complete: nothing to do.' <<<"$output"
    expect=1 report "$(outcome) | .diagnostics = [{code: \"x\", severity: \"error\", path: \"\", message: \"\"}]" apply
    grep -Fq 'Apply failed: 4 applied, 3 held back.' <<<"$output"
}

@test "people see code and message of each diagnostic, errors first" {
    expect=1 report '.diagnostics = [{code: "w_code", severity: "warning", path: "p", message: "later"}, {code: "e_code", severity: "error", path: "q", message: "one\n\ttwo\n   ^"}]' validate
    grep -q 'w_code' <<<"$output"
    [ "$(grep -n 'e_code' <<<"$output" | cut -d: -f1)" -lt "$(grep -n 'w_code' <<<"$output" | cut -d: -f1)" ]
    grep -Fxq '     ^' <<<"$output"
    grep -Fxq "  $(printf '\t')two" <<<"$output"
}

@test "what a document says cannot command the terminal" {
    for command in $COMMANDS; do
        jq -cS '.diagnostics = [{code: "x\u001b[31m", severity: "warning", path: "p\u001b]0;x\u0007", message: "m\u001b[2J\u009b\rz"}]
            | .config.name = "n\u001b[1m" | .config.dir = "d\u001b" | .config.file = "f\u001b"
            | .changes[0].resource = "graph.\u001b[7m" | .ledger.base.resource_statuses["x\u001b"] = {status: "\u001b", conditions: ["\u001b"], message: "\u001b"}
            | .lock = {acquired: false, operation: "", path: "", observed: {operation: "\u001b", lock_id: "\u001b"}}' document >changed
        cluster-report "$command" <changed >out || true
        run ! grep -qP '[\x00-\x08\x0b-\x1f\x7f]|\xc2\x9b' out
        [ -s out ]
    done
}

@test "wrong usage is 64, no document is 1" {
    run -64 cluster-report <document
    run -64 cluster-report nothing <document
    run -64 cluster-report plan apply <document
    run -64 cluster-report plan --yaml <document
    run -1 --separate-stderr cluster-report plan --json </dev/null
    [ -z "$output" ] && [ -n "$stderr" ]
    run -0 cluster-report --help
}

@test "a run whose working stage is missing is no success" {
    for missing in validate:resources plan:changes apply:outcome approve:approval status:ledger \
        refresh:outcome import:outcome force-unlock:lock; do
        expect=1 report "del(.${missing#*:})" "${missing%:*}" --json
        json_holds ".ok == false and (.diagnostics | map([.code, .path]) | index([[\"stage_input_missing\", \"${missing#*:}\"]]))"
        expect=1 report "del(.${missing#*:})" "${missing%:*}"
    done
}

@test "a report that cannot be written is an error" {
    [ -e /dev/full ] || skip 'no /dev/full'
    status=0
    cluster-report plan <document >/dev/full 2>/dev/null || status=$?
    [ "$status" -eq 1 ]
}
