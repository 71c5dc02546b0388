# A converged cluster on the embedded engine to do harm to, and what tells that it is unharmed.
# shellcheck shell=bash

# One converged cluster for a whole file, made in setup_file: $MASTER. It is never run on.
make_master() {
    MASTER=$BATS_FILE_TMPDIR/master
    export MASTER
    cp -r "$ROOT/examples/minimal" "$MASTER"
    cluster import --config "$MASTER" --json >/dev/null
    cluster apply --config "$MASTER" --as ann --json >/dev/null
}

# A fresh copy of it in the working directory: fresh NAME
fresh() {
    rm -rf "$1"
    cp -a "$MASTER" "$1"
    settle "$1"
}

# Everything below a directory but the file of the flock, which is touched by whoever takes the lock:
# type, mode, name and content of each entry. Two of them are equal if nothing changed.
sum_of() {
    (
        cd "$1" || exit
        find . ! -path ./__cluster/.lock -printf '%y %m %l %P\0' | LC_ALL=C sort -z
        find . -type f ! -path ./__cluster/.lock -print0 | LC_ALL=C sort -z | xargs -0 sha256sum
    ) | sha256sum
}

# Runs a command that may not pass over permissions, as root may.
mortal() {
    if [ "$(id -u)" -eq 0 ]; then
        setpriv --bounding-set=-dac_override,-dac_read_search "$@"
    else
        "$@"
    fi
}
can_be_mortal() {
    [ "$(id -u)" -ne 0 ] || command -v setpriv >/dev/null || skip 'needs setpriv: root may read everything'
}

# A command of the wrapper ends with 1, one JSON object, an error diagnostic of the code, nothing on
# stderr, and leaves the directory as it was: refuses CODE DIR COMMAND [ARGUMENT...]
refuses() {
    local code=$1 dir=$2 before
    shift 2
    settle "$dir"
    before=$(sum_of "$dir")
    run -1 --separate-stderr ${as_mortal:+mortal} cluster --config "$dir" --json "$@"
    [ -z "$stderr" ] || { printf '%s\n' "$stderr" >&2; return 1; }
    json_holds ".ok == false and any(.diagnostics[]; .code == \"$code\" and .severity == \"error\" and (.message | length > 10))"
    [ "$before" = "$(sum_of "$dir")" ]
}
