# Sourced by the scripts beside it that bring a server which the system's own
# packages do not offer.
#
# Nothing is installed: the packages and all libraries they need, down to the C
# library, are fetched by a private apt with an empty package database, unpacked
# into one directory, and started through the dynamic loader found among them.
# Maintainer scripts are never run. apt checks the signatures of what it fetches.
#
# The caller sets "what" (for messages) and "home" (the directory), then calls
# the functions in the order in which they stand here. Programs end up in
# $home/bin, everything else in $home/root. It may set "security" (the address of an
# archive of security updates, taken besides) and "foreign" (one more architecture).
# shellcheck shell=sh disable=SC2154

log=$home/setup.log
debian_keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# skip REASON: they cannot be had on this machine.
skip() {
    echo "$what tests will be skipped: $1" >&2
    exit 3
}

# Sets the names that the unpacked directory uses for this machine's architecture.
require_tools() {
    for tool in apt-get dpkg dpkg-deb tar; do
        command -v $tool >/dev/null 2>&1 || skip "they come from Debian packages, and $tool is not on this machine"
    done
    architecture=$(dpkg --print-architecture)
    case $architecture in
        amd64) triplet=x86_64-linux-gnu loader=lib64/ld-linux-x86-64.so.2 ;;
        arm64) triplet=aarch64-linux-gnu loader=lib/ld-linux-aarch64.so.1 ;;
        *) skip "no packages are known for the architecture $architecture" ;;
    esac
}

# Sets "mirror" to the Debian mirror that apt already uses.
find_debian_mirror() {
    [ -r $debian_keyring ] || skip "$debian_keyring is missing (package debian-archive-keyring)"
    # A suite for security updates sits in an archive of its own, without the others.
    mirror=$(apt-get indextargets --format '$(ORIGIN) $(RELEASE) $(SITE)' 'Created-By: Packages' |
        awk '$1 == "Debian" && $2 !~ /security/ { print $3; exit }')
    # Before the first "apt-get update" apt does not know the origin yet.
    [ -n "$mirror" ] || mirror=$(apt-get indextargets --format '$(RELEASE) $(SITE)' 'Created-By: Packages' |
        awk '$1 !~ /security/ { print $2; exit }')
    [ -n "$mirror" ] || skip "apt has no package source configured"
}

# update KEYRING MIRROR SUITE...: empties $home and gives the private apt its index.
update() {
    keyring=$1 archive=$2
    shift 2
    suites=$*
    rm -rf "$home"
    mkdir -p "$home/apt/state/lists/partial" "$home/apt/cache/archives/partial"
    # An empty package database: apt then selects every library, down to the C library.
    : >"$home/apt/state/status"
    for suite; do
        echo "deb [signed-by=$keyring] $archive $suite main"
        [ -z "${security:-}" ] || echo "deb [signed-by=$keyring] $security $suite-security main"
    done >"$home/apt/sources.list"
    private_apt update || skip "the index of $suites could not be fetched (see $log)"
}

private_apt() {
    apt-get -qq \
        -o Dir::State="$home/apt/state" -o Dir::State::status="$home/apt/state/status" \
        -o Dir::Cache="$home/apt/cache" \
        -o Dir::Etc::sourcelist="$home/apt/sources.list" -o Dir::Etc::sourceparts=/dev/null \
        -o Dir::Etc::preferences=/dev/null -o Dir::Etc::preferencesparts=/dev/null \
        -o APT::Architectures="$architecture${foreign:+,$foreign}" -o APT::Default-Release= -o APT::Install-Recommends=false -o APT::Sandbox::User=root \
        -o Acquire::Languages=none -o Acquire::Retries=3 "$@" >>"$log" 2>&1
}

# fetch PACKAGE...: the packages and all that they depend on.
fetch() {
    private_apt -y --download-only install "$@" || skip "the packages of $suites could not be fetched (see $log)"
}

# fetch_alone PACKAGE...: without what they depend on.
fetch_alone() {
    (cd "$home/apt/cache/archives" && private_apt download "$@") ||
        skip "the packages of $suites could not be fetched (see $log)"
}

unpack() {
    root=$home/root
    mkdir -p "$root/usr" "$home/bin"
    # The packages expect these four to be one with their namesakes under usr.
    for directory in bin sbin lib lib64; do
        mkdir "$root/usr/$directory"
        ln -s "usr/$directory" "$root/$directory"
    done
    for package in "$home"/apt/cache/archives/*.deb; do
        dpkg-deb --fsys-tarfile "$package" | tar -x -C "$root" --keep-directory-symlink --no-same-owner >>"$log" 2>&1 ||
            skip "$(basename "$package") could not be unpacked (see $log)"
    done
    rm -rf "$home/apt"
}

# write_program NAME FILE [ARGUMENT...]: a program in $home/bin. The directory is
# found anew at each start, so that the clone may be moved. The caller's arguments
# come first, for --no-defaults has to be the very first.
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

# The programs of any MySQL, with the files of this one.
# shellcheck disable=SC2016 # $root is for the written program
write_mysql_programs() {
    write_program mysqld usr/sbin/mysqld '--basedir="$root/usr"' \
        '--lc-messages-dir="$root/usr/share/mysql"' '--plugin-dir="$root/usr/lib/mysql/plugin"' \
        '--character-sets-dir="$root/usr/share/mysql/charsets"'
    write_program mysql usr/bin/mysql '--character-sets-dir="$root/usr/share/mysql/charsets"'
    write_program mysqldump usr/bin/mysqldump '--character-sets-dir="$root/usr/share/mysql/charsets"'
}

# finish SERVER: says what is there now, if it starts. Wants the caller's "works".
finish() {
    works || skip "the unpacked programs do not start (see $("$home/bin/$1" --version 2>&1 | tail -1))"
    "$home/bin/$1" --version | sed "s/^[^ ]* */$what: /" >&2
}
