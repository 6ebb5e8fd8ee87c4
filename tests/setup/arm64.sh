#!/bin/sh
# Brings what `make lambda` needs for the arm64 function on an x86_64 machine into
# target/arm64: a Rust compiler with the standard library of both architectures, a
# C compiler and linker that make arm64 code, and QEMU, with which the tests run it.
#
# The compiler is the one that Debian keeps for building browsers, in the security
# updates of its release 12 (bookworm): newer than that release's own. Nothing is
# installed: the packages are unpacked, see unpack.sh. To undo it all:
# rm -r target/arm64.
#
# Afterwards target/arm64/bin holds rustc, aarch64-linux-gnu-gcc (and -ar), and
# qemu-aarch64, which finds the arm64 C library by itself.
#
# Exit code: 0 they are there, 3 they cannot be had on this machine.
set -eu

clone=$(cd "$(dirname "$0")/../.." && pwd)
what='arm64'
home=${1:-$clone/target/arm64}
# shellcheck source=tests/setup/unpack.sh
. "$clone/tests/setup/unpack.sh"

# skip REASON: as in unpack.sh, for what is built rather than for what is tested.
skip() {
    echo "The arm64 function cannot be built here: $1" >&2
    exit 3
}

works() {
    probe=$home/probe
    printf 'fn main() { println!("arm64"); }\n' 2>/dev/null >"$probe.rs" &&
        "$home/bin/rustc" --target aarch64-unknown-linux-gnu -C linker="$home/bin/aarch64-linux-gnu-gcc" \
            -o "$probe" "$probe.rs" >>"$log" 2>&1 &&
        [ "$("$home/bin/qemu-aarch64" "$probe" 2>>"$log")" = arm64 ]
}

works && exit 0

require_tools
[ "$architecture" = amd64 ] || skip "on this architecture only the machine's own can be built"
find_debian_mirror
case $mirror in
    */debian) security=$mirror-security ;;
    */debian/) security=${mirror%/}-security ;;
    *) skip "no archive of security updates is known beside $mirror" ;;
esac
foreign=arm64
echo "Fetching a Rust and a C compiler for arm64 into ${home#"$clone"/} (1.4 GB there)" >&2
update $debian_keyring "$mirror" bookworm
fetch rustc-web libstd-rust-web-dev gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user-static
fetch_alone libstd-rust-web-dev:arm64
# The programs run on this machine's own C library, as do the compiler plug-ins that
# are built for it: two of them in one process would not go together.
rm "$home"/apt/cache/archives/libc6_*.deb
unpack

# write_native NAME FILE [ARGUMENT...]: a program that takes all libraries but the C
# library from here, and does not pass that on to the programs it starts.
write_native() {
    name=$1 file=$2
    shift 2
    cat >"$home/bin/$name" <<PROGRAM
#!/bin/sh
root=\$(cd "\$(dirname "\$0")/../root" && pwd)
exec /$loader --argv0 $name --library-path "\$root/usr/lib/$triplet:\$root/usr/lib" "\$root/$file" $* "\$@"
PROGRAM
    chmod +x "$home/bin/$name"
}

# write_driver NAME FILE [ARGUMENT...]: likewise a program that starts others of these.
write_driver() {
    name=$1 file=$2
    shift 2
    cat >"$home/bin/$name" <<PROGRAM
#!/bin/sh
root=\$(cd "\$(dirname "\$0")/../root" && pwd)
LD_LIBRARY_PATH="\$root/usr/lib/$triplet" exec "\$root/$file" $* "\$@"
PROGRAM
    chmod +x "$home/bin/$name"
}

write_native rustc usr/bin/rustc
# shellcheck disable=SC2016 # $root is for the written program
write_driver aarch64-linux-gnu-gcc usr/bin/aarch64-linux-gnu-gcc '--sysroot="$root"'
write_driver aarch64-linux-gnu-ar usr/bin/aarch64-linux-gnu-ar
# shellcheck disable=SC2016 # $root is for the written program
write_driver qemu-aarch64 usr/bin/qemu-aarch64-static '-L "$root/usr/aarch64-linux-gnu"'
works || skip "the unpacked programs do not work here (see $log)"
