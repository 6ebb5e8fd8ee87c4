//! What stands around rows and definitions: sorted, counted, and compared as a sequence.

use super::statement::Tokens;

/// What kind of line or statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Frame {
    Blank,
    Comment,
    /// `-- ORDER BY:`
    OrderBy,
    /// `-- WHERE:`
    Where,
    ClientLine,
    DumpCompleted,
    Delimiter,
    DropTable,
    DropOther,
    Lock,
    Keys,
    Autocommit,
    TimeZone,
    SetCharset,
    /// `character_set_client` around definitions.
    DefinitionCharset,
    Checks,
    ProgramSettings,
    Use,
    Gtid,
    Position,
    Placeholder,
    Histogram,
    Other,
    /// The rows of a table begin.
    Rows,
    /// A definition.
    Object,
}

impl Frame {
    /// Sorts a comment line.
    pub(super) fn of_comment(line: &[u8]) -> Self {
        if line.starts_with(b"-- MySQL dump ") || line.starts_with(b"-- MariaDB dump ") {
            Self::ClientLine
        } else if line.starts_with(b"-- Dump completed") {
            Self::DumpCompleted
        } else if line.starts_with(b"-- ORDER BY:  ") {
            Self::OrderBy
        } else if line.starts_with(b"-- WHERE:  ") {
            Self::Where
        } else if line.starts_with(b"-- CHANGE ") {
            Self::Position
        } else {
            Self::Comment
        }
    }

    /// Sorts a statement that defines nothing.
    pub(super) fn of_statement(text: &[u8]) -> Self {
        let mut tokens = Tokens::new(text);
        if tokens.accept("DROP") {
            return if tokens.accept("TABLE") {
                Self::DropTable
            } else {
                Self::DropOther
            };
        }
        if tokens.accept("LOCK") || tokens.accept("UNLOCK") {
            return Self::Lock;
        }
        if tokens.accept("ALTER") {
            return if tokens.accept("TABLE") && ends_in_keys(text) {
                Self::Keys
            } else {
                Self::Other
            };
        }
        if tokens.accept("COMMIT") {
            return Self::Autocommit;
        }
        if tokens.accept("USE") {
            return Self::Use;
        }
        if tokens.accept("CHANGE") {
            return Self::Position;
        }
        if tokens.accept("ANALYZE") {
            return Self::Histogram;
        }
        if tokens.accept("CREATE") {
            return Self::Placeholder;
        }
        if tokens.accept("SET") {
            return Self::of_set(text);
        }
        Self::Other
    }

    fn of_set(text: &[u8]) -> Self {
        let has = |word: &str| memchr::memmem::find(text, word.as_bytes()).is_some();
        if has("GTID_PURGED") || has("SQL_LOG_BIN") || has("gtid_slave_pos") {
            Self::Gtid
        } else if text.starts_with(b"/*!50003 ") || text.starts_with(b"/*!50106 ") {
            Self::ProgramSettings
        } else if has("TIME_ZONE") {
            Self::TimeZone
        } else if has("SET NAMES") || has("OLD_CHARACTER_SET_") || has("OLD_COLLATION_CONNECTION") {
            Self::SetCharset
        } else if has("saved_cs_")
            || has("character_set_")
            || has("saved_col_")
            || has("collation_connection")
        {
            Self::DefinitionCharset
        } else if has("AUTOCOMMIT") || has("autocommit") {
            Self::Autocommit
        } else if has("_CHECKS") || has("SQL_MODE") || has("SQL_NOTES") || has("NOTE_VERBOSITY") {
            Self::Checks
        } else {
            Self::Other
        }
    }

    /// Whether it says something about the content, so that its loss is more than form.
    pub(super) const fn is_content(self) -> bool {
        matches!(self, Self::Rows | Self::Object)
    }
}

fn ends_in_keys(text: &[u8]) -> bool {
    text.ends_with(b"ABLE KEYS */") || text.ends_with(b"ABLE KEYS")
}

/// One thing that a dump holds, rows by table and not one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FrameItem {
    pub(super) frame: Frame,
    pub(super) hash: u64,
    pub(super) line: u64,
}

/// How many items are kept one by one, 24 bytes each; of more there is only the digest.
pub(super) const MOST_ITEMS: usize = 1 << 19;

/// The character set that `SET NAMES` names.
pub(super) fn names(text: &[u8]) -> Option<String> {
    let mut tokens = Tokens::new(text);
    (tokens.accept("SET") && tokens.accept("NAMES"))
        .then(|| tokens.take_name())?
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clients_statements_are_sorted() {
        for (text, frame) in [
            ("DROP TABLE IF EXISTS `a`", Frame::DropTable),
            ("/*!50001 DROP VIEW IF EXISTS `v`*/", Frame::DropOther),
            ("LOCK TABLES `a` WRITE", Frame::Lock),
            ("/*!40000 ALTER TABLE `a` DISABLE KEYS */", Frame::Keys),
            ("set autocommit=0", Frame::Autocommit),
            (
                "SET @OLD_AUTOCOMMIT=@@AUTOCOMMIT, @@AUTOCOMMIT=0",
                Frame::Autocommit,
            ),
            ("/*!40103 SET TIME_ZONE='+00:00' */", Frame::TimeZone),
            ("/*!50503 SET NAMES utf8mb4 */", Frame::SetCharset),
            (
                "/*!40101 SET CHARACTER_SET_CLIENT=@OLD_CHARACTER_SET_CLIENT */",
                Frame::SetCharset,
            ),
            (
                "/*!50503 SET character_set_client = utf8mb4 */",
                Frame::DefinitionCharset,
            ),
            (
                "/*!40014 SET @OLD_UNIQUE_CHECKS=@@UNIQUE_CHECKS, UNIQUE_CHECKS=0 */",
                Frame::Checks,
            ),
            ("/*!40101 SET SQL_MODE=@OLD_SQL_MODE */", Frame::Checks),
            (
                "/*!50003 SET sql_mode              = '' */",
                Frame::ProgramSettings,
            ),
            (
                "/*!50001 SET character_set_client      = utf8mb4 */",
                Frame::DefinitionCharset,
            ),
            ("SET @@SESSION.SQL_LOG_BIN= 0", Frame::Gtid),
            (
                "/*!50001 CREATE VIEW `v` AS SELECT \n 1 AS `id`*/",
                Frame::Placeholder,
            ),
            ("USE `d`", Frame::Use),
        ] {
            assert_eq!(Frame::of_statement(text.as_bytes()), frame, "{text}");
        }
        assert_eq!(
            names(b"/*!50503 SET NAMES utf8mb4 */").as_deref(),
            Some("utf8mb4")
        );
        assert_eq!(names(b"/*!40101 SET SQL_MODE='' */"), None);
    }
}
