#!/usr/bin/env bats
# cluster-graph load and export: every constraint on every way in, all or nothing, round trips.

load helper

setup() {
    cd "$(scratch)"
}

status_is() {
    [ "$status" -eq "$1" ] || {
        printf 'status %s, expected %s: %s\n' "$status" "$1" "$output" >&2
        return 1
    }
}

# graph NAME < schema
graph() {
    cluster-graph init "$1" >/dev/null
}

# load_lines ROOT MODE LINE…: one line of data each.
load_lines() {
    local root=$1 mode=$2
    shift 2
    printf '%s\n' "$@" | cluster-graph load "$root" --mode "$mode" 2>&1
}

exported() {
    cluster-graph export "$@"
}

# refused ROOT MODE LINES LINE…: the load fails, complains about just these lines ("1 3"), and
# changes nothing.
refused() {
    local root=$1 mode=$2 expected=$3 before found
    shift 3
    before=$(exported "$root" && cluster-graph log "$root")
    run load_lines "$root" "$mode" "$@"
    status_is 1
    found=$(printf '%s\n' "$output" | sed -n 's/^line \([0-9]*\): .*/\1/p' | tr '\n' ' ')
    [ "$found" = "$expected " ] || {
        printf 'lines %s complained of, expected %s:\n%s\n' "$found" "$expected" "$output" >&2
        return 1
    }
    [ "$before" = "$(exported "$root" && cluster-graph log "$root")" ]
}

people() {
    graph g <<'PG'
node Person {
    name: String @key
    age: I32?
    email: String? @unique
    @range(age, 0..150)
    @check(email, "^[^@]+@[^@]+$")
}
node Note { text: String }
edge Knows: Person -> Person { since: Date? }
edge Wrote: Person -> Note @card(0..2)
PG
}

@test "load_prints_what_it_loaded" {
    people
    run load_lines g append '{"type":"Person","data":{"name":"a"}}' '' \
        '{"edge":"Knows","from":"a","to":"a","data":{}}'
    status_is 0
    [ "$output" = '{"edges":1,"manifest_version":2,"nodes":1}' ]
}

@test "a_load_of_nothing_makes_no_commit" {
    people
    run load_lines g overwrite '' '   '
    status_is 0
    [ "$output" = '{"edges":0,"manifest_version":1,"nodes":0}' ]
}

@test "data_comes_from_a_file_or_standard_input" {
    people
    echo '{"type":"Person","data":{"name":"a"}}' >data
    run cluster-graph load g --mode append --data data
    status_is 0
    run cluster-graph load g --mode merge --data - <data
    status_is 0
    run cluster-graph load g --mode merge --data missing
    status_is 1
    run cluster-graph load g --mode merge --data .
    status_is 1
}

@test "edges_may_come_before_their_nodes_and_without_a_newline_at_the_end" {
    people
    printf '{"edge":"Knows","from":"a","to":"b"}\r\n{"type":"Person","data":{"name":"b"}}\n{"type":"Person","data":{"name":"a"}}' >data
    run cluster-graph load g --mode append --data data
    status_is 0
    [ "$(exported g --type Knows)" = '{"edge":"Knows","from":"a","to":"b","data":{}}' ]
}

@test "every_mode_refuses_every_broken_constraint" {
    people
    load_lines g append '{"type":"Person","data":{"name":"old","email":"old@x"}}' >/dev/null
    for mode in append merge overwrite; do
        refused g $mode '1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16' \
            '{"type":"Person","data":{"age":1}}' \
            '{"type":"Person","data":{"name":null}}' \
            '{"type":"Person","data":{"name":"b","age":151}}' \
            '{"type":"Person","data":{"name":"c","age":-1}}' \
            '{"type":"Person","data":{"name":"d","age":"1"}}' \
            '{"type":"Person","data":{"name":"e","age":2147483648}}' \
            '{"type":"Person","data":{"name":"f","email":"nobody"}}' \
            '{"type":"Person","data":{"name":"g","size":1}}' \
            '{"type":"Person","data":{"name":"h","age":1,"age":2}}' \
            '{"type":"Note","data":{}}' \
            '{"type":"Note","data":{"text":["x"]}}' \
            '{"edge":"Knows","from":"b","to":"nobody"}' \
            '{"edge":"Knows","from":"nobody","to":"b"}' \
            '{"edge":"Knows","from":"b","to":"b","data":{"since":"2021-02-29"}}' \
            '{"edge":"Wrote","from":"b","to":"nothing"}' \
            '{"type":"Note","id":"","data":{"text":"x"}}'
        refused g $mode '3' '{"type":"Person","data":{"name":"x","email":"x@x"}}' \
            '{"type":"Person","data":{"name":"y","email":"y@x"}}' \
            '{"type":"Person","data":{"name":"z","email":"x@x"}}'
        refused g $mode '5' '{"type":"Person","data":{"name":"x"}}' \
            '{"type":"Note","id":"n","data":{"text":"t"}}' '{"edge":"Wrote","from":"x","to":"n"}' \
            '{"edge":"Wrote","from":"x","to":"n"}' '{"edge":"Wrote","from":"x","to":"n"}'
    done
    refused g append 1 '{"type":"Person","data":{"name":"new","email":"old@x"}}'
    refused g merge 1 '{"type":"Person","data":{"name":"new","email":"old@x"}}'
}

@test "lines_that_are_no_records_are_refused" {
    people
    refused g append '1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20' \
        'nonsense' '[]' '1' '"x"' '{}' '{"type":"Person","data":{"name":"x"}} {}' \
        '{"type":"Person","data":{"name":"x"}' '{"type":"Person","edge":"Knows","data":{}}' \
        '{"type":"Nobody","data":{}}' '{"edge":"knows","from":"a","to":"a"}' \
        '{"type":"Person","type":"Person","data":{"name":"x"}}' '{"type":1,"data":{}}' \
        '{"type":"Person","data":[]}' '{"type":"Person","data":{"name":"x"},"more":1}' \
        '{"edge":"Knows","to":"a"}' '{"edge":"Knows","from":"a"}' \
        '{"edge":"Knows","id":"x","from":"a","to":"a"}' \
        '{"type":"Person","from":"a","data":{"name":"x"}}' \
        '{"type":"Person","data":{"name":"\ud800"}}' "{\"type\":\"Person\",\"data\":{\"name\":\"$(printf '\xff')\"}}"
}

@test "values_of_null_lists_and_objects_go_only_where_they_belong" {
    graph g <<<'node A { id: String @key l: [I32]? v: Vector(2)? n: F64? b: Bool? x: Blob? d: DateTime? u: U64? e: enum(p, q)? ls: [String]? ld: [Date] }'
    refused g append '1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20' \
        '{"type":"A","data":{"id":"1","ld":[],"l":1}}' '{"type":"A","data":{"id":"2","ld":[],"l":[1.5]}}' \
        '{"type":"A","data":{"id":"3","ld":[],"l":[null]}}' '{"type":"A","data":{"id":"4","ld":[],"l":[[1]]}}' \
        '{"type":"A","data":{"id":"5","ld":[],"v":[1]}}' '{"type":"A","data":{"id":"6","ld":[],"v":[1,2,3]}}' \
        '{"type":"A","data":{"id":"7","ld":[],"v":[1,"2"]}}' '{"type":"A","data":{"id":"8","ld":[],"v":[1,1e39]}}' \
        '{"type":"A","data":{"id":"9","ld":[],"n":1e309}}' '{"type":"A","data":{"id":"10","ld":[],"n":"1"}}' \
        '{"type":"A","data":{"id":"11","ld":[],"b":1}}' '{"type":"A","data":{"id":"12","ld":[],"x":"a"}}' \
        '{"type":"A","data":{"id":"13","ld":[],"x":"YQ= ="}}' '{"type":"A","data":{"id":"14","ld":[],"d":"2020-01-01"}}' \
        '{"type":"A","data":{"id":"15","ld":[],"u":-1}}' '{"type":"A","data":{"id":"16","ld":[],"u":9223372036854775808}}' \
        '{"type":"A","data":{"id":"17","ld":[],"e":"r"}}' '{"type":"A","data":{"id":"18","ld":[],"ls":["a",1]}}' \
        '{"type":"A","data":{"id":"19","ld":["2020-13-01"]}}' '{"type":"A","data":{"id":"20","ld":null}}'
    refused g append '1 2 3' '{"type":"A","data":{"id":"1","ld":{"x":[{"y":1}]}}}' \
        '{"type":"A","data":{"id":"2"}}' '{"type":"A","data":{"id":3,"ld":[]}}'
}

@test "beyond_20_bad_lines_the_rest_is_a_count" {
    people
    run bash -c "seq 50 | sed 's/.*/bad/' | cluster-graph load g --mode append 2>&1"
    status_is 1
    [ "$(grep -c '^line ' <<<"$output")" -eq 20 ]
    grep -q 30 <<<"$output"
}

@test "the_first_20_are_shown_even_when_found_last" {
    people
    { echo '{"edge":"Knows","from":"a","to":"b"}'; seq 50 | sed 's/.*/bad/'; } >data
    run cluster-graph load g --mode append --data data
    [[ ${lines[0]} == 'line 1: '* ]]
    [[ ${lines[19]} == 'line 20: '* ]]
}

@test "a_bad_node_does_not_make_its_edges_bad_too" {
    people
    refused g append 2 '{"edge":"Knows","from":"a","to":"a"}' '{"type":"Person","data":{"name":"a","age":999}}'
    load_lines g append '{"type":"Person","data":{"name":"old","email":"old@x"}}' >/dev/null
    for mode in append merge; do # taken: once alone, once with another fault
        refused g $mode 2 '{"edge":"Knows","from":"a","to":"a"}' '{"type":"Person","data":{"name":"a","email":"old@x"}}'
        refused g $mode 2 '{"edge":"Knows","from":"a","to":"a"}' \
            '{"type":"Person","data":{"name":"a","age":999,"email":"old@x"}}'
    done
}

@test "an_integer_is_never_rounded_into_another" {
    graph g <<<'node N { k: I64 @key u: U64? }'
    load_lines g append '{"type":"N","data":{"k":9007199254740993.0,"u":9.0e2}}'
    [ "$(exported g)" = '{"type":"N","data":{"k":9007199254740993,"u":900}}' ]
    refused g append '1 2 3' '{"type":"N","data":{"k":5.00000000000000000001}}' \
        '{"type":"N","data":{"k":1,"u":9007199254740991.4}}' '{"type":"N","data":{"k":2,"u":1e19}}'
}

@test "a_dangling_edge_is_named_by_its_line_however_the_lines_are_mixed" {
    people
    {
        for i in 1 2 3 4 5 6 7 8 9; do
            echo "{\"type\":\"Person\",\"data\":{\"name\":\"p$i\"}}"
            echo "{\"edge\":\"Knows\",\"from\":\"p$i\",\"to\":\"p$i\"}"
            [ $((i % 3)) -ne 0 ] || echo "{\"edge\":\"Knows\",\"from\":\"p$i\",\"to\":\"gone$i\"}"
            [ $((i % 4)) -ne 0 ] || echo
        done
    } >data
    expected=$(grep -n gone data | sed 's/:.*//' | tr '\n' ' ')
    run cluster-graph load g --mode append --data data
    status_is 1
    [ "$(printf '%s\n' "$output" | sed -n 's/^line \([0-9]*\): .*/\1/p' | tr '\n' ' ')" = "$expected" ]
}

@test "append_refuses_an_existing_id_and_merge_updates_it" {
    people
    load_lines g append '{"type":"Person","data":{"name":"a","age":1,"email":"a@x"}}' >/dev/null
    refused g append 2 '{"type":"Person","data":{"name":"b"}}' '{"type":"Person","data":{"name":"a"}}'
    refused g append 2 '{"type":"Person","data":{"name":"b"}}' '{"type":"Person","data":{"name":"b"}}'
    run load_lines g merge '{"type":"Person","data":{"name":"a","age":2}}' '{"type":"Person","data":{"name":"b","age":3}}' \
        '{"type":"Person","data":{"name":"b","age":4,"email":null}}' '{"type":"Person","data":{"name":"a"}}'
    status_is 0
    [ "$(exported g)" = '{"type":"Person","data":{"age":2,"email":"a@x","name":"a"}}
{"type":"Person","data":{"age":4,"name":"b"}}' ]
}

@test "merge_sets_null_where_null_is_given" {
    people
    load_lines g append '{"type":"Person","data":{"name":"a","age":1,"email":"a@x"}}' >/dev/null
    load_lines g merge '{"type":"Person","data":{"name":"a","age":null}}' >/dev/null
    [ "$(exported g)" = '{"type":"Person","data":{"email":"a@x","name":"a"}}' ]
}

@test "merge_needs_what_an_insert_needs_only_when_it_inserts" {
    graph g <<<'node A { k: String @key must: I32 may: I32? }'
    load_lines g append '{"type":"A","data":{"k":"a","must":1}}' >/dev/null
    refused g merge 2 '{"type":"A","data":{"k":"a","may":2}}' '{"type":"A","data":{"k":"b","may":2}}'
    refused g merge 1 '{"type":"A","data":{"k":"a","must":null}}'
    run load_lines g merge '{"type":"A","data":{"k":"a","may":2}}'
    status_is 0
    [ "$(exported g)" = '{"type":"A","data":{"k":"a","may":2,"must":1}}' ]
}

@test "merge_handles_any_number_of_sets_of_properties" {
    { echo 'node A { k: String @key'; for i in 1 2 3 4 5 6 7; do echo "p$i: I32?"; done; echo '}'; } | graph g
    load_lines g append '{"type":"A","data":{"k":"a"}}' >/dev/null
    for i in $(seq 127); do
        line='{"type":"A","data":{"k":"a"'
        for bit in 1 2 3 4 5 6 7; do
            [ $((i >> (bit - 1) & 1)) -eq 0 ] || line="$line,\"p$bit\":$i"
        done
        echo "$line}}"
    done >data
    run cluster-graph load g --mode merge --data data
    status_is 0
    [ "$(exported g)" = '{"type":"A","data":{"k":"a","p1":127,"p2":127,"p3":127,"p4":127,"p5":127,"p6":127,"p7":127}}' ]
}

@test "merge_updates_the_edge_that_joins_the_same_nodes" {
    people
    load_lines g append '{"type":"Person","data":{"name":"a"}}' '{"type":"Person","data":{"name":"b"}}' \
        '{"edge":"Knows","from":"a","to":"b"}' >/dev/null
    run load_lines g merge '{"edge":"Knows","from":"a","to":"b","data":{"since":"2020-01-01"}}' \
        '{"edge":"Knows","from":"b","to":"a"}'
    status_is 0
    [ "$(exported g --type Knows)" = '{"edge":"Knows","from":"a","to":"b","data":{"since":"2020-01-01"}}
{"edge":"Knows","from":"b","to":"a","data":{}}' ]
}

@test "merging_an_export_twice_changes_nothing_even_with_parallel_edges" {
    people
    load_lines g append '{"type":"Person","data":{"name":"a"}}' '{"edge":"Knows","from":"a","to":"a"}' \
        '{"edge":"Knows","from":"a","to":"a"}' '{"edge":"Knows","from":"a","to":"a","data":{"since":"2020-01-01"}}' >/dev/null
    exported g >first
    people_schema=$(cluster-graph describe g | jq -r .schema)
    graph h <<<"$people_schema"
    cluster-graph load h --mode merge --data first
    cluster-graph load h --mode merge --data first
    exported h | cmp - first
    refused h merge 1 '{"edge":"Knows","from":"a","to":"a","data":{"since":"2021-01-01"}}'
}

@test "overwrite_replaces_the_types_that_the_data_mentions_and_no_other" {
    people
    load_lines g append '{"type":"Person","data":{"name":"a"}}' '{"type":"Person","data":{"name":"b"}}' \
        '{"type":"Note","id":"n","data":{"text":"t"}}' '{"edge":"Knows","from":"a","to":"a"}' >/dev/null
    run load_lines g overwrite '{"type":"Person","data":{"name":"c"}}' '{"type":"Person","data":{"name":"a"}}'
    status_is 0
    [ "$(exported g)" = '{"type":"Note","id":"n","data":{"text":"t"}}
{"type":"Person","data":{"name":"a"}}
{"type":"Person","data":{"name":"c"}}
{"edge":"Knows","from":"a","to":"a","data":{}}' ]
}

@test "overwrite_refuses_to_take_the_ends_of_edges_that_stay" {
    people
    load_lines g append '{"type":"Person","data":{"name":"a"}}' '{"edge":"Knows","from":"a","to":"a"}' >/dev/null
    before=$(exported g)
    run load_lines g overwrite '{"type":"Person","data":{"name":"b"}}'
    status_is 1
    [ "$before" = "$(exported g)" ]
}

@test "cardinality_counts_what_was_there_before" {
    people
    load_lines g append '{"type":"Person","data":{"name":"a"}}' '{"type":"Note","id":"n","data":{"text":"t"}}' \
        '{"edge":"Wrote","from":"a","to":"n"}' >/dev/null
    refused g append 2 '{"edge":"Wrote","from":"a","to":"n"}' '{"edge":"Wrote","from":"a","to":"n"}'
    run load_lines g append '{"edge":"Wrote","from":"a","to":"n"}'
    status_is 0
    run load_lines g overwrite '{"edge":"Wrote","from":"a","to":"n"}' '{"edge":"Wrote","from":"a","to":"n"}'
    status_is 0
}

@test "a_least_number_of_edges_holds_for_the_nodes_of_a_load" {
    graph g <<<'node A { k: String @key } node B { k: String @key } edge Has: A -> B @card(1..1)'
    refused g append '2' '{"type":"A","data":{"k":"a"}}' '{"type":"A","data":{"k":"b"}}' \
        '{"type":"B","data":{"k":"b"}}' '{"edge":"Has","from":"a","to":"b"}'
    run load_lines g append '{"type":"A","data":{"k":"a"}}' '{"type":"B","data":{"k":"b"}}' '{"edge":"Has","from":"a","to":"b"}'
    status_is 0
    run load_lines g append '{"type":"B","data":{"k":"c"}}'
    status_is 0
    refused g append 1 '{"type":"A","data":{"k":"b"}}'
    refused g merge 1 '{"type":"A","data":{"k":"b"}}'
    run load_lines g merge '{"type":"A","data":{"k":"a"}}'
    status_is 0
    run load_lines g overwrite '{"type":"A","data":{"k":"z"}}' '{"edge":"Has","from":"z","to":"c"}'
    status_is 0
    # Replacing the edges looks at nodes that were there before: no line is to blame.
    load_lines g append '{"type":"A","data":{"k":"y"}}' '{"edge":"Has","from":"y","to":"c"}' >/dev/null
    run load_lines g overwrite '{"edge":"Has","from":"z","to":"c"}'
    status_is 1
}

@test "ids_are_the_key_or_given_or_new" {
    graph g <<<'node K { a: String b: I64 @key(a, b) } node U { x: I32? } node I { id: I64 @key } edge E: K -> U edge F: I -> I'
    run load_lines g append '{"type":"K","data":{"a":"x|y\\","b":-5}}' '{"type":"U","id":"u1","data":{}}' \
        '{"type":"U","data":{"id":"u2","x":1}}' '{"type":"U","data":{"x":3}}' \
        '{"edge":"E","from":"x\\|y\\\\|-5","to":"u2"}' '{"type":"I","data":{"id":9007199254740993}}' \
        '{"edge":"F","from":"9007199254740993","to":"9007199254740993"}' '{"type":"I","id":"7","data":{"id":7}}'
    status_is 0
    exported g | grep -qxF '{"type":"U","id":"u1","data":{}}'
    exported g | grep -qxF '{"type":"U","id":"u2","data":{"x":1}}'
    exported g | jq -e -s '.[] | select(.data.x == 3) | .id | test("^[0-9A-HJKMNP-TV-Z]{26}$")'
    exported g | grep -qxF '{"type":"I","data":{"id":9007199254740993}}'
    refused g append '1 2 3 4' '{"type":"I","id":"8","data":{"id":9}}' '{"type":"U","id":"a","data":{"id":"b"}}' \
        '{"type":"U","data":{"id":5}}' '{"type":"K","data":{"a":"x"}}'
}

@test "joined_keys_do_not_collide" {
    graph g <<<'node K { a: String b: String @key(a, b) }'
    run load_lines g append '{"type":"K","data":{"a":"x|","b":"y"}}' '{"type":"K","data":{"a":"x","b":"|y"}}' \
        '{"type":"K","data":{"a":"x\\","b":"y"}}' '{"type":"K","data":{"a":"x","b":"\\|y"}}'
    status_is 0
    [ "$(exported g | wc -l)" -eq 4 ]
}

all_types='node All {
    k: String @key
    s: String? b: Blob? t: Bool? i32: I32? i64: I64? u32: U32? u64: U64? f32: F32? f64: F64?
    d: Date? dt: DateTime? v: Vector(3)? e: enum(x-1, y_2, 3)?
    ls: [String]? lt: [Bool]? li32: [I32]? li64: [I64]? lu32: [U32]? lu64: [U64]? lf32: [F32]? lf64: [F64]?
    ld: [Date]? ldt: [DateTime]?
}
edge Every: All -> All { s: String? f32: F32? ls: [String]? v: Vector(1)? b: Blob? }'

all_values() {
    cat <<'JSON'
{"type":"All","data":{"k":"empty"}}
{"type":"All","data":{"k":"full","s":"a\"\\/\b\f\n\r\t\u0001 é 漢 😀 \ud83d\ude00","b":"AP/+","t":true,"i32":-2147483648,"i64":-9223372036854775808,"u32":4294967295,"u64":9223372036854775807,"f32":3.4028234663852886e38,"f64":1.7976931348623157e308,"d":"0000-02-29","dt":"9999-12-31T23:59:59.123456789Z","v":[0.1,-1e-45,16777217],"e":"x-1","ls":["","a,b","\"]"],"lt":[true,false],"li32":[-1,0,1],"li64":[9223372036854775807],"lu32":[0],"lu64":[9223372036854775807],"lf32":[0.1,1],"lf64":[0.1,1,5e-324],"ld":["2020-02-29"],"ldt":["2020-01-01T00:00:00+23:59"]}}
{"type":"All","data":{"k":"","s":"","b":"","t":false,"i32":5.0,"i64":1e3,"u32":-0,"f32":-0.0,"f64":1,"dt":"2020-01-01t00:00:00.50z","ls":[],"e":"3"}}
{"type":"All","data":{"k":"nul\u0000inside","s":"\u0000"}}
{"edge":"Every","from":"full","to":"empty","data":{"s":"x","f32":0.3,"ls":["y"],"v":[2],"b":"eg=="}}
{"edge":"Every","from":"full","to":"nul\u0000inside","data":{}}
JSON
}

@test "load_of_an_export_reproduces_it_for_every_type" {
    graph g <<<"$all_types"
    all_values | grep -v '"k":""' >data
    run cluster-graph load g --mode append --data data
    status_is 0
    exported g >first
    graph h <<<"$all_types"
    for mode in append overwrite merge; do
        run cluster-graph load h --mode $mode --data first
        status_is 0
        exported h | cmp - first
    done
    jq -s . first >/dev/null
}

@test "values_come_back_exactly" {
    graph g <<<"$all_types"
    all_values | grep -v '"k":""' | cluster-graph load g --mode append
    line=$(exported g | grep '"k":"full"')
    for part in '"i64":-9223372036854775808' '"u64":9223372036854775807' '"f32":3.4028235e+38' \
        '"f64":1.7976931348623157e+308' '"v":[0.1,-1e-45,16777216.0]' '"lf32":[0.1,1.0]' '"b":"AP/+"' \
        '"dt":"9999-12-31T23:59:59.123456789Z"' '"ldt":["2019-12-31T00:01:00Z"]' '"lf64":[0.1,1.0,5e-324]' '😀 😀'; do
        grep -qF -- "$part" <<<"$line" || {
            printf '%s is not in %s\n' "$part" "$line" >&2
            return 1
        }
    done
}

@test "an_empty_key_is_refused" {
    graph g <<<"$all_types"
    refused g append 1 '{"type":"All","data":{"k":""}}'
}

@test "keys_of_every_type_make_ids_that_edges_can_name" {
    graph g <<'PG'
node A { k: Bool @key }
node B { k: F64 @key }
node C { k: DateTime @key }
node D { k: Date @key }
node E { k: enum(x, y) @key }
node F { id: F32 @key }
node G { id: Bool @key }
node H { id: DateTime @key }
edge AB: A -> B
edge CD: C -> D
edge EF: E -> F
edge GH: G -> H
PG
    run load_lines g append '{"type":"A","data":{"k":true}}' '{"type":"B","data":{"k":0.50}}' \
        '{"type":"C","data":{"k":"2020-01-01T01:00:00.000+01:00"}}' '{"type":"D","data":{"k":"2020-01-01"}}' \
        '{"type":"E","data":{"k":"y"}}' '{"type":"F","data":{"id":0.1}}' '{"type":"G","data":{"id":false}}' \
        '{"type":"H","data":{"id":"2020-01-01T00:00:00.5Z"}}' '{"edge":"AB","from":"true","to":"0.5"}' \
        '{"edge":"CD","from":"2020-01-01T00:00:00Z","to":"2020-01-01"}' '{"edge":"EF","from":"y","to":"0.1"}' \
        '{"edge":"GH","from":"false","to":"2020-01-01T00:00:00.5Z"}'
    status_is 0
    exported g >first
    grep -qxF '{"type":"G","data":{"id":false}}' first
    grep -qxF '{"type":"F","data":{"id":0.1}}' first
    grep -qxF '{"type":"H","data":{"id":"2020-01-01T00:00:00.5Z"}}' first
    run cluster-graph load g --mode overwrite --data first
    status_is 0
    exported g | cmp - first
}

@test "export_is_the_same_bytes_whatever_the_order_of_loading" {
    graph g <<<"$all_types"
    graph h <<<"$all_types"
    {
        for i in 3 1 2; do echo "{\"type\":\"All\",\"data\":{\"k\":\"n$i\",\"i32\":$i}}"; done
        for i in 2 3 1; do for s in b a; do echo "{\"edge\":\"Every\",\"from\":\"n$i\",\"to\":\"n1\",\"data\":{\"s\":\"$s\"}}"; done; done
    } >data
    cluster-graph load g --mode append --data data
    tac data | cluster-graph load h --mode append
    exported g >one
    exported h | cmp - one
    [ "$(head -1 one)" = '{"type":"All","data":{"i32":1,"k":"n1"}}' ]
}

@test "export_of_one_type_or_of_none_such" {
    people
    load_lines g append '{"type":"Person","data":{"name":"a"}}' '{"edge":"Knows","from":"a","to":"a"}' >/dev/null
    [ "$(exported g --type Person)" = '{"type":"Person","data":{"name":"a"}}' ]
    [ "$(exported g --type Knows | wc -l)" -eq 1 ]
    run cluster-graph export g --type Nobody
    status_is 1
    status=0
    cluster-graph export g >/dev/full || status=$?
    status_is 1
}

@test "uniqueness_over_several_properties_and_the_ends_of_an_edge" {
    graph g <<'PG'
node A { k: String @key x: I32? y: I32? @unique(x, y) }
edge E: A -> A { n: I32? @unique(src, dst) }
edge F: A -> A { n: I32? @unique(src, n) @index(dst, n) }
PG
    load_lines g append '{"type":"A","data":{"k":"a","x":1,"y":1}}' '{"type":"A","data":{"k":"b","x":1,"y":2}}' \
        '{"type":"A","data":{"k":"c","x":1}}' '{"type":"A","data":{"k":"d","x":1}}' \
        '{"edge":"E","from":"a","to":"b"}' '{"edge":"F","from":"a","to":"b","data":{"n":1}}' >/dev/null
    refused g append '1 2 3' '{"type":"A","data":{"k":"e","x":1,"y":2}}' '{"edge":"E","from":"a","to":"b"}' \
        '{"edge":"F","from":"a","to":"c","data":{"n":1}}'
    refused g merge 1 '{"type":"A","data":{"k":"b","y":1}}'
    run load_lines g merge '{"type":"A","data":{"k":"b","x":2}}' '{"edge":"E","from":"a","to":"b","data":{"n":1}}'
    status_is 0
}

@test "the_constraint_is_named_though_the_line_gives_a_part_of_it" {
    graph g <<<'node P { k: String @key a: String? b: String? @unique(a, b) }'
    load_lines g append '{"type":"P","data":{"k":"1","a":"x","b":"y"}}' '{"type":"P","data":{"k":"2","a":"z","b":"y"}}' >/dev/null
    refused g merge 1 '{"type":"P","data":{"k":"2","a":"x"}}'
    [[ $output == *"a, b"* ]]
}

@test "a_hostile_line_is_one_bad_line" {
    people
    {
        head -c 200000 /dev/zero | tr '\0' '['
        echo
        printf '{"type":"Person","data":{"name":'
        head -c 100000 /dev/zero | tr '\0' '['
        echo
        printf '{"type":"Person","data":{"name":"x","%s":1}}\n' "$(head -c 100000 /dev/zero | tr '\0' 'n')"
        printf '{"type":"%s","data":{}}\n' "$(head -c 100000 /dev/zero | tr '\0' 'T')"
        printf '\0\n'
        printf '\xef\xbb\xbf{"type":"Person","data":{"name":"y"}}\n'
    } >data
    run cluster-graph load g --mode append --data data
    status_is 1
    [ "$(printf '%s\n' "$output" | grep -c '^line ')" -eq 6 ]
    [ "${#output}" -lt 5000 ]
}

@test "a_line_beyond_64_MiB_is_refused_and_the_rest_still_read" {
    people
    {
        printf '{"type":"Person","data":{"name":"'
        head -c 70000000 /dev/zero | tr '\0' 'x'
        printf '"}}\nbad\n'
    } >data
    run cluster-graph load g --mode append --data data
    status_is 1
    [[ ${lines[0]} == 'line 1: '* ]]
    [[ ${lines[1]} == 'line 2: '* ]]
}

@test "a_long_text_and_a_long_vector_go_through" {
    graph g <<<'node A { k: String @key s: String? v: Vector(1536)? }'
    {
        printf '{"type":"A","data":{"k":"a","s":"'
        head -c 5000000 /dev/zero | tr '\0' 'x'
        printf '","v":[0.5'
        for _ in $(seq 1535); do printf ',0.25'; done
        printf ']}}\n'
    } >data
    run cluster-graph load g --mode append --data data
    status_is 0
    exported g >first
    run cluster-graph load g --mode overwrite --data first
    status_is 0
    exported g | cmp - first
}
