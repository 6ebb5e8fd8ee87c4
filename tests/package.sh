#!/bin/sh
# Makes the packages that would be published, and checks each as a stranger would get it:
# package.sh CRATE…
#
# `cargo package` would build every one of them with code generation, which takes several
# times as long and finds nothing more. Each is checked with its default features alone, so
# that a feature of a dependency that another crate of the workspace happens to switch on is
# missed here. The versions are those of Cargo.lock.
set -eu
cd "$(dirname "$0")/.."

cargo=${CARGO:-cargo}
home=target/package
rm -rf "$home"
packages=
for crate in "$@"; do packages="$packages -p $crate"; done
# shellcheck disable=SC2086 # two arguments a crate
"$cargo" package --locked --allow-dirty --no-verify $packages

# They depend on each other, and none is in a registry.
{
    printf '[workspace]\nresolver = "3"\nmembers = ["datatransit-*"]\n[patch.crates-io]\n'
    for file in "$home"/*.crate; do
        folder=$(basename "$file" .crate)
        tar -xzf "$file" -C "$home"
        printf '%s = { path = "%s" }\n' "${folder%-*}" "$folder"
    done
} > "$home/Cargo.toml"
cp Cargo.lock "$home"

for crate in "$@"; do
    "$cargo" check --quiet --offline --manifest-path "$home/Cargo.toml" --target-dir target -p "$crate"
    echo "$crate: its package compiles" >&2
done
