#!/bin/sh
# Installs the schedule: units or crontab, job files, the user and the lock files. Nothing is
# started, and nothing else is changed; uninstall.sh takes away what this brought.
#
#   install.sh [--cron] [--prefix DIR] [--destdir DIR] [--dry-run]
#
#   --cron         the crontab and logrotate's file in the place of timers
#   --prefix DIR   where the programs are, in DIR/bin [/usr/local]; units, users and
#                  directories are declared below it too
#   --destdir DIR  a root that all paths are taken below, as for a package or an image;
#                  then no command of the running system is called
#   --dry-run      says what it would do
#
# A file that is there already and that this script did not write, or that was edited since,
# is never overwritten: it is told. Run it again at any time.
set -eu
export LC_ALL=C

here=$(cd "$(dirname "$0")" && pwd)
prefix=/usr/local destdir='' dry='' cron=''
usage() {
    sed -n '2,/^set -eu/{/^set -eu/d;s/^# \{0,1\}//p;}' "$0"
}
while [ $# -gt 0 ]; do
    case $1 in
    --prefix) prefix=${2:?--prefix wants a directory}; shift ;;
    --prefix=*) prefix=${1#*=} ;;
    --destdir) destdir=${2:?--destdir wants a directory}; shift ;;
    --destdir=*) destdir=${1#*=} ;;
    --cron) cron=yes ;;
    --dry-run) dry=yes ;;
    --help) usage; exit 0 ;;
    *) echo "install.sh: unknown argument $1" >&2; usage >&2; exit 2 ;;
    esac
    shift
done
case $prefix in
/*) ;;
*) echo "install.sh: --prefix must begin with a slash" >&2; exit 2 ;;
esac

# One line for each thing brought: "dir PATH" or "file CHECKSUM PATH", without the destdir.
record=$prefix/share/datatransit/installed
kept=0

say() {
    echo "${dry:+would }$*"
}

sum() {
    cksum <"$1" | tr ' ' -
}

# recorded PATH: the checksum that was recorded for it, if any.
recorded() {
    [ -f "$destdir$record" ] || return 0
    while read -r kind value path; do
        if [ "$kind" = file ] && [ "$path" = "$1" ]; then echo "$value"; fi
    done <"$destdir$record"
}

# note LINE: adds it to the record, once.
note() {
    [ -z "$dry" ] || return 0
    if ! grep -qxF -- "$1" "$destdir$record" 2>/dev/null; then echo "$1" >>"$destdir$record"; fi
}

forget() {
    [ -z "$dry" ] && [ -f "$destdir$record" ] || return 0
    grep -vF -- " $1" "$destdir$record" >"$destdir$record.new" || :
    mv "$destdir$record.new" "$destdir$record"
}

# directory PATH: makes it, and what is above it.
directory() {
    if [ -d "$destdir$1" ] || [ "$1" = / ]; then return 0; fi
    directory "$(dirname "$1")"
    say "make $1"
    [ -z "$dry" ] || return 0
    mkdir "$destdir$1"
    # The record's own directory cannot be noted before it is there.
    if [ -d "$destdir$(dirname "$record")" ]; then note "dir $1"; else made="${made:-} $1"; fi
}

# place MODE SOURCE PATH: writes it, with the prefix in it, unless somebody else's is there.
place() {
    new=$work/new
    sed "s#/usr/local/#$prefix/#g" "$2" >"$new"
    if [ -f "$destdir$3" ]; then
        if cmp -s "$new" "$destdir$3"; then
            [ -n "$(recorded "$3")" ] || echo "kept $3: the same already"
            return 0
        fi
        if [ "$(recorded "$3")" != "$(sum "$destdir$3")" ]; then
            echo "kept $3: it was edited, or is another's; compare it with $2"
            kept=$((kept + 1))
            return 0
        fi
    fi
    directory "$(dirname "$3")"
    say "write $3"
    [ -z "$dry" ] || return 0
    forget "$3"
    cp "$new" "$destdir$3"
    chmod "$1" "$destdir$3"
    note "file $(sum "$destdir$3") $3"
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
umask 022
made=''
directory "$(dirname "$record")"
for path in $made; do note "dir $path"; done

for form in old sound; do
    for job in contract_status_30d contract_status tenants movings; do
        place 644 "$here/$form/$job.toml" "/etc/datatransit/$form/$job.toml"
    done
done
for file in "$here"/sql/*.sql; do
    place 644 "$file" "/etc/datatransit/sql/${file##*/}"
done
place 644 "$here/../migration/full-dump.toml" /etc/datatransit/full-dump.toml

place 644 "$here/systemd/sysusers.conf" "$prefix/lib/sysusers.d/datatransit.conf"
place 644 "$here/systemd/tmpfiles.conf" "$prefix/lib/tmpfiles.d/datatransit.conf"
if [ -n "$cron" ]; then
    place 644 "$here/crontab" /etc/cron.d/datatransit
    place 644 "$here/logrotate" /etc/logrotate.d/datatransit
    directory /var/log/datatransit
else
    for unit in "$here"/systemd/*.service "$here"/systemd/*.timer "$here"/systemd/datatransit-.service.d/*; do
        place 644 "$unit" "$prefix/lib/systemd/system/${unit#"$here/systemd/"}"
    done
    place 755 "$here/systemd/alert" "$prefix/libexec/datatransit/alert"
fi

# live COMMAND…: on the running system only.
live() {
    if [ -n "$destdir" ]; then return 0; fi
    if ! command -v "$1" >/dev/null 2>&1; then
        echo "install.sh: $1 is not here; do by hand: $*" >&2
        return 0
    fi
    say "run $*"
    [ -n "$dry" ] || "$@"
}
live systemd-sysusers "$prefix/lib/sysusers.d/datatransit.conf"
live systemd-tmpfiles --create "$prefix/lib/tmpfiles.d/datatransit.conf"
if [ -n "$cron" ]; then
    live chown datatransit: /var/log/datatransit
else
    live systemctl daemon-reload
fi

[ "$kept" = 0 ] || echo "$kept files were left as they are"
if [ -n "$cron" ]; then
    echo "Next: put your bucket and secret into /etc/datatransit; /etc/cron.d/datatransit is in force."
else
    echo "Next: put your bucket and secret into /etc/datatransit, then enable the timers:"
    echo "  systemctl enable --now datatransit-full-dump.timer datatransit-export@{contract_status_30d,contract_status,tenants,movings}.timer"
fi
