//! Tables: definitions, keys, partitions, references, rows.

use crate::columns::{self, Made};
use crate::kinds::{self, Engine};
use crate::model::{Case, Rows, Table};
use crate::script::resolved;
use crate::text::{label, quoted, string, text};
use crate::world::{Charset, World};

/// A table that was turned into SQL.
#[derive(Debug)]
pub(crate) struct Built {
    pub(crate) name: String,
    pub(crate) engine: Engine,
    pub(crate) versioned: bool,
    pub(crate) partitioned: bool,
    /// The columns after `id`, in order.
    pub(crate) columns: Vec<String>,
    pub(crate) statements: Vec<String>,
    key: KeyForm,
    /// Whether two servers can have the same checksum of it.
    pub(crate) checksums: bool,
}

/// What kind of key `id` has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum KeyForm {
    None,
    Primary,
    PrimaryDescending,
    AutoIncrement,
    /// With the first column before it.
    Composite,
    Unique,
    Plain,
}

const KEY_FORMS: &[KeyForm] = &[
    KeyForm::Primary,
    KeyForm::Primary,
    KeyForm::AutoIncrement,
    KeyForm::Composite,
    KeyForm::None,
    KeyForm::Unique,
    KeyForm::PrimaryDescending,
    KeyForm::Plain,
];

pub(crate) fn build(
    world: &World,
    case: &Case,
    table: &Table,
    index: usize,
    database_charset: &Charset,
    parent: Option<(&Table, &Built)>,
) -> Built {
    let mut engine = *table.engine.of(&kinds::engines(world));
    let name = format!("t{}{index}", label(&table.name));
    let parent = parent.filter(|(_, parent)| {
        table.refers
            && engine.references
            && parent.engine.references
            && !parent.partitioned
            && !parent.versioned
            && matches!(
                parent.key,
                KeyForm::Primary | KeyForm::AutoIncrement | KeyForm::Unique
            )
    });
    let versioned = world.is_mariadb() && table.versioned && engine.versions && parent.is_none();
    let partitions = table
        .partitions
        .filter(|_| engine.partitions && parent.is_none() && !versioned);
    // Neither server has geometry in partitions.
    engine.geometry &= partitions.is_none();

    let mut key = match *table.key.of(KEY_FORMS) {
        _ if !engine.keys => KeyForm::None,
        KeyForm::PrimaryDescending if !engine.descending => KeyForm::Primary,
        key => key,
    };
    let charset = table.charset.map(|drawn| resolved(world, drawn));
    let surroundings = columns::Surroundings {
        world,
        engine,
        charset: charset.as_ref().map_or(database_charset, |(set, _)| *set),
        auto_increment: key == KeyForm::AutoIncrement,
        lossless: case.restored,
    };
    let leads = key == KeyForm::Composite;
    let made: Vec<Made<'_>> = table
        .columns
        .iter()
        .enumerate()
        .map(|(at, column)| columns::build(&surroundings, column, at, leads && at == 0))
        .collect();
    if leads && made.first().is_none_or(|first| first.key_part.is_none()) {
        key = KeyForm::Primary;
    }

    let mut lines = vec![id_column(key, engine)];
    lines.extend(made.iter().map(|column| column.definition.clone()));
    if parent.is_some() {
        lines.push("parent_id INT".into());
    }
    lines.extend(primary(key, &made));
    lines.extend(secondary(table, &made, engine, partitions.is_some()));
    if let Some((_, parent)) = parent {
        lines.push(format!(
            "CONSTRAINT `fk {index}` FOREIGN KEY (parent_id) REFERENCES {} (id) ON DELETE SET NULL",
            quoted(&parent.name)
        ));
    }
    if table.check {
        // MariaDB does not check what counts by itself.
        let subject = if key == KeyForm::AutoIncrement {
            "1"
        } else {
            "id"
        };
        let words = if surroundings.charset.name == "swe7" {
            "'it''s;'"
        } else {
            "'it''s;\\\\'"
        };
        lines.push(format!(
            "CONSTRAINT {} CHECK ({subject} > -100000 and {words} <> '')",
            quoted(&format!("ck{}{index}", label(&table.name)))
        ));
    }
    let mut create = format!(
        "CREATE TABLE {} (\n  {}\n) ENGINE={}",
        quoted(&name),
        lines.join(",\n  "),
        engine.name
    );
    if let Some((_, clause)) = &charset {
        create.push_str(&format!(" DEFAULT {clause}"));
    }
    if let Some(comment) = &table.comment {
        create.push_str(&format!(" COMMENT={}", string(&text(comment, "utf8mb3"))));
    }
    if versioned {
        create.push_str(" WITH SYSTEM VERSIONING");
    }
    create.push_str(&partitions.map_or_else(String::new, |drawn| partition_clause(drawn.below(4))));

    let mut statements = vec![create];
    statements.extend(insert(&name, table.rows, &made, parent));
    if versioned {
        statements.push(format!("DELETE FROM {} ORDER BY id LIMIT 1", quoted(&name)));
    }
    Built {
        // ARCHIVE's may be 0 beside rows that a SELECT shows (MySQL 9.7.4); a versioned table's
        // is also that of its history, which is not dumped.
        checksums: made.iter().all(|column| column.checksums)
            && !versioned
            && engine.name != "ARCHIVE",
        columns: made.iter().map(|column| column.name.clone()).collect(),
        name,
        engine,
        versioned,
        partitioned: partitions.is_some(),
        statements,
        key,
    }
}

fn id_column(key: KeyForm, engine: Engine) -> String {
    match key {
        KeyForm::AutoIncrement => "id INT NOT NULL AUTO_INCREMENT".into(),
        KeyForm::Unique | KeyForm::Plain => "id INT".into(),
        KeyForm::None if engine.nullable => "id INT".into(),
        _ => "id INT NOT NULL".into(),
    }
}

fn primary(key: KeyForm, made: &[Made<'_>]) -> Option<String> {
    match key {
        KeyForm::None => None,
        KeyForm::Primary | KeyForm::AutoIncrement => Some("PRIMARY KEY (id)".into()),
        KeyForm::PrimaryDescending => Some("PRIMARY KEY (id DESC)".into()),
        KeyForm::Composite => made
            .first()
            .and_then(|first| first.key_part.as_ref())
            .map(|part| format!("PRIMARY KEY ({part}, id)")),
        KeyForm::Unique => Some("UNIQUE KEY `the key` (id)".into()),
        KeyForm::Plain => Some("KEY (id)".into()),
    }
}

fn secondary(table: &Table, made: &[Made<'_>], engine: Engine, partitioned: bool) -> Vec<String> {
    let parts: Vec<&String> = made
        .iter()
        .filter_map(|column| column.key_part.as_ref())
        .collect();
    if !engine.keys || parts.is_empty() {
        return Vec::new();
    }
    let definition = |(index, drawn): (usize, &crate::model::Secondary)| {
        let part = drawn.column.of(&parts);
        let direction = if drawn.descending && engine.name == "InnoDB" {
            " DESC"
        } else {
            ""
        };
        let unique = if drawn.unique { "UNIQUE " } else { "" };
        // A unique key of a partitioned table has the partitions' column.
        let also = if drawn.unique && partitioned {
            ", id"
        } else {
            ""
        };
        let comment = drawn.comment.as_ref().map_or_else(String::new, |comment| {
            // MariaDB takes a NUL here and cannot read the table then.
            let comment = text(comment, "utf8mb3").replace('\0', "");
            format!(" COMMENT {}", string(&comment))
        });
        format!(
            "{unique}KEY {} ({part}{direction}{also}){comment}",
            quoted(&format!("k{}{index}", label(&drawn.name)))
        )
    };
    table.secondary.iter().enumerate().map(definition).collect()
}

fn partition_clause(form: u16) -> String {
    match form {
        0 => " PARTITION BY HASH (id) PARTITIONS 3",
        1 => " PARTITION BY KEY (id) PARTITIONS 2",
        2 => {
            " PARTITION BY RANGE (id) (PARTITION `p 0` VALUES LESS THAN (10), \
             PARTITION p1 VALUES LESS THAN (500) COMMENT = 'one; \"two\"', \
             PARTITION p2 VALUES LESS THAN MAXVALUE)"
        }
        _ => {
            " PARTITION BY RANGE (id) SUBPARTITION BY HASH (id) SUBPARTITIONS 2 \
             (PARTITION p0 VALUES LESS THAN (300), PARTITION p1 VALUES LESS THAN MAXVALUE)"
        }
    }
    .into()
}

fn insert(
    name: &str,
    rows: Rows,
    made: &[Made<'_>],
    parent: Option<(&Table, &Built)>,
) -> Option<String> {
    if rows.count == 0 {
        return None;
    }
    let filled: Vec<&Made<'_>> = made.iter().filter(|column| !column.generated).collect();
    let mut names = vec!["id".to_owned()];
    names.extend(filled.iter().map(|column| quoted(&column.name)));
    if parent.is_some() {
        names.push("parent_id".into());
    }
    let literals: Vec<Vec<String>> = filled
        .iter()
        .map(|column| {
            let values = column.home.column.values.iter();
            values.map(|value| column.home.literal(value)).collect()
        })
        .collect();
    let texts: Vec<String> = (0..i32::from(rows.count))
        .map(|row| {
            let id = i32::from(rows.start) + i32::from(rows.step) * row + 300;
            let mut cells = vec![id.to_string()];
            for column in &literals {
                let at = usize::try_from(row).expect("a row's number") % column.len();
                cells.push(column[at].clone());
            }
            if let Some((parent, _)) = parent {
                let refers = parent.rows.count > 0 && row % 2 == 0;
                cells.push(if refers {
                    (i32::from(parent.rows.start) + 300).to_string()
                } else {
                    "NULL".into()
                });
            }
            format!("({})", cells.join(","))
        })
        .collect();
    Some(format!(
        "INSERT IGNORE INTO {} ({}) VALUES\n{}",
        quoted(name),
        names.join(","),
        texts.join(",\n")
    ))
}
