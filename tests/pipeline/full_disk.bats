#!/usr/bin/env bats
# Stores that take no writes: a disk that is full, a file system that is read-only, folders that one
# may not write. Each time there is one clear message, exit 1, the ledger is what it was or what the run
# says, and with room again the next apply converges.

bats_require_minimum_version 1.5.0
load helper
load faulty

setup_file() {
    make_master
    # What it is to become: another property, another query, another graph.
    cp "$MASTER/library.pg" "$MASTER/archive.pg"
    sed -i 's/born: I32?/&\n  died: I32?/' "$MASTER/library.pg"
    cat >>"$MASTER/library.gq" <<'END'
query deaths() { match { $a: Author } return { $a.name, $a.died } }
END
    printf '  archive: { schema: archive.pg }\n' >>"$MASTER/cluster.yaml"
}

setup() {
    cd "$(scratch)"
}

can_mount() {
    [ "$(id -u)" -eq 0 ] && unshare -m mount -t tmpfs none /mnt 2>/dev/null || skip 'needs to mount a file system'
}

# The rest of a test in a mount name space of its own, with a tmpfs of the size on ./disk that holds a
# copy of the cluster in disk/c: on_disk SIZE SCRIPT
on_disk() {
    mkdir disk
    # The $ are the inner shell's.
    # shellcheck disable=SC2016
    run -0 unshare -m sh -euc '
        mount -t tmpfs -o "size=$1" none disk
        cp -a "$MASTER" disk/c
        eval "$2"' sh "$1" "$2"
}

# For on_disk: an apply that is to fail. It tells so, once, and leaves the ledger as it is on disk now.
harmed='
    harmed() {
        before=$(sha256sum <disk/c/__cluster/state.json)
        status=0
        cluster apply --config disk/c --as ann --json >out 2>err || status=$?
        [ "$status" -le 1 ]
        if [ "$status" -eq 1 ]; then
            [ -s err ] || jq -e "any(.diagnostics[]; .severity == \"error\")" out >/dev/null
            jq -e .version disk/c/__cluster/state.json >/dev/null
            if [ -s out ] && jq -e ".state_written == false" out >/dev/null; then
                [ "$before" = "$(sha256sum <disk/c/__cluster/state.json)" ]
            fi
        else
            jq -e .converged out >/dev/null
        fi
    }
    recovers() {
        cluster apply --config disk/c --as ann --json >out
        jq -e .converged out >/dev/null
        cluster plan --config disk/c --detailed-exitcode >/dev/null
        cluster refresh --config disk/c >/dev/null
        [ ! -e disk/c/__cluster/lock.json ]
    }
'

@test "a full disk ends an apply with a message, and with room again it converges" {
    can_mount
    # Full at different moments: from no room at all to room for all of it.
    on_disk 4m "$harmed"'
        failures=0
        for room in 0 4 8 12 16 24 40 64 100 160 4000; do
            rm -rf disk/c disk/filler
            cp -a "$MASTER" disk/c
            free=$(df --output=avail -k disk | tail -1)
            [ "$room" -ge "$free" ] || dd if=/dev/zero of=disk/filler bs=1k count=$((free - room)) 2>/dev/null
            harmed
            failures=$((failures + status))
            rm -f disk/filler
            recovers
        done
        [ "$failures" -ge 3 ] && [ "$status" -eq 0 ]'
}

@test "a disk without room for an inode does too" {
    can_mount
    on_disk 8m,nr_inodes=200 "$harmed"'
        failures=0
        for room in 0 1 2 3 5 8 13 100; do
            rm -rf disk/c disk/f
            cp -a "$MASTER" disk/c
            free=$(df --output=iavail disk | tail -1)
            mkdir disk/f
            n=$((free - room - 1))
            while [ "$n" -gt 0 ]; do : >"disk/f/$n"; n=$((n - 1)); done
            harmed
            failures=$((failures + status))
            rm -r disk/f
            recovers
        done
        [ "$failures" -ge 3 ]'
}

@test "on a read-only file system reading works, and what writes says why not" {
    can_mount
    # shellcheck disable=SC2016
    on_disk 4m '
        mount -o remount,ro disk
        for command in validate plan status snapshot; do
            cluster $command --config disk/c >out 2>err
            [ ! -s err ]
        done
        for command in "apply --as ann" refresh "approve graph.library --as ann"; do
            status=0
            cluster $command --config disk/c --json >out 2>err || status=$?
            [ "$status" -eq 1 ]
            jq -e "[.diagnostics[] | select(.severity == \"error\") | .code] == [\"state_lock_write_error\"]" out
        done'
}

@test "folders that one may not write are a clear error, and nothing changes" {
    can_be_mortal
    fresh w
    chmod 0555 w/__cluster w/graphs w
    for command in validate plan status snapshot; do
        run -0 mortal cluster $command --config w --json
    done
    as_mortal=1 refuses state_lock_write_error w apply --as ann
    as_mortal=1 refuses state_lock_write_error w refresh
    chmod 0755 w/__cluster w
    run -1 --separate-stderr mortal cluster apply --config w --as ann --json
    json_holds 'any(.diagnostics[]; .code == "graph_create_failed" and .severity == "error") and .converged == false'
    chmod 0755 w/graphs
    run -0 cluster apply --config w --as ann --json
    json_holds .converged
}
