#!/bin/sh
# Brings a real MariaDB 11.8 server and its clients into target/mariadb11: its
# mariadb-dump prints other bytes than that of 10.11, which older stable systems
# carry.
#
# Debian 13 (trixie) has it. Nothing is installed: the packages are unpacked
# beside the libraries they want, see unpack.sh. To undo it all:
# rm -r target/mariadb11.
#
# Afterwards target/mariadb11/bin holds mariadbd, mariadb, mariadb-dump and
# mariadb-install-db.
#
# Exit code: 0 they are there, 3 they cannot be had on this machine (the tests
# that need MariaDB 11 skip themselves, and say so).
set -eu

clone=$(cd "$(dirname "$0")/../.." && pwd)
what='MariaDB 11'
home=${1:-$clone/target/mariadb11}
# shellcheck source=tests/setup/unpack.sh
. "$clone/tests/setup/unpack.sh"

works() {
    "$home/bin/mariadbd" --version >/dev/null 2>&1 && "$home/bin/mariadb-dump" --version >/dev/null 2>&1 &&
        [ -x "$home/bin/mariadb-install-db" ] && [ -e "$home/root/usr/lib/mysql/plugin/ha_archive.so" ]
}

works && exit 0

require_tools
find_debian_mirror
echo "Fetching MariaDB 11 into ${home#"$clone"/} (about 30 MB)" >&2
update $debian_keyring "$mirror" trixie
fetch mariadb-server-core mariadb-client-core
# The dump tool sits in a package that also wants perl, for scripts we do not use; so do
# the engines ARCHIVE, BLACKHOLE and FEDERATED, in another.
fetch_alone mariadb-client mariadb-server
unpack

# shellcheck disable=SC2016 # $root is for the written program
write_mariadb_programs() {
    write_program mariadbd usr/sbin/mariadbd '--basedir="$root/usr"' \
        '--lc-messages-dir="$root/usr/share/mariadb"' '--plugin-dir="$root/usr/lib/mysql/plugin"' \
        '--character-sets-dir="$root/usr/share/mariadb/charsets"'
    write_program mariadb usr/bin/mariadb '--character-sets-dir="$root/usr/share/mariadb/charsets"'
    write_program mariadb-dump usr/bin/mariadb-dump '--character-sets-dir="$root/usr/share/mariadb/charsets"'
    # A shell script, which looks for its helpers in bin, sbin and share of one directory.
    write_program my_print_defaults usr/bin/my_print_defaults
    write_program resolveip usr/bin/resolveip
    ln -s bin "$home/sbin"
    ln -s root/usr/share "$home/share"
    cat >"$home/bin/mariadb-install-db" <<'PROGRAM'
#!/bin/sh
home=$(cd "$(dirname "$0")/.." && pwd)
exec sh "$home/root/usr/bin/mariadb-install-db" "$@" --basedir="$home"
PROGRAM
    chmod +x "$home/bin/mariadb-install-db"
}
write_mariadb_programs
finish mariadbd
