//! What is dumped.

/// What is dumped.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Selection {
    /// One database without its `CREATE DATABASE` (`mysqldump DB`), or some of its tables in
    /// the order given (`mysqldump DB T1 T2`).
    Database {
        /// The database.
        name: String,
        /// Tables and views; empty for all.
        tables: Vec<String>,
    },
    /// Whole databases with `CREATE DATABASE` and `USE` (`mysqldump --databases A B`).
    Databases(Vec<String>),
    /// Every database that the user may see, the servers' own tables of accounts and settings
    /// (`mysql`) included, but for `information_schema`, `performance_schema` and `sys`
    /// (`mysqldump --all-databases`).
    AllDatabases,
}

impl Selection {
    /// One database, all its tables, no `CREATE DATABASE`.
    pub fn database(name: impl Into<String>) -> Self {
        Self::Database {
            name: name.into(),
            tables: Vec::new(),
        }
    }

    /// The names of the databases, in order; none for [`AllDatabases`](Self::AllDatabases),
    /// whose names only the server knows.
    #[must_use]
    pub fn database_names(&self) -> Vec<&str> {
        match self {
            Self::Database { name, .. } => vec![name],
            Self::Databases(names) => names.iter().map(String::as_str).collect(),
            Self::AllDatabases => Vec::new(),
        }
    }

    /// Whether `CREATE DATABASE` and `USE` are printed.
    pub(crate) fn names_databases(&self) -> bool {
        !matches!(self, Self::Database { .. })
    }

    /// What the header calls the database: the first name given.
    pub(crate) fn first_name(&self) -> &str {
        self.database_names().first().copied().unwrap_or_default()
    }

    /// Whether the servers' own statistics of InnoDB are among the tables.
    pub(crate) fn includes_statistics(&self) -> bool {
        let is = |name: &String, other: &str| name.eq_ignore_ascii_case(other);
        match self {
            Self::AllDatabases => true,
            Self::Databases(names) => names.iter().any(|name| is(name, "mysql")),
            Self::Database { name, tables } => {
                is(name, "mysql")
                    && tables.iter().any(|table| {
                        is(table, "innodb_table_stats") || is(table, "innodb_index_stats")
                    })
            }
        }
    }

    /// The tables that were named, if any were.
    pub(crate) fn named_tables(&self) -> &[String] {
        match self {
            Self::Database { tables, .. } => tables,
            _ => &[],
        }
    }
}

/// Schemas that hold no data of their own; no client dumps them.
const VIRTUAL: &[&str] = &["information_schema", "performance_schema", "sys", "ndbinfo"];

/// Whether a database is one that `--all-databases` passes over.
pub(crate) fn is_virtual(database: &str) -> bool {
    VIRTUAL
        .iter()
        .any(|name| database.eq_ignore_ascii_case(name))
}
