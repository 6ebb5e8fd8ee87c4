#!/bin/sh
# Brings a real MySQL 9.7 server and its clients into target/mysql, so that the
# tests can hold our output against MySQL's own mysqldump too.
#
# Debian carries MySQL in its unstable suite only, and those packages want a
# newer C library than a stable system has. So nothing is installed: the
# packages are unpacked beside the libraries they want, see unpack.sh. To undo it
# all: rm -r target/mysql.
#
# Afterwards target/mysql/bin holds mysqld, mysql and mysqldump.
#
# Exit code: 0 they are there, 3 they cannot be had on this machine (the tests
# that need MySQL skip themselves, and say so).
set -eu

clone=$(cd "$(dirname "$0")/../.." && pwd)
what=MySQL
home=${1:-$clone/target/mysql}
# shellcheck source=tests/setup/unpack.sh
. "$clone/tests/setup/unpack.sh"

works() {
    "$home/bin/mysqld" --version >/dev/null 2>&1 && "$home/bin/mysqldump" --version >/dev/null 2>&1
}

works && exit 0

require_tools
find_debian_mirror
echo "Fetching MySQL into ${home#"$clone"/} (about 65 MB)" >&2
update $debian_keyring "$mirror" unstable
fetch mysql-server-core mysql-client-core
unpack
write_mysql_programs
finish mysqld
