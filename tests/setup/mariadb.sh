#!/bin/sh
# Makes sure that a MariaDB server and its clients are on this machine, for the
# tests and the demo. Does nothing where they are already found.
#
# Only programs are installed, never a service: the tests start private servers
# of their own on temporary directories.
#
# Exit code: 0 everything is there, 1 it is not and could not be installed.
set -eu

PATH=$PATH:/usr/sbin:/usr/local/sbin:/usr/local/bin:/opt/homebrew/bin
export PATH

missing() {
    for program in mariadbd mariadb-install-db mariadb mariadb-dump; do
        command -v "$program" >/dev/null 2>&1 || printf ' %s' "$program"
    done
}

explain() {
    cat >&2 <<TEXT
These programs are needed and were not found:$(missing)
Please install them:
  Debian, Ubuntu   apt-get install mariadb-server-core mariadb-client
  Fedora           dnf install mariadb-server mariadb
  macOS            brew install mariadb
No service has to be enabled or running.
TEXT
    exit 1
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

echo "Installing mariadb-server-core and mariadb-client (programs only, no service)" >&2
# shellcheck disable=SC2086 # a prefix of several words on purpose
{
    $as_root apt-get -qq update || explain
    server=mariadb-server-core
    # Older releases carry the version in the package's name.
    apt-cache show $server >/dev/null 2>&1 ||
        server=$(apt-cache search --names-only "^$server-[0-9.]+\$" | awk '{ print $1 }' | sort -V | tail -1)
    $as_root apt-get -qq -y -o Dpkg::Use-Pty=0 install --no-install-recommends \
        ${server:-mariadb-server-core} mariadb-client >/dev/null || explain
}
[ -z "$(missing)" ] || explain
