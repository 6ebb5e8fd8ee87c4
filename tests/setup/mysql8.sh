#!/bin/sh
# Brings real MySQL 8.0 and 8.4 servers and their clients into target/mysql80 and
# target/mysql84: Aurora speaks 8.0, and each version's mysqldump prints other
# bytes in places.
#
# Debian has neither, Ubuntu has both (8.0 in 24.04, 8.4 in 26.04). Nothing is
# installed: the packages are unpacked beside the libraries they want, see
# unpack.sh. This is no part of "make setup", for it reaches beyond the mirror
# that the machine is set up for; "make parity-mysql8" runs it. To undo it all:
# rm -r target/mysql80 target/mysql84.
#
# Ubuntu's archive is taken from UBUNTU_MIRROR, else from where it is at home. On
# Debian, the key that signs it comes from Debian's own archive.
#
# Exit code: 0 they are there, 3 they cannot be had on this machine.
set -eu

clone=$(cd "$(dirname "$0")/../.." && pwd)
ubuntu_keyring=/usr/share/keyrings/ubuntu-archive-keyring.gpg

works() {
    "$home/bin/mysqld" --version >/dev/null 2>&1 && "$home/bin/mysqldump" --version >/dev/null 2>&1
}

# bring_keyring: a subshell, for it has a directory of its own.
bring_keyring() (
    what='MySQL 8'
    home=$clone/target/ubuntu-keyring
    # shellcheck source=tests/setup/unpack.sh
    . "$clone/tests/setup/unpack.sh"
    require_tools
    find_debian_mirror
    update $debian_keyring "$mirror" trixie
    fetch_alone ubuntu-keyring
    unpack
    cp "$root$ubuntu_keyring" "$1"
    rm -rf "$home"
)

# bring VERSION DIRECTORY SUITE PACKAGE...: likewise.
bring() (
    what="MySQL $1"
    home=$clone/target/$2
    suite=$3
    shift 3
    # shellcheck source=tests/setup/unpack.sh
    . "$clone/tests/setup/unpack.sh"
    works && exit 0
    require_tools
    keyring=$ubuntu_keyring
    if [ ! -r "$keyring" ]; then
        keyring=$clone/target/ubuntu-archive-keyring.gpg
        [ -r "$keyring" ] || bring_keyring "$keyring"
    fi
    case $architecture in
        amd64) home_of_ubuntu=http://archive.ubuntu.com/ubuntu ;;
        *) home_of_ubuntu=http://ports.ubuntu.com/ubuntu-ports ;;
    esac
    echo "Fetching $what into ${home#"$clone"/} (about 45 MB)" >&2
    update "$keyring" "${UBUNTU_MIRROR:-$home_of_ubuntu}" "$suite" "$suite-updates"
    fetch "$@"
    unpack
    write_mysql_programs
    finish mysqld
)

bring 8.0 mysql80 noble mysql-server-core-8.0 mysql-client-core-8.0
bring 8.4 mysql84 resolute mysql-server-core mysql-client-core
