//! Views over tables and over views.

use crate::model::Case;
use crate::programs::ODD_DEFINER;
use crate::tables::Built;
use crate::text::{label, quoted, string, text};

/// Appends the views' statements; gives their names in order of creation.
pub(crate) fn build(case: &Case, tables: &[Built], statements: &mut Vec<String>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (index, view) in case.views.iter().enumerate() {
        let name = format!("v{}{index}", label(&view.name));
        let below = names.last().filter(|_| view.over_view);
        let (columns, source) = match below {
            Some(below) => ("*".to_owned(), below),
            None => {
                let table = view.table.of(tables);
                let mut columns = vec!["id".to_owned()];
                columns.extend(table.columns.iter().take(3).map(|column| quoted(column)));
                let words = text(&view.words, "utf8mb3");
                columns.push(format!(
                    "{} AS {}",
                    string(&words),
                    quoted(&format!("a{name}"))
                ));
                (columns.join(", "), &table.name)
            }
        };
        let settings = view.settings;
        let algorithm = *settings.of(&["UNDEFINED", "MERGE", "TEMPTABLE"]);
        let security = if settings.0.is_multiple_of(2) {
            "DEFINER"
        } else {
            "INVOKER"
        };
        // Only a view that can be updated can check what is updated.
        let check = if below.is_some() || algorithm == "TEMPTABLE" {
            ""
        } else {
            match settings.0 / 6 % 4 {
                0 => " WHERE id > 5 WITH LOCAL CHECK OPTION",
                1 => " WHERE id > 5 WITH CASCADED CHECK OPTION",
                2 => " WHERE id <> 5",
                _ => "",
            }
        };
        let definer = if view.words.len() % 4 == 3 {
            ODD_DEFINER
        } else {
            ""
        };
        statements.push(format!(
            "CREATE ALGORITHM={algorithm} {definer}SQL SECURITY {security} VIEW {} AS SELECT {columns} FROM {}{check}",
            quoted(&name),
            quoted(source)
        ));
        names.push(name);
    }
    names
}
