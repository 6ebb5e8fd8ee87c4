#!/bin/sh
# Takes away what install.sh brought, and nothing else: files that were edited since stay, and
# are told, as do directories that hold anything. Logs and the user stay too.
#
#   uninstall.sh [--prefix DIR] [--destdir DIR] [--dry-run]
#
# The options are install.sh's, and must be those that it was given.
set -eu
export LC_ALL=C

prefix=/usr/local destdir='' dry=''
usage() {
    sed -n '2,/^set -eu/{/^set -eu/d;s/^# \{0,1\}//p;}' "$0"
}
while [ $# -gt 0 ]; do
    case $1 in
    --prefix) prefix=${2:?--prefix wants a directory}; shift ;;
    --prefix=*) prefix=${1#*=} ;;
    --destdir) destdir=${2:?--destdir wants a directory}; shift ;;
    --destdir=*) destdir=${1#*=} ;;
    --dry-run) dry=yes ;;
    --help) usage; exit 0 ;;
    *) echo "uninstall.sh: unknown argument $1" >&2; usage >&2; exit 2 ;;
    esac
    shift
done

record=$prefix/share/datatransit/installed
if [ ! -f "$destdir$record" ]; then
    echo "Nothing to do: $destdir$record is not there"
    exit 0
fi

say() {
    echo "${dry:+would }$*"
}

if [ -z "$destdir" ] && command -v systemctl >/dev/null 2>&1 && grep -q '\.timer$' "$record"; then
    say "stop and disable the timers"
    [ -n "$dry" ] || sed -n 's#^file .*/\([^/]*\.timer\)$#\1#p' "$record" |
        xargs systemctl disable --now
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
kept=0
while read -r kind value path; do
    [ "$kind" = file ] || continue
    [ -f "$destdir$path" ] || continue
    if [ "$(cksum <"$destdir$path" | tr ' ' -)" != "$value" ]; then
        echo "kept $path: it was edited"
        kept=$((kept + 1))
        continue
    fi
    say "remove $path"
    [ -n "$dry" ] || rm "$destdir$path"
done <"$destdir$record"

# The deepest first: the longer path of two, one in the other, is the inner one.
sed -n 's/^dir //p' "$destdir$record" | sort -r >"$work/dirs"
say "remove $record"
[ -n "$dry" ] || rm "$destdir$record"
while read -r path; do
    if [ -n "$dry" ]; then
        echo "would remove $path if it is empty"
    elif [ -d "$destdir$path" ] && ! rmdir "$destdir$path" 2>/dev/null; then
        echo "kept $path: it is not empty"
    fi
done <"$work/dirs"

if [ -z "$destdir" ] && command -v systemctl >/dev/null 2>&1; then
    say "run systemctl daemon-reload"
    [ -n "$dry" ] || systemctl daemon-reload
fi
[ "$kept" = 0 ] || echo "$kept edited files were left as they are"
