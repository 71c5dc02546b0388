#!/usr/bin/env bats
# cluster-parse: every diagnostic code, and what it makes of a valid directory.

bats_require_minimum_version 1.5.0
load helper

setup() {
    # cluster-parse only asks whether the driver is there.
    mkdir "$BATS_TEST_TMPDIR/drivers"
    printf '#!/bin/sh\nexit 1\n' >"$BATS_TEST_TMPDIR/drivers/cluster-graph"
    cp "$BATS_TEST_TMPDIR/drivers/cluster-graph" "$BATS_TEST_TMPDIR/drivers/cluster-graph-fake"
    chmod +x "$BATS_TEST_TMPDIR/drivers"/*
    PATH=$PATH:$BATS_TEST_TMPDIR/drivers
    CONFIG=$FIXTURES/config
}

# parse STATUS ARGUMENT...: runs cluster-parse, checks its status, keeps the document in $output.
parse() {
    local expected=$1
    shift
    run --separate-stderr cluster-parse "$@"
    [ "$status" -eq "$expected" ] || {
        # shellcheck disable=SC2154 # bats sets it
        printf 'status %s: %s %s\n' "$status" "$output" "$stderr" >&2
        return 1
    }
}

# The diagnostics as "severity code path" lines.
found() {
    printf '%s\n' "$output" | jq -r '.diagnostics[] | "\(.severity) \(.code) \(.path)"'
}

# expect LINE...: exactly these diagnostics, in this order.
expect() {
    diff <(printf '%s\n' "$@") <(found)
}

# The first diagnostic's message.
message() {
    printf '%s\n' "$output" | jq -r '.diagnostics[0].message'
}

# A writable copy of the valid directory.
copy() {
    local dir
    dir=$(scratch)
    cp -r "$CONFIG/valid/." "$dir"
    printf '%s\n' "$dir"
}

@test "each_fixture_provokes_the_code_it_is_named_after" {
    while read -r code severity path; do
        parse "$([ "$severity" = error ] && echo 1 || echo 0)" "$CONFIG/$code"
        [ "$(found)" = "$severity $code $path" ] || {
            printf '%s: %s\n' "$code" "$(found)" >&2
            return 1
        }
        json_holds "(.halt == true) == (\"$severity\" == \"error\")"
        json_holds "(.config | has(\"digest\")) == (\"$severity\" != \"error\")"
    done <<'CASES'
cluster_config_read_error error cluster.yaml
dangling_graph_reference error policies.base.applies_to[1]
duplicate_query_name error graphs.knowledge.queries[1]
duplicate_yaml_key error cluster.yaml:4:1
empty_metadata_name error metadata.name
future_phase_field error providers
invalid_cluster_yaml error graph
invalid_resource_id error graphs.know.ledge
invalid_storage_root error storage
policy_file_missing error policies.base.file
policy_invalid error policies.base.file
policy_missing_applies_to error policies.base.applies_to
query_dir_empty warning graphs.knowledge.queries
query_file_missing error graphs.knowledge.queries[0]
query_key_mismatch error graphs.knowledge.queries.find_persons
query_parse_error error graphs.knowledge.queries
query_typecheck_error error graphs.knowledge.queries[0]
schema_catalog_error error graphs.knowledge.schema
schema_file_missing error graphs.knowledge.schema
schema_parse_error error graphs.knowledge.schema
source_not_utf8 error graphs.knowledge.schema
unknown_driver error driver
unsupported_cluster_config_version error version
unsupported_state_backend error state.backend
wrong_kind_reference error policies.base.applies_to[1]
CASES
}

@test "a_broken_schema_leaves_its_queries_unchecked_with_one_warning" {
    parse 1 "$CONFIG/query_typecheck_skipped"
    expect 'error schema_parse_error graphs.knowledge.schema' \
        'warning query_typecheck_skipped graphs.knowledge.queries'
}

@test "a_missing_schema_leaves_its_queries_unchecked_too" {
    dir=$(copy)
    rm "$dir/people.pg"
    parse 1 "$dir"
    expect 'error schema_file_missing graphs.knowledge.schema' \
        'warning query_typecheck_skipped graphs.knowledge.queries'
}

@test "a_directory_that_is_not_there_is_config_dir_not_found" {
    parse 1 "$BATS_TEST_TMPDIR/nowhere"
    expect "error config_dir_not_found $BATS_TEST_TMPDIR/nowhere"
    json_holds '.halt and (has("store") | not)'
    parse 1 ''
    [ "$(codes <<<"$output")" = config_dir_not_found ]
}

@test "a_file_in_place_of_the_directory_is_config_dir_not_found" {
    parse 1 "$CONFIG/valid/cluster.yaml"
    [ "$(codes <<<"$output")" = config_dir_not_found ]
}

@test "a_directory_or_fifo_in_place_of_cluster_yaml_is_a_read_error_and_no_hang" {
    dir=$(scratch)
    mkdir "$dir/cluster.yaml"
    parse 1 "$dir"
    expect 'error cluster_config_read_error cluster.yaml'
    rmdir "$dir/cluster.yaml"
    mkfifo "$dir/cluster.yaml"
    parse 1 "$dir"
    expect 'error cluster_config_read_error cluster.yaml'
    rm "$dir/cluster.yaml"
    ln -s cluster.yaml "$dir/cluster.yaml"
    parse 1 "$dir"
    expect 'error cluster_config_read_error cluster.yaml'
}

@test "a_cluster_yaml_beyond_64_mib_is_a_read_error" {
    dir=$(scratch)
    truncate -s 65M "$dir/cluster.yaml"
    parse 1 "$dir"
    expect 'error cluster_config_read_error cluster.yaml'
}

@test "cluster_yaml_that_is_not_utf8_is_source_not_utf8" {
    dir=$(scratch)
    printf 'version: 1\nmetadata: {name: "caf\351"}\n' >"$dir/cluster.yaml"
    parse 1 "$dir"
    expect 'error source_not_utf8 cluster.yaml:2:22'
}

@test "files_that_cannot_be_read_have_the_code_of_their_kind" {
    dir=$(copy)
    rm "$dir/people.pg" "$dir/base.policy.yaml" "$dir/services.gq"
    mkdir "$dir/people.pg"
    ln -s base.policy.yaml "$dir/base.policy.yaml"
    mkfifo "$dir/services.gq"
    mkdir "$dir/queries/dir.gq"
    ln -s nowhere "$dir/queries/dangling.gq"
    parse 1 "$dir"
    expect 'error schema_file_missing graphs.knowledge.schema' \
        'error query_file_missing graphs.knowledge.queries' \
        'error query_file_missing graphs.knowledge.queries' \
        'warning query_typecheck_skipped graphs.knowledge.queries' \
        'error query_file_missing graphs.engineering.queries.service.file' \
        'error policy_file_missing policies.base.file'
}

@test "a_file_beyond_64_mib_is_refused" {
    dir=$(copy)
    truncate -s 65M "$dir/people.pg"
    parse 1 "$dir"
    [ "$(codes <<<"$output" | head -n 1)" = schema_file_missing ]
}

@test "query_and_policy_files_that_are_not_utf8_are_source_not_utf8" {
    dir=$(copy)
    printf '// \377\n' >>"$dir/queries/people.gq"
    printf '# \300\257\n' >>"$dir/base.policy.yaml"
    parse 1 "$dir"
    expect 'error source_not_utf8 graphs.knowledge.queries' \
        'error source_not_utf8 policies.base.file'
}

@test "a_directory_that_cannot_be_listed_is_query_dir_unreadable" {
    mortal=
    if [ "$(id -u)" -eq 0 ]; then
        command -v setpriv >/dev/null || skip 'needs setpriv: root may list everything'
        mortal='setpriv --bounding-set=-dac_override,-dac_read_search'
    fi
    dir=$(copy)
    chmod 0 "$dir/queries"
    # shellcheck disable=SC2086 # a command and its options
    run --separate-stderr $mortal cluster-parse "$dir"
    chmod 755 "$dir/queries"
    [ "$status" -eq 1 ]
    expect 'error query_dir_unreadable graphs.knowledge.queries'
}

@test "everything_is_reported_in_one_run" {
    dir=$(scratch)
    cp "$CONFIG/schema_parse_error/people.pg" "$CONFIG/query_parse_error/people.gq" "$dir"
    cat >"$dir/cluster.yaml" <<'YAML'
version: "1"
metadata: {name: "", nam: x}
storage: s3://x
state: {backend: s3, lock: yes, lok: 1}
driver: nope
ui: {}
graphs:
  a:
    schema: people.pg
    queries: people.gq
  b:
    shema: x.pg
  1bad:
    schema: [x]
    queries: {q w: {}, ok: {file: 3, x: y}, no: 7}
  c: null
  d:
    schema: ""
    queries: 7
  e:
    schema: missing.pg
    queries: ["", missing.gq, 3]
policies:
  p:
    applies_to: [a, schema.a, graph.z, 5]
  q:
    file: nowhere.yaml
    applies_to: cluster
YAML
    parse 1 "$dir"
    diff - <(found | LC_ALL=C sort) <<'LINES'
error dangling_graph_reference policies.p.applies_to[2]
error empty_metadata_name metadata.name
error future_phase_field ui
error invalid_cluster_yaml graphs.1bad.queries.no
error invalid_cluster_yaml graphs.1bad.queries.ok.file
error invalid_cluster_yaml graphs.1bad.queries.ok.x
error invalid_cluster_yaml graphs.1bad.queries.q w.file
error invalid_cluster_yaml graphs.1bad.schema
error invalid_cluster_yaml graphs.b.shema
error invalid_cluster_yaml graphs.c
error invalid_cluster_yaml graphs.d.queries
error invalid_cluster_yaml graphs.d.schema
error invalid_cluster_yaml graphs.e.queries[0]
error invalid_cluster_yaml graphs.e.queries[2]
error invalid_cluster_yaml metadata.nam
error invalid_cluster_yaml policies.p.applies_to[3]
error invalid_cluster_yaml policies.p.file
error invalid_cluster_yaml policies.q.applies_to
error invalid_cluster_yaml state.lock
error invalid_cluster_yaml state.lok
error invalid_cluster_yaml version
error invalid_resource_id graphs.1bad
error invalid_resource_id graphs.1bad.queries.q w
error invalid_storage_root storage
error policy_file_missing policies.q.file
error query_file_missing graphs.e.queries[1]
error query_parse_error graphs.a.queries
error schema_file_missing graphs.e.schema
error schema_parse_error graphs.a.schema
error unknown_driver driver
error unsupported_state_backend state.backend
error wrong_kind_reference policies.p.applies_to[1]
warning query_typecheck_skipped graphs.a.queries
LINES
}

@test "every_message_about_the_yaml_carries_line_and_column" {
    for code in duplicate_yaml_key future_phase_field invalid_cluster_yaml invalid_resource_id \
        empty_metadata_name unsupported_state_backend unsupported_cluster_config_version \
        invalid_storage_root unknown_driver policy_missing_applies_to wrong_kind_reference \
        dangling_graph_reference query_key_mismatch; do
        parse 1 "$CONFIG/$code"
        [[ $(message) =~ ^cluster\.yaml:[0-9]+:[0-9]+: ]]
    done
}

@test "a_language_error_names_its_file_and_shows_the_line" {
    parse 1 "$CONFIG/schema_parse_error"
    [[ $(message) == people.pg:2:11:* ]]
    [[ $(message) == *'name: Strng'*^* ]]
    parse 1 "$CONFIG/policy_invalid"
    [[ $(message) == base.policy.yaml:7:29:*team-reads* ]]
}

@test "suggestions_name_the_nearest_spelling" {
    parse 1 "$CONFIG/invalid_cluster_yaml"
    [[ $(message) == *"'graphs'"* ]]
    parse 1 "$CONFIG/dangling_graph_reference"
    [[ $(message) == *"'knowledge'"* ]]
    parse 1 "$CONFIG/query_key_mismatch"
    [[ $(message) == *"'find_person'"* ]]
}

@test "a_secret_in_the_storage_location_is_repeated_nowhere" {
    parse 1 "$CONFIG/invalid_storage_root"
    [[ $output != *hush* && $output != *AKIA* ]]
    json_holds '.config.storage == null and (has("store") | not)'
    [[ $stderr != *hush* ]]
}

@test "yaml_beyond_one_plain_document_is_refused" {
    dir=$(scratch)
    while IFS= read -r text; do
        printf '%b' "$text" >"$dir/cluster.yaml"
        parse 1 "$dir"
        [ "$(codes <<<"$output" | sort -u)" = invalid_cluster_yaml ]
    done <<'CASES'
version: !!int 1\n
version: 1\n---\nversion: 1\n
version: 1\n1: x\n
version: 1\n? [a]\n: x\n
version: *x\n
version: 1\nmetadata: &m {name: *m}\n
version: 1\nmetadata: {name: "a\\0b"}\n
version: 1\n\0\n
- version: 1\n
version\n
\n
version: 1.0\n
version: true\n
base: &b {version: 1}\nversion: 1\n<<: *b\n
graphs: {}\n
CASES
}

@test "anchors_and_aliases_work" {
    dir=$(copy)
    cat >"$dir/cluster.yaml" <<'YAML'
version: 1
graphs:
  one: &graph {schema: people.pg, queries: queries/}
  two: *graph
YAML
    parse 0 "$dir"
    json_holds '[.resources[] | select(.kind == "query")] | length == 6'
}

@test "a_billion_laughs_and_a_deep_nest_end_quickly_with_an_error" {
    dir=$(scratch)
    {
        echo 'version: 1'
        echo 'a0: &a0 [l,l,l,l,l,l,l,l,l,l]'
        for i in 1 2 3 4 5 6 7 8 9; do
            echo "a$i: &a$i [*a$((i - 1)),*a$((i - 1)),*a$((i - 1)),*a$((i - 1)),*a$((i - 1)),*a$((i - 1)),*a$((i - 1)),*a$((i - 1)),*a$((i - 1))]"
        done
    } >"$dir/cluster.yaml"
    run timeout 10 cluster-parse "$dir"
    [ "$status" -eq 1 ]
    [ "$(codes <<<"$output")" = invalid_cluster_yaml ]
    head -c 1000000 /dev/zero | tr '\0' '[' >"$dir/cluster.yaml"
    run timeout 10 cluster-parse "$dir"
    [ "$status" -eq 1 ]
    [ "$(codes <<<"$output")" = invalid_cluster_yaml ]
}

@test "a_name_with_a_newline_is_refused_and_shown_on_one_line" {
    dir=$(copy)
    printf 'version: 1\ngraphs: {"a\\nb": {schema: people.pg}}\n' >"$dir/cluster.yaml"
    parse 1 "$dir"
    expect 'error invalid_resource_id graphs.a\nb'
    [ "$(message | wc -l)" -eq 1 ]
}

@test "a_query_name_of_more_than_200_characters_is_refused" {
    dir=$(copy)
    name=$(head -c 201 /dev/zero | tr '\0' q)
    # shellcheck disable=SC2016 # the language's variables
    printf 'query %s() { match { $s: Service } return { $s.name } }\n' "$name" >"$dir/services.gq"
    sed -i 's/service: {file: services.gq}/services.gq/' "$dir/cluster.yaml"
    sed -i 's/^      services.gq$/      - services.gq/' "$dir/cluster.yaml"
    parse 1 "$dir"
    expect 'error invalid_resource_id graphs.engineering.queries[0]'
    sed -i 's/^query q/query /' "$dir/services.gq"
    parse 0 "$dir"
}

@test "a_file_that_is_no_mapping_is_refused_wherever_a_mapping_belongs" {
    dir=$(copy)
    while read -r path text; do
        printf 'version: 1\n%s\n' "$text" >"$dir/cluster.yaml"
        parse 1 "$dir"
        expect "error invalid_cluster_yaml $path"
    done <<'CASES'
metadata metadata: x
metadata.name metadata: {name: 3}
state state: [x]
state.backend state: {backend: null}
graphs graphs: null
graphs graphs: [x]
policies policies: 7
driver driver: [sqlite]
driver driver: " "
storage storage: {uri: x}
storage storage: null
graphs.g.queries graphs: {g: {schema: people.pg, queries: null}}
graphs.g.queries graphs: {g: {schema: people.pg, queries: ""}}
policies.p.file policies: {p: {file: null, applies_to: [cluster]}}
CASES
}

@test "policy_rules_that_could_never_match_their_binding_are_refused" {
    dir=$(copy)
    cat >"$dir/base.policy.yaml" <<'YAML'
version: 1
groups: {team: [ann]}
rules:
  - {id: list, allow: {actors: {group: team}, actions: [graph_list]}}
  - {id: read, allow: {actors: {group: team}, actions: [read]}}
YAML
    parse 0 "$dir"
    sed -i 's/applies_to: .*/applies_to: [knowledge]/' "$dir/cluster.yaml"
    parse 1 "$dir"
    expect 'error policy_invalid policies.base.file'
    [[ $(message) == *"'list'"* ]]
    sed -i 's/applies_to: .*/applies_to: [cluster]/' "$dir/cluster.yaml"
    parse 1 "$dir"
    expect 'error policy_invalid policies.base.file'
    [[ $(message) == *"'read'"* ]]
}

@test "the_driver_comes_from_the_config_then_the_environment_then_is_sqlite" {
    dir=$(copy)
    parse 0 "$dir"
    json_holds '.config.driver == "sqlite"'
    CLUSTER_DRIVER=nope parse 0 "$dir"
    sed -i '/^driver:/d' "$dir/cluster.yaml"
    parse 0 "$dir"
    json_holds '.config.driver == "sqlite"'
    digest=$(jq -r .config.digest <<<"$output")
    CLUSTER_DRIVER=fake parse 0 "$dir"
    json_holds ".config.driver == \"fake\" and .config.digest == \"$digest\""
    CLUSTER_DRIVER=nope parse 1 "$dir"
    expect 'error unknown_driver driver'
    CLUSTER_DRIVER=../evil parse 1 "$dir"
    expect 'error unknown_driver driver'
}

@test "more_than_one_directory_or_an_unknown_option_is_a_usage_error" {
    run cluster-parse a b
    [ "$status" -eq 64 ]
    run cluster-parse --heder
    [ "$status" -eq 64 ]
    run cluster-parse --help
    [ "$status" -eq 0 ]
    run cluster-parse --version
    [ "$status" -eq 0 ]
}

@test "a_document_that_cannot_be_written_is_an_error" {
    [ -e /dev/full ] || skip 'no /dev/full'
    run sh -c 'cluster-parse "$1" >/dev/full' sh "$CONFIG/valid"
    [ "$status" -eq 1 ]
}

@test "a_misspelt_key_is_one_message_not_also_that_the_right_one_is_missing" {
    dir=$(copy)
    cat >"$dir/cluster.yaml" <<'YAML'
verison: 1
graphs:
  knowledge: {shema: people.pg, queries: {find: {fiel: queries/people.gq}}}
policies:
  base: {flie: base.policy.yaml, aplies_to: [knowledge]}
YAML
    parse 1 "$dir"
    expect 'error invalid_cluster_yaml verison' \
        'error invalid_cluster_yaml graphs.knowledge.shema' \
        'error invalid_cluster_yaml graphs.knowledge.queries.find.fiel' \
        'error invalid_cluster_yaml policies.base.flie' \
        'error invalid_cluster_yaml policies.base.aplies_to'
}

@test "a_missing_key_beside_an_unknown_one_of_another_meaning_is_reported_too" {
    dir=$(copy)
    printf 'version: 1\ngraphs:\n  knowledge: {zebra: people.pg}\n' >"$dir/cluster.yaml"
    parse 1 "$dir"
    expect 'error invalid_cluster_yaml graphs.knowledge.zebra' \
        'error invalid_cluster_yaml graphs.knowledge.schema'
}

@test "where_graphs_itself_is_broken_no_policy_is_blamed_for_what_it_names" {
    dir=$(copy)
    for graphs in 'graps: {knowledge: {schema: people.pg}}' 'graphs: [knowledge]'; do
        cat >"$dir/cluster.yaml" <<YAML
version: 1
$graphs
policies:
  base: {file: base.policy.yaml, applies_to: [knowledge, cluster]}
YAML
        parse 1 "$dir"
        expect "error invalid_cluster_yaml ${graphs%%:*}"
    done
}

@test "a_misspelt_key_of_a_bundle_is_one_message" {
    dir=$(copy)
    cat >"$dir/base.policy.yaml" <<'YAML'
version: 1
group: {team: [ann]}
rules:
  - {id: r, allow: {actors: {group: team}, action: [read]}}
  - {id: s, alow: {actors: {group: team}, actions: [read]}}
YAML
    parse 1 "$dir"
    expect 'error policy_invalid policies.base.file' 'error policy_invalid policies.base.file' \
        'error policy_invalid policies.base.file'
    [ "$(printf '%s\n' "$output" | jq '[.diagnostics[].message | select(contains("unknown key"))] | length')" = 3 ]
}

@test "a_file_that_is_not_utf8_is_reported_once_however_often_it_is_used" {
    dir=$(copy)
    printf '\377' >"$dir/bad"
    cat >"$dir/cluster.yaml" <<'YAML'
version: 1
graphs:
  one: {schema: bad, queries: bad}
  two: {schema: people.pg, queries: {x: {file: bad}, y: {file: ./bad}}}
policies:
  p: {file: bad, applies_to: [one]}
YAML
    parse 1 "$dir"
    expect 'error source_not_utf8 graphs.one.schema'
}

@test "a_picked_name_that_no_query_can_have_is_one_message" {
    dir=$(copy)
    printf 'version: 1\ngraphs:\n  k: {schema: people.pg, queries: {9a: {file: queries/people.gq}}}\n' \
        >"$dir/cluster.yaml"
    parse 1 "$dir"
    expect 'error invalid_resource_id graphs.k.queries.9a'
}

@test "a_store_whose_path_is_not_utf8_is_refused_before_anything_is_written" {
    dir=$(copy)/$(printf 'caf\351')
    mkdir "$dir"
    printf 'version: 1\n' >"$dir/cluster.yaml"
    parse 1 "$dir"
    expect 'error invalid_storage_root storage'
    json_holds '.store == null'
    printf 'version: 1\nstorage: file:///srv/caf%%E9\n' >"$dir/cluster.yaml"
    parse 1 "$dir"
    expect 'error invalid_storage_root storage'
    printf 'version: 1\nstorage: ../elsewhere\n' >"$dir/cluster.yaml"
    parse 0 "$dir"
}
