#!/usr/bin/env bats
# What the README shows is what the programs do: its console block is run and compared line by line.

load helper

@test "the_console_block_of_the_readme_is_what_happens" {
    T=$(scratch)
    cp "$ROOT"/examples/minimal/* "$T"
    cd "$T"
    awk '/^```console$/ { on = 1; next } /^```$/ { on = 0 } on' "$ROOT/README.md" >block
    [ -s block ]
    grep '^\$ ' block | sed 's/^\$ //' >commands
    while IFS= read -r command; do
        printf '$ %s\n' "$command"
        sh -c "$command" 2>&1 || true
    done <commands | sed "s|$(stored_at "$T")|/srv/library|g; s|$T|/srv/library|g" >happened
    diff block happened
}
