#!/usr/bin/env bats
# The manual and the programs say the same.

load helper

@test "every program has a page, and every page a program or a format" {
    for program in "$ROOT"/cmd/*/; do
        program=$(basename "$program")
        [ -f "$ROOT/man/$program.1" ] || { echo "no page for $program"; false; }
    done
    for page in "$ROOT"/man/cluster-*.1; do
        [ -d "$ROOT/cmd/$(basename "$page" .1)" ] || { echo "no program for $page"; false; }
    done
}

# The long options that a page names (`.Fl -name`, several on a line).
options_of_page() {
    grep -oE '(Fl|,) -[a-z][a-z-]*' "$1" | sed 's/.* /-/' | sort -u
}

options_of_help() {
    grep -oE -- '--[a-z][a-z-]*' | sort -u
}

@test "every option in a program's help is in its page, and the other way round" {
    for program in "$ROOT"/cmd/*/; do
        program=$(basename "$program")
        diff -u <("$program" --help | options_of_help) <(options_of_page "$ROOT/man/$program.1") ||
            { echo "$program"; false; }
    done
}

@test "every option in the help of cluster is in cluster(1)" {
    {
        cluster help
        for command in validate plan apply approve status refresh import force-unlock snapshot; do
            cluster help "$command"
        done
    } | options_of_help >"$BATS_TEST_TMPDIR/help"
    [ -s "$BATS_TEST_TMPDIR/help" ]
    run comm -23 "$BATS_TEST_TMPDIR/help" <(options_of_page "$ROOT/man/cluster.1")
    [ -z "$output" ]
}

# injected_failpoint exists in test builds only.
@test "every diagnostic code in the programs is in some page" {
    grep -rhoE '(doc|diags)_(error|warning)\([^,]*, *"[a-z_]+"|error_set\([^,]*, *"[a-z_]+"' \
        "$ROOT/cmd" "$ROOT/lib" --include='*.c' | sed 's/.*"\(.*\)"/\1/' | grep -vx injected_failpoint | sort -u >"$BATS_TEST_TMPDIR/codes"
    [ "$(wc -l <"$BATS_TEST_TMPDIR/codes")" -gt 20 ]
    missing=
    while read -r code; do
        grep -qw -- "$code" "$ROOT"/man/* || missing="$missing $code"
    done <"$BATS_TEST_TMPDIR/codes"
    [ -z "$missing" ] || { echo "in no page:$missing"; false; }
}

@test "the example queries and schemas of the pages are valid" {
    T=$(scratch)
    page_block() { # PAGE WORD: the displays of a page that begin with a word
        awk -v word="$2" '
            /^\.Bd/ { inside = 1; text = ""; first = 1; next }
            /^\.Ed/ { if (inside && keep) printf "%s\n", text; inside = keep = 0; next }
            inside { if (first) keep = ($1 == word); first = 0; text = text $0 "\n" }' "$ROOT/man/$1"
    }
    cp -r "$ROOT/examples/company-brain/." "$T"
    page_block cluster-gq.5 query | sed 's/\\e/\\/g' >"$T/knowledge/queries/manual.gq"
    sed -i 's/^query experts(/query manual_experts(/' "$T/knowledge/queries/manual.gq"
    page_block cluster-pg.5 interface >"$T/manual.pg"
    page_block cluster-policy.5 version: | awk 'NR > 1 && /^version:/ { exit } { print }' >"$T/manual.policy.yaml"
    printf '  manual: { file: manual.policy.yaml, applies_to: [knowledge] }\n' >>"$T/cluster.yaml"
    sed -i 's/^policies:/  manual: { schema: manual.pg }\npolicies:/' "$T/cluster.yaml"
    run cluster validate --config "$T" --json
    [ "$status" -eq 0 ]
    json_holds '.resource_digests | has("query.knowledge.waiting_for") and has("schema.manual") and has("policy.manual")'
}
