//! Triggers, routines, events, sequences and packages, each under settings of its own.

use crate::model::{Case, Program};
use crate::script::PLAIN_SETTINGS;
use crate::tables::Built;
use crate::text::{label, quoted, text};

/// How many there are of each kind, and what they are called.
#[derive(Debug, Default)]
pub(crate) struct Programs {
    pub(crate) triggers: usize,
    pub(crate) routines: usize,
    pub(crate) events: usize,
    pub(crate) sequences: usize,
    pub(crate) packages: usize,
    pub(crate) names: Vec<String>,
}

const SQL_MODES: &[&str] = &[
    "",
    "ANSI_QUOTES",
    "NO_BACKSLASH_ESCAPES",
    "ANSI",
    "TRADITIONAL",
    "PIPES_AS_CONCAT,IGNORE_SPACE",
    "STRICT_ALL_TABLES,NO_ZERO_DATE",
    "NO_BACKSLASH_ESCAPES,ANSI_QUOTES",
    "HIGH_NOT_PRECEDENCE,NO_ENGINE_SUBSTITUTION",
    "PAD_CHAR_TO_FULL_LENGTH",
];

/// Character sets that a client may have, those of one byte first: our UTF-8 means
/// something to them byte by byte.
const CLIENT_CHARSETS: &[&str] = &[
    "utf8mb4", "utf8mb3", "latin1", "cp1251", "koi8r", "latin2", "binary", "sjis", "gbk", "big5",
];
const SINGLE_BYTE: &[&str] = &["latin1", "cp1251", "koi8r", "latin2", "binary"];

/// A user whose name has what the real clients look for in a definition.
pub(crate) const ODD_DEFINER: &str = "DEFINER=`we``ird TRIGGER EVENT`@`%` ";

const SEQUENCES: &[&str] = &[
    "",
    "START WITH 5 INCREMENT BY 3 MINVALUE -7 MAXVALUE 1000 CACHE 10 CYCLE",
    "START WITH -1 INCREMENT BY -2 MINVALUE -100 MAXVALUE 0 NOCACHE NOCYCLE",
    "INCREMENT BY 0 ENGINE=MyISAM",
    "MINVALUE 9223372036854775800 CACHE 3 ENGINE=InnoDB COMMENT='it''s;'",
];

const TRIGGER_TIMES: &[&str] = &[
    "BEFORE INSERT",
    "AFTER INSERT",
    "BEFORE UPDATE",
    "AFTER UPDATE",
    "BEFORE DELETE",
    "AFTER DELETE",
];

/// Appends the programs' statements.
pub(crate) fn build(
    case: &Case,
    is_mariadb: bool,
    tables: &[Built],
    statements: &mut Vec<String>,
) -> Programs {
    let mut programs = Programs::default();
    for (index, program) in case.programs.iter().enumerate() {
        let table = program.table.of(tables);
        // The last two are MariaDB's own.
        let kind = program.kind.below(if is_mariadb { 11 } else { 9 });
        let mut charset = *program.client_charset.of(CLIENT_CHARSETS);
        // In another set the table's name would be another name.
        if kind < 6 && !table.name.is_ascii() && charset != "utf8mb3" {
            charset = "utf8mb4";
        }
        let mut name = format!("p{}{index}", label(&program.name));
        if !charset.starts_with("utf8") {
            name.retain(|character| character.is_ascii());
        }
        let mut sql_mode = *program.sql_mode.of(SQL_MODES);
        // MySQL (9.7.4) cannot read back what it prints under these: a table's expressions
        // under the first, when its trigger is made; an event's `NOT PRESERVE` under the other.
        let unreadable = ["NO_BACKSLASH_ESCAPES", "HIGH_NOT_PRECEDENCE"];
        if case.restored && unreadable.iter().any(|mode| sql_mode.contains(mode)) {
            sql_mode = "ANSI_QUOTES";
        }
        statements.push(format!(
            "SET SESSION sql_mode='{sql_mode}', time_zone='{}', NAMES {charset}",
            program.body.of(&["+00:00", "SYSTEM", "+09:00"])
        ));
        let mut body = body(program, charset, kind == 7);
        if case.restored {
            // MariaDB's client reads such line ends as plain ones.
            body.retain(|character| character != '\r');
        }
        let quoted_name = quoted(&name);
        programs.names.push(name);
        let name = quoted_name;
        // The wrapping of such a definer is not the one that it is read back from.
        let definer = program.words.len() % if case.restored { 3 } else { 4 };
        let definer = [
            "",
            "DEFINER=CURRENT_USER ",
            "DEFINER=`root`@`127.0.0.1` ",
            ODD_DEFINER,
        ][definer];
        let create = match kind {
            0..6 => {
                programs.triggers += 1;
                let time = TRIGGER_TIMES[usize::from(kind)];
                let table = quoted(&table.name);
                format!("CREATE {definer}TRIGGER {name} {time} ON {table} FOR EACH ROW {body}")
            }
            6 => {
                programs.routines += 1;
                format!(
                    "CREATE {definer}PROCEDURE {name}(IN p INT, OUT `q q` VARCHAR(20)) COMMENT 'it''s' {body}"
                )
            }
            7 => {
                programs.routines += 1;
                format!(
                    "CREATE {definer}FUNCTION {name}(s VARCHAR(20)) RETURNS INT DETERMINISTIC NO SQL {body}"
                )
            }
            8 => {
                programs.events += 1;
                let schedule = *program.table.of(&[
                    "AT '2035-01-01 00:00:00' ON COMPLETION PRESERVE",
                    "EVERY 1 DAY STARTS '2035-01-01 00:00:00' DISABLE",
                    "EVERY '1:30' HOUR_MINUTE STARTS '2035-01-01 00:00:00' COMMENT 'it''s;'",
                ]);
                format!("CREATE {definer}EVENT {name} ON SCHEDULE {schedule} DO {body}")
            }
            9 => {
                programs.sequences += 1;
                let form = *program.body.of(SEQUENCES);
                statements.push(format!("CREATE SEQUENCE {name} {form}"));
                format!("SELECT NEXTVAL({name})")
            }
            _ => {
                programs.packages += 1;
                statements.push("SET SESSION sql_mode='ORACLE'".into());
                statements.push(format!(
                    "CREATE PACKAGE {name} COMMENT 'it''s' AS\n  FUNCTION f RETURN INT;\nEND"
                ));
                format!(
                    "CREATE PACKAGE BODY {name} AS\n  x INT := 1;\n  \
                     FUNCTION f RETURN INT AS BEGIN RETURN x; END;\nBEGIN\n  x := 2;\nEND"
                )
            }
        };
        statements.push(create);
    }
    if !case.programs.is_empty() {
        statements.push(PLAIN_SETTINGS.to_owned());
    }
    programs
}

/// A body without `;;`, at which both real clients loop for ever in an event, and without
/// what means one thing or another by the sql_mode.
fn body(program: &Program, charset: &str, is_function: bool) -> String {
    let mut words: String = text(&program.words, "utf8mb3")
        .chars()
        .filter(|character| !matches!(character, '\\' | '\0' | ';' | '/' | '*'))
        .collect();
    if !charset.starts_with("utf8") && !SINGLE_BYTE.contains(&charset) {
        words.retain(|character| character.is_ascii());
    }
    let literal = format!("'{}'", words.replace('\'', "''"));
    let end = if is_function {
        "RETURN 1"
    } else {
        "SET @x = 2"
    };
    match program.body.below(5) {
        0 if is_function => format!("RETURN length({literal})"),
        0 => format!("SET @x = {literal}"),
        1 => format!(
            "BEGIN\n  -- a comment; 'quoted\n  SET @x = {literal}; # another `one\n  {end}; /* and; \"this\" */\nEND"
        ),
        2 => format!(
            "BEGIN\n\tDECLARE n INT DEFAULT 0;\r\n\tDECLARE CONTINUE HANDLER FOR SQLEXCEPTION SET @e = 1;\n\
             \tl: WHILE n < 3 DO SET n = n + 1; IF n = 2 THEN LEAVE l; END IF; END WHILE l;\n\tSET @x = {literal};\n\t{end};\nEND"
        ),
        3 => format!(
            "BEGIN\n/* DELIMITER //\nDELIMITER ;\n*/\n  SET @x = 'DELIMITER |';\n\n  {end};\nEND"
        ),
        _ => format!("BEGIN BEGIN {end}; END; {end}; END"),
    }
}
