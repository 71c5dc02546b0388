#!/usr/bin/env bats
# cluster-graph apply on real data; soft drops, restore, cleanup; names that SQLite would trip over.

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

graph() {
    cluster-graph init g >/dev/null
}

load_lines() {
    printf '%s\n' "$@" | cluster-graph load g --mode append 2>&1
}

apply() {
    run cluster-graph apply g
    status_is 0
}

exported() {
    cluster-graph export g "$@"
}

dropped() {
    cluster-graph dropped g --json | jq -r .name
}

restore() {
    run cluster-graph restore g "$1"
    status_is 0
}

schema() {
    cluster-graph describe g | jq -j .schema
}

# The graph's tables are sound, and its own schema asks for no change.
sound() {
    [ "$(sqlite3 "$(graph_db g)" 'PRAGMA integrity_check; PRAGMA foreign_key_check')" = ok ]
    schema >own.pg
    cluster-graph plan g <own.pg | jq -e '.supported and .steps == []' >/dev/null
    exported >/dev/null
}

people() {
    graph <<<'node Person { name: String @key age: I32? } node Note { text: String } edge Wrote: Person -> Note { at: Date? }'
    load_lines '{"type":"Person","data":{"name":"a","age":1}}' '{"type":"Note","id":"n","data":{"text":"t"}}' \
        '{"edge":"Wrote","from":"a","to":"n","data":{"at":"2020-01-01"}}' >/dev/null
}

@test "an_added_property_is_empty_and_can_be_filled" {
    people
    apply <<<'node Person { name: String @key age: I32? size: F64? } node Note { text: String } edge Wrote: Person -> Note { at: Date? by: [String]? }'
    run load_lines '{"type":"Person","data":{"name":"b","size":2}}' '{"edge":"Wrote","from":"b","to":"n","data":{"by":["x"]}}'
    status_is 0
    [ "$(exported --type Person)" = '{"type":"Person","data":{"age":1,"name":"a"}}
{"type":"Person","data":{"name":"b","size":2.0}}' ]
    sound
}

@test "renames_keep_the_rows" {
    people
    apply <<<'node Human @rename_from("Person") { called: String @key @rename_from("name") age: I32? } node Note { text: String } edge Authored: Human -> Note @rename_from("Wrote") { day: Date? @rename_from("at") }'
    [ "$(exported)" = '{"type":"Human","data":{"age":1,"called":"a"}}
{"type":"Note","id":"n","data":{"text":"t"}}
{"edge":"Authored","from":"a","to":"n","data":{"day":"2020-01-01"}}' ]
    run load_lines '{"type":"Human","data":{"called":"a"}}'
    status_is 1
    sound
}

@test "a_key_named_id_can_be_renamed_and_stays_the_id" {
    graph <<<'node A { id: I64 @key x: I32? } edge E: A -> A'
    load_lines '{"type":"A","data":{"id":12}}' '{"edge":"E","from":"12","to":"12"}' >/dev/null
    cluster-graph plan g <<<'node A { number: I64 @key @rename_from("id") x: I32? } edge E: A -> A' | jq -e .supported || skip "the planner refuses it"
    apply <<<'node A { number: I64 @key @rename_from("id") x: I32? } edge E: A -> A'
    [ "$(exported --type A)" = '{"type":"A","data":{"number":12}}' ]
    run load_lines '{"type":"A","data":{"number":13}}' '{"edge":"E","from":"13","to":"12"}'
    status_is 0
    sound
}

@test "added_types_are_ready_and_dropped_ones_are_gone_from_export" {
    people
    apply <<<'node Person { name: String @key age: I32? } node Place { name: String @key } edge LivesIn: Person -> Place'
    run load_lines '{"type":"Place","data":{"name":"p"}}' '{"edge":"LivesIn","from":"a","to":"p"}'
    status_is 0
    run load_lines '{"type":"Note","data":{"text":"t"}}'
    status_is 1
    [ "$(exported)" = '{"type":"Person","data":{"age":1,"name":"a"}}
{"type":"Place","data":{"name":"p"}}
{"edge":"LivesIn","from":"a","to":"p","data":{}}' ]
    [ "$(dropped)" = 'edge:Wrote@3
node:Note@3' ]
    sound
}

@test "an_extended_enum_takes_the_new_word_and_keeps_the_old" {
    graph <<<'node A { k: String @key e: enum(x, y)? }'
    load_lines '{"type":"A","data":{"k":"1","e":"x"}}' >/dev/null
    run load_lines '{"type":"A","data":{"k":"2","e":"z"}}'
    status_is 1
    apply <<<'node A { k: String @key e: enum(z, y, x)? }'
    run load_lines '{"type":"A","data":{"k":"2","e":"z"}}'
    status_is 0
    sound
}

@test "an_added_index_is_built_once" {
    people
    apply <<<'node Person { name: String @key age: I32? @index(name, age) } node Note { text: String } edge Wrote: Person -> Note { at: Date? @index }'
    before=$(sqlite3 "$(graph_db g)" "SELECT count(*) FROM sqlite_schema WHERE type = 'index'")
    apply <<<'node Person { name: String @key age: I32? @index(age, name) } node Note { text: String } edge Wrote: Person -> Note { at: Date? @index(at) }'
    [ "$before" = "$(sqlite3 "$(graph_db g)" "SELECT count(*) FROM sqlite_schema WHERE type = 'index'")" ]
    sqlite3 "$(graph_db g)" "SELECT sql FROM sqlite_schema WHERE type = 'index'" | grep -q '"name", "age"'
    sound
}

@test "indexes_are_there_again_after_a_load_into_empty_tables" {
    graph <<<'node A { k: String @key x: I32? @index } edge E: A -> A { y: I32? @index(y, src) }'
    sqlite3 "$(graph_db g)" "SELECT name, sql FROM sqlite_schema WHERE type = 'index' ORDER BY name" >before
    load_lines '{"type":"A","data":{"k":"a"}}' '{"edge":"E","from":"a","to":"a"}' >/dev/null
    sqlite3 "$(graph_db g)" "SELECT name, sql FROM sqlite_schema WHERE type = 'index' ORDER BY name" | cmp - before
    sound
}

@test "interface_changes_reach_every_node_that_has_them" {
    graph <<<'interface Named { name: String nick: String? } node A implements Named { @key(name) } node B implements Named { }'
    load_lines '{"type":"A","data":{"name":"a","nick":"n"}}' '{"type":"B","id":"b","data":{"name":"b","nick":"m"}}' >/dev/null
    apply <<<'interface Named { name: String age: I32? } node A implements Named { @key(name) } node B implements Named { }'
    [ "$(dropped)" = 'node:A.nick@3
node:B.nick@3' ]
    run load_lines '{"type":"A","data":{"name":"c","age":3}}'
    status_is 0
    sound
}

@test "a_property_added_back_starts_empty_and_the_old_one_stays_restorable_under_its_version" {
    people
    without='node Person { name: String @key } node Note { text: String } edge Wrote: Person -> Note { at: Date? }'
    with='node Person { name: String @key age: I32? } node Note { text: String } edge Wrote: Person -> Note { at: Date? }'
    apply <<<"$without"
    apply <<<"$with"
    [ "$(exported --type Person)" = '{"type":"Person","data":{"name":"a"}}' ]
    run cluster-graph restore g Person.age
    status_is 1
    load_lines '{"type":"Person","data":{"name":"b","age":2}}' >/dev/null
    apply <<<"$without"
    [ "$(dropped)" = 'node:Person.age@3
node:Person.age@6' ]
    run cluster-graph restore g Person.age
    status_is 1
    restore Person.age@3
    [ "$(exported --type Person)" = '{"type":"Person","data":{"age":1,"name":"a"}}
{"type":"Person","data":{"name":"b"}}' ]
    [ "$(dropped)" = 'node:Person.age@6' ]
    sound
}

@test "restore_puts_annotations_and_constraints_back" {
    graph <<'PG'
node A {
    k: String @key
    x: I32 @description("how \"big\"\n") @index
    s: String? @note(text, more=1.5) @a(1) @b(true) @c(null) @d(date("2020-01-01")) @e(datetime("2020-01-01T00:00:00Z")) @g([1, "x", [false]]) @h(0.00001) @i(1.0) @check(s, "^\\d+\t$")
    f: F64? @range(f, -0.000001..1000000000000000000000.5)
    @range(x, 0..9)
}
PG
    load_lines '{"type":"A","data":{"k":"a","x":5,"s":"12\t","f":0.25}}' >/dev/null
    apply <<<'node A { k: String @key }'
    [ "$(dropped | wc -l)" -eq 3 ]
    restore A.x
    restore A.s
    restore A.f
    [ "$(exported)" = '{"type":"A","data":{"f":0.25,"k":"a","s":"12\t","x":5}}' ]
    for bad in '"x":10' '"x":1,"s":"q"' '"x":1,"f":1e22' '"x":1,"f":-1'; do
        run load_lines "{\"type\":\"A\",\"data\":{\"k\":\"b\",$bad}}"
        status_is 1
    done
    schema | grep -q '@description("how \\"big\\"\\n")'
    schema | grep -qF '@note(text, more=1.5) @a(1) @b(true) @c(null) @d(date("2020-01-01")) @e(datetime("2020-01-01T00:00:00Z")) @g([1, "x", [false]]) @h(0.00001'
    sound
}

@test "a_property_that_new_rows_lack_comes_back_nullable" {
    graph <<<'node A { k: String @key x: I32 @index }'
    load_lines '{"type":"A","data":{"k":"a","x":5}}' >/dev/null
    apply <<<'node A { k: String @key }'
    load_lines '{"type":"A","data":{"k":"b"}}' >/dev/null
    restore A.x
    schema | grep -q 'x: I32?'
    [ "$(exported)" = '{"type":"A","data":{"k":"a","x":5}}
{"type":"A","data":{"k":"b"}}' ]
    sound
}

@test "restore_finds_its_place_in_any_layout" {
    for body in '{k: String @key}' '{ k: String @key // } not here
  }' '{
    k: String @key
    @check(k, "}{|a")
}' '{ k: String @key /* } */ @index(k) }'; do
        rm -rf g
        printf 'node B { k: String @key x: I32? } node A %s edge E: A -> A @card(0..5) @note("{") edge F: A -> A { }' \
            "${body%\}}  x: I32? }" | graph
        load_lines '{"type":"A","data":{"k":"a","x":5}}' >/dev/null
        printf 'node B { k: String @key x: I32? } node A %s edge E: A -> A @card(0..5) @note("{") edge F: A -> A { }' "$body" | cluster-graph apply g >/dev/null
        restore A.x
        [ "$(exported)" = '{"type":"A","data":{"k":"a","x":5}}' ]
        sound
    done
}

@test "restore_of_an_edge_property_makes_a_body_where_there_is_none" {
    graph <<<'edge E: A -> A @card(0..5) @note("{ -> B") { x: I32? } node A { k: String @key }'
    load_lines '{"type":"A","data":{"k":"a"}}' '{"edge":"E","from":"a","to":"a","data":{"x":1}}' >/dev/null
    apply <<<'edge E: A -> A @card(0..5) @note("{ -> B") node A { k: String @key }'
    restore E.x
    [ "$(exported --type E)" = '{"edge":"E","from":"a","to":"a","data":{"x":1}}' ]
    sound
}

@test "a_dropped_type_comes_back_with_its_rows_and_interfaces" {
    graph <<<'interface Named { name: String } node A implements Named { x: I32? @index @key(name) @range(x, 0..5) } node B @description("b") { k: String @unique } edge E: A -> B @card(0..3) { y: I32? @index(y, src) } edge F: B -> B'
    load_lines '{"type":"A","data":{"name":"a","x":5}}' '{"type":"B","id":"b","data":{"k":"q"}}' \
        '{"edge":"E","from":"a","to":"b","data":{"y":1}}' '{"edge":"F","from":"b","to":"b"}' >/dev/null
    exported >before
    apply <<<'interface Named { name: String } node Other { k: String }'
    [ -z "$(exported)" ]
    run cluster-graph restore g E
    status_is 1
    restore A
    run cluster-graph restore g E
    status_is 1
    restore node:B
    restore E
    restore edge:F@3
    exported | cmp - before
    schema | grep -q 'implements Named'
    run load_lines '{"type":"A","data":{"name":"z","x":6}}'
    status_is 1
    run load_lines '{"type":"B","data":{"k":"q"}}'
    status_is 1
    [ -z "$(dropped)" ]
    sound
}

@test "a_type_whose_interface_has_changed_comes_back_without_it" {
    graph <<<'interface Named { name: String nick: String? @index } node A implements Named { @key(name) } node B implements Named { }'
    load_lines '{"type":"A","data":{"name":"a","nick":"n"}}' >/dev/null
    apply <<<'interface Named { name: String nick: String? @index } node B implements Named { }'
    apply <<<'interface Named { name: String } node B implements Named { }'
    restore A
    [ "$(exported)" = '{"type":"A","data":{"name":"a","nick":"n"}}' ]
    sound
}

@test "a_type_does_not_come_back_with_a_property_of_another_type_from_its_interface" {
    for now in 'a: String?' 'a: [I32]?' 'a: Vector(2)?' 'a: enum(x)?' 'a: F64?'; do
        rm -rf g
        graph <<<'interface I { a: I32? } node A implements I { k: String @key } node Z { }'
        load_lines '{"type":"A","data":{"k":"x","a":5}}' >/dev/null
        apply <<<'interface I { a: I32? } node Z { }'
        apply <<<'interface I { } node Z { }'
        apply <<<"interface I { $now } node Z { }"
        restore A
        [ "$(exported)" = '{"type":"A","data":{"a":5,"k":"x"}}' ]
        load_lines '{"type":"A","data":{"k":"y","a":6}}'
        sound
    done
}

@test "a_type_comes_back_with_its_interface_when_that_takes_more_than_before" {
    graph <<<'interface I { e: enum(x, y) } node A implements I { k: String @key } node Z { }'
    load_lines '{"type":"A","data":{"k":"x","e":"y"}}' >/dev/null
    apply <<<'interface I { e: enum(x, y) } node Z { }'
    apply <<<'interface I { e: enum(z, y, x) } node Z { }'
    restore A
    load_lines '{"type":"A","data":{"k":"z","e":"z"}}'
    schema | grep -q 'node A implements I'
    sound
}

@test "a_restored_edge_goes_by_the_present_names_of_its_nodes" {
    people
    apply <<<'node Person { name: String @key age: I32? } node Note { text: String }'
    apply <<<'node Human @rename_from("Person") { name: String @key age: I32? } node Note { text: String }'
    restore Wrote
    [ "$(exported --type Wrote)" = '{"edge":"Wrote","from":"a","to":"n","data":{"at":"2020-01-01"}}' ]
    sound
}

@test "an_edge_whose_nodes_were_replaced_is_not_restored_dangling" {
    people
    apply <<<'node Person { name: String @key age: I32? } node Note { text: String }'
    echo '{"type":"Person","data":{"name":"z"}}' | cluster-graph load g --mode overwrite
    run cluster-graph restore g Wrote
    status_is 1
    echo '{"type":"Person","data":{"name":"a"}}' | cluster-graph load g --mode append
    restore Wrote
    sound
}

@test "a_new_type_of_a_dropped_name_has_nothing_to_do_with_the_old" {
    people
    apply <<<'node Person { name: String @key }'
    apply <<<'node Person { name: String @key } node Note { x: I32? } edge Wrote: Note -> Person'
    run load_lines '{"type":"Note","id":"n","data":{"x":1}}' '{"edge":"Wrote","from":"n","to":"a"}'
    status_is 0
    for name in Note Wrote; do
        run cluster-graph restore g $name
        status_is 1
    done
    apply <<<'node Person { name: String @key }'
    run cluster-graph restore g Note
    status_is 1
    restore Note@3
    restore Wrote@3
    exported | grep -qxF '{"edge":"Wrote","from":"a","to":"n","data":{"at":"2020-01-01"}}'
    sound
}

@test "a_property_of_a_dropped_type_waits_for_its_type" {
    people
    apply <<<'node Person { name: String @key age: I32? } node Note { text: String } edge Wrote: Person -> Note'
    apply <<<'node Person { name: String @key age: I32? } node Note { text: String }'
    run cluster-graph restore g Wrote.at
    status_is 1
    restore Wrote
    restore Wrote.at
    exported | grep -qF 2020-01-01
    sound
}

@test "restore_of_what_was_never_dropped_fails" {
    people
    for name in Person nothing node:Person@1 '' Person.age; do
        run cluster-graph restore g "$name"
        status_is 1
    done
    run cluster-graph describe g
    json_holds '.manifest_version == 2'
}

@test "restoring_what_the_schema_cannot_take_fails" {
    graph <<<'node A { k: String @key t: String? v: Vector(2)? @embed(t) }'
    load_lines '{"type":"A","data":{"k":"a","t":"x","v":[1,2]}}' >/dev/null
    apply <<<'node A { k: String @key }'
    run cluster-graph restore g A.v
    status_is 1
    restore A.t
    restore A.v
    [ "$(exported)" = '{"type":"A","data":{"k":"a","t":"x","v":[1.0,2.0]}}' ]
    sound
}

@test "a_restored_edge_type_keeps_its_cardinality_and_annotations" {
    graph <<<'node A { k: String @key } edge E: A -> A @card(0..1) @description("one") @instruction("two") edge F: A -> A @card(1..)'
    load_lines '{"type":"A","data":{"k":"a"}}' '{"edge":"E","from":"a","to":"a"}' '{"edge":"F","from":"a","to":"a"}' >/dev/null
    schema >before
    apply <<<'node A { k: String @key }'
    restore E
    restore F
    run load_lines '{"edge":"E","from":"a","to":"a"}'
    status_is 1
    run load_lines '{"type":"A","data":{"k":"b"}}'
    status_is 1
    cluster-graph plan g <before | jq -e '.supported and .steps == []'
    sound
}

@test "a_restored_edge_type_asks_no_edges_of_nodes_that_came_since" {
    graph <<<'node A { k: String @key } edge E: A -> A @card(1..2) { w: I32 } edge F: A -> A @card(2..)'
    load_lines '{"type":"A","data":{"k":"a"}}' '{"edge":"E","from":"a","to":"a","data":{"w":1}}' \
        '{"edge":"F","from":"a","to":"a"}' '{"edge":"F","from":"a","to":"a"}' >/dev/null
    apply <<<'node A { k: String @key }'
    load_lines '{"type":"A","data":{"k":"b"}}' >/dev/null
    restore E
    restore F
    schema | grep -q 'edge E: A -> A @card(0..2)'
    schema | grep -q 'edge F: A -> A @card(0..)'
    [ "$(exported --type E)" = '{"edge":"E","from":"a","to":"a","data":{"w":1}}' ]
    run load_lines '{"edge":"E","from":"a","to":"b","data":{"w":2}}' '{"edge":"E","from":"a","to":"b","data":{"w":3}}'
    status_is 1
    sound
}

@test "an_edge_that_every_node_must_have_is_added_only_where_there_is_no_node" {
    graph <<<'node A { k: String @key } node B { k: String @key }'
    load_lines '{"type":"A","data":{"k":"a"}}' >/dev/null
    run cluster-graph apply g <<<'node A { k: String @key } node B { k: String @key } edge E: A -> B @card(1..1)'
    status_is 1
    [ "$(cluster-graph describe g | jq .manifest_version)" -eq 2 ]
    apply <<<'node A { k: String @key } node B { k: String @key } edge E: B -> A @card(1..1) edge F: A -> A @card(0..1)'
    run load_lines '{"type":"B","data":{"k":"b"}}'
    status_is 1
    load_lines '{"type":"B","data":{"k":"b"}}' '{"edge":"E","from":"b","to":"a"}'
    sound
}

@test "ids_follow_a_key_whose_names_change_places" {
    graph <<<'node P { a: String b: String c: I32? @key(a, b) } node O { } edge E: P -> P { @unique(src, dst) } edge F: P -> O'
    load_lines '{"type":"P","data":{"a":"x","b":"y"}}' '{"type":"P","data":{"a":"y","b":"x"}}' \
        '{"type":"P","data":{"a":"p|q\\r\u0000s","b":""}}' '{"type":"O","id":"a|b"}' \
        '{"edge":"E","from":"x|y","to":"y|x"}' '{"edge":"E","from":"y|x","to":"y|x"}' \
        '{"edge":"E","from":"p\\|q\\\\r\u0000s|","to":"y|x"}' '{"edge":"F","from":"x|y","to":"a|b"}'
    apply <<<'node P { a: String b: String c: I32? @key(a, b) } node O { } edge E: P -> P { @unique(src, dst) }'
    apply <<<'node Q @rename_from("P") { a: String d: String @rename_from(b) c: I32? @key(d, a) } node O { } edge E: Q -> Q { @unique(src, dst) }'
    restore F
    exported >moved
    diff - moved <<'JSONL'
{"type":"O","id":"a|b","data":{}}
{"type":"Q","data":{"a":"y","d":"x"}}
{"type":"Q","data":{"a":"x","d":"y"}}
{"type":"Q","data":{"a":"p|q\\r\u0000s","d":""}}
{"edge":"E","from":"x|y","to":"x|y","data":{}}
{"edge":"E","from":"y|x","to":"x|y","data":{}}
{"edge":"E","from":"|p\\|q\\\\r\u0000s","to":"x|y","data":{}}
{"edge":"F","from":"y|x","to":"a|b","data":{}}
JSONL
    # The same nodes as before: a merge finds them, and so does a graph that knows this schema only.
    echo '{"type":"Q","data":{"a":"x","d":"y","c":5}}' | cluster-graph load g --mode merge
    [ "$(exported --type Q | wc -l)" -eq 3 ]
    sound
    cluster-graph init other <own.pg
    cluster-graph load other --mode append --data moved
    cluster-graph export other | diff - moved
}

@test "cleanup_without_confirm_only_lists" {
    people
    apply <<<'node Person { name: String @key }'
    run --separate-stderr cluster-graph cleanup g --older-than 0m
    status_is 0
    json_holds '.would_remove == ["edge:Wrote@3", "node:Note@3", "node:Person.age@3"] and .manifest_version == 3'
    [ "$(dropped | wc -l)" -eq 3 ]
}

@test "cleanup_removes_what_is_old_enough_for_good_and_shrinks_the_file" {
    graph <<<'node A { k: String @key t: String? @index u: I32? } node B { s: String } edge E: A -> B { x: I32? }'
    {
        for i in $(seq 2000); do echo "{\"type\":\"A\",\"data\":{\"k\":\"$i\",\"t\":\"$(printf '%0200d' "$i")\"}}"; done
        echo '{"type":"B","id":"b","data":{"s":"x"}}'
        echo '{"edge":"E","from":"1","to":"b"}'
    } | cluster-graph load g --mode append
    apply <<<'node A { k: String @key u: I32? }'
    size=$(stat -c %s "$(graph_db g)")
    run cluster-graph cleanup g --older-than 1m --confirm
    json_holds '.removed == [] and .manifest_version == 3'
    run cluster-graph cleanup g --older-than 0m --confirm
    status_is 0
    json_holds '.removed == ["edge:E@3", "node:A.t@3", "node:B@3"] and .reclaimed > 400000 and .manifest_version == 4'
    [ "$(stat -c %s "$(graph_db g)")" -lt "$size" ]
    [ -z "$(dropped)" ]
    [ "$(exported | wc -l)" -eq 2000 ]
    run cluster-graph restore g A.t
    status_is 1
    sound
}

@test "cleanup_goes_by_the_time_of_the_drop" {
    people
    CLUSTER_TEST_CLOCK=1000000000000 cluster-graph apply g <<<'node Person { name: String @key }' >/dev/null
    CLUSTER_TEST_CLOCK=1000000600000 run --separate-stderr cluster-graph cleanup g --older-than 11m
    json_holds '.would_remove == []'
    CLUSTER_TEST_CLOCK=1000086400000 run --separate-stderr cluster-graph cleanup g --older-than 24h
    json_holds '(.would_remove | length) == 3'
    CLUSTER_TEST_CLOCK=1000086400000 run --separate-stderr cluster-graph cleanup g --older-than 1d --confirm
    json_holds '(.removed | length) == 3'
    sound
}

@test "names_that_SQLite_would_trip_over_work" {
    graph <<'PG'
node Order { select: String @key group: I32? index: String? @index rowid: I32? oid: I32? _rowid_: String? iD: I32? }
node ORDER { k: String @key aB: I32? ab: I32? aBc: I32? }
node Sqlite_stat1 { table: String @key }
node Select { where: String @unique }
edge Table: Order -> ORDER { rowid: I32? select: I32? iD: I32? srC: I32? }
edge Order: Select -> Order
PG
    run load_lines '{"type":"Order","data":{"select":"a","group":1,"index":"i","rowid":2,"oid":3,"_rowid_":"r","iD":4}}' \
        '{"type":"ORDER","data":{"k":"a","aB":1,"ab":2,"aBc":3}}' '{"type":"Sqlite_stat1","data":{"table":"t"}}' \
        '{"type":"Select","id":"s","data":{"where":"w"}}' '{"edge":"Table","from":"a","to":"a","data":{"rowid":9,"select":8,"iD":7,"srC":6}}' \
        '{"edge":"Order","from":"s","to":"a"}'
    status_is 0
    exported >before
    [ "$(cat before)" = '{"type":"ORDER","data":{"aB":1,"aBc":3,"ab":2,"k":"a"}}
{"type":"Order","data":{"_rowid_":"r","group":1,"iD":4,"index":"i","oid":3,"rowid":2,"select":"a"}}
{"type":"Select","id":"s","data":{"where":"w"}}
{"type":"Sqlite_stat1","data":{"table":"t"}}
{"edge":"Order","from":"s","to":"a","data":{}}
{"edge":"Table","from":"a","to":"a","data":{"iD":7,"rowid":9,"select":8,"srC":6}}' ]
    run cluster-graph load g --mode merge --data before
    status_is 0
    run cluster-graph load g --mode overwrite --data before
    status_is 0
    exported | cmp - before
    schema >old.pg
    apply <<<'node Order { select: String @key }'
    while [ -n "$(dropped | grep '^node:.*[^.]' | head -1)" ]; do restore "$(dropped | grep '^node:' | head -1)"; done
    for name in $(dropped); do restore "$name"; done
    exported | cmp - before
    sound
}

@test "types_that_differ_only_by_case_can_be_renamed_into_each_other" {
    graph <<<'node Ab { k: String @key xY: I32? }'
    load_lines '{"type":"Ab","data":{"k":"1","xY":1}}' >/dev/null
    apply <<<'node AB @rename_from("Ab") { k: String @key xy: I32? @rename_from("xY") }'
    [ "$(exported)" = '{"type":"AB","data":{"k":"1","xy":1}}' ]
    apply <<<'node Ab { k: String @key xy: I32? xY: I32? } node AB { k: String @key xY: I32? }'
    run load_lines '{"type":"Ab","data":{"k":"2","xY":2}}' '{"type":"AB","data":{"k":"3","xY":3}}'
    status_is 0
    sound
}

@test "a_type_with_too_many_properties_is_refused_and_nothing_moves" {
    { echo 'node A {'; seq 3000 | sed 's/.*/p&: I32?/'; echo '}'; } >wide.pg
    run cluster-graph init g <wide.pg
    status_is 1
    [ ! -e g ]
}

@test "thirty_migrations_in_a_row_stay_sound" {
    graph <<<'node A { k: String @key p0: I32? } edge E: A -> A'
    load_lines '{"type":"A","data":{"k":"a","p0":7}}' '{"edge":"E","from":"a","to":"a"}' >/dev/null
    for i in $(seq 30); do
        cluster-graph apply g <<<"node A { k: String @key p$i: I32? @rename_from(\"p$((i - 1))\") q$i: I32? } edge E: A -> A" >/dev/null
    done
    [ "$(exported --type A)" = '{"type":"A","data":{"k":"a","p30":7}}' ]
    [ "$(dropped | wc -l)" -eq 29 ]
    sound
}
