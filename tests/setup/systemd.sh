#!/bin/sh
# Makes sure that systemd-analyze and logrotate are on this machine, for the tests that
# check the units and the rotation of examples/cron. Does nothing where they are.
#
# Both are run by the tests on files alone: no service is started or enabled by them.
#
# Exit code: 0 both are there, 3 they are not and could not be installed; the tests
# that need them then say so and pass over.
set -eu

# logrotate lies in sbin, which is not on everybody's path.
PATH=$PATH:/usr/sbin:/sbin

missing() {
    for program in systemd-analyze logrotate; do
        command -v "$program" >/dev/null 2>&1 || printf ' %s' "$program"
    done
}

explain() {
    echo "Not found and not installed:$(missing). On Debian: apt-get install systemd logrotate" >&2
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

echo "Installing systemd and logrotate" >&2
# shellcheck disable=SC2086 # a prefix of several words on purpose
{
    $as_root apt-get -qq update || explain
    $as_root apt-get -qq -y -o Dpkg::Use-Pty=0 install --no-install-recommends \
        systemd logrotate >/dev/null || explain
}
[ -z "$(missing)" ] || explain
