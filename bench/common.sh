#!/bin/sh
# common.sh - for the bench scripts, to be sourced: where things are, and how a figure is printed.
# Takes the arguments of the script: BUILD DIR, both absolute; data goes into DIR/work, which is
# made anew and removed at the end.

if [ $# -ne 2 ] || [ ! -x "$1/bench/measure" ]; then
    echo 'run it by make bench' >&2
    exit 64
fi
measure=$1/bench/measure
bench=$(cd "$(dirname "$0")" && pwd)
# Read by the scripts that source this file.
# shellcheck disable=SC2034
root=$(dirname "$bench")
work=$2/work
PATH=$1/bin:$PATH
export PATH
unset CLUSTER_ACTOR CLUSTER_DRIVER
rm -rf "$work"
mkdir -p "$work"
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
last_what=
last_size=0
last_wall=0

# A heading: what runs, on what, how busy the machine is.
heading() {
    printf '\n%s (%s cores, load %s)\n' "$1" "$(nproc)" "$(cut -d' ' -f1 /proc/loadavg)"
    printf '  %-34s %10s %10s %10s %9s  %s\n' '' median best processor memory note
}

# figure WHAT SIZE NOTE MEASURE-ARGUMENT...: measures and prints a line. A figure of the same WHAT as
# the one before tells how its time grew for how much more. NOTE may hold %rate%, things a second.
figure() {
    figure_what=$1 figure_size=$2 figure_note=$3
    shift 3
    cost=$("$measure" "$@")
    printf '%s\n' "$cost" | awk -v what="$figure_what" -v size="$figure_size" -v note="$figure_note" \
        -v before_what="$last_what" -v before_size="$last_size" -v before="$last_wall" '
        function time(t) { return t < 10000 ? sprintf("%.2f ms", t / 1e3) : t < 1e6 ? sprintf("%.1f ms", t / 1e3) : sprintf("%.3f s", t / 1e6) }
        {
            if (note ~ /%rate%/)
                sub(/%rate%/, sprintf("%.0f a second", size / $1 * 1e6), note)
            if (what == before_what && before > 0)
                note = note (note ? "; " : "") sprintf("x%.1f the time for x%.0f the size", $1 / before, size / before_size)
            printf "  %-34s %10s %10s %10s %6.1f MB  %s\n", what (size ? " " size : ""), time($1), time($2), time($3), $4 / 1024, note
        }'
    last_what=$figure_what last_size=$figure_size last_wall=${cost%% *}
}
