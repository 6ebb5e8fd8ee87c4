#!/bin/sh
# Makes sure that Debian's Chromium and its WebDriver are on this machine, for the
# tests that look at the HTML reports. Does nothing where they are already found.
#
# The tests start a private browser with a profile of its own, and cut it off from
# the network.
#
# Exit code: 0 both are there, 3 they are not and could not be installed; the tests
# that need them then say so and pass over.
set -eu

missing() {
    for program in chromium chromedriver; do
        command -v "$program" >/dev/null 2>&1 || printf ' %s' "$program"
    done
}

explain() {
    echo "Not found and not installed:$(missing). On Debian: apt-get install chromium chromium-driver" >&2
    exit 3
}

[ -n "$(missing)" ] || exit 0

command -v apt-get >/dev/null 2>&1 || explain
if [ "$(id -u)" -eq 0 ]; then
    as_root="env DEBIAN_FRONTEND=noninteractive"
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    as_root="sudo -n env DEBIAN_FRONTEND=noninteractive"
else
    explain
fi

echo "Installing chromium and chromium-driver (programs only, no service)" >&2
# shellcheck disable=SC2086 # a prefix of several words on purpose
{
    $as_root apt-get -qq update || explain
    $as_root apt-get -qq -y -o Dpkg::Use-Pty=0 install --no-install-recommends \
        chromium chromium-driver fonts-noto-cjk >/dev/null || explain
}
[ -z "$(missing)" ] || explain
