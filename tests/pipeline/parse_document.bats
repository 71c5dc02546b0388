#!/usr/bin/env bats
# cluster-parse: the document that a valid directory becomes, its digests above all.

bats_require_minimum_version 1.5.0
load helper

setup() {
    mkdir "$BATS_TEST_TMPDIR/drivers"
    printf '#!/bin/sh\nexit 1\n' >"$BATS_TEST_TMPDIR/drivers/cluster-graph"
    cp "$BATS_TEST_TMPDIR/drivers/cluster-graph" "$BATS_TEST_TMPDIR/drivers/cluster-graph-fake"
    chmod +x "$BATS_TEST_TMPDIR/drivers"/*
    PATH=$PATH:$BATS_TEST_TMPDIR/drivers
    CONFIG=$FIXTURES/config
}

copy() {
    local dir
    dir=$(scratch)
    cp -r "$CONFIG/valid/." "$dir"
    printf '%s\n' "$dir"
}

sha() {
    sha256sum | cut -d' ' -f1
}

file_sha() {
    sha <"$1"
}

# The document of a directory that must be valid, in $output.
parse() {
    run --separate-stderr cluster-parse "$@"
    [ "$status" -eq 0 ] || {
        # shellcheck disable=SC2154 # bats sets it
        printf 'status %s: %s %s\n' "$status" "$output" "$stderr" >&2
        return 1
    }
}

# The digest of a directory that must be valid.
digest() {
    cluster-parse "$1" | jq -er .config.digest
}

@test "a_valid_directory_becomes_config_store_resources_dependencies_and_sources" {
    dir=$(copy)
    parse "$dir"
    json_holds '.format == "cluster-run/1" and .diagnostics == [] and (has("halt") | not)'
    json_holds "keys == [\"config\",\"dependencies\",\"diagnostics\",\"format\",\"resources\",\"sources\",\"store\"]"
    json_holds ".config | del(.digest) == {dir: \"$dir\", file: \"$dir/cluster.yaml\", name: \"company-brain\", lock: true, storage: \"../store/\", driver: \"sqlite\"}"
    json_holds ".store == {root: \"file://$(dirname "$dir")/store\", display: \"$(dirname "$dir")/store\"}"
    diff - <(jq -r '.resources[] | "\(.address) \(.kind) \(.path)"' <<<"$output") <<'LINES'
graph.engineering graph null
graph.knowledge graph null
policy.base policy base.policy.yaml
query.engineering.service query services.gq
query.knowledge.find_person query queries/people.gq
query.knowledge.friends query queries/people.gq
query.knowledge.older_than query queries/ages.gq
schema.engineering schema services.pg
schema.knowledge schema people.pg
LINES
    diff - <(jq -r '.dependencies[] | "\(.from) \(.to)"' <<<"$output") <<'LINES'
policy.base graph.engineering
policy.base graph.knowledge
query.engineering.service graph.engineering
query.engineering.service schema.engineering
query.knowledge.find_person graph.knowledge
query.knowledge.find_person schema.knowledge
query.knowledge.friends graph.knowledge
query.knowledge.friends schema.knowledge
query.knowledge.older_than graph.knowledge
query.knowledge.older_than schema.knowledge
schema.engineering graph.engineering
schema.knowledge graph.knowledge
LINES
    json_holds '[.resources[] | select(.applies_to)] | length == 1'
    json_holds '.resources[2].applies_to == ["cluster", "graph.engineering", "graph.knowledge"]'
}

@test "the_document_is_canonical_and_the_same_every_time" {
    cluster-parse "$CONFIG/valid" >"$BATS_TEST_TMPDIR/a"
    cluster-parse "$CONFIG/valid" >"$BATS_TEST_TMPDIR/b"
    cmp "$BATS_TEST_TMPDIR/a" "$BATS_TEST_TMPDIR/b"
    jq -cS . "$BATS_TEST_TMPDIR/a" | cmp - "$BATS_TEST_TMPDIR/a"
}

@test "a_resource_has_the_digest_of_its_files_bytes_and_sources_hold_them_once" {
    dir=$(copy)
    parse "$dir"
    for pair in schema.knowledge=people.pg query.knowledge.friends=queries/people.gq \
        query.knowledge.find_person=queries/people.gq policy.base=base.policy.yaml; do
        expected=$(file_sha "$dir/${pair#*=}")
        json_holds ".resources[] | select(.address == \"${pair%%=*}\") | .digest == \"$expected\""
        jq -j ".sources[\"$expected\"]" <<<"$output" | cmp - "$dir/${pair#*=}"
    done
    json_holds '(.sources | length) == 6'
    json_holds '([.resources[] | select(.kind != "graph") | .digest] | unique) == (.sources | keys)'
}

@test "a_graphs_digest_is_the_composite_of_its_parts" {
    dir=$(copy)
    parse "$dir"
    people=$(file_sha "$dir/queries/people.gq")
    expected=$({
        printf 'graph\0knowledge\0schema\0%s\0' "$(file_sha "$dir/people.pg")"
        printf 'query\0find_person\0%s\0query\0friends\0%s\0' "$people" "$people"
        printf 'query\0older_than\0%s\0' "$(file_sha "$dir/queries/ages.gq")"
    } | sha)
    json_holds ".resources[] | select(.address == \"graph.knowledge\") | .digest == \"$expected\""
}

@test "the_config_digest_covers_the_parsed_config_and_every_resource" {
    dir=$(copy)
    parse "$dir"
    expected=$({
        printf '%s' '{"driver":"sqlite","graphs":{"engineering":{"queries":{"service":{"file":"services.gq"}},"schema":"services.pg"},"knowledge":{"queries":["queries/"],"schema":"people.pg"}},"metadata":{"name":"company-brain"},"policies":{"base":{"applies_to":["cluster","graph.engineering","graph.knowledge"],"file":"base.policy.yaml"}},"state":{"backend":"cluster","lock":true},"storage":"../store","version":1}'
        jq -r '.resources[] | .address, .digest' <<<"$output" | tr '\n' '\0'
    } | sha)
    json_holds ".config.digest == \"$expected\""
}

@test "reformatting_the_yaml_changes_no_digest" {
    dir=$(copy)
    before=$(digest "$dir")
    cat >"$dir/cluster.yaml" <<'YAML'
---
# Another layout, the same configuration.
{
  "policies": {base: {applies_to: [cluster, &k knowledge, "engineering", *k],
                      file: 'base.policy.yaml'}},
  graphs: {
    engineering: {queries: {service: {file: services.gq}}, schema: "services.pg"},
    knowledge: {queries: [queries/], schema: people.pg}},
  metadata: {"name": 'company-brain'},
  storage: ../store,   # without the slash, without state and driver: the defaults
  version: 0x1
}
YAML
    [ "$(digest "$dir")" = "$before" ]
}

@test "any_edit_of_config_or_file_changes_the_digest" {
    dir=$(copy)
    before=$(digest "$dir")
    for edit in 's/company-brain/other/:cluster.yaml' 's/lock: true/lock: false/:cluster.yaml' \
        's|^storage: .*|storage: s3://bucket|:cluster.yaml' '/^storage/d:cluster.yaml' \
        's/^driver: .*/driver: fake/:cluster.yaml' 's/, cluster,/,/:cluster.yaml' \
        '$a// x:people.pg' '$a// x:queries/ages.gq' '$a# x:base.policy.yaml' '$a// x:services.gq'; do
        cp -r "$CONFIG/valid/." "$dir"
        sed -i "${edit%:*}" "$dir/${edit##*:}"
        after=$(digest "$dir")
        [ "$after" != "$before" ] || {
            echo "unchanged by $edit" >&2
            return 1
        }
    done
}

@test "touching_a_file_that_is_not_named_changes_nothing" {
    dir=$(copy)
    cluster-parse "$dir" >"$BATS_TEST_TMPDIR/before"
    echo x >"$dir/queries/notes.txt"
    mkdir "$dir/queries/deeper"
    echo 'query broken' >"$dir/queries/deeper/x.gq"
    echo 'query broken' >"$dir/queries/.x.gq"
    cluster-parse "$dir" | cmp - "$BATS_TEST_TMPDIR/before"
}

@test "header_reads_cluster_yaml_alone" {
    dir=$(scratch)
    cp "$CONFIG/valid/cluster.yaml" "$dir"
    parse --header "$dir"
    json_holds 'keys == ["config","diagnostics","format","store"]'
    json_holds '.config | has("digest") | not'
    json_holds '.config.name == "company-brain" and .diagnostics == []'
}

@test "header_needs_no_driver_but_valid_yaml" {
    run cluster-parse --header "$CONFIG/unknown_driver"
    [ "$status" -eq 0 ]
    for code in duplicate_yaml_key invalid_storage_root dangling_graph_reference; do
        run --separate-stderr cluster-parse --header "$CONFIG/$code"
        [ "$status" -eq 1 ]
        [ "$(codes <<<"$output")" = "$code" ]
        json_holds .halt
    done
}

@test "without_a_directory_the_current_one_is_read" {
    cd "$(copy)"
    parse
    json_holds '.config.dir == "." and .config.file == "./cluster.yaml"'
}

@test "the_default_store_is_the_real_config_directory_even_behind_a_link" {
    dir=$(copy)
    sed -i '/^storage/d' "$dir/cluster.yaml"
    ln -s "$dir" "$BATS_TEST_TMPDIR/link"
    parse "$BATS_TEST_TMPDIR/link/"
    json_holds ".store.display == \"$(realpath "$dir")\" and .config.storage == null"
    json_holds ".config.dir == \"$BATS_TEST_TMPDIR/link/\" and .config.file == \"$BATS_TEST_TMPDIR/link/cluster.yaml\""
}

@test "a_config_directory_with_odd_characters_is_percent_encoded_in_the_root" {
    dir="$BATS_TEST_TMPDIR/a b'\"ü%#"$'\n'
    cp -r "$CONFIG/valid" "$dir"
    sed -i '/^storage/d' "$dir/cluster.yaml"
    parse "$dir"
    [ "$(jq '.store.display | endswith("/a b'"'"'\"ü%#\n")' <<<"$output")" = true ]
    [ "$(jq -r .store.root <<<"$output")" = "file://$(realpath "$BATS_TEST_TMPDIR")/a%20b%27%22%C3%BC%25%23%0A" ]
}

@test "storage_locations_become_roots_without_trailing_slashes" {
    dir=$(copy)
    while read -r storage root; do
        sed -i "s|^storage: .*|storage: $storage|" "$dir/cluster.yaml"
        parse "$dir"
        json_holds ".store.root == \"$root\""
    done <<'CASES'
s3://bucket/a/b/// s3://bucket/a/b
s3://bucket/ s3://bucket
file:///srv/a%20b/ file:///srv/a%20b
/srv/x/ file:///srv/x
CASES
}

@test "file_names_with_spaces_quotes_and_utf8_work_and_so_do_absolute_ones" {
    dir=$(copy)
    mv "$dir/people.pg" "$dir/pe o'ple \"ü\".pg"
    mkdir "$BATS_TEST_TMPDIR/els where"
    mv "$dir/base.policy.yaml" "$BATS_TEST_TMPDIR/els where/"
    sed -i "s|schema: people.pg|schema: pe o'ple \"ü\".pg|; s|file: base|file: $BATS_TEST_TMPDIR/els where/base|" \
        "$dir/cluster.yaml"
    parse "$dir"
    [ "$(jq -r '.resources[] | select(.address == "schema.knowledge").path' <<<"$output")" = "pe o'ple \"ü\".pg" ]
}

@test "a_file_named_twice_counts_once_however_it_is_spelt" {
    dir=$(copy)
    ln -s people.gq "$dir/queries/zz.gq"
    sed -i 's|queries: queries/|queries: [queries/people.gq, queries, ./queries/../queries/people.gq]|' \
        "$dir/cluster.yaml"
    parse "$dir"
    json_holds '[.resources[] | select(.kind == "query" and (.address | startswith("query.knowledge")))] | length == 3'
}

@test "a_broken_file_used_by_two_graphs_is_reported_once" {
    dir=$(copy)
    echo 'query broken(' >>"$dir/queries/people.gq"
    echo 'node X {' >>"$dir/people.pg"
    sed -i 's|schema: services.pg|schema: people.pg|; s|service: {file: services.gq}|friends: {file: queries/people.gq}|' \
        "$dir/cluster.yaml"
    run --separate-stderr cluster-parse "$dir"
    [ "$status" -eq 1 ]
    json_holds '[.diagnostics[] | select(.code == "query_parse_error")] | length == 1'
    json_holds '[.diagnostics[] | select(.code == "schema_parse_error")] | length == 1'
}

@test "one_file_of_two_graphs_is_type_checked_against_each_schema" {
    dir=$(copy)
    sed -i 's|service: {file: services.gq}|friends: {file: queries/people.gq}|' "$dir/cluster.yaml"
    run --separate-stderr cluster-parse "$dir"
    [ "$status" -eq 1 ]
    json_holds '[.diagnostics[].code] | unique == ["query_typecheck_error"]'
    json_holds '[.diagnostics[].path] | unique == ["graphs.engineering.queries.friends.file"]'
}

@test "a_map_picks_declarations_and_checks_only_those_but_the_whole_file_must_parse" {
    dir=$(copy)
    printf '\nquery wrong() { match { $s: Nothing } return { $s.name } }\n' >>"$dir/services.gq"
    parse "$dir"
    json_holds '[.resources[].address | select(startswith("query.engineering"))] == ["query.engineering.service"]'
    printf '\nquery broken(\n' >>"$dir/services.gq"
    run --separate-stderr cluster-parse "$dir"
    [ "$status" -eq 1 ]
    json_holds '[.diagnostics[].code] == ["query_parse_error"]'
}

@test "a_picked_name_that_is_declared_twice_is_a_duplicate" {
    dir=$(copy)
    printf '\nquery service() { match { $s: Service } return { $s.name } }\n' >>"$dir/services.gq"
    run --separate-stderr cluster-parse "$dir"
    [ "$status" -eq 1 ]
    json_holds '[.diagnostics[].code] == ["duplicate_query_name"]'
}

@test "queries_graphs_and_policies_may_be_left_out_or_empty" {
    dir=$(copy)
    for text in 'version: 1' 'version: 1\ngraphs: {}\npolicies: {}' \
        'version: 1\ngraphs: {g: {schema: people.pg}}' \
        'version: 1\ngraphs: {g: {schema: people.pg, queries: []}}' \
        'version: 1\ngraphs: {g: {schema: people.pg, queries: {}}}'; do
        printf '%b\n' "$text" >"$dir/cluster.yaml"
        parse "$dir"
    done
    json_holds '[.resources[].address] == ["graph.g", "schema.g"]'
}

@test "a_directory_of_queries_is_read_in_name_order" {
    dir=$(copy)
    for name in b a c B; do
        printf 'query same() { match { $p: Person } return { $p.name } }\n' >"$dir/queries/$name.gq"
    done
    run --separate-stderr cluster-parse "$dir"
    [ "$status" -eq 1 ]
    [ "$(jq -r '.diagnostics[].message' <<<"$output" | grep -c 'B.gq:1:7;')" -eq 3 ]
    [ "$(jq -r '.diagnostics[].message | split(":")[0]' <<<"$output" | tr '\n' ' ')" = \
        "queries/a.gq queries/b.gq queries/c.gq " ]
}

@test "ten_thousand_queries_are_read_within_seconds" {
    dir=$BATS_TEST_TMPDIR/big
    "$ROOT/bench/generate" "$dir" 10000
    run timeout 20 sh -c 'cluster-parse "$1" | jq ".resources | length"' sh "$dir"
    [ "$status" -eq 0 ]
    [ "$output" -eq 10003 ]
}

@test "nothing_in_the_directory_is_changed" {
    dir=$(copy)
    before=$(cd "$dir" && find . -type f -exec sha256sum {} + | sort)
    cluster-parse "$dir" >/dev/null
    [ "$(cd "$dir" && find . -type f -exec sha256sum {} + | sort)" = "$before" ]
}
