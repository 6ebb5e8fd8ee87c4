//! Tables and sequences: definitions, and what stands before and after the rows.

use super::{Layout, commented, push};
use crate::encode::Printing;
use crate::pack::InsertForm;
use crate::plan::Role;
use crate::source::catalogue::{ColumnEntry, Histogram};
use crate::sql::name as quoted;

impl Layout<'_> {
    /// `create` is the server's `CREATE TABLE`.
    pub(crate) fn table(&self, out: &mut Vec<u8>, table: &str, role: Role, create: &[u8]) {
        let name = self.names.quoted(table);
        self.comment(
            out,
            &format!(
                "\n--\n-- Table structure for table {}\n--\n\n",
                commented(&name)
            ),
        );
        if self.options.add_drop_table && role != Role::Kept {
            let name = self.names.shown(table);
            self.push(out, &format!("DROP TABLE IF EXISTS {name};\n"));
        }
        let with_charset = !self.options.compatible.without_charsets();
        if with_charset {
            self.push(
                out,
                "/*!40101 SET @saved_cs_client     = @@character_set_client */;\n",
            );
            let guard = self.utf8mb4_guard();
            self.push(
                out,
                &format!("/*!{guard} SET character_set_client = utf8mb4 */;\n"),
            );
        }
        match create.strip_prefix(b"CREATE TABLE ") {
            Some(rest) if role == Role::Kept => {
                self.push(out, "CREATE TABLE IF NOT EXISTS ");
                out.extend_from_slice(rest);
            }
            _ => out.extend_from_slice(create),
        }
        self.push(out, ";\n");
        if with_charset {
            self.push(
                out,
                "/*!40101 SET character_set_client = @saved_cs_client */;\n",
            );
        }
    }

    /// A sequence (MariaDB); `create` is the server's `CREATE SEQUENCE`.
    pub(crate) fn sequence(&self, out: &mut Vec<u8>, name: &str, create: &[u8]) {
        let name = self.names.quoted(name);
        self.comment(
            out,
            &format!(
                "\n--\n-- Sequence structure for {}\n--\n\n",
                commented(&name)
            ),
        );
        if self.options.add_drop_table {
            self.push(out, &format!("DROP SEQUENCE IF EXISTS {name};\n"));
        }
        out.extend_from_slice(create);
        self.push(out, ";\n");
    }

    /// The value with which a sequence goes on.
    pub(crate) fn sequence_value(&self, out: &mut Vec<u8>, name: &str, value: &[u8]) {
        self.push(out, &format!("DO SETVAL({}, ", self.names.quoted(name)));
        out.extend_from_slice(value);
        self.push(out, ", 0);\n");
    }

    /// The statements that make a table's histograms again (MySQL).
    pub(crate) fn histograms(&self, out: &mut Vec<u8>, table: &str, histograms: &[Histogram]) {
        let table = self.names.shown(table);
        for Histogram { column, buckets } in histograms {
            let column = self.names.shown(column);
            self.push(
                out,
                &format!(
                    "/*!80002 ANALYZE TABLE {table} UPDATE HISTOGRAM ON {column} \
                     WITH {buckets} BUCKETS */;\n"
                ),
            );
        }
    }

    /// The comments before a table's rows, which stand even where the rows cannot be read.
    pub(crate) fn rows_comment(&self, out: &mut Vec<u8>, table: &str, order: &[String]) {
        let name = commented(&self.names.quoted(table));
        self.comment(
            out,
            &format!("\n--\n-- Dumping data for table {name}\n--\n"),
        );
        if let Some(condition) = &self.options.where_clause {
            // As it was given: nobody converts it.
            self.long_comment(out, "WHERE", condition.as_bytes());
        }
        if !order.is_empty() {
            let list = self.names.list(order, ",");
            self.long_comment(out, "ORDER BY", &self.letters.encode(&list));
        }
        if !self.options.compact {
            self.push(out, "\n");
        }
    }

    /// What stands directly before a table's rows.
    pub(crate) fn before_rows(&self, out: &mut Vec<u8>, rows: &RowsOf<'_>) {
        let name = self.names.shown(rows.table);
        let mariadb = self.client.is_mariadb();
        let in_transaction = self.options.wraps_rows(self.client);
        if rows.with_history {
            self.push(
                out,
                "/*M!101100 SET @old_system_versioning_insert_history=\
                 @@session.system_versioning_insert_history, \
                 @@session.system_versioning_insert_history=1 */;\n",
            );
        }
        if in_transaction && mariadb {
            self.push(out, "SET @OLD_AUTOCOMMIT=@@AUTOCOMMIT, @@AUTOCOMMIT=0;\n");
        }
        if self.options.add_locks && rows.role != Role::Statistics {
            self.push(out, &format!("LOCK TABLES {name} WRITE;\n"));
        }
        if self.options.disable_keys {
            self.push(
                out,
                &format!("/*!40000 ALTER TABLE {name} DISABLE KEYS */;\n"),
            );
        }
        if in_transaction && !mariadb {
            self.push(out, "set autocommit=0;\n");
        }
    }

    /// What stands after a table's rows.
    pub(crate) fn after_rows(&self, out: &mut Vec<u8>, rows: &RowsOf<'_>) {
        if self.options.disable_keys {
            self.push(
                out,
                &format!(
                    "/*!40000 ALTER TABLE {} ENABLE KEYS */;\n",
                    self.names.shown(rows.table)
                ),
            );
        }
        if self.options.add_locks && rows.role != Role::Statistics {
            self.push(out, "UNLOCK TABLES;\n");
        }
        if self.options.wraps_rows(self.client) {
            let text = if self.client.is_mariadb() {
                "COMMIT;\nSET AUTOCOMMIT=@OLD_AUTOCOMMIT;\n"
            } else {
                "commit;\n"
            };
            self.push(out, text);
        }
        if rows.with_history {
            self.push(
                out,
                "/*M!101100 SET system_versioning_insert_history=\
                 @old_system_versioning_insert_history */;\n",
            );
        }
    }

    /// How this table's rows become statements.
    pub(crate) fn insert_form(&self, rows: &RowsOf<'_>) -> InsertForm {
        let options = self.options;
        let verb = if options.replace { "REPLACE" } else { "INSERT" };
        let ignores = options.insert_ignore || rows.role == Role::Statistics;
        let ignore = if ignores {
            self.client.ignore_clause()
        } else {
            " "
        };
        let mut prefix = format!("{verb}{ignore}INTO {}", self.names.shown(rows.table));
        let with_list = options.complete_insert || self.must_list_columns(rows);
        if with_list {
            prefix.push_str(&format!(" ({})", self.column_list(rows, ", ")));
        }
        // MariaDB's client breaks the line only after a VALUES without a list.
        let breaks = self.client.is_mariadb() && !with_list && options.extended_insert;
        prefix.push_str(if breaks { " VALUES\n" } else { " VALUES " });
        InsertForm {
            prefix: self.letters.encode(&prefix).into_owned(),
            separator: InsertForm::separator(self.client.flavour()),
            limit: options.net_buffer_length,
            extended: options.extended_insert,
        }
    }

    /// The SELECT that reads a table's rows, in the words of the real client: its plan
    /// decides the order of the rows.
    ///
    /// Names are in the character set of the dump, the condition as it was given.
    pub(crate) fn select(&self, rows: &RowsOf<'_>, order: &[String]) -> Vec<u8> {
        // Generated columns are read by both, though MySQL's does not print them.
        let listed = self.client.is_mariadb() || rows.columns.iter().any(|c| c.invisible);
        let what = if listed {
            let mut names: Vec<String> = rows
                .columns
                .iter()
                .map(|column| quoted(&column.name))
                .collect();
            if rows.has_hidden_period() {
                names.extend(["row_start".to_owned(), "row_end".to_owned()]);
            }
            names.join(", ")
        } else {
            "*".to_owned()
        };
        let mut sql = format!(
            "SELECT /*!40001 SQL_NO_CACHE */ {what} FROM {}",
            quoted(rows.table)
        );
        if rows.with_history {
            sql.push_str(" FOR SYSTEM_TIME ALL");
        } else if let Some(moment) = rows.as_of {
            sql.push_str(&format!(" FOR SYSTEM_TIME AS OF TIMESTAMP '{moment}'"));
        }
        let mut sql = self.letters.encode(&sql).into_owned();
        if let Some(condition) = &self.options.where_clause {
            push(&mut sql, &format!(" WHERE {condition}"));
        }
        if !order.is_empty() {
            let columns: Vec<String> = order.iter().map(|name| quoted(name)).collect();
            let order = format!(" ORDER BY {}", columns.join(","));
            sql.extend_from_slice(&self.letters.encode(&order));
        }
        sql
    }

    /// What the definitions of the columns read say about the printing of their values.
    pub(crate) fn printings(&self, columns: &[ColumnEntry]) -> Vec<Printing> {
        let mariadb = self.client.is_mariadb();
        columns
            .iter()
            .map(|column| match column {
                _ if column.generated && !mariadb => Printing::LeftOut,
                _ if mariadb && column.column_type.starts_with("vector(") => Printing::AsBits,
                _ => Printing::ByMetadata,
            })
            .collect()
    }

    fn column_list(&self, rows: &RowsOf<'_>, separator: &str) -> String {
        let names: Vec<String> = self
            .dumped_columns(rows.columns)
            .map(|column| column.name.clone())
            .collect();
        let mut list = self.names.list(&names, separator);
        if rows.has_hidden_period() {
            list.push_str(", row_start, row_end");
        }
        list
    }

    /// MySQL's client leaves generated values out, MariaDB's (10.11) prints them.
    fn dumped_columns<'c>(
        &self,
        columns: &'c [ColumnEntry],
    ) -> impl Iterator<Item = &'c ColumnEntry> {
        let with_generated = self.client.is_mariadb();
        columns
            .iter()
            .filter(move |column| with_generated || !column.generated)
    }

    fn must_list_columns(&self, rows: &RowsOf<'_>) -> bool {
        rows.has_hidden_period()
            || rows
                .columns
                .iter()
                .any(|column| column.invisible || (column.generated && !self.client.is_mariadb()))
    }
}

/// A table whose rows are printed.
#[derive(Debug)]
pub(crate) struct RowsOf<'a> {
    pub(crate) table: &'a str,
    pub(crate) role: Role,
    pub(crate) columns: &'a [ColumnEntry],
    /// Whether old versions of rows are printed too.
    pub(crate) with_history: bool,
    /// The moment whose versions are printed.
    pub(crate) as_of: Option<&'a str>,
}

impl RowsOf<'_> {
    /// Whether the period of the versions is printed though no column declares it.
    fn has_hidden_period(&self) -> bool {
        self.with_history && !self.columns.iter().any(|column| column.row_start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flavour::Client;
    use crate::options::{DumpOptions, Letters};

    fn columns() -> Vec<ColumnEntry> {
        let column = |name: &str, generated| ColumnEntry {
            name: name.into(),
            column_type: "int".into(),
            generated,
            invisible: false,
            row_start: false,
        };
        vec![column("id", false), column("twice", true)]
    }

    fn rows(columns: &[ColumnEntry]) -> RowsOf<'_> {
        RowsOf {
            table: "t",
            role: Role::Ordinary,
            columns,
            with_history: false,
            as_of: None,
        }
    }

    #[test]
    fn generated_columns_are_listed_away_by_mysql_and_printed_by_mariadb() {
        let options = DumpOptions::default();
        let columns = columns();
        let mysql = Layout::new(&options, Client::MYSQL_9, Letters::All);
        assert_eq!(
            mysql.printings(&columns),
            [Printing::ByMetadata, Printing::LeftOut]
        );
        assert_eq!(
            mysql.insert_form(&rows(&columns)).prefix,
            b"INSERT INTO `t` (`id`) VALUES "
        );
        assert_eq!(
            mysql.select(&rows(&columns), &[]),
            b"SELECT /*!40001 SQL_NO_CACHE */ * FROM `t`"
        );
        let mariadb = Layout::new(&options, Client::MARIADB_10, Letters::All);
        assert_eq!(
            mariadb.insert_form(&rows(&columns)).prefix,
            b"INSERT INTO `t` VALUES\n"
        );
        assert_eq!(
            mariadb.select(&rows(&columns), &[]),
            b"SELECT /*!40001 SQL_NO_CACHE */ `id`, `twice` FROM `t`"
        );
    }

    #[test]
    fn history_is_read_and_printed_with_its_period() {
        let options = DumpOptions::default();
        let columns = columns();
        let layout = Layout::new(&options, Client::MARIADB_10, Letters::All);
        let rows = RowsOf {
            with_history: true,
            ..rows(&columns)
        };
        assert_eq!(
            layout.select(&rows, &[]),
            b"SELECT /*!40001 SQL_NO_CACHE */ `id`, `twice`, row_start, row_end FROM `t` \
             FOR SYSTEM_TIME ALL"
        );
        assert_eq!(
            layout.insert_form(&rows).prefix,
            b"INSERT INTO `t` (`id`, `twice`, row_start, row_end) VALUES "
        );
    }
}
