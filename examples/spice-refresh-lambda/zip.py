"""zip.py BOOTSTRAP ZIP: writes the function's zip, the same bytes for the same program.

Refuses a program that wants a newer C library than Lambda's provided.al2023 has, or
that is larger than the service takes.
"""

import re
import sys
import zipfile

# Amazon Linux 2023 has glibc 2.34.
NEWEST_GLIBC = (2, 34)
# Of a zip that is uploaded directly, not by way of S3.
MAX_ZIP_BYTES = 50 * 1000 * 1000


def main(bootstrap, path):
    with open(bootstrap, "rb") as file:
        program = file.read()
    # The names of symbol versions are the only texts of this form that end in a NUL.
    wanted = re.findall(rb"GLIBC_(\d+)\.(\d+)(?:\.\d+)?\0", program)
    newest = max(((int(major), int(minor)) for major, minor in wanted), default=(0, 0))
    if newest > NEWEST_GLIBC:
        sys.exit(
            f"{bootstrap} wants glibc {newest[0]}.{newest[1]}, and provided.al2023 has "
            f"{NEWEST_GLIBC[0]}.{NEWEST_GLIBC[1]}: build it on a system that is not newer than Debian 12"
        )
    entry = zipfile.ZipInfo("bootstrap", date_time=(1980, 1, 1, 0, 0, 0))
    entry.create_system = 3  # Unix, whose modes the next line gives.
    entry.external_attr = 0o100755 << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(path, "w", compresslevel=9) as archive:
        archive.writestr(entry, program, compresslevel=9)
    with open(path, "rb") as file:
        size = len(file.read())
    if size > MAX_ZIP_BYTES:
        sys.exit(f"{path} has {size} bytes, and Lambda takes {MAX_ZIP_BYTES}")
    print(f"{path}: {size:,} bytes, {len(program):,} unpacked, glibc {newest[0]}.{newest[1]}")


main(*sys.argv[1:])
