//! The lines that no two runs share, and what of them is masked.
//!
//! Only the exact forms that the real clients print are masked, only where they print them, and
//! only the part that changes: a line that says anything else stays as it is, and differs.

/// A rule, by the name that reports have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Rule {
    Host,
    ServerVersion,
    ClientVersion,
    DumpDate,
    Gtid,
    Position,
    Sandbox,
    AutoIncrement,
}

impl Rule {
    pub(super) const ALL: [Self; 8] = [
        Self::Host,
        Self::ServerVersion,
        Self::ClientVersion,
        Self::DumpDate,
        Self::Gtid,
        Self::Position,
        Self::Sandbox,
        Self::AutoIncrement,
    ];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::ServerVersion => "server-version",
            Self::ClientVersion => "client-version",
            Self::DumpDate => "dump-date",
            Self::Gtid => "gtid",
            Self::Position => "position",
            Self::Sandbox => "sandbox",
            Self::AutoIncrement => "auto-increment",
        }
    }
}

/// A masked line: the rule, and what is left of the line.
pub(super) type Masked = (Rule, Vec<u8>);

/// Masks a comment line, without its line end. `header` says that no statement has come yet.
pub(super) fn comment(line: &[u8], header: bool) -> Option<Masked> {
    let text = std::str::from_utf8(line).ok()?;
    if header {
        if let Some(left) = client_version(text) {
            return Some((Rule::ClientVersion, left.into()));
        }
        if let Some(left) = host(text) {
            return Some((Rule::Host, left));
        }
        if let Some(version) = text.strip_prefix("-- Server version\t") {
            return is_server_version(version)
                .then(|| (Rule::ServerVersion, b"-- Server version".to_vec()));
        }
    }
    if let Some(date) = text.strip_prefix("-- Dump completed on ") {
        return is_date(date).then(|| (Rule::DumpDate, b"-- Dump completed on".to_vec()));
    }
    statement(text.strip_prefix("-- ")?.strip_suffix(';')?.as_bytes())
        .map(|(rule, left)| (rule, [b"-- ", left.as_slice()].concat()))
}

/// Masks a statement, without its delimiter.
pub(super) fn statement(text: &[u8]) -> Option<Masked> {
    let text = std::str::from_utf8(text).ok()?;
    gtid(text)
        .map(|left| (Rule::Gtid, left))
        .or_else(|| position(text).map(|left| (Rule::Position, left)))
}

/// Masks a block comment as a whole: `--set-gtid-purged=COMMENTED`.
pub(super) fn block_comment(text: &[u8]) -> Option<Masked> {
    let inner = text.strip_prefix(b"/* ")?.strip_suffix(b";*/")?;
    let (rule, left) = statement(inner)?;
    (rule == Rule::Gtid).then(|| (rule, [b"/* ", left.as_slice()].concat()))
}

/// Whether the line is the sandbox line of MariaDB's clients.
pub(super) fn is_sandbox(line: &[u8]) -> bool {
    matches!(
        line,
        b"/*M!999999\\- enable the sandbox mode */ " | b"/*!999999\\- enable the sandbox mode */ "
    )
}

/// `-- MySQL dump 10.13  Distrib 9.7.4, for Linux (x86_64)`,
/// `-- MariaDB dump 10.19-11.8.9-MariaDB, for debian-linux-gnu (x86_64)`
fn client_version(text: &str) -> Option<&'static str> {
    let (rest, left) = if let Some(rest) = text.strip_prefix("-- MySQL dump ") {
        (rest, "-- MySQL dump")
    } else {
        (text.strip_prefix("-- MariaDB dump ")?, "-- MariaDB dump")
    };
    let (versions, system) = rest.split_once(", for ")?;
    let versions: Vec<&str> = match versions.split_once("  Distrib ") {
        Some((own, server)) => vec![own, server],
        None => vec![versions],
    };
    let word = |text: &str| {
        !text.is_empty()
            && text
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "._+~-".contains(c))
    };
    let (system, machine) = system.strip_suffix(')')?.split_once(" (")?;
    (versions.iter().all(|version| word(version)) && word(system) && word(machine)).then_some(left)
}

/// `9.7.4-2`, `11.8.9-MariaDB-0+deb13u1 from Debian`
fn is_server_version(text: &str) -> bool {
    let word = |text: &str| {
        !text.is_empty()
            && text
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "._+~:-".contains(c))
    };
    let (version, origin) = text.split_once(" from ").unwrap_or((text, "nowhere"));
    text.starts_with(|c: char| c.is_ascii_digit()) && word(version) && word(origin)
}

/// `-- Host: db.example.com    Database: shop`: the database is not masked.
fn host(text: &str) -> Option<Vec<u8>> {
    let (host, database) = text
        .strip_prefix("-- Host: ")?
        .split_once("    Database: ")?;
    let is_host = !host.contains(char::is_whitespace);
    is_host.then(|| format!("-- Host:    Database: {database}").into_bytes())
}

/// `2026-11-23 22:29:47`, or with a blank for the hour's first digit.
fn is_date(text: &str) -> bool {
    let form = b"0000-00-00 00:00:00";
    text.len() == form.len()
        && text
            .bytes()
            .zip(form)
            .enumerate()
            .all(|(at, (byte, form))| match form {
                b'0' => byte.is_ascii_digit() || (at == 11 && byte == b' '),
                _ => byte == *form,
            })
}

fn gtid(text: &str) -> Option<Vec<u8>> {
    for opening in [
        "SET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ '",
        "SET @@GLOBAL.GTID_PURGED='+",
        "SET @@GLOBAL.GTID_PURGED='",
        "SET GLOBAL gtid_slave_pos='",
    ] {
        let Some(rest) = text.strip_prefix(opening) else {
            continue;
        };
        let set = rest.strip_suffix('\'')?;
        let plain = |c: char| c.is_ascii_alphanumeric() || ":,-_ \n".contains(c);
        return set.chars().all(plain).then(|| opening.as_bytes().to_vec());
    }
    None
}

/// `CHANGE MASTER TO MASTER_LOG_FILE='f', MASTER_LOG_POS=1`, `CHANGE REPLICATION SOURCE TO …`
fn position(text: &str) -> Option<Vec<u8>> {
    for (opening, between) in [
        ("CHANGE MASTER TO MASTER_LOG_FILE='", "', MASTER_LOG_POS="),
        (
            "CHANGE REPLICATION SOURCE TO SOURCE_LOG_FILE='",
            "', SOURCE_LOG_POS=",
        ),
    ] {
        let Some(rest) = text.strip_prefix(opening) else {
            continue;
        };
        let (file, offset) = rest.split_once(between)?;
        let is_position = !file.contains(['\'', '\\', '\n'])
            && !offset.is_empty()
            && offset.bytes().all(|byte| byte.is_ascii_digit());
        return is_position.then(|| opening.as_bytes().to_vec());
    }
    None
}

/// The place of ` AUTO_INCREMENT=n` in a CREATE TABLE statement: in the line that closes the
/// column list, directly behind the engine, as the server prints it.
pub(super) fn auto_increment(definition: &[u8]) -> Option<std::ops::Range<usize>> {
    let line = memchr::memmem::find(definition, b"\n) ")? + 1;
    let end = memchr::memchr(b'\n', &definition[line..]).map_or(definition.len(), |at| line + at);
    let text = &definition[line..end];
    // A tablespace may stand before the engine, in a versioned comment.
    let engine = if text.starts_with(b") /*!50100 TABLESPACE ") {
        memchr::memmem::find(text, b"*/ ENGINE=")? + 3
    } else {
        2
    };
    let name = text[engine..].strip_prefix(b"ENGINE=")?;
    let name_length = name
        .iter()
        .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_')
        .count();
    let start = engine + 7 + name_length;
    let digits = text[start..].strip_prefix(b" AUTO_INCREMENT=")?;
    let count = digits
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let stop = start + 16 + count;
    let ends = text.get(stop).is_none_or(u8::is_ascii_whitespace);
    (count > 0 && ends).then(|| line + start..line + stop)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(line: &str) -> Option<&'static str> {
        comment(line.as_bytes(), true).map(|(rule, _)| rule.name())
    }

    #[test]
    fn the_clients_own_lines_are_masked() {
        for (line, name) in [
            (
                "-- MySQL dump 10.13  Distrib 9.7.4, for Linux (x86_64)",
                "client-version",
            ),
            (
                "-- MySQL dump 10.13  Distrib 8.0.46-0ubuntu0.22.04.1, for Linux (aarch64)",
                "client-version",
            ),
            (
                "-- MariaDB dump 10.19  Distrib 10.11.19-MariaDB, for debian-linux-gnu (x86_64)",
                "client-version",
            ),
            (
                "-- MariaDB dump 10.19-11.8.9-MariaDB, for debian-linux-gnu (x86_64)",
                "client-version",
            ),
            ("-- Host: 127.0.0.1    Database: h_spec", "host"),
            ("-- Server version\t9.7.4-2", "server-version"),
            (
                "-- Server version\t11.8.9-MariaDB-0+deb13u1 from Debian",
                "server-version",
            ),
            (
                "-- Server version\t10.11.19-MariaDB-0+deb12u1-log",
                "server-version",
            ),
            ("-- Dump completed on 2026-11-23 22:29:47", "dump-date"),
            ("-- Dump completed on 2026-11-23  2:29:47", "dump-date"),
            (
                "-- CHANGE MASTER TO MASTER_LOG_FILE='binlog.000001', MASTER_LOG_POS=3;",
                "position",
            ),
            (
                "-- CHANGE REPLICATION SOURCE TO SOURCE_LOG_FILE='b.1', SOURCE_LOG_POS=3;",
                "position",
            ),
            ("-- SET GLOBAL gtid_slave_pos='0-1-25,1-1-3';", "gtid"),
        ] {
            assert_eq!(rule(line), Some(name), "{line}");
        }
        let gtid = "SET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ 'e02e432b-e786-11f1-95f4-02fc00000001:1-1289,\ne02e432b-e786-11f1-95f4-02fc00000002:1'";
        assert_eq!(
            statement(gtid.as_bytes()).map(|(rule, _)| rule),
            Some(Rule::Gtid)
        );
        let commented = b"/* SET @@GLOBAL.GTID_PURGED='+e02e:1-9';*/";
        assert_eq!(
            block_comment(commented).map(|(rule, _)| rule),
            Some(Rule::Gtid)
        );
        assert!(is_sandbox(b"/*M!999999\\- enable the sandbox mode */ "));
    }

    #[test]
    fn what_says_more_is_not_masked() {
        for line in [
            "-- MySQL dump 10.13  Distrib 9.7.4, for Linux (x86_64) DROP",
            "-- MySQL dump of yesterday",
            "-- Host: a b    Database: d",
            "-- Host: a",
            "-- Server version\t9.7; DROP TABLE t",
            "-- Dump completed on 2026-11-23 22:29:47 with errors",
            "-- Dump completed on yesterday at noon!!!",
            "-- Dump completed",
            "-- CHANGE MASTER TO MASTER_LOG_FILE='b', MASTER_LOG_POS=3, MASTER_HOST='x';",
            "-- SET GLOBAL gtid_slave_pos='0-1-25'; DROP TABLE t;",
        ] {
            assert_eq!(rule(line), None, "{line}");
        }
        assert!(!is_sandbox(
            b"/*M!999999\\- enable the sandbox mode */ SELECT 1;"
        ));
        // Behind the header such lines are no header.
        assert_eq!(comment(b"-- Host: a    Database: d", false), None);
        // What is not masked of a masked line stays.
        let left = |line: &str| comment(line.as_bytes(), true).unwrap().1;
        assert_ne!(
            left("-- Host: a    Database: d"),
            left("-- Host: a    Database: e")
        );
        assert_eq!(
            left("-- Host: a    Database: d"),
            left("-- Host: b    Database: d")
        );
    }

    #[test]
    fn the_next_number_is_found_only_where_the_server_prints_it() {
        let of = |text: &'static str| auto_increment(text.as_bytes()).map(|range| &text[range]);
        let plain = "CREATE TABLE `t` (\n  `a` int COMMENT ' AUTO_INCREMENT=7'\n) ENGINE=InnoDB AUTO_INCREMENT=12 DEFAULT CHARSET=utf8mb4";
        assert_eq!(of(plain), Some(" AUTO_INCREMENT=12"));
        let space = "CREATE TABLE `t` (\n  `a` int\n) /*!50100 TABLESPACE `x` */ ENGINE=InnoDB AUTO_INCREMENT=3";
        assert_eq!(of(space), Some(" AUTO_INCREMENT=3"));
        let comment =
            "CREATE TABLE `t` (\n  `a` int\n) ENGINE=InnoDB COMMENT='ENGINE=x AUTO_INCREMENT=3'";
        assert_eq!(of(comment), None);
    }
}
