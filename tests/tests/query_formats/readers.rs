//! Exports as other programs read them: Python's own readers, pandas, PyArrow, DuckDB, and the
//! server's `LOAD DATA`.
//!
//! `read.py` holds what each makes of a file against what the server says of the same rows in the
//! text protocol.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use datatransit_dump::export::{
    BinaryForm, CsvOptions, Encoding, ExportReport, Format, JsonLinesOptions, LineEnding,
    ParquetOptions, Query, Quote, TsvOptions, Unmappable,
};
use e2e::database::{DatabaseServer, Flavour};
use mysql_async::prelude::Queryable as _;
use mysql_async::{Row, Value};
use serde_json::json;
use tempfile::TempDir;
use tokio::process::Command;

use crate::bench::{builder, client, run, with_database};
use crate::samples::EVERY_TYPE;

/// The types that `every` lacks, with values in two of its rows.
const MORE_TYPES: &str = "
SET SESSION sql_mode = '', time_zone = '+00:00';
ALTER TABLE every
  ADD small_u SMALLINT UNSIGNED, ADD medium_u MEDIUMINT UNSIGNED, ADD whole_u INT UNSIGNED,
  ADD d9 DECIMAL(9,4), ADD d18 DECIMAL(18,0), ADD d38 DECIMAL(38,10), ADD d_u DECIMAL(10,3) UNSIGNED,
  ADD d_fraction DECIMAL(5,5), ADD clock0 TIME, ADD moment0 DATETIME, ADD moment6 DATETIME(6),
  ADD instant0 TIMESTAMP NULL, ADD tiny_text TINYTEXT, ADD medium_text MEDIUMTEXT,
  ADD tiny_blob TINYBLOB, ADD medium_blob MEDIUMBLOB, ADD line LINESTRING, ADD anything GEOMETRY;
UPDATE every SET small_u = 65535, medium_u = 16777215, whole_u = 4294967295,
  d9 = -99999.9999, d18 = 999999999999999999, d38 = '-9999999999999999999999999999.9999999999',
  d_u = 1234567.001, d_fraction = -0.00001, clock0 = '-00:00:01',
  moment0 = '1969-12-31 23:59:59', moment6 = '9999-12-31 23:59:59.999999',
  instant0 = '2026-11-25 15:00:00', tiny_text = '\u{feff}mark', medium_text = '\"', tiny_blob = X'00',
  medium_blob = X'FFFE0D0A', line = ST_GeomFromText('LINESTRING(0 0, 1.5 -2)'),
  anything = ST_GeomFromText('MULTIPOINT(1 1, 2 2)') WHERE id IN (2, 4);
";

const ROWS: &str = "SELECT * FROM every ORDER BY id";
/// Enough of them for several row groups.
const MANY: &str = "SELECT every.*, n FROM every CROSS JOIN (SELECT 0 AS n UNION ALL SELECT 1 \
                    UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4) AS numbers \
                    ORDER BY id, n";
/// Results that are no columns of a table; the server alone knows their types.
const EXPRESSIONS: &[&str] = &[
    "1",
    "-1",
    "4294967295",
    "18446744073709551615",
    "TRUE",
    "id * id",
    "COUNT(*)",
    "SUM(id)",
    "AVG(id)",
    "SUM(money)",
    "AVG(money)",
    "SUM(exact)",
    "money * money",
    "money / 3",
    "1 / 3",
    "money % 7",
    "money * d9",
    "ROUND(money)",
    "TRUNCATE(d9, 2)",
    "1.5",
    "-0.001",
    "1e0 / 3",
    "GREATEST(1.5, 2.25)",
    "COALESCE(NULL, d9, d38)",
    "IF(id = 2, 1.5, 22.3333)",
    "CASE id WHEN 2 THEN 1 ELSE 2.5 END",
    "-d_u",
    "d_u - 2000000",
    "CAST('1.50' AS DECIMAL(5,2))",
    "MAX(d38)",
    "d38 + 1",
    "CAST(-1 AS UNSIGNED)",
    "BIT_OR(id)",
    "small_u + 0",
    "MAX(tiny_u)",
    "-tiny_u",
    "COALESCE(since, 1)",
    "MAX(since)",
    "NULLIF(1, 1)",
    "NULL",
    "'text'",
    "CONCAT(id, 'x')",
    "CAST('2024-02-29' AS DATE)",
    "MAX(day)",
    "DATE_ADD(MAX(day), INTERVAL -1 DAY)",
    "MAX(moment6)",
    "TIMESTAMP('2024-02-29 12:00:00.5')",
    "DATE_ADD('2024-02-29', INTERVAL 1 HOUR)",
    "MAX(clock)",
    "TIMEDIFF('10:00:00', '11:00:00')",
    "SEC_TO_TIME(90)",
    "X'4100'",
    "CAST('a' AS BINARY)",
    "UNHEX('FF')",
    "HEX('a')",
    "GROUP_CONCAT(varied)",
    "MAX(choice)",
    "CHAR_LENGTH(varied)",
    "rough * 1",
    "MAX(fine)",
    "PI()",
    "FLOOR(1.5)",
    "FLOOR(money)",
    "CEILING(d38)",
    "ABS(tiny)",
    "DATEDIFF('2024-03-01', '2024-02-01')",
    "UNIX_TIMESTAMP('2024-02-29 12:00:00.25')",
    "UNIX_TIMESTAMP(instant)",
    "INET_ATON('255.255.255.255')",
    "CRC32('a')",
    "DATABASE()",
    "JSON_EXTRACT('[1, {\"a\": 2}]', '$[1]')",
    "JSON_OBJECT('a', 1.50)",
    "id = 2",
    "id IS NULL",
    "0 DIV 1",
    "CAST(id AS CHAR)",
    "FORMAT(1234.5, 2)",
    "TIMESTAMPDIFF(SECOND, moment0, moment6)",
    "0.1 + 0.2",
    "POW(2, 70)",
    "LEAST(id, big_u)",
    "MAX(instant)",
    "COALESCE(instant, moment)",
    "FROM_UNIXTIME(0)",
    "TRUE + 0.5",
    "SIGN(money)",
    "EXTRACT(MICROSECOND FROM moment6)",
    "COALESCE(tiny, big_u)",
    "d_fraction * 1",
    "d18 * d18",
];
/// Columns with types of one family; `None` for the other.
const OF_MYSQL: &str = "CREATE TABLE own (id INT, numbers VECTOR(3), list GEOMETRYCOLLECTION); \
    INSERT INTO own VALUES (1, STRING_TO_VECTOR('[1, -2.5, 0]'), \
    ST_GeomFromText('GEOMETRYCOLLECTION(POINT(1 1))', 4326)), (2, NULL, NULL);";
const OF_MARIADB: &str = "CREATE TABLE own (id INT, six INET6, four INET4, u UUID); INSERT INTO own VALUES \
    (1, '2001:db8::ff', '10.0.0.1', '123e4567-e89b-12d3-a456-426655440000'), (2, NULL, NULL, NULL);";

/// The session's zone in every export here: instants have another text than in UTC.
const ZONE: &str = "+09:00";

/// A database, a directory for its exports, and the Python that reads them.
struct Desk {
    server: &'static DatabaseServer,
    database: String,
    directory: TempDir,
    python: PathBuf,
}

impl Desk {
    /// `None`, in one line, where the readers are not there.
    async fn open(server: &'static DatabaseServer) -> Option<Self> {
        let python = e2e::readers::python()?;
        let database = with_database(server, EVERY_TYPE).await;
        let more = format!("USE `{database}`;\n{MORE_TYPES}");
        server.run_sql(&more).await.unwrap();
        Some(Self {
            server,
            database,
            directory: TempDir::new().unwrap(),
            python,
        })
    }

    async fn export(&self, file: &str, sql: &str, format: Format) -> ExportReport {
        let query = Query::parse(sql).unwrap();
        let export = builder(self.server, &self.database, query)
            .format(format)
            .time_zone(ZONE);
        let (report, bytes) = run(export)
            .await
            .unwrap_or_else(|error| panic!("{file}: {error}"));
        std::fs::write(self.path(file), bytes).unwrap();
        report
    }

    fn path(&self, file: &str) -> PathBuf {
        self.directory.path().join(file)
    }

    /// Keeps what the server says of these rows, in hex, in the zone and in UTC.
    async fn keep_truth(&self, sql: &str) {
        let local = self.says(sql, ZONE).await;
        let utc = self.says(sql, "+00:00").await;
        let mut truth = local;
        truth["utc"] = utc["rows"].clone();
        std::fs::write(self.path("truth.json"), truth.to_string()).unwrap();
    }

    async fn says(&self, sql: &str, zone: &str) -> serde_json::Value {
        let mut conn = self.server.connect().await.unwrap();
        let database = &self.database;
        conn.query_drop(format!("USE `{database}`")).await.unwrap();
        conn.query_drop(format!("SET time_zone = '{zone}'"))
            .await
            .unwrap();
        let rows: Vec<Row> = conn.query(sql).await.unwrap();
        let names: Vec<String> = rows[0]
            .columns_ref()
            .iter()
            .map(|column| column.name_str().into_owned())
            .collect();
        let cell = |value: Value| match value {
            Value::NULL => None,
            Value::Bytes(bytes) => Some(hex(&bytes)),
            other => panic!("not of the text protocol: {other:?}"),
        };
        let rows: Vec<Vec<Option<String>>> = rows
            .into_iter()
            .map(|row| row.unwrap().into_iter().map(cell).collect())
            .collect();
        conn.disconnect().await.unwrap();
        json!({ "columns": names, "rows": rows, "family": self.server.flavour().to_string() })
    }

    /// Runs one part of `read.py`; it ends with an error at the first value that differs, and else
    /// tells of each reader how many it has compared.
    async fn read(&self, part: &str, readers: &[&str]) {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/query_formats/read.py");
        let output = Command::new(&self.python)
            .arg(script)
            .arg(part)
            .arg(self.directory.path())
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output()
            .await
            .unwrap();
        let told = String::from_utf8(output.stdout).unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{part}:\n{told}{errors}");
        for reader in readers {
            let count = told
                .lines()
                .filter(|line| line.starts_with(reader))
                .filter_map(|line| line.rsplit_once(' ')?.1.parse::<u64>().ok());
            assert!(count.sum::<u64>() > 5, "{reader} compared little:\n{told}");
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

on_each_release!(csv_is_read_by_others, super::csv);

async fn csv(server: &'static DatabaseServer) {
    let Some(desk) = Desk::open(server).await else {
        return;
    };
    desk.keep_truth(ROWS).await;
    let told = CsvOptions::default().with_null("<null>");
    let lf = |options: CsvOptions| options.with_line_ending(LineEnding::Lf);
    for (file, options) in [
        ("default.csv", CsvOptions::default()),
        ("lf.csv", lf(CsvOptions::default())),
        ("told.csv", told.clone()),
        (
            "always_bom.csv",
            lf(told.clone())
                .with_quote(Quote::Always)
                .with_encoding(Encoding::Utf8Bom),
        ),
        (
            "numbers_base64.csv",
            told.clone()
                .with_quote(Quote::NonNumeric)
                .with_delimiter(';')
                .with_binary(BinaryForm::Base64),
        ),
        (
            "shift_jis.csv",
            lf(told.clone())
                .with_encoding(Encoding::ShiftJis)
                .with_unmappable(Unmappable::Geta),
        ),
    ] {
        desk.export(file, ROWS, Format::Csv(options)).await;
    }
    // What never needs quotes.
    let plain = "SELECT id, big_u, exact, money, rough, fine, bits, whole_bits, day, clock, moment, \
                 instant, since, fixed, bytes, place FROM every ORDER BY id";
    let never = Format::Csv(told.with_quote(Quote::Never));
    desk.export("never.csv", plain, never).await;
    desk.read("csv", &["csv", "pandas", "pyarrow", "duckdb"])
        .await;
}

on_each_release!(tsv_is_read_by_others, super::tsv);

async fn tsv(server: &'static DatabaseServer) {
    let Some(desk) = Desk::open(server).await else {
        return;
    };
    desk.keep_truth(ROWS).await;
    let options = TsvOptions::default();
    desk.export("hex.tsv", ROWS, Format::Tsv(options)).await;
    let bare = Format::Tsv(options.with_header(false).with_binary(BinaryForm::Base64));
    desk.export("bare_base64.tsv", ROWS, bare).await;
    desk.read("tsv", &["python", "pandas"]).await;
}

on_each_release!(tsv_is_loaded_by_the_server, super::load);

/// All but FLOAT, whose text has fewer digits than its value, and binary columns.
async fn load(server: &'static DatabaseServer) {
    let database = with_database(server, EVERY_TYPE).await;
    let script = format!(
        "USE `{database}`;\n{MORE_TYPES}\n\
         ALTER TABLE every DROP rough, DROP raw, DROP bytes, DROP long_bytes, DROP place, \
         DROP tiny_blob, DROP medium_blob, DROP line, DROP anything;\n\
         CREATE TABLE loaded LIKE every;\nSET GLOBAL local_infile = 1;"
    );
    server.run_sql(&script).await.unwrap();
    let names = client(
        server,
        &database,
        "SELECT column_name FROM information_schema.columns \
         WHERE table_schema = DATABASE() AND table_name = 'loaded' ORDER BY ordinal_position",
        &["--skip-column-names"],
    )
    .await;
    let names = String::from_utf8(names).unwrap();
    assert!(names.lines().count() > 35, "{names}");
    // A BIT column takes text for bits.
    let places: Vec<String> = names
        .lines()
        .map(|name| match name {
            "bits" | "whole_bits" => format!("@{name}"),
            name => format!("`{name}`"),
        })
        .collect();
    let query = Query::parse("SELECT * FROM every ORDER BY id").unwrap();
    let export = builder(server, &database, query)
        .format(Format::Tsv(TsvOptions::default()))
        .time_zone(ZONE);
    let (_, bytes) = run(export).await.unwrap();
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("every.tsv");
    std::fs::write(&file, bytes).unwrap();
    let sql = format!(
        "SET sql_mode = '', time_zone = '{ZONE}'; \
         LOAD DATA LOCAL INFILE '{}' INTO TABLE loaded CHARACTER SET utf8mb4 IGNORE 1 LINES ({}) \
         SET bits = CAST(@bits AS UNSIGNED), whole_bits = CAST(@whole_bits AS UNSIGNED); \
         SHOW WARNINGS",
        file.display(),
        places.join(", ")
    );
    let warnings = client(server, &database, &sql, &["--local-infile=1"]).await;
    assert_eq!(String::from_utf8(warnings).unwrap(), "", "warnings");
    let rows = |table: &str| format!("SELECT * FROM {table} ORDER BY id");
    let theirs = client(server, &database, &rows("every"), &[]).await;
    let loaded = client(server, &database, &rows("loaded"), &[]).await;
    crate::batch::assert_same(&loaded, &theirs, "the loaded table");
    let sums = client(server, &database, "CHECKSUM TABLE every, loaded", &["-N"]).await;
    let sums = String::from_utf8(sums).unwrap();
    let sums: Vec<&str> = sums
        .lines()
        .filter_map(|line| Some(line.split_once('\t')?.1))
        .collect();
    assert!(
        sums.len() == 2 && sums[0] != "0" && sums[0] == sums[1],
        "{sums:?}"
    );
}

on_each_release!(json_lines_are_read_by_others, super::json_lines);

async fn json_lines(server: &'static DatabaseServer) {
    let Some(desk) = Desk::open(server).await else {
        return;
    };
    desk.keep_truth(ROWS).await;
    let options = JsonLinesOptions::default();
    desk.export("strings_base64.jsonl", ROWS, Format::JsonLines(options))
        .await;
    let numbers = options
        .with_decimals_as_numbers(true)
        .with_binary(BinaryForm::Hex);
    desk.export("numbers_hex.jsonl", ROWS, Format::JsonLines(numbers))
        .await;
    desk.read("jsonl", &["json", "pandas", "duckdb"]).await;
}

on_each_release!(parquet_is_read_by_others, super::parquet);

async fn parquet(server: &'static DatabaseServer) {
    let Some(desk) = Desk::open(server).await else {
        return;
    };
    desk.keep_truth(MANY).await;
    let options = ParquetOptions::default()
        .with_row_group_bytes(64 << 10)
        .with_zero_dates_as_null(true);
    desk.export("rows.parquet", MANY, Format::Parquet(options))
        .await;
    desk.read("parquet", &["pyarrow", "pandas", "duckdb"]).await;
}

on_each_release!(results_of_expressions_keep_their_values, super::expressions);

async fn expressions(server: &'static DatabaseServer) {
    let Some(desk) = Desk::open(server).await else {
        return;
    };
    let named: Vec<String> = EXPRESSIONS
        .iter()
        .enumerate()
        .map(|(number, expression)| format!("{expression} AS e{number}"))
        .collect();
    let list = named.join(", ");
    let sql = format!("SELECT {list} FROM every WHERE id IN (2, 4) GROUP BY id ORDER BY id");
    desk.keep_truth(&sql).await;
    desk.export(
        "rows.parquet",
        &sql,
        Format::Parquet(ParquetOptions::default()),
    )
    .await;
    desk.read("results", &["pyarrow"]).await;
}

on_each_release!(types_of_one_family_keep_their_values, super::own_types);

async fn own_types(server: &'static DatabaseServer) {
    let Some(desk) = Desk::open(server).await else {
        return;
    };
    let (script, forms) = match server.flavour() {
        Flavour::MySql => (OF_MYSQL, &["INT(32)", "BYTE_ARRAY", "BYTE_ARRAY"][..]),
        Flavour::MariaDb => (OF_MARIADB, &["INT(32)", "STRING", "STRING", "STRING"][..]),
    };
    // MySQL 8 has no vectors.
    let Ok(()) = server
        .run_sql(&format!("USE `{}`;\n{script}", desk.database))
        .await
    else {
        assert!(!server.release().is_required());
        return;
    };
    let sql = "SELECT * FROM own ORDER BY id";
    desk.keep_truth(sql).await;
    let report = desk
        .export(
            "rows.parquet",
            sql,
            Format::Parquet(ParquetOptions::default()),
        )
        .await;
    let written: Vec<&str> = report
        .columns
        .iter()
        .map(|column| column.written_as.as_str())
        .collect();
    assert_eq!(written, forms);
    desk.read("results", &["pyarrow"]).await;
}

on_each_release!(parquet_tells_dates_that_are_none, super::no_dates);

async fn no_dates(server: &'static DatabaseServer) {
    let database = with_database(server, EVERY_TYPE).await;
    for (column, row) in [("day", 3), ("moment", 3)] {
        let sql = format!("SELECT id, {column} FROM every ORDER BY id");
        let export = builder(server, &database, Query::parse(&sql).unwrap())
            .format(Format::Parquet(ParquetOptions::default()))
            .time_zone(ZONE);
        let error = run(export).await.unwrap_err().to_string();
        let named = error.contains(column) && error.contains(&format!("row {row}"));
        assert!(named && error.contains("NULL"), "{error}");
    }
}
