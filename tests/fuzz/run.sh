#!/bin/sh
# Builds the fuzz targets and runs each for so many seconds: run.sh [SECONDS], 60 unless given.
#
# On stable Rust: rustc's LLVM brings the coverage pass, libfuzzer-sys compiles the fuzzer with
# the system's C++ compiler; only the sanitizers would need nightly. The flags go with a
# --target, so that build scripts do without them.
#
# Begins with tests/fuzz/corpus/TARGET and keeps what it learns in target/fuzz/corpus/TARGET.
# An input that breaks a property lies in target/fuzz then: put it into tests/fuzz/corpus,
# which `cargo test` replays.
set -eu
cd "$(dirname "$0")/../.."

seconds=${1:-60}
host=$(rustc -vV | sed -n 's/^host: //p')
case $host in
*-linux-gnu) ;;
*)
    echo "fuzz: skipped: libFuzzer is set up for Linux with glibc, this is $host"
    exit 0
    ;;
esac
if ! command -v "${CXX:-c++}" > /dev/null; then
    echo "fuzz: skipped: no C++ compiler (${CXX:-c++}) to build libFuzzer with"
    exit 0
fi

export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-target}/fuzz"
export RUSTFLAGS="-Cpasses=sancov-module -Ccodegen-units=1 \
-Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
-Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares"
"${CARGO:-cargo}" build --release --locked --target "$host" --manifest-path tests/fuzz/Cargo.toml

for target in literal splitter; do
    learnt=$CARGO_TARGET_DIR/corpus/$target
    log=$CARGO_TARGET_DIR/$target.log
    mkdir -p "$learnt"
    # -timeout: seconds for one input, which takes microseconds.
    if ! "$CARGO_TARGET_DIR/$host/release/$target" "$learnt" "tests/fuzz/corpus/$target" \
        -max_total_time="$seconds" -max_len=4096 -timeout=20 -rss_limit_mb=1024 \
        -artifact_prefix="$CARGO_TARGET_DIR/$target-" > "$log" 2>&1; then
        tail -n 60 "$log"
        echo "fuzz: $target: an input breaks it, see above"
        exit 1
    fi
    echo "fuzz: $target: $(grep '^Done' "$log")"
done
