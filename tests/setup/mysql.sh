#!/bin/sh
# Brings a real MySQL 9.7 server and its clients into target/mysql, so that the
# tests can hold our output against MySQL's own mysqldump too.
#
# Debian carries MySQL in its unstable suite only, and those packages want a
# newer C library than a stable system has. So nothing is installed: the
# packages and all libraries they need are fetched from the mirror that apt
# already uses, unpacked into one directory, and started through the dynamic
# loader found among them. Maintainer scripts are never run. To undo it all:
# rm -r target/mysql.
#
# Afterwards target/mysql/bin holds mysqld, mysql and mysqldump.
#
# Exit code: 0 they are there, 3 they cannot be had on this machine (the tests
# that need MySQL skip themselves, and say so).
set -eu

clone=$(cd "$(dirname "$0")/../.." && pwd)
home=${1:-$clone/target/mysql}
suite=unstable
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
log=$home/setup.log

skip() {
    echo "MySQL tests will be skipped: $1" >&2
    exit 3
}

works() {
    "$home/bin/mysqld" --version >/dev/null 2>&1 && "$home/bin/mysqldump" --version >/dev/null 2>&1
}

works && exit 0

for tool in apt-get dpkg dpkg-deb tar; do
    command -v $tool >/dev/null 2>&1 || skip "they come from Debian packages, and $tool is not on this machine"
done
[ -r $keyring ] || skip "$keyring is missing (package debian-archive-keyring)"
case $(dpkg --print-architecture) in
    amd64) triplet=x86_64-linux-gnu loader=lib64/ld-linux-x86-64.so.2 ;;
    arm64) triplet=aarch64-linux-gnu loader=lib/ld-linux-aarch64.so.1 ;;
    *) skip "no packages are known for the architecture $(dpkg --print-architecture)" ;;
esac
# A suite for security updates sits in an archive of its own, without unstable.
mirror=$(apt-get indextargets --format '$(ORIGIN) $(RELEASE) $(SITE)' 'Created-By: Packages' |
    awk '$1 == "Debian" && $2 !~ /security/ { print $3; exit }')
# Before the first "apt-get update" apt does not know the origin yet.
[ -n "$mirror" ] || mirror=$(apt-get indextargets --format '$(RELEASE) $(SITE)' 'Created-By: Packages' |
    awk '$1 !~ /security/ { print $2; exit }')
[ -n "$mirror" ] || skip "apt has no package source configured"

rm -rf "$home"
mkdir -p "$home/apt/state/lists/partial" "$home/apt/cache/archives/partial"
# An empty package database: apt then selects every library, down to the C library.
: >"$home/apt/state/status"
echo "deb [signed-by=$keyring] $mirror $suite main" >"$home/apt/sources.list"

private_apt() {
    apt-get -qq \
        -o Dir::State="$home/apt/state" -o Dir::State::status="$home/apt/state/status" \
        -o Dir::Cache="$home/apt/cache" \
        -o Dir::Etc::sourcelist="$home/apt/sources.list" -o Dir::Etc::sourceparts=/dev/null \
        -o Dir::Etc::preferences=/dev/null -o Dir::Etc::preferencesparts=/dev/null \
        -o APT::Default-Release= -o APT::Install-Recommends=false -o APT::Sandbox::User=root \
        -o Acquire::Languages=none -o Acquire::Retries=3 "$@" >>"$log" 2>&1
}

echo "Fetching MySQL into ${home#"$clone"/} (about 65 MB)" >&2
private_apt update || skip "the index of Debian $suite could not be fetched (see $log)"
private_apt -y --download-only install mysql-server-core mysql-client-core ||
    skip "the packages of Debian $suite could not be fetched (see $log)"

root=$home/root
mkdir -p "$root/usr" "$home/bin"
# Debian's packages expect these four to be one with their namesakes under usr.
for directory in bin sbin lib lib64; do
    mkdir "$root/usr/$directory"
    ln -s "usr/$directory" "$root/$directory"
done
for package in "$home"/apt/cache/archives/*.deb; do
    dpkg-deb --fsys-tarfile "$package" | tar -x -C "$root" --keep-directory-symlink --no-same-owner >>"$log" 2>&1 ||
        skip "$(basename "$package") could not be unpacked (see $log)"
done
rm -rf "$home/apt"

# write_program NAME FILE [ARGUMENT...]: a program in target/mysql/bin. The
# directory is found anew at each start, so that the clone may be moved. The
# caller's arguments come first, for --no-defaults has to be the very first.
write_program() {
    name=$1 file=$2
    shift 2
    cat >"$home/bin/$name" <<PROGRAM
#!/bin/sh
root=\$(cd "\$(dirname "\$0")/../root" && pwd)
exec "\$root/$loader" --argv0 $name \\
    --library-path "\$root/usr/lib/$triplet:\$root/usr/lib:\$root/usr/lib/mysql/private" \\
    "\$root/$file" "\$@" $*
PROGRAM
    chmod +x "$home/bin/$name"
}
write_program mysqld usr/sbin/mysqld '--basedir="$root/usr"' \
    '--lc-messages-dir="$root/usr/share/mysql"' '--plugin-dir="$root/usr/lib/mysql/plugin"' \
    '--character-sets-dir="$root/usr/share/mysql/charsets"'
write_program mysql usr/bin/mysql '--character-sets-dir="$root/usr/share/mysql/charsets"'
write_program mysqldump usr/bin/mysqldump '--character-sets-dir="$root/usr/share/mysql/charsets"'

works || skip "the unpacked programs do not start (see $("$home/bin/mysqld" --version 2>&1 | tail -1))"
"$home/bin/mysqld" --version | sed 's/^[^ ]* */MySQL: /' >&2
