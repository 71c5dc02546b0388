#!/usr/bin/env bats
# What is no input: every stage and the wrapper get it, and each time there is one clear message, the
# right code and exit status, and nothing changed.

bats_require_minimum_version 1.5.0
load helper
load faulty

setup_file() {
    make_master
    cd "$BATS_FILE_TMPDIR"
    cluster-parse "$MASTER" | cluster-sweep | cluster-diff | cluster-classify >document
    run -0 jq -e '.changes == [] and .ledger.found' document
}

setup() {
    cd "$(scratch)"
    DOCUMENT=$BATS_FILE_TMPDIR/document
}

# Every stage that reads a document, with the options that lead to other code; one a line.
stages() {
    cat <<'END'
cluster-lock apply -- cat
cluster-lock release 01ARZ3NDEKTSV4RRFFQ69G5FAV
cluster-lock release --stale
cluster-sweep
cluster-sweep --read-only
cluster-sweep --import
cluster-observe
cluster-observe --catalog
cluster-diff
cluster-diff --preview
cluster-classify
cluster-exec --as ann
cluster-exec --plan --as ann
cluster-approve graph.library --as ann
cluster-report validate
cluster-report plan --json
cluster-report apply
cluster-report approve
cluster-report status --json
cluster-report refresh
cluster-report import
cluster-report force-unlock
END
}

# No stage takes the file: exit 1, nothing on stdout, one line on stderr that begins with the name of
# the program. $only: the stages to try.
no_stage_takes() {
    local before stage
    before=$(sum_of "$MASTER")
    while read -r -a stage; do
        run -1 --separate-stderr "${stage[@]}" <"$1"
        [ -z "$output" ]
        [ "${#stderr_lines[@]}" -eq 1 ]
        [[ $stderr == "${stage[0]}: "* ]]
        [ "${#stderr}" -le 500 ]
    done < <(stages | grep -- "${only:-.}")
    [ "$before" = "$(sum_of "$MASTER")" ]
}

@test "no stage takes an empty document" {
    : >empty
    no_stage_takes empty
    printf ' \n\t\n' >blank
    only='cluster-diff$' no_stage_takes blank
}

@test "no stage takes a truncated document" {
    head -c 1500 "$DOCUMENT" >truncated
    no_stage_takes truncated
    for size in 1 2 17 100 400 3000 $(($(wc -c <"$DOCUMENT") - 2)); do
        head -c "$size" "$DOCUMENT" >truncated
        only='cluster-exec --as' no_stage_takes truncated
    done
}

@test "no stage takes a document of another format version" {
    sed 's,cluster-run/1,cluster-run/2,' "$DOCUMENT" >newer
    no_stage_takes newer
    jq -c 'del(.format)' "$DOCUMENT" >formless
    only='cluster-diff$' no_stage_takes formless
    jq -c '.format = 1' "$DOCUMENT" >numeric
    only='cluster-diff$' no_stage_takes numeric
}

@test "no stage takes binary noise" {
    openssl enc -aes-128-ctr -K 00 -iv 00 -nosalt </dev/zero 2>/dev/null | head -c 20000 >noise
    [ "$(wc -c <noise)" -eq 20000 ]
    no_stage_takes noise
    head -c 4096 /dev/zero >zeros
    only='cluster-diff$' no_stage_takes zeros
}

@test "no stage takes 100,000 brackets" {
    head -c 100000 /dev/zero | tr '\0' '[' >brackets
    no_stage_takes brackets
    { printf '{"format":"cluster-run/1","x":' && cat brackets; } >inside
    only='cluster-\(sweep\|exec\)' no_stage_takes inside
    head -c 100000 /dev/zero | tr '\0' '{' >braces
    only='cluster-diff$' no_stage_takes braces
}

@test "no stage takes a line of 100 MB" {
    head -c 100000000 /dev/zero | tr '\0' x >line
    only='cluster-\(diff$\|exec --as\|lock apply\)' no_stage_takes line
}

@test "no stage takes a value of another kind, two documents, or a byte order mark" {
    for text in '[]' '"cluster-run/1"' 'null' '1e999' '{"format":"cluster-run/1"} {}' "$(printf '\357\273\277{}')"; do
        printf '%s\n' "$text" >other
        only='cluster-\(sweep$\|classify\|report plan\)' no_stage_takes other
    done
}

@test "no stage takes a document with a section of the wrong shape" {
    for change in '.config = 7' '.store.root = null' '.store.x = 1' '.resources = {}' '.resources[0].kind = "x"' \
        '.resources[0].digest = "zz"' '.sources = []' '.lock = {}' '.ledger.found = "yes"' '.ledger.state = []' \
        '.sweep.completed = [1]' '.changes = [{}]' '.diagnostics = [1]' '.halt = 1'; do
        jq -c "$change" "$DOCUMENT" >misshapen
        only='cluster-\(sweep$\|classify\|exec --as\|report plan\)' no_stage_takes misshapen
    done
}

@test "a document without what a stage needs names what is missing" {
    local before stage
    echo '{"format":"cluster-run/1"}' >bare
    before=$(sum_of "$MASTER")
    while read -r -a stage; do
        run -1 --separate-stderr "${stage[@]}" <bare
        [ -z "$stderr" ]
        [[ $output == *stage_input_missing* ]]
    done < <(stages)
    [ "$before" = "$(sum_of "$MASTER")" ]
}

@test "a halted document passes every stage untouched" {
    local stage
    jq -cS '.halt = true | .diagnostics = [{code: "x", severity: "error", path: "", message: "no"}]' "$DOCUMENT" >halted
    while read -r -a stage; do
        "${stage[@]}" <halted >out || [ "$?" -eq 1 ]
        cmp halted out
    done < <(stages | grep -v cluster-report)
}

@test "a closed stdin or stdout ends a stage with a message" {
    local stage
    while read -r -a stage; do
        run -1 --separate-stderr sh -c 'exec "$@" <&-' sh "${stage[@]}"
        [ -z "$output" ]
        [ -n "$stderr" ]
        run -1 --separate-stderr sh -c 'exec "$@" >&-' sh "${stage[@]}" <"$DOCUMENT"
        [ -n "$stderr" ]
    done < <(stages | grep 'diff\|classify\|report plan\|observe --catalog\|sweep --read-only')
}

@test "a saved plan that is none is refused" {
    fresh w
    before=$(sum_of w)
    : >empty
    head -c 700 "$DOCUMENT" >truncated
    sed 's,cluster-run/1,cluster-run/2,' "$DOCUMENT" >newer
    head -c 100000 /dev/zero | tr '\0' '[' >brackets
    for plan in empty truncated newer brackets; do
        run -1 --separate-stderr cluster apply "$plan" --as ann --json
        [ -z "$output" ]
        [[ ${stderr_lines[0]} == 'cluster-lock: '* ]]
    done
    mkdir folder
    for plan in missing folder; do
        run -1 --separate-stderr cluster apply "$plan" --as ann --json
        [ -z "$output" ]
        [ "${#stderr_lines[@]}" -eq 1 ]
    done
    [ "$before" = "$(sum_of w)" ]
}

# ---- what the store holds ----

# The commands that read the ledger, with what else they need.
reading_commands() {
    printf '%s\n' plan 'apply --as ann' status refresh snapshot 'approve graph.library --as ann'
}

# Each command that reads the ledger refuses the cluster w: all_refuse CODE
all_refuse() {
    local -a command
    while read -r -a command; do
        refuses "$1" w "${command[@]}"
    done < <(reading_commands)
}

@test "a ledger with an unknown field is refused, and so is every other kind of broken one" {
    fresh w
    state=w/__cluster/state.json
    jq '.extra = 1' "$MASTER/__cluster/state.json" >$state
    all_refuse invalid_state_json
    refuses invalid_state_json w import
    for change in '.applied_revision.extra = 1' '.applied_revision.resources["graph.library"].extra = 1' \
        'del(.applied_revision)' '.state_revision = "7"' '.resource_statuses["graph.library"].status = "fine"' '[.]'; do
        jq "$change" "$MASTER/__cluster/state.json" >$state
        refuses invalid_state_json w apply --as ann
    done
    : >$state
    refuses invalid_state_json w apply --as ann
    head -c 300 "$MASTER/__cluster/state.json" >$state
    refuses invalid_state_json w refresh
    head -c 100000 /dev/zero | tr '\0' '[' >$state
    refuses invalid_state_json w plan
    printf '\377\376\000' >$state
    refuses invalid_state_json w status
}

@test "a ledger of another format version says so" {
    fresh w
    jq '.version = 2' "$MASTER/__cluster/state.json" >w/__cluster/state.json
    all_refuse unsupported_state_version
}

@test "a ledger that is a directory, a FIFO or unreadable is a read error" {
    on_disk_only 'what is no file, and permissions of a file'
    can_be_mortal
    fresh w
    chmod 0 w/__cluster/state.json
    as_mortal=1 all_refuse state_read_error
    rm w/__cluster/state.json
    mkdir w/__cluster/state.json
    all_refuse state_read_error
    refuses state_read_error w import
    rmdir w/__cluster/state.json
    mkfifo w/__cluster/state.json
    refuses state_read_error w status
}

@test "a file where the folder of the cluster belongs is a read error" {
    on_disk_only 'a file stands where a folder belongs'
    fresh w
    rm -r w/__cluster
    echo text >w/__cluster
    for command in plan status snapshot; do
        refuses state_read_error w $command
    done
    for command in apply refresh import; do
        refuses state_lock_write_error w $command
    done
}

@test "a lock that cannot be understood stops a command, and force-unlock leaves it" {
    id=01ARZ3NDEKTSV4RRFFQ69G5FAV
    good="{\"version\":1,\"lock_id\":\"$id\",\"operation\":\"apply\",\"created_at\":\"2026-01-02T03:04:05Z\",\"pid\":1}"
    fresh w
    for text in '' '{' '[]' "$(jq -c '.extra = 1' <<<"$good")" "$(jq -c 'del(.pid)' <<<"$good")" "$(printf '\377')"; do
        printf '%s' "$text" >w/__cluster/lock.json
        refuses invalid_state_lock w apply --as ann
        refuses invalid_state_lock w force-unlock $id
    done
    jq -c '.version = 2' <<<"$good" >w/__cluster/lock.json
    refuses unsupported_state_lock_version w force-unlock $id
    printf '%s' "$good" >w/__cluster/lock.json
    refuses state_lock_id_mismatch w force-unlock 01ARZ3NDEKTSV4RRFFQ69G5FAW
    for id in .. 'a b' "it's" 'q"q' "$(printf 'a\nb')" "$(printf '\303\251')"; do
        refuses state_lock_id_mismatch w force-unlock "$id"
    done
    rm w/__cluster/lock.json
    refuses state_lock_missing w force-unlock $id
}

@test "a lock that cannot be read stops a command, and force-unlock leaves it" {
    on_disk_only 'what is no file, and permissions of a file'
    can_be_mortal
    id=01ARZ3NDEKTSV4RRFFQ69G5FAV
    fresh w
    echo "{\"version\":1,\"lock_id\":\"$id\",\"operation\":\"apply\",\"created_at\":\"2026-01-02T03:04:05Z\",\"pid\":1}" >w/__cluster/lock.json
    chmod 0 w/__cluster/lock.json
    as_mortal=1 refuses state_lock_read_error w force-unlock $id
    rm w/__cluster/lock.json
    mkdir w/__cluster/lock.json
    refuses state_lock_read_error w force-unlock $id
    before=$(sum_of w)
    run -1 --separate-stderr cluster apply --config w --as ann --json
    json_holds '.ok == false'
    [ "$before" = "$(sum_of w)" ]
}

@test "broken sidecars and approvals warn, and stay" {
    fresh w
    run -0 cluster apply --config w --as ann --json # in a bucket the copy has a storage of its own: that is recorded
    mkdir -p w/__cluster/recoveries/01ARZ3NDEKTSV4RRFFQ69G5FA0.json w/__cluster/approvals
    printf '\377\000' >w/__cluster/recoveries/01ARZ3NDEKTSV4RRFFQ69G5FA1.json
    head -c 100000 /dev/zero | tr '\0' '[' >w/__cluster/recoveries/01ARZ3NDEKTSV4RRFFQ69G5FA2.json
    echo '{"schema_version":2}' >w/__cluster/recoveries/01ARZ3NDEKTSV4RRFFQ69G5FA3.json
    printf '{}' >w/__cluster/approvals/01ARZ3NDEKTSV4RRFFQ69G5FA4.json
    printf '{"schema_version":2}' >w/__cluster/approvals/01ARZ3NDEKTSV4RRFFQ69G5FA5.json
    before=$(sum_of w)
    for command in plan status 'apply --as ann'; do
        # shellcheck disable=SC2086
        run -0 --separate-stderr cluster $command --config w --json
        [ -z "$stderr" ]
        json_holds '.ok and ([.diagnostics[].code] | index("invalid_recovery_sidecar") and index("unsupported_recovery_sidecar_version"))'
        [ "$before" = "$(sum_of w)" ]
    done
    refuses cluster_recovery_pending w snapshot
}

# ---- the configuration ----

@test "a configuration directory may be a symbolic link" {
    fresh w
    mkdir links
    ln -s ../w links/here
    run -0 cluster plan --config links/here --json
    json_holds '.ok and .changes == [] and .state_observations.resource_count == 5'
    ln -s nowhere links/dangling
    run -1 cluster plan --config links/dangling --json
    json_holds '[.diagnostics[].code] == ["config_dir_not_found"]'
    ln -s loop links/loop
    run -1 cluster validate --config links/loop --json
    json_holds '[.diagnostics[].code] == ["config_dir_not_found"]'
    run -1 cluster apply --config w/cluster.yaml --as ann --json
    json_holds '[.diagnostics[].code] == ["config_dir_not_found"]'
}

@test "a cluster.yaml that is none is refused" {
    can_be_mortal
    fresh w
    rm w/cluster.yaml
    refuses cluster_config_read_error w apply --as ann
    mkdir w/cluster.yaml
    refuses cluster_config_read_error w validate
    rmdir w/cluster.yaml
    mkfifo w/cluster.yaml
    refuses cluster_config_read_error w plan
    rm w/cluster.yaml
    cp "$MASTER/cluster.yaml" w
    chmod 0 w/cluster.yaml
    as_mortal=1 refuses cluster_config_read_error w refresh
    chmod 644 w/cluster.yaml
    : >w/cluster.yaml
    refuses invalid_cluster_yaml w import
    printf '\377\376' >w/cluster.yaml
    refuses source_not_utf8 w status
    { cat "$MASTER/cluster.yaml" && head -c 100000 /dev/zero | tr '\0' '['; } >w/cluster.yaml
    refuses invalid_cluster_yaml w apply --as ann
    { echo '[' && for n in $(seq 1 2000); do printf '%*s-\n' $((n % 900)) ''; done; } >w/cluster.yaml
    refuses invalid_cluster_yaml w validate
    head -c 100000000 /dev/zero | tr '\0' x >w/cluster.yaml
    refuses cluster_config_read_error w validate
}

@test "schemas, queries and policies that are none are refused" {
    can_be_mortal
    fresh w
    cat >>w/cluster.yaml <<'END'
policies:
  base: { file: base.yaml, applies_to: [library] }
END
    echo 'version: 1' >w/base.yaml
    run -0 cluster validate --config w --json
    try() {
        cp -p "$1" saved
        cat >"$1"
        refuses "$2" w apply --as ann
        cp -p saved "$1"
    }
    printf '\377' | try w/library.pg source_not_utf8
    printf '\377' | try w/library.gq source_not_utf8
    printf '\377' | try w/base.yaml source_not_utf8
    head -c 100000 /dev/zero | tr '\0' '[' | try w/library.pg schema_parse_error
    head -c 100000 /dev/zero | tr '\0' '(' | try w/library.gq query_parse_error
    head -c 100000 /dev/zero | tr '\0' '[' | try w/base.yaml policy_invalid
    { echo 'query q() { match { $a: Author } return {' && head -c 100000 /dev/zero | tr '\0' '('; } | try w/library.gq query_parse_error
    echo 'nodes' | try w/library.pg schema_parse_error
    : | try w/base.yaml policy_invalid
    chmod 0 w/library.pg w/library.gq w/base.yaml
    as_mortal=1 refuses schema_file_missing w plan
    as_mortal=1 refuses query_file_missing w plan
    as_mortal=1 refuses policy_file_missing w plan
    rm w/library.pg w/library.gq w/base.yaml
    mkdir w/library.pg w/base.yaml
    refuses schema_file_missing w plan
    refuses query_file_missing w plan
    refuses policy_file_missing w plan
}

# ---- names ----

# Names that shells, URIs, JSON and file systems take for something else.
odd_names() {
    printf '%s\0' "a b's \"q\"" "$(printf 'new\nline')" -dash "$(printf '\303\251\360\237\220\247')" \
        '$(touch hurt)`touch hurt`' 'per%20cent?#;&|*back\slash..'
}

@test "directories and files may have any name" {
    on_disk_only 'names that no URI of a bucket may have'
    while IFS= read -r -d '' name; do
        mkdir -p "./$name/files/$name" plain
        (cd plain && cp -r "$ROOT/examples/minimal/." .)
        cp plain/library.pg "./$name/files/$name/$name.pg"
        cp plain/library.gq "./$name/files/$name/$name.gq"
        jq -n --arg n "$name" '{version: 1, storage: ("store/" + $n), graphs: {library: {
            schema: ("files/" + $n + "/" + $n + ".pg"), queries: [("files/" + $n + "/../" + $n)]}}}' >"./$name/cluster.yaml"
        for command in import apply plan refresh status; do
            run -0 --separate-stderr cluster $command --config="$name" --as=ann --json
            json_holds .ok
        done
        [ -f "./$name/store/$name/__cluster/state.json" ]
        run -0 cluster snapshot --config="$name"
        json_holds '.ok and (.queries | length == 3)'
        run -0 cluster snapshot --store="$PWD/$name/store/$name"
        json_holds '.ok and (.graphs | length == 1)'
    done < <(odd_names)
    [ ! -e hurt ]
    [ -z "$(find . -name hurt)" ]
}

@test "graphs, queries and policies may not have any name" {
    fresh w
    while IFS= read -r -d '' name; do
        jq -n --arg n "$name" '{version: 1, graphs: {($n): {schema: "library.pg"}}}' >w/cluster.yaml
        refuses invalid_resource_id w apply --as ann
        jq -n --arg n "$name" '{version: 1, policies: {($n): {file: "library.pg", applies_to: ["cluster"]}}}' >w/cluster.yaml
        refuses invalid_resource_id w plan
        jq -n --arg n "$name" '{version: 1, graphs: {library: {schema: "library.pg", queries: {($n): {file: "library.gq"}}}}}' >w/cluster.yaml
        refuses invalid_resource_id w validate
    done < <(odd_names && printf '%s\0' .. . '' '../up' 'a/b')
    [ ! -e hurt ]
}

@test "an address that names nothing gated is refused, whatever it holds" {
    fresh w
    while IFS= read -r -d '' name; do
        refuses approval_not_required w approve --as ann -- "graph.$name"
    done < <(odd_names && printf '%s\0' .. ../../x)
    [ ! -e hurt ]
}
