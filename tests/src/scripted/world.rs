//! What the server holds: one database of a few tables.

use std::sync::Arc;

use crate::database::Flavour;

/// The cells of a row; `None` is NULL.
pub type Row = Vec<Option<Vec<u8>>>;

/// The number of utf8mb4_general_ci.
const UTF8MB4: u16 = 45;
/// The number of `binary`.
const BINARY: u16 = 63;

/// A column, by its name and by what the protocol says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub(super) name: String,
    /// As in `CREATE TABLE`.
    pub(super) sql_type: &'static str,
    pub(super) kind: u8,
    pub(super) character_set: u16,
    pub(super) flags: u16,
}

impl Column {
    /// An `int NOT NULL`.
    pub fn int(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            sql_type: "int",
            kind: 3,
            character_set: BINARY,
            // NOT_NULL, NUM.
            flags: 1 | 1 << 15,
        }
    }

    /// A `longtext` in utf8mb4.
    pub fn text(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            sql_type: "longtext",
            kind: 252,
            character_set: UTF8MB4,
            flags: 1 << 4,
        }
    }

    /// A `longblob`.
    pub fn blob(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            sql_type: "longblob",
            kind: 252,
            character_set: BINARY,
            // BLOB, BINARY.
            flags: 1 << 4 | 1 << 7,
        }
    }

    /// A column of the server's own lists.
    pub(super) fn word(name: impl Into<String>) -> Self {
        Self {
            kind: 253,
            flags: 0,
            ..Self::text(name)
        }
    }
}

/// A table without keys.
#[derive(Debug, Clone)]
pub struct Table {
    pub(super) name: String,
    pub(super) columns: Vec<Column>,
    pub(super) rows: Arc<Vec<Row>>,
}

impl Table {
    /// An InnoDB table.
    pub fn new(name: impl Into<String>, columns: Vec<Column>) -> Self {
        Self {
            name: name.into(),
            columns,
            rows: Arc::default(),
        }
    }

    /// With these rows; one with another number of cells than there are columns is sent so.
    #[must_use]
    pub fn with_rows(mut self, rows: Vec<Row>) -> Self {
        self.rows = Arc::new(rows);
        self
    }

    /// `CREATE TABLE` in the server's words.
    pub(super) fn definition(&self) -> String {
        let columns: Vec<String> = self
            .columns
            .iter()
            .map(|column| match column.sql_type {
                "int" => format!("  `{}` int NOT NULL", column.name),
                sql_type => format!("  `{}` {sql_type}", column.name),
            })
            .collect();
        format!(
            "CREATE TABLE `{}` (\n{}\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4",
            self.name,
            columns.join(",\n")
        )
    }
}

/// The database that a [`ScriptedServer`](super::ScriptedServer) serves. Cheap to clone.
#[derive(Debug, Clone)]
pub struct World {
    pub(super) flavour: Flavour,
    pub(super) database: String,
    pub(super) tables: Vec<Table>,
    pub(super) deprecate_eof: bool,
}

impl World {
    /// A database without tables.
    pub fn new(flavour: Flavour, database: impl Into<String>) -> Self {
        Self {
            flavour,
            database: database.into(),
            tables: Vec::new(),
            deprecate_eof: true,
        }
    }

    /// The database `world` with two small tables: `a_people` of 6 rows with text and blobs
    /// of all kinds, and `z_numbers` of 3 rows.
    #[must_use]
    pub fn small(flavour: Flavour) -> Self {
        let cell = |text: &[u8]| Some(text.to_vec());
        let people = Table::new(
            "a_people",
            vec![
                Column::int("id"),
                Column::text("name"),
                Column::blob("photo"),
            ],
        )
        .with_rows(vec![
            vec![
                cell(b"1"),
                cell("山田 太郎".as_bytes()),
                cell(b"\0\xFF\n'\\"),
            ],
            vec![cell(b"2"), cell(b"O'Brien"), None],
            vec![cell(b"3"), None, cell(b"")],
            vec![cell(b"4"), cell(b""), cell(b"\xFB\xFE")],
            vec![cell(b"5"), cell(&[b'x'; 300]), cell(&[b'y'; 70_000])],
            vec![cell(b"6"), cell(b"last; of all"), None],
        ]);
        let numbers = Table::new("z_numbers", vec![Column::int("n")])
            .with_rows((0..3_u8).map(|n| vec![cell(&[b'0' + n])]).collect());
        Self::new(flavour, "world")
            .with_table(people)
            .with_table(numbers)
    }

    /// With this table too; tables are listed by name, as servers list them.
    #[must_use]
    pub fn with_table(mut self, table: Table) -> Self {
        self.tables.push(table);
        self.tables.sort_by(|a, b| a.name.cmp(&b.name));
        self
    }

    /// Ends results in EOF packets, as servers did before MySQL 5.7.5 and MariaDB 10.2.
    #[must_use]
    pub const fn with_eof_packets(mut self) -> Self {
        self.deprecate_eof = false;
        self
    }

    /// What `@@version` says.
    pub(super) const fn version(&self) -> &'static str {
        match self.flavour {
            Flavour::MariaDb => "10.11.19-MariaDB-scripted",
            Flavour::MySql => "9.7.4-scripted",
        }
    }

    /// The version as the greeting has it: MariaDB hides behind an old MySQL's.
    pub(super) fn greeted_version(&self) -> String {
        match self.flavour {
            Flavour::MariaDb => format!("5.5.5-{}", self.version()),
            Flavour::MySql => self.version().to_owned(),
        }
    }

    pub(super) fn table(&self, name: &str) -> Option<&Table> {
        self.tables.iter().find(|table| table.name == name)
    }

    /// A global or session variable's value.
    pub(super) fn variable(&self, name: &str) -> Option<&'static str> {
        let (_, value) = self.variables().find(|(known, _)| *known == name)?;
        Some(value)
    }

    pub(super) fn variables(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        const COMMON: [(&str, &str); 24] = [
            ("autocommit", "ON"),
            ("character_set_client", "utf8mb4"),
            ("character_set_connection", "utf8mb4"),
            ("character_set_database", "utf8mb4"),
            ("character_set_results", "utf8mb4"),
            ("character_set_server", "utf8mb4"),
            ("collation_connection", "utf8mb4_general_ci"),
            ("collation_database", "utf8mb4_general_ci"),
            ("collation_server", "utf8mb4_general_ci"),
            ("hostname", "scripted"),
            ("log_bin", "OFF"),
            ("lower_case_table_names", "0"),
            ("max_allowed_packet", "1073741824"),
            ("net_buffer_length", "16384"),
            ("port", "3306"),
            ("read_only", "OFF"),
            ("server_id", "1"),
            ("sql_mode", ""),
            ("super_read_only", "OFF"),
            ("system_time_zone", "UTC"),
            ("time_zone", "SYSTEM"),
            ("transaction_isolation", "REPEATABLE-READ"),
            ("tx_isolation", "REPEATABLE-READ"),
            ("wait_timeout", "28800"),
        ];
        let own: &[(&str, &str)] = match self.flavour {
            Flavour::MariaDb => &[("gtid_current_pos", ""), ("gtid_binlog_pos", "")],
            Flavour::MySql => &[
                ("gtid_mode", "OFF"),
                ("gtid_executed", ""),
                ("server_uuid", "00000000-5c71-11f1-8000-000000000001"),
            ],
        };
        [
            ("version", self.version()),
            ("version_comment", "a scripted double"),
        ]
        .into_iter()
        .chain(COMMON)
        .chain(own.iter().copied())
    }
}
