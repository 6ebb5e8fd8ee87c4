#!/bin/sh
# Builds the function for x86_64 and arm64, or for the one that is named, and writes
# target/lambda/spice-refresh-lambda-ARCHITECTURE.zip: `make lambda`.
#
# The machine's own architecture needs Rust and python3. The other is built on x86_64
# Linux only, by compilers that tests/setup/arm64.sh fetches from Debian.
#
# Exit code: 0 all that was asked for is there; 1 something is not, and was said.
set -eu

clone=$(cd "$(dirname "$0")/../.." && pwd)
cargo=${CARGO:-cargo}
wanted=${*:-x86_64 arm64}
cd "$clone"

say() {
    echo "$*" >&2
}

# build TRIPLE [CARGO-ARGUMENT...]: sets "built" to the bootstrap. Not with the whole
# workspace's features: what other programs want of a crate must not be in this one.
build() {
    triple=$1
    shift
    "$cargo" build --profile lambda --locked -p spice-refresh-lambda "$@"
}

zip() {
    mkdir -p target/lambda
    python3 examples/spice-refresh-lambda/zip.py "$1" "target/lambda/spice-refresh-lambda-$2.zip"
}

native() {
    build "$host" && zip target/lambda/bootstrap "$1"
}

arm64() {
    sh tests/setup/arm64.sh || return 1
    bin=$clone/target/arm64/bin
    # A directory of its own: the host's share of the build is by another compiler too.
    RUSTC=$bin/rustc \
        CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=$bin/aarch64-linux-gnu-gcc \
        CC_aarch64_unknown_linux_gnu=$bin/aarch64-linux-gnu-gcc \
        AR_aarch64_unknown_linux_gnu=$bin/aarch64-linux-gnu-ar \
        build aarch64-unknown-linux-gnu --target aarch64-unknown-linux-gnu --target-dir target/lambda-arm64 &&
        zip target/lambda-arm64/aarch64-unknown-linux-gnu/lambda/bootstrap arm64
}

if ! command -v python3 >/dev/null 2>&1; then
    say "python3 is not on this machine: it writes the zips (Debian: apt-get install python3)"
    exit 1
fi
host=$("${RUSTC:-rustc}" -vV | sed -n 's/^host: //p')
failed=0
for architecture in $wanted; do
    case $architecture/$host in
        x86_64/x86_64-*-linux-gnu | arm64/aarch64-*-linux-gnu) native "$architecture" ;;
        arm64/x86_64-*-linux-gnu) arm64 ;;
        x86_64/* | arm64/*)
            say "$architecture cannot be built on $host: it needs x86_64 Linux, or Linux on $architecture itself"
            false
            ;;
        *)
            say "$architecture is no architecture of Lambda: x86_64 or arm64"
            false
            ;;
    esac || {
        say "No zip for $architecture"
        failed=1
    }
done
exit $failed
