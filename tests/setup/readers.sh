#!/bin/sh
# Makes a Python environment with pandas, PyArrow, DuckDB and PyYAML in target/readers,
# so that the tests can read what we write by programs that are not ours.
#
# They come from PyPI as built wheels, of these very versions. Nothing is installed
# outside of that directory. To undo it all: rm -r target/readers.
#
# Afterwards target/readers/bin/python imports all four.
#
# Exit code: 0 they are there, 3 they cannot be had on this machine (the tests that
# need them skip themselves, and say so).
set -eu

clone=$(cd "$(dirname "$0")/../.." && pwd)
home=${1:-$clone/target/readers}
packages='pandas==3.1.1 pyarrow==26.0.1 duckdb==2.0.1 pyyaml==6.0.3'

# skip REASON: they cannot be had on this machine.
skip() {
    echo "The tests with other readers will be skipped: $1" >&2
    exit 3
}

works() {
    # shellcheck disable=SC2086 # one argument a package
    "$home/bin/python" - $packages >/dev/null 2>&1 <<'PROGRAM'
import importlib
import sys

for package in sys.argv[1:]:
    name, version = package.split("==")
    module = importlib.import_module({"pyyaml": "yaml"}.get(name, name))
    assert module.__version__ == version, package
PROGRAM
}

works && exit 0

command -v python3 >/dev/null 2>&1 || skip "python3 is not on this machine"
python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || skip "they want Python 3.11 or later"

echo "Fetching $packages into ${home#"$clone"/} (about 100 MB)" >&2
rm -rf "$home"
mkdir -p "$home"
log=$home/setup.log
python3 -m venv "$home" >"$log" 2>&1 || skip "Python makes no environment (see $log; Debian: python3-venv)"
# shellcheck disable=SC2086 # one argument a package
"$home/bin/python" -m pip --quiet --disable-pip-version-check --no-input install \
    --only-binary :all: $packages >>"$log" 2>&1 || skip "the packages could not be fetched (see $log)"
works || skip "the fetched packages do not run here (see $log)"
