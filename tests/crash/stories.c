#include "stories.h"

#include <stdbool.h>

/* So many that a migration touches more than one page of the database. */
enum { PEOPLE = 120, PLACES = 60 };

const char *const story_files[] = {
    "people.pg",
    "node Person {\n    name: String @key\n    email: String?\n    nick: String?\n    age: "
    "I32?\n}\n"
    "edge Knows: Person -> Person {\n    since: I32?\n}\n",
    "people2.pg",
    "node Person {\n    name: String @key\n    mail: String? @rename_from(\"email\")\n"
    "    age: I32? @index\n    city: String?\n}\n"
    "edge Knows: Person -> Person {\n    since: I32?\n}\n",
    "people.gq",
    "query find($name: String) {\n    match { $p: Person { name: $name } }\n"
    "    return { $p.name, $p.email }\n}\n"
    "query friends($name: String) {\n    match { $p: Person { name: $name } $p knows $q }\n"
    "    return { $q.name }\n}\n",
    "people2.gq", /* needs people2.pg */
    "query cities($city: String) {\n    match { $p: Person { city: $city } }\n"
    "    return { $p.name }\n}\n"
    "query find($name: String) {\n    match { $p: Person { name: $name } }\n"
    "    return { $p.name, $p.mail }\n}\n",
    "people3.gq",
    "query aged($age: I32) {\n    match { $p: Person { age: $age } }\n    return { $p.name }\n}\n"
    "query find($name: String) {\n    match { $p: Person { name: $name } }\n"
    "    return { $p.name, $p.nick, $p.age }\n}\n",
    "places.pg",
    "node Place {\n    name: String @key\n    height: I32?\n}\n",
    "places2.pg",
    "node Site @rename_from(\"Place\") {\n    name: String @key\n    height: I32?\n"
    "    country: String?\n}\n",
    "places.gq",
    "query near($name: String) {\n    match { $p: Place { name: $name } }\n"
    "    return { $p.height }\n}\n",
    "places2.gq",
    "query near($name: String) {\n    match { $p: Site { name: $name } }\n"
    "    return { $p.height, $p.country }\n}\n",
    "books.pg",
    "node Book {\n    isbn: String @key\n    title: String\n}\n",
    "books.gq",
    "query title($isbn: String) {\n    match { $b: Book { isbn: $isbn } }\n"
    "    return { $b.title }\n}\n",
    "notes.pg",
    "node Note {\n    text: String\n}\n",
    "readers.yaml",
    "version: 1\ngroups:\n  staff: [ann, bob]\nrules:\n  - id: staff-read\n"
    "    allow: { actors: { group: staff }, actions: [read] }\n",
    "readers2.yaml",
    "version: 1\ngroups:\n  staff: [ann, bob, cyd]\nrules:\n  - id: staff-read\n"
    "    allow: { actors: { group: staff }, actions: [read, export] }\n",
    "gate.yaml",
    "version: 1\ngroups:\n  staff: [ann]\nrules:\n  - id: see\n"
    "    allow: { actors: { group: staff }, actions: [graph_list] }\n",
    "person.jsonl", /* what nobody asked for: self_test.c */
    "{\"type\":\"Person\",\"data\":{\"name\":\"p000\",\"age\":77}}\n",
    "book.jsonl",
    "{\"type\":\"Book\",\"data\":{\"isbn\":\"1\",\"title\":\"t\"}}\n",
    NULL};

#define PEOPLE_1                                                           \
    {                                                                      \
        "people", "people.pg", "people.gq", "find friends", ROWS_PEOPLE, 2 \
    }
#define PEOPLE_2                                                              \
    {                                                                         \
        "people", "people2.pg", "people2.gq", "cities find", ROWS_PEOPLE_2, 3 \
    }
#define PLACES_1                                                   \
    {                                                              \
        "places", "places.pg", "places.gq", "near", ROWS_PLACES, 2 \
    }
#define BOOKS                                                  \
    {                                                          \
        "books", "books.pg", "books.gq", "title", ROWS_NONE, 1 \
    }
#define NOTES                                       \
    {                                               \
        "notes", "notes.pg", NULL, "", ROWS_NONE, 1 \
    }
#define READERS                             \
    {                                       \
        "readers", "readers.yaml", "people" \
    }
#define GATE                           \
    {                                  \
        "gate", "gate.yaml", "cluster" \
    }

static const struct world base = {(const struct graph_want[]){PEOPLE_1, PLACES_1, {0}},
                                  (const struct policy_want[]){READERS, GATE, {0}}};
static const struct world empty = {
    (const struct graph_want[]){{"people", "people.pg", "people.gq", "find friends", ROWS_NONE, 1},
                                {"places", "places.pg", "places.gq", "near", ROWS_NONE, 1},
                                {0}},
    (const struct policy_want[]){READERS, GATE, {0}}};
static const struct world created = {
    (const struct graph_want[]){PEOPLE_1, PLACES_1, BOOKS, NOTES, {0}},
    (const struct policy_want[]){READERS, GATE, {"shelf", "readers.yaml", "books notes"}, {0}}};
static const struct world migrated = {
    (const struct graph_want[]){
        PEOPLE_2, {"places", "places2.pg", "places2.gq", "near", ROWS_PLACES_2, 3}, {0}},
    (const struct policy_want[]){READERS, GATE, {0}}};
static const struct world recataloged = {
    (const struct graph_want[]){
        {"people", "people.pg", "people3.gq", "aged find", ROWS_PEOPLE, 2}, PLACES_1, {0}},
    (const struct policy_want[]){
        {"readers", "readers2.yaml", "people"}, {"door", "gate.yaml", "cluster"}, {0}}};
static const struct world rebound = {
    (const struct graph_want[]){PEOPLE_1, PLACES_1, {0}},
    (const struct policy_want[]){{"readers", "readers.yaml", "people places"}, GATE, {0}}};
static const struct world without_places = {(const struct graph_want[]){PEOPLE_1, {0}},
                                            (const struct policy_want[]){READERS, GATE, {0}}};
static const struct world everything = {
    (const struct graph_want[]){PEOPLE_2, BOOKS, NOTES, {0}},
    (const struct policy_want[]){
        {"readers", "readers2.yaml", "books people"}, {"door", "gate.yaml", "cluster"}, {0}}};
static const struct world places_emptied = {
    (const struct graph_want[]){
        PEOPLE_1, {"places", "places.pg", "places.gq", "near", ROWS_NONE, 1}, {0}},
    (const struct policy_want[]){READERS, GATE, {0}}};

#define APPLY                  \
    {                          \
        "apply", "--as", "ann" \
    }
#define APPROVE                                  \
    {                                            \
        "approve", "graph.places", "--as", "bob" \
    }

const struct story stories[] = {
    {.name = "create", .before = &base, .after = &created, .command = APPLY, .settle = {APPLY}},
    {.name = "migrate", .before = &base, .after = &migrated, .command = APPLY, .settle = {APPLY}},
    {.name = "catalog",
     .before = &base,
     .after = &recataloged,
     .command = APPLY,
     .settle = {APPLY}},
    {.name = "bindings", .before = &base, .after = &rebound, .command = APPLY, .settle = {APPLY}},
    {.name = "delete",
     .before = &base,
     .after = &without_places,
     .approve = "graph.places",
     .deleted = "places",
     .command = APPLY,
     .settle = {APPLY}},
    {.name = "everything",
     .before = &base,
     .after = &everything,
     .approve = "graph.places",
     .deleted = "places",
     .command = APPLY,
     .settle = {APPLY}},
    {.name = "approve",
     .before = &base,
     .after = &without_places,
     .deleted = "places",
     .command = APPROVE,
     .settle = {APPROVE, APPLY}},
    {.name = "import",
     .after = &empty,
     .command = {"import"},
     .settle = {{"import", "--if-missing"}, APPLY}},
    {.name = "refresh",
     .before = &base,
     .after = &places_emptied,
     .damage = "graphs/places.omni __cluster/resources/query/people",
     .command = {"refresh"},
     .settle = {{"refresh"}, APPLY}},
    {0}};

/* "a b" as "[a, b]". */
static void put_list(struct buf *out, const char *words)
{
    buf_putc(out, '[');
    for (; *words; words++) {
        if (*words == ' ')
            buf_puts(out, ", ");
        else
            buf_putc(out, *words);
    }
    buf_putc(out, ']');
}

void world_write_yaml(const struct world *world, struct buf *out)
{
    buf_puts(out, "version: 1\ngraphs:\n");
    for (const struct graph_want *g = world->graphs; g->id; g++) {
        buf_printf(out, "  %s:\n    schema: %s\n", g->id, g->schema);
        if (g->query_file)
            buf_printf(out, "    queries: %s\n", g->query_file);
    }
    buf_puts(out, "policies:\n");
    for (const struct policy_want *p = world->policies; p->name; p++) {
        buf_printf(out, "  %s:\n    file: %s\n    applies_to: ", p->name, p->file);
        put_list(out, p->applies_to);
        buf_putc(out, '\n');
    }
}

static void put_people(bool renamed, struct buf *out)
{
    for (int i = 0; i < PEOPLE; i++) {
        buf_printf(out, "{\"type\":\"Person\",\"data\":{\"age\":%d,\"%s\":\"p%03d@example.org\",",
                   i, renamed ? "mail" : "email", i);
        buf_printf(out, "\"name\":\"p%03d\"", i);
        /* Dropped softly by the migration: hidden. */
        if (!renamed)
            buf_printf(out, ",\"nick\":\"n%d\"", i);
        buf_puts(out, "}}\n");
    }
    for (int i = 0; i + 1 < PEOPLE; i++)
        buf_printf(
            out,
            "{\"edge\":\"Knows\",\"from\":\"p%03d\",\"to\":\"p%03d\",\"data\":{\"since\":%d}}\n", i,
            i + 1, 1900 + i);
}

static void put_places(const char *type, struct buf *out)
{
    for (int i = 0; i < PLACES; i++)
        buf_printf(out, "{\"type\":\"%s\",\"data\":{\"height\":%d,\"name\":\"place %02d\"}}\n",
                   type, i * 10, i);
}

void rows_write(enum rows rows, struct buf *out)
{
    switch (rows) {
    case ROWS_NONE:
        break;
    case ROWS_PEOPLE:
    case ROWS_PEOPLE_2:
        put_people(rows == ROWS_PEOPLE_2, out);
        break;
    case ROWS_PLACES:
        put_places("Place", out);
        break;
    case ROWS_PLACES_2:
        put_places("Site", out);
        break;
    }
}
