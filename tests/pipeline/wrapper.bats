#!/usr/bin/env bats
# bin/cluster composes the stages. Here each stage is a stand-in that notes how it was called, and the
# command runs under every shell that it must run under.

bats_require_minimum_version 1.5.0
load helper

# A stage that appends its name and arguments to $LOG and passes its input on, as cluster-report
# does with the status in $REPORT_STATUS; cluster-lock runs its command.
setup() {
    cd "$(scratch)"
    export LOG=$PWD/log REPORT_STATUS=0
    mkdir stages work
    for stage in parse sweep observe diff classify exec approve report snapshot; do
        cat >"stages/cluster-$stage" <<'END'
#!/bin/sh
line=${0##*/}
for word; do line="$line|$word"; done
printf '%s actor=%s\n' "$line" "${CLUSTER_ACTOR-}" >>"$LOG"
case $0 in
*cluster-parse) [ "${1-}" = --version ] && echo 'cluster-parse 9.9.9' || echo document ;;
*cluster-report) cat && exit "$REPORT_STATUS" ;;
*) cat ;;
esac
END
    done
    cat >stages/cluster-lock <<'END'
#!/bin/sh
line=${0##*/}
for word; do line="$line|$word"; done
printf '%s\n' "$line" >>"$LOG"
while [ $# -gt 0 ]; do
    [ "$1" = -- ] && exec sh -c "$2"
    shift
done
cat
END
    chmod +x stages/*
    cp "$ROOT/bin/cluster" stages/cluster
    cd work
}

# Every shell in turn; $SHELLS is what `run_cluster` uses.
run_cluster() {
    for shell in dash 'busybox sh'; do
        : >"$LOG"
        # shellcheck disable=SC2086
        run -"${expect:-0}" --separate-stderr $shell "$PWD/../stages/cluster" "$@"
        sort "$LOG" | sed 's/ actor=.*//' >"$LOG.sorted"
        if [ -e "$LOG.before" ]; then
            cmp "$LOG.before" "$LOG.sorted"
        fi
        mv "$LOG.sorted" "$LOG.before"
    done
    mv "$LOG.before" "$LOG.sorted"
}

# The stages that ran, sorted: stages_are LINE...
stages_are() {
    printf '%s\n' "$@" | LC_ALL=C sort >expected
    LC_ALL=C sort "$LOG.sorted" | diff expected -
}

@test "validate" {
    run_cluster validate
    stages_are 'cluster-parse|--|.' 'cluster-report|validate'
    [ "$output" = document ]
}

@test "plan" {
    run_cluster plan --config 'a b' --json
    stages_are 'cluster-parse|--|a b' 'cluster-sweep|--read-only' 'cluster-diff|--preview' cluster-classify \
        'cluster-report|plan|--json'
}

@test "plan --lock runs the same stages under the lock" {
    run_cluster plan --lock --lock-timeout 7 --detailed-exitcode
    stages_are 'cluster-parse|--|.' \
        'cluster-lock|plan|--lock-timeout=7|--|cluster-sweep --read-only | cluster-diff --preview | cluster-classify' \
        'cluster-sweep|--read-only' 'cluster-diff|--preview' cluster-classify \
        'cluster-report|plan|--detailed-exitcode'
}

@test "apply" {
    run_cluster apply --take-over-stale=90 --progress
    stages_are 'cluster-parse|--|.' \
        'cluster-lock|apply|--take-over-stale=90|--|cluster-sweep | cluster-diff | cluster-classify | cluster-exec --progress' \
        cluster-sweep cluster-diff cluster-classify 'cluster-exec|--progress' 'cluster-report|apply'
}

@test "apply PLAN executes the file under the lock" {
    echo saved >'my plan'
    run_cluster apply 'my plan' --json
    stages_are 'cluster-lock|apply|--|cluster-exec --plan' 'cluster-exec|--plan' 'cluster-report|apply|--json'
    [ "$output" = saved ]
    echo piped >piped
    run_cluster apply - <piped
    [ -z "$output" ] || [ "$output" = piped ]
    expect=1 run_cluster apply missing
    expect=1 run_cluster apply .
    [ -z "$output" ] && [ -n "$stderr" ]
}

@test "approve hands the address over whatever it holds" {
    address='graph.x"; touch hurt; $(touch hurt) '\''`touch hurt`'
    run_cluster approve "$address" --as ann
    grep -Fxq "cluster-approve|--|$address" "$LOG.sorted"
    [ ! -e hurt ]
    run_cluster approve -- --help
    grep -Fxq 'cluster-approve|--|--help' "$LOG.sorted"
}

@test "the actor reaches the stages by the environment, whatever it holds" {
    actor="ann'; touch hurt; \"\$(touch hurt)"
    run_cluster apply --as "$actor"
    grep -Fq "cluster-exec actor=$actor" "$LOG"
    CLUSTER_ACTOR=env run_cluster apply
    grep -Fq 'cluster-exec actor=env' "$LOG"
    [ ! -e hurt ]
}

@test "status, refresh, import" {
    run_cluster status
    stages_are 'cluster-parse|--header|--|.' 'cluster-sweep|--read-only' 'cluster-observe|--catalog' 'cluster-report|status'
    run_cluster refresh
    stages_are 'cluster-parse|--|.' 'cluster-lock|refresh|--|cluster-sweep | cluster-observe | cluster-exec' \
        cluster-sweep cluster-observe cluster-exec 'cluster-report|refresh'
    run_cluster import --if-missing
    stages_are 'cluster-parse|--|.' \
        'cluster-lock|import|--|cluster-sweep --import --if-missing | cluster-observe | cluster-exec' \
        'cluster-sweep|--import|--if-missing' cluster-observe cluster-exec 'cluster-report|import'
    run_cluster import
    grep -Fxq 'cluster-sweep|--import' "$LOG.sorted"
}

@test "force-unlock" {
    run_cluster force-unlock 01ABC
    stages_are 'cluster-parse|--header|--|.' 'cluster-lock|release|--|01ABC' 'cluster-sweep|--read-only' 'cluster-report|force-unlock'
    run_cluster force-unlock --stale
    grep -Fxq 'cluster-lock|release|--stale' "$LOG.sorted"
}

@test "snapshot" {
    run_cluster snapshot --json
    stages_are 'cluster-snapshot|--config|.'
    run_cluster snapshot --store s3://b/p --quarantine
    stages_are 'cluster-snapshot|--store|s3://b/p|--quarantine'
}

@test "the report's exit status is the command's" {
    for status in 0 1 2 64 75; do
        REPORT_STATUS=$status expect=$status run_cluster plan
        REPORT_STATUS=$status expect=$status run_cluster apply
    done
}

@test "options stand before or behind the command, with a space or a sign of equality" {
    run_cluster --config=x --json validate
    stages_are 'cluster-parse|--|x' 'cluster-report|validate|--json'
    run_cluster --config y validate
    grep -Fxq 'cluster-parse|--|y' "$LOG.sorted"
    run_cluster validate --config -z
    grep -Fxq 'cluster-parse|--|-z' "$LOG.sorted"
}

@test "wrong usage is 64, with nothing on stdout and no stage run" {
    wrong() {
        expect=64 run_cluster "$@"
        [ -z "$output" ] && [ -n "$stderr" ]
        [ ! -s "$LOG.sorted" ]
    }
    wrong
    wrong nothing
    wrong plan --nonsense
    wrong plan -x
    wrong plan --config
    wrong plan extra
    wrong validate --json=yes
    wrong apply a b
    wrong approve
    wrong approve ''
    wrong force-unlock
    wrong force-unlock 01ABC --stale
    wrong apply --lock-timeout soon
    wrong apply --lock-timeout ''
    wrong apply --lock-timeout -1
    wrong apply --take-over-stale 12345678901
    wrong validate --out x
    wrong apply --lock
    wrong plan --if-missing
    wrong status --quarantine
    wrong plan --store s3://b
    wrong plan --out ''
    wrong plan --out=
    wrong plan --config ''
    wrong snapshot --store ''
    wrong snapshot --store s3://b --config x
    wrong status --stale
    wrong apply --detailed-exitcode
}

@test "help and version" {
    for words in help --help 'help plan' 'plan --help' 'apply -h' 'help nothing'; do
        # shellcheck disable=SC2086
        run_cluster $words
        [ -n "$output" ] && [ -z "$stderr" ] && [ ! -s "$LOG.sorted" ]
    done
    run_cluster --version
    [ "$output" = 'cluster 9.9.9' ]
}

@test "every command has its own help" {
    for command in validate plan apply approve status refresh import force-unlock snapshot; do
        run_cluster "$command" --help
        [[ $output = "usage: cluster $command"* ]]
    done
}

@test "the stages are found through symbolic links and from any directory" {
    mkdir -p links
    ln -s ../../stages/cluster links/first
    ln -s first links/cluster
    cd /
    for shell in dash 'busybox sh'; do
        : >"$LOG"
        # shellcheck disable=SC2086
        run -0 $shell "$OLDPWD/links/cluster" validate
        grep -Fq 'cluster-parse|--|.' "$LOG"
    done
    cd "$OLDPWD/links"
    : >"$LOG"
    PATH=.:$PATH run -0 cluster validate
    grep -Fq 'cluster-parse|--|.' "$LOG"
    cd ../../stages
    run -0 dash cluster validate
    run -0 ./cluster validate
}

@test "stages elsewhere in PATH do not take their place" {
    mkdir other
    printf '#!/bin/sh\nexit 9\n' >other/cluster-parse
    chmod +x other/cluster-parse
    PATH=$PWD/other:$PATH run_cluster validate
    [ "$output" = document ]
}

@test "an installed command finds its stages where they were installed" {
    sed "s|@LIBEXEC@|$PWD/../stages|" "$ROOT/bin/cluster" >installed
    run -0 dash ./installed validate
    grep -Fq 'cluster-parse|--|.' "$LOG"
}

@test "plan --out saves what classify wrote, whole" {
    run_cluster plan --out 'my plan'
    [ "$output" = document ]
    [ "$(cat 'my plan')" = document ]
    stages_are 'cluster-parse|--|.' 'cluster-sweep|--read-only' 'cluster-diff|--preview' cluster-classify 'cluster-report|plan'
    [ "$(ls)" = "expected
my plan" ]
}

@test "plan --out saves a plan with changes, and one made under the lock" {
    REPORT_STATUS=2 expect=2 run_cluster plan --out=saved --lock
    [ "$(cat saved)" = document ]
}

@test "plan --out writes nothing when the plan has errors, and leaves what was there" {
    for status in 1 75; do
        echo before >saved
        REPORT_STATUS=$status expect=$status run_cluster plan --out saved
        [ "$output" = document ]
        [ "$(cat saved)" = before ]
        [ "$(ls)" = saved ]
    done
}

@test "plan --out into nowhere fails before anything runs" {
    expect=1 run_cluster plan --out no/such/place
    [ -z "$output" ] && [ ! -s "$LOG.sorted" ]
    mkdir folder
    expect=1 run_cluster plan --out folder
    [ "$(ls -A . folder)" = "$(printf '.:\nfolder\n\nfolder:')" ]
}

# Polls until a file is there; fails after ten seconds.
wait_for() {
    for _ in $(seq 500); do
        [ -e "$1" ] && return
        sleep 0.02
    done
    return 1
}

@test "a signal to an apply does not cut off its report" {
    cat >../stages/cluster-exec <<'END'
#!/bin/sh
cat
: >"$LOG.running"
for _ in $(seq 500); do
    [ -e "$LOG.go" ] && break
    sleep 0.02
done
echo finished
END
    cat >../driver <<'END'
#!/bin/sh
# Runs the command as a terminal does: in the foreground of a process group of its own.
exec setsid sh -c 'exec "$0" apply >"$LOG.out"' "$1"
END
    chmod +x ../driver ../stages/*
    ../driver "$PWD/../stages/cluster" &
    driver=$!
    wait_for "$LOG.running"
    kill -TERM "$driver"
    touch "$LOG.go"
    status=0
    wait "$driver" || status=$?
    [ "$status" -eq 0 ]
    grep -Fxq finished "$LOG.out"
}
