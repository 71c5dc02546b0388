# What every pipeline suite loads: the programs under test in PATH, a scratch directory, shorthands.
# shellcheck shell=bash

bats_require_minimum_version 1.5.0

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
CLUSTER_BIN=${CLUSTER_BIN:-$ROOT/build/test/bin}
FIXTURES=$ROOT/tests/fixtures
# The same suites on a bucket: the programs run behind a mirror of it (tests/s3/on-bucket/main.c).
on_bucket() { [ "${CLUSTER_TEST_STORE-}" = s3 ]; }
# Where the programs of the tests are found first.
PROGRAMS=$CLUSTER_BIN
if on_bucket; then
    PROGRAMS=$CLUSTER_TEST_S3_TOOLS/on-bucket
    XDG_CACHE_HOME=${BATS_TEST_TMPDIR:-${BATS_FILE_TMPDIR:-$BATS_RUN_TMPDIR}}/cache
    export XDG_CACHE_HOME
fi
PATH=$PROGRAMS:$PATH
export ROOT CLUSTER_BIN PATH FIXTURES
unset CLUSTER_ACTOR CLUSTER_DRIVER CLUSTER_FAILPOINTS NO_COLOR

# A fresh directory for one test, removed by bats with all of its temporaries.
scratch() {
    mktemp -d "$BATS_TEST_TMPDIR/scratch.XXXXXX"
}

# A test of what only a disk has: on_disk_only REASON
on_disk_only() {
    [ "${CLUSTER_TEST_STORE-}" != s3 ] || skip "on a disk only: $1"
}

# Where programs say that the store of a folder is: the folder, or the URI that it stands for.
stored_at() { if on_bucket; then mirror uri "$1"; else printf '%s\n' "$1"; fi; }
# Brings the folder of a store up to date while programs run; when they end that happens by itself. For a
# script, look_command prints what does it.
look_command() { if on_bucket; then printf "mirror pull cluster '%s'\n" "$1"; else echo :; fi; }
look() { eval "$(look_command "$1")"; }
# Before a directory's bytes are compared: whatever its cluster.yaml is made to name is named now.
settle() { ! on_bucket || mirror settle "$1"; }

# The process of a program in the background, by the $! of the shell: on a bucket that only waits for it.
pid_of() {
    if on_bucket; then
        timeout 10 sh -c 'until pgrep -P "$1"; do sleep 0.02; done' sh "$1"
    else
        printf '%s\n' "$1"
    fi
}

# A graph is one SQLite file on a disk; in a bucket a manifest that names one: the file without which it is
# none, the database, and the failpoints around the moment that makes or changes it for everybody.
graph_file() { if on_bucket; then echo "$1/manifest.json"; else echo "$1/graph.db"; fi; }
graph_db() { if on_bucket; then jq -r --arg root "$1" '"\($root)/snapshots/\(.snapshot).db"' "$1/manifest.json"; else echo "$1/graph.db"; fi; }
if on_bucket; then
    BEFORE_INIT=cluster_graph.before_manifest_swap AFTER_INIT=cluster_graph.after_manifest_swap
    AFTER_COMMIT=cluster_graph.after_manifest_swap
else
    BEFORE_INIT=cluster_graph.before_rename AFTER_INIT=cluster_graph.after_rename
    AFTER_COMMIT=cluster_graph.after_commit
fi
# Does harm to the database of a graph: harm ROOT SQL
harm() {
    local db digest
    db=$(graph_db "$1")
    sqlite3 "$db" "$2"
    on_bucket || return 0
    digest=$(sha256sum <"$db" | cut -c 1-64)
    mv "$db" "$1/snapshots/$digest.db"
    jq --arg digest "$digest" '.snapshot = $digest' "$1/manifest.json" >harmed
    mv harmed "$1/manifest.json"
}

# The codes of a document's or report's diagnostics, one a line: codes < FILE
codes() {
    jq -r '.diagnostics[].code' "$@"
}

# Checks that $output is one JSON document whose `jq -e` filter holds: json_holds '.ok == true'
json_holds() {
    printf '%s\n' "$output" | jq -e "$1" >/dev/null || {
        printf 'does not hold: %s\n%s\n' "$1" "$output" >&2
        return 1
    }
}
