//! Tables: the definition, and what stands before and after the rows.

use super::{Layout, commented, push};
use crate::pack::InsertForm;
use crate::source::catalogue::ColumnEntry;
use crate::sql::name as quoted;

impl Layout<'_> {
    /// `create` is the server's `CREATE TABLE`.
    pub(crate) fn table(&self, out: &mut Vec<u8>, table: &str, create: &[u8]) {
        let name = quoted(table);
        self.comment(
            out,
            &format!(
                "\n--\n-- Table structure for table {}\n--\n\n",
                commented(&name)
            ),
        );
        if self.options.add_drop_table {
            push(out, &format!("DROP TABLE IF EXISTS {name};\n"));
        }
        push(
            out,
            "/*!40101 SET @saved_cs_client     = @@character_set_client */;\n",
        );
        let guard = self.utf8mb4_guard();
        push(
            out,
            &format!("/*!{guard} SET character_set_client = utf8mb4 */;\n"),
        );
        out.extend_from_slice(create);
        push(
            out,
            ";\n/*!40101 SET character_set_client = @saved_cs_client */;\n",
        );
    }

    /// What stands before a table's rows.
    pub(crate) fn before_rows(&self, out: &mut Vec<u8>, table: &str, order: &[String]) {
        let name = quoted(table);
        self.comment(
            out,
            &format!("\n--\n-- Dumping data for table {}\n--\n", commented(&name)),
        );
        if let Some(condition) = &self.options.where_clause {
            self.comment(out, &format!("-- WHERE:  {}\n", commented(condition)));
        }
        if !order.is_empty() {
            self.comment(
                out,
                &format!("-- ORDER BY:  {}\n", commented(&list(order, ","))),
            );
        }
        if !self.options.compact {
            push(out, "\n");
        }
        let mariadb = self.flavour.is_mariadb();
        if self.options.no_autocommit && mariadb {
            push(out, "SET @OLD_AUTOCOMMIT=@@AUTOCOMMIT, @@AUTOCOMMIT=0;\n");
        }
        if self.options.add_locks {
            push(out, &format!("LOCK TABLES {name} WRITE;\n"));
        }
        if self.options.disable_keys {
            push(
                out,
                &format!("/*!40000 ALTER TABLE {name} DISABLE KEYS */;\n"),
            );
        }
        if self.options.no_autocommit && !mariadb {
            push(out, "set autocommit=0;\n");
        }
    }

    /// What stands after a table's rows.
    pub(crate) fn after_rows(&self, out: &mut Vec<u8>, table: &str) {
        if self.options.disable_keys {
            push(
                out,
                &format!("/*!40000 ALTER TABLE {} ENABLE KEYS */;\n", quoted(table)),
            );
        }
        if self.options.add_locks {
            push(out, "UNLOCK TABLES;\n");
        }
        if self.options.no_autocommit {
            let text = if self.flavour.is_mariadb() {
                "COMMIT;\nSET AUTOCOMMIT=@OLD_AUTOCOMMIT;\n"
            } else {
                "commit;\n"
            };
            push(out, text);
        }
    }

    /// How this table's rows become statements.
    pub(crate) fn insert_form(&self, table: &str, columns: &[ColumnEntry]) -> InsertForm {
        let options = self.options;
        let verb = if options.replace { "REPLACE" } else { "INSERT" };
        let ignore = if options.insert_ignore { " IGNORE" } else { "" };
        let mut prefix = format!("{verb}{ignore} INTO {}", quoted(table));
        let with_list = options.complete_insert || self.must_list_columns(columns);
        if with_list {
            let names: Vec<String> = self
                .dumped_columns(columns)
                .map(|column| column.name.clone())
                .collect();
            prefix.push_str(&format!(" ({})", list(&names, ", ")));
        }
        // MariaDB's client breaks the line only after a VALUES without a list.
        let breaks = self.flavour.is_mariadb() && !with_list && options.extended_insert;
        prefix.push_str(if breaks { " VALUES\n" } else { " VALUES " });
        InsertForm {
            prefix: prefix.into_bytes(),
            separator: InsertForm::separator(self.flavour),
            limit: options.net_buffer_length,
            extended: options.extended_insert,
        }
    }

    /// The SELECT that reads a table's rows, in the words of the real client: its plan
    /// decides the order of the rows.
    pub(crate) fn select(&self, table: &str, columns: &[ColumnEntry], order: &[String]) -> String {
        let all = !self.flavour.is_mariadb()
            && !self.options.complete_insert
            && !self.must_list_columns(columns);
        let names: Vec<String> = self
            .dumped_columns(columns)
            .map(|column| column.name.clone())
            .collect();
        let what = if all {
            "*".to_owned()
        } else {
            list(&names, ", ")
        };
        let mut sql = format!(
            "SELECT /*!40001 SQL_NO_CACHE */ {what} FROM {}",
            quoted(table)
        );
        if let Some(condition) = &self.options.where_clause {
            sql.push_str(&format!(" WHERE {condition}"));
        }
        if !order.is_empty() {
            sql.push_str(&format!(" ORDER BY {}", list(order, ",")));
        }
        sql
    }

    /// MySQL's client leaves generated values out, MariaDB's (10.11) prints them.
    fn dumped_columns<'c>(
        &self,
        columns: &'c [ColumnEntry],
    ) -> impl Iterator<Item = &'c ColumnEntry> {
        let with_generated = self.flavour.is_mariadb();
        columns
            .iter()
            .filter(move |column| with_generated || !column.generated)
    }

    fn must_list_columns(&self, columns: &[ColumnEntry]) -> bool {
        columns
            .iter()
            .any(|column| column.invisible || (column.generated && !self.flavour.is_mariadb()))
    }
}

fn list(names: &[String], separator: &str) -> String {
    names
        .iter()
        .map(|name| quoted(name))
        .collect::<Vec<_>>()
        .join(separator)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flavour::Flavour;
    use crate::options::DumpOptions;

    fn columns() -> Vec<ColumnEntry> {
        let column = |name: &str, generated, invisible| ColumnEntry {
            name: name.into(),
            column_type: "int".into(),
            generated,
            invisible,
        };
        vec![column("id", false, false), column("twice", true, false)]
    }

    #[test]
    fn generated_columns_are_listed_away_by_mysql_and_printed_by_mariadb() {
        let options = DumpOptions::default();
        let mysql = Layout::new(&options, Flavour::Mysql);
        assert_eq!(
            mysql.insert_form("t", &columns()).prefix,
            b"INSERT INTO `t` (`id`) VALUES "
        );
        assert_eq!(
            mysql.select("t", &columns(), &[]),
            "SELECT /*!40001 SQL_NO_CACHE */ `id` FROM `t`"
        );
        let mariadb = Layout::new(&options, Flavour::Mariadb);
        assert_eq!(
            mariadb.insert_form("t", &columns()).prefix,
            b"INSERT INTO `t` VALUES\n"
        );
        assert_eq!(
            mariadb.select("t", &columns(), &[]),
            "SELECT /*!40001 SQL_NO_CACHE */ `id`, `twice` FROM `t`"
        );
    }
}
