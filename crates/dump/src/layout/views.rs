//! Views: a placeholder in the tables' place, the real thing at the end.

use super::{Layout, commented, push};
use crate::source::catalogue::ViewDefinition;

impl Layout<'_> {
    /// The beginning of a view's placeholder, which stands even where the view is invalid.
    pub(crate) fn view_placeholder(&self, out: &mut Vec<u8>, view: &str) {
        let word = if self.client.is_mariadb() {
            "table"
        } else {
            "view"
        };
        self.comment(
            out,
            &format!(
                "\n--\n-- Temporary {word} structure for view {}\n--\n\n",
                commented(&self.names.quoted(view))
            ),
        );
        if self.options.add_drop_table {
            let name = self.names.shown(view);
            self.push(out, &format!("DROP TABLE IF EXISTS {name};\n"));
        }
    }

    /// In the place of an invalid view's columns.
    pub(crate) fn failed_view(&self, out: &mut Vec<u8>, view: &str, create: &[u8]) {
        let name = self.names.quoted(view);
        self.push(out, &format!("\n-- failed on view {name}: "));
        out.extend_from_slice(create);
        self.push(out, "\n\n");
    }

    /// A table-like stand-in, so that views over views can be made in any order.
    pub(crate) fn view_columns(&self, out: &mut Vec<u8>, view: &str, columns: &[String]) {
        let name = self.names.quoted(view);
        if self.options.add_drop_table {
            let name = self.names.shown(view);
            self.push(out, &format!("/*!50001 DROP VIEW IF EXISTS {name}*/;\n"));
        }
        self.push(out, "SET @saved_cs_client     = @@character_set_client;\n");
        let (charset, select, value, end) = if self.client.is_mariadb() {
            (
                "SET character_set_client = utf8mb4;\n",
                "SELECT\n",
                " NULL AS ",
                " */;\n",
            )
        } else {
            (
                "/*!50503 SET character_set_client = utf8mb4 */;\n",
                "SELECT \n",
                " 1 AS ",
                "*/;\n",
            )
        };
        self.push(out, charset);
        self.push(out, &format!("/*!50001 CREATE VIEW {name} AS {select}"));
        for (index, column) in columns.iter().enumerate() {
            if index > 0 {
                self.push(out, ",\n");
            }
            self.push(out, value);
            // These the real clients read unconverted.
            push(out, &self.names.shown(column));
        }
        self.push(out, end);
        self.push(out, "SET character_set_client = @saved_cs_client;\n");
    }

    pub(crate) fn view(&self, out: &mut Vec<u8>, view: &str, definition: &ViewDefinition) {
        self.comment(
            out,
            &format!(
                "\n--\n-- Final view structure for view {}\n--\n\n",
                commented(&self.names.quoted(view))
            ),
        );
        let name = self.names.shown(view);
        let client = &definition.context.client_charset;
        let collation = &definition.context.connection_collation;
        self.push(
            out,
            &format!(
                "/*!50001 DROP VIEW IF EXISTS {name}*/;\n\
                 /*!50001 SET @saved_cs_client          = @@character_set_client */;\n\
                 /*!50001 SET @saved_cs_results         = @@character_set_results */;\n\
                 /*!50001 SET @saved_col_connection     = @@collation_connection */;\n\
                 /*!50001 SET character_set_client      = {client} */;\n\
                 /*!50001 SET character_set_results     = {client} */;\n\
                 /*!50001 SET collation_connection      = {collation} */;\n\
                 /*!50001 "
            ),
        );
        out.extend_from_slice(&self.versioned(definition));
        self.push(
            out,
            " */;\n\
             /*!50001 SET character_set_client      = @saved_cs_client */;\n\
             /*!50001 SET character_set_results     = @saved_cs_results */;\n\
             /*!50001 SET collation_connection      = @saved_col_connection */;\n",
        );
    }

    /// Wraps the clauses that old servers do not know in version comments of their own.
    ///
    /// The first text that looks like the clause is taken for it, as in the real clients.
    fn versioned(&self, definition: &ViewDefinition) -> Vec<u8> {
        let mut text = definition.definition.clone();
        if definition.check_option != "NONE" {
            let check = format!("WITH {} CHECK OPTION", definition.check_option);
            replace_first(&mut text, &check, &format!("*/\n/*!50002 {check}"));
        }
        let (user, host) = definition
            .definer
            .rsplit_once('@')
            .unwrap_or((definition.definer.as_str(), ""));
        let definer = format!(
            "DEFINER={}@{} SQL SECURITY {}",
            self.names.shown(user),
            self.names.shown(host),
            definition.security_type
        );
        replace_first(
            &mut text,
            &definer,
            &format!("*/\n/*!50013 {definer} */\n/*!50001"),
        );
        text
    }
}

fn replace_first(text: &mut Vec<u8>, from: &str, to: &str) {
    let found = text
        .windows(from.len())
        .position(|window| window == from.as_bytes());
    if let Some(at) = found {
        text.splice(at..at + from.len(), to.bytes());
    }
}
