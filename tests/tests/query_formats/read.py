"""Reads exports by several readers, and holds them against what the server says.

Called by readers.rs: read.py csv|tsv|jsonl|parquet DIRECTORY. The directory has the files and
truth.json: each value of each row as the server prints it in the text protocol, in hex, or null.
Ends with an error at the first value that differs; else prints the number of values compared, a line
for each reader and file.
"""

import base64
import csv
import datetime
import json
import sys
from decimal import Decimal
from pathlib import Path

import duckdb
import numpy
import pandas
import pyarrow
import pyarrow.csv
import pyarrow.parquet

PART, DIRECTORY = sys.argv[1], Path(sys.argv[2])
TRUTH = json.loads((DIRECTORY / "truth.json").read_text())
COLUMNS = TRUTH["columns"]


def as_bytes(rows):
    return [[None if cell is None else bytes.fromhex(cell) for cell in row] for row in rows]


ROWS = as_bytes(TRUTH["rows"])
UTC_ROWS = as_bytes(TRUTH["utc"])

BITS = {"bits", "whole_bits"}
BINARY = {
    "raw", "bytes", "long_bytes", "tiny_blob", "medium_blob", "place", "line", "anything",
}  # fmt: skip
INTEGERS = {
    "id": "int32", "tiny": "int8", "tiny_u": "uint8", "small": "int16", "small_u": "uint16",
    "medium": "int32", "medium_u": "uint32", "whole_u": "uint32", "big": "int64",
    "big_u": "uint64", "filled": "uint32", "yes": "int8", "since": "uint16",
    "bits": "uint64", "whole_bits": "uint64",
}  # fmt: skip
DECIMALS = {
    "exact": None, "money": (12, 2), "d9": (9, 4), "d18": (18, 0), "d38": (38, 10),
    "d_u": (10, 3), "d_fraction": (5, 5),
}  # fmt: skip
FLOATS = {"rough": numpy.float32, "fine": numpy.float64}
DATES = {"day"}
MOMENTS = {"moment", "moment0", "moment6"}
INSTANTS = {"instant", "instant0"}
JSON = {"document"} if TRUTH["family"] == "MySQL" else set()
CSV_NUMBERS = INTEGERS.keys() | DECIMALS.keys() | FLOATS.keys()


def text(name, value, binary):
    """A value in a text format."""
    if value is None:
        return None
    if name in BITS:
        return str(int.from_bytes(value, "big"))
    if name in BINARY:
        return value.hex().upper() if binary == "hex" else base64.b64encode(value).decode()
    return value.decode()


def same(what, rows, expected, names=COLUMNS):
    """Compares all values; a NaN equals nothing, as it should."""
    assert len(rows) == len(expected), f"{what}: {len(rows)} rows, not {len(expected)}"
    count = 0
    for number, (row, wanted) in enumerate(zip(rows, expected), 1):
        assert len(row) == len(wanted) == len(names), f"{what}: {len(row)} fields in row {number}"
        for name, value, right in zip(names, row, wanted):
            alike = type(value) is type(right) and value == right
            assert alike, f"{what}: {name} in row {number}: {value!r:.200}, not {right!r:.200}"
            count += 1
    print(what, count)


def frame_rows(frame):
    """The rows of a pandas frame of text, None for what is missing."""
    return [[None if pandas.isna(cell) else cell for cell in row] for row in frame.itertuples(index=False)]


def read_csv():
    told = "<null>"
    for file, encoding, delimiter, end, binary, null in [
        ("default.csv", "utf-8", ",", "\r\n", "hex", ""),
        ("lf.csv", "utf-8", ",", "\n", "hex", ""),
        ("told.csv", "utf-8", ",", "\r\n", "hex", told),
        ("always_bom.csv", "utf-8-sig", ",", "\n", "hex", told),
        ("numbers_base64.csv", "utf-8", ";", "\r\n", "base64", told),
        ("shift_jis.csv", "cp932", ",", "\n", "hex", told),
        ("never.csv", "utf-8", ",", "\r\n", "hex", told),
    ]:
        path = DIRECTORY / file
        raw = path.read_bytes()
        names = COLUMNS
        if file == "never.csv":
            names = raw.split(b"\r\n")[0].decode().split(",")
            assert b'"' not in raw and len(names) == 16, file
        places = [COLUMNS.index(name) for name in names]

        def shown(value):
            """What the encoding has no character for is a geta."""
            if encoding != "cp932" or value is None:
                return value
            return "".join(c if encodes(c) else "〓" for c in value)

        expected = [[shown(text(COLUMNS[i], row[i], binary)) for i in places] for row in ROWS]
        assert raw.startswith(b"\xef\xbb\xbf") == (encoding == "utf-8-sig"), file
        assert raw.endswith(end.encode()) and raw.split(b"\n")[0].endswith(b"\r") == (end == "\r\n"), file
        if file == "always_bom.csv":
            assert raw.count(b'"') >= 2 * len(names), file
            assert raw[3:].split(b"\n")[0] == ",".join(f'"{name}"' for name in names).encode(), file
        if file == "numbers_base64.csv":
            numbers_stand_bare(raw.decode(), names)

        with open(path, newline="", encoding=encoding) as lines:
            header, *rows = csv.reader(lines, delimiter=delimiter, strict=True)
        assert header == names, header
        # This reader takes quotes off without a word: only a text that no value has tells NULL.
        unquoted = [[None if cell == null else cell for cell in row] for row in rows]
        without = [[None if cell == null else cell for cell in row] for row in expected]
        same(f"csv {file}", unquoted, without, names)
        frame = pandas.read_csv(
            path, sep=delimiter, encoding=encoding, dtype=str, keep_default_na=False,
            na_values=[null], engine="python",
        )  # fmt: skip
        assert list(frame.columns) == names
        same(f"pandas {file}", frame_rows(frame), without, names)

        table = pyarrow.csv.read_csv(
            path,
            read_options=pyarrow.csv.ReadOptions(encoding=encoding.removesuffix("-sig")),
            parse_options=pyarrow.csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types={name: pyarrow.string() for name in names},
                null_values=[null], strings_can_be_null=True, quoted_strings_can_be_null=False,
            ),
        )  # fmt: skip
        assert table.column_names == names
        same(f"pyarrow {file}", [list(row.values()) for row in table.to_pylist()], expected, names)

        if encoding == "cp932":
            continue  # DuckDB knows no Shift_JIS by itself.
        relation = duckdb.sql(
            f"SELECT * FROM read_csv('{path}', all_varchar = true, header = true, "
            f"delim = '{delimiter}', quote = '\"', escape = '\"', nullstr = '{null}', "
            "allow_quoted_nulls = false, auto_detect = false, strict_mode = true, columns = {"
            + ", ".join(f"'{name}': 'VARCHAR'" for name in names)
            + "})"
        )
        same(f"duckdb {file}", [list(row) for row in relation.fetchall()], expected, names)


def encodes(character):
    try:
        return character.encode("cp932").decode("cp932") == character
    except UnicodeEncodeError:
        return False


def numbers_stand_bare(raw, names):
    """By the policy of numbers: those and NULL have no quotes, all else has."""
    line = next(line for line in raw.split("\r\n") if line.startswith("3;"))
    for name, field in zip(names, line.split(";"), strict=True):
        assert field.startswith('"') != (name in CSV_NUMBERS or field == "<null>"), f"{name}: {field}"


def read_tsv():
    escapes = {"0": "\0", "t": "\t", "n": "\n", "r": "\r", "\\": "\\"}

    def unescaped(field):
        if field == "\\N":
            return None
        out, characters = [], iter(field)
        for character in characters:
            out.append(escapes[next(characters)] if character == "\\" else character)
        return "".join(out)

    for file, binary, header in [("hex.tsv", "hex", 0), ("bare_base64.tsv", "base64", None)]:
        path = DIRECTORY / file
        expected = [[text(name, value, binary) for name, value in zip(COLUMNS, row)] for row in ROWS]
        lines = path.read_bytes().decode().split("\n")
        assert lines.pop() == "" and "\r" not in "".join(lines)
        rows = [line.split("\t") for line in lines]
        if header is not None:
            assert rows.pop(0) == COLUMNS
        same(f"python {file}", [[unescaped(field) for field in row] for row in rows], expected)
        frame = pandas.read_csv(
            path, sep="\t", header=header, names=COLUMNS, dtype=str, quoting=csv.QUOTE_NONE,
            na_values=["\\N"], keep_default_na=False, lineterminator="\n",
        )  # fmt: skip
        shown = [[None if cell is None else unescaped(cell) for cell in row] for row in frame_rows(frame)]
        same(f"pandas {file}", shown, expected)


class Digits(str):
    """A number of JSON as it stands in the file."""


def read_jsonl():
    for file, binary, decimals in [
        ("strings_base64.jsonl", "base64", False),
        ("numbers_hex.jsonl", "hex", True),
    ]:
        path = DIRECTORY / file

        def expected(name, value, digits=True):
            if value is None:
                return None
            if name in JSON:
                return json.loads(value, parse_int=Digits, parse_float=Digits)
            shown = text(name, value, binary)
            if name in DECIMALS:
                return Digits(shown) if decimals else shown
            if name in FLOATS:
                return Digits(shown)
            # ZEROFILL and YEAR have zeros in front, which JSON does not allow.
            return Digits(int(shown)) if name in INTEGERS else shown

        lines = path.read_bytes().decode().split("\n")
        assert lines.pop() == ""
        objects = [json.loads(line, parse_int=Digits, parse_float=Digits) for line in lines]
        assert all(list(object) == COLUMNS for object in objects)
        wanted = [[expected(name, value) for name, value in zip(COLUMNS, row)] for row in ROWS]
        same(f"json {file}", [list(object.values()) for object in objects], wanted)

        # Readers with types: numbers whose type holds them are exact, text is text.
        kinds = {name: "VARCHAR" for name in COLUMNS}
        kinds |= {name: kind.upper().replace("INT8", "TINYINT").replace("INT16", "SMALLINT")
                  .replace("INT32", "INTEGER").replace("INT64", "BIGINT") for name, kind in INTEGERS.items()}  # fmt: skip
        kinds |= {"fine": "DOUBLE", "document": "JSON"}
        kinds |= {name: f"DECIMAL{shape}" for name, shape in DECIMALS.items() if shape and not decimals}
        names = [name for name in COLUMNS if not (decimals and name in DECIMALS) and name not in {"rough", "document"}]
        relation = duckdb.sql(
            f"SELECT {', '.join(names)} FROM read_json('{path}', format = 'newline_delimited', columns = {{"
            + ", ".join(f"'{name}': '{kind}'" for name, kind in kinds.items())
            + "})"
        )

        def typed(name, value):
            shown = text(name, value, binary)
            if shown is None:
                return None
            if name in INTEGERS:
                return int(shown)
            if name == "fine":
                return float(shown)
            return Decimal(shown) if DECIMALS.get(name) else shown

        right = [[typed(name, row[COLUMNS.index(name)]) for name in names] for row in ROWS]
        same(f"duckdb {file}", [list(row) for row in relation.fetchall()], right, names)

        if decimals:
            continue  # pandas refuses numbers of more than 64 bits.
        frame = pandas.read_json(path, lines=True, dtype=False)
        assert list(frame.columns) == COLUMNS
        # It makes floats of integers beside NULL: text only.
        names = [name for name in COLUMNS if name not in INTEGERS.keys() | FLOATS.keys() | {"document"}]
        right = [[text(name, row[COLUMNS.index(name)], binary) for name in names] for row in ROWS]
        same(f"pandas {file}", frame_rows(frame[names]), right, names)


def moment(value):
    return datetime.datetime.fromisoformat(value.decode())


def is_none(value):
    return value.startswith(b"0000-00-00")


def in_parquet(name, value, utc):
    if value is None:
        return None
    if name in BINARY:
        return value
    if name in BITS:
        return int.from_bytes(value, "big")
    if name in INTEGERS or name == "n":
        return int(value)
    if DECIMALS.get(name):
        return Decimal(value.decode())
    if name in FLOATS:
        return float(FLOATS[name](value.decode()))
    if name in DATES | MOMENTS | INSTANTS and is_none(value):
        return None
    if name in DATES:
        return datetime.date.fromisoformat(value.decode())
    if name in MOMENTS:
        return moment(value)
    if name in INSTANTS:
        return moment(utc).replace(tzinfo=datetime.timezone.utc)
    return value.decode()


def microseconds(time):
    """Exact, which a difference as a float would not be."""
    since = time - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
    return since // datetime.timedelta(microseconds=1)


def parquet_types():
    """Each column's physical and logical type."""
    types = {}
    for name in COLUMNS:
        shape = DECIMALS.get(name)
        if name in INTEGERS or name == "n":
            kind = INTEGERS.get(name, "int64" if TRUTH["family"] == "MySQL" else "int32")
            bits = int(kind.lstrip("uint"))
            signed = "false" if kind.startswith("u") else "true"
            types[name] = ("INT64" if bits == 64 else "INT32", f"Int(bitWidth={bits}, isSigned={signed})")
        elif shape:
            width = "INT32" if shape[0] <= 9 else "INT64" if shape[0] <= 18 else "FIXED_LEN_BYTE_ARRAY"
            types[name] = (width, f"Decimal(precision={shape[0]}, scale={shape[1]})")
        elif name in FLOATS:
            types[name] = ("FLOAT" if name == "rough" else "DOUBLE", "None")
        elif name in DATES:
            types[name] = ("INT32", "Date")
        elif name in MOMENTS | INSTANTS:
            adjusted = "true" if name in INSTANTS else "false"
            types[name] = ("INT64", f"Timestamp(isAdjustedToUTC={adjusted}, timeUnit=microseconds")
        elif name in BINARY:
            types[name] = ("BYTE_ARRAY", "None")
        else:
            types[name] = ("BYTE_ARRAY", "JSON" if name in JSON else "String")
    return types


def read_parquet():
    path = DIRECTORY / "rows.parquet"
    expected = [
        [in_parquet(name, value, utc) for name, value, utc in zip(COLUMNS, row, utc_row)]
        for row, utc_row in zip(ROWS, UTC_ROWS)
    ]
    # The table has what is to be told apart.
    instants = [row[COLUMNS.index("instant")] for row in ROWS]
    assert b"2026-11-26 14:30:00.654321" in instants and any(is_none(row[COLUMNS.index("day")] or b"") for row in ROWS)

    file = pyarrow.parquet.ParquetFile(path)
    for name, (physical, logical) in parquet_types().items():
        column = file.schema.column(COLUMNS.index(name))
        got = (column.name, column.physical_type, str(column.logical_type))
        right = got[:2] == (name, physical) and got[2].startswith(logical)
        assert right and column.max_definition_level == 1, f"{got}, not {physical}, {logical}"
    groups = file.metadata.num_row_groups
    assert groups >= 3 and file.metadata.num_rows == len(ROWS), f"{groups} row groups"
    assert file.metadata.created_by.startswith("datatransit-dump ")
    for group in range(groups):
        for column in range(len(COLUMNS)):
            assert file.metadata.row_group(group).column(column).compression == "ZSTD"

    table = file.read()
    assert table.schema.field("instant").type == pyarrow.timestamp("us", "UTC")
    assert table.schema.field("moment").type == pyarrow.timestamp("us")
    assert table.schema.field("exact").type == pyarrow.string()
    rows = [list(row.values()) for row in table.to_pylist()]
    plain = [[cell.replace(tzinfo=datetime.timezone.utc) if getattr(cell, "tzinfo", None) else cell for cell in row]
             for row in rows]  # fmt: skip
    same("pyarrow rows.parquet", plain, expected)

    # pandas and NumPy have types of their own; those that NULL turns to floats are read nullable.
    frame = pandas.read_parquet(path, dtype_backend="pyarrow")
    assert list(frame.columns) == COLUMNS

    def from_pandas(name, value):
        if value is pandas.NA or value is pandas.NaT or value is None:
            return None
        if isinstance(value, pandas.Timestamp):
            value = value.to_pydatetime()
            return value.replace(tzinfo=datetime.timezone.utc) if value.tzinfo else value
        return value

    rows = [[from_pandas(name, frame[name].iloc[number]) for name in COLUMNS] for number in range(len(frame))]
    same("pandas rows.parquet", rows, expected)

    # Its Python values of instants need another package: it counts microseconds instead.
    select = ", ".join(f"epoch_us({name})" if name in INSTANTS else name for name in COLUMNS)
    rows = duckdb.sql(f"SELECT {select} FROM read_parquet('{path}') ORDER BY id, n").fetchall()
    counted = [
        [microseconds(value) if name in INSTANTS and value else value for name, value in zip(COLUMNS, row)]
        for row in expected
    ]
    same("duckdb rows.parquet", [list(row) for row in rows], counted)
    kinds = dict(duckdb.sql(f"SELECT column_name, column_type FROM (DESCRIBE FROM '{path}')").fetchall())
    for name, kind in {
        "big_u": "UBIGINT", "d38": "DECIMAL(38,10)", "instant": "TIMESTAMP WITH TIME ZONE",
        "moment": "TIMESTAMP", "day": "DATE", "place": "BLOB", "exact": "VARCHAR", "clock": "VARCHAR",
        "rough": "FLOAT", "tiny": "TINYINT",
    }.items():  # fmt: skip
        assert kinds[name] == kind, f"{name}: {kinds[name]}"


def by_type(kind, value, utc):
    """The server's text as the type that the column has in the file."""
    types = pyarrow.types
    if value is None:
        return None
    if types.is_decimal(kind):
        return Decimal(value.decode())
    if types.is_integer(kind):
        return int(value)
    if types.is_floating(kind):
        return float(value)
    if types.is_date(kind):
        return datetime.date.fromisoformat(value.decode())
    if types.is_timestamp(kind):
        return moment(utc).replace(tzinfo=datetime.timezone.utc) if kind.tz else moment(value)
    return value if types.is_binary(kind) else value.decode()


def read_results():
    table = pyarrow.parquet.read_table(DIRECTORY / "rows.parquet")
    expected = [
        [by_type(kind, value, utc) for kind, value, utc in zip(table.schema.types, row, utc_row)]
        for row, utc_row in zip(ROWS, UTC_ROWS)
    ]
    assert table.column_names == COLUMNS
    rows = [list(row.values()) for row in table.to_pylist()]
    plain = [[cell.replace(tzinfo=datetime.timezone.utc) if getattr(cell, "tzinfo", None) else cell for cell in row]
             for row in rows]  # fmt: skip
    same("pyarrow rows.parquet", plain, expected)


PARTS = {
    "csv": read_csv, "tsv": read_tsv, "jsonl": read_jsonl, "parquet": read_parquet,
    "results": read_results,
}  # fmt: skip
PARTS[PART]()
