//! Ours and the real client's, side by side: the same arguments for both, and the first
//! byte at which they part.

use std::borrow::Cow;

use anyhow::{Result, bail};
use datatransit_dump::{
    ConnectOptions, Dump, DumpOptions, DumpReport, OptionError, Selection, WriterSink,
};
use secrecy::SecretString;

use crate::database::DatabaseServer;

/// The lines whose content no two runs share: their beginnings, after which all is masked.
const VOLATILE: &[&str] = &[
    "-- MySQL dump ",
    "-- MariaDB dump ",
    "-- Host: ",
    "-- Server version",
    "-- Dump completed on",
];

/// What stands before the numbers of a position.
const POSITIONS: &[&str] = &[
    "SET @@GLOBAL.GTID_PURGED=",
    "_LOG_POS=",
    "SET GLOBAL gtid_slave_pos=",
];

/// Understands the real client's own arguments: options with a double dash and their value
/// after `=`, `-B`, and the names of databases and tables.
///
/// # Errors
///
/// When one of them is no option of ours, or has a value that is refused.
///
/// # Panics
///
/// When the arguments name no database.
pub fn parse(arguments: &[&str]) -> Result<(DumpOptions, Selection), OptionError> {
    let mut options = DumpOptions::default();
    let mut names = Vec::new();
    let (mut many, mut all) = (false, false);
    for argument in arguments {
        match argument.strip_prefix("--") {
            _ if *argument == "-B" => many = true,
            Some("all-databases") => all = true,
            Some(option) => {
                let (name, value) = match option.split_once('=') {
                    Some((name, value)) => (name, Some(value)),
                    None => (option, None),
                };
                options.apply(name, value)?;
            }
            None => names.push((*argument).to_owned()),
        }
    }
    let selection = if all {
        Selection::AllDatabases
    } else if many {
        Selection::Databases(names)
    } else {
        let mut selection = Selection::database(names.remove(0));
        if let Selection::Database { tables, .. } = &mut selection {
            *tables = names;
        }
        selection
    };
    Ok((options, selection))
}

/// Our dump with the real client's own arguments, as root.
///
/// # Errors
///
/// When an option is refused or the dump fails.
///
/// # Panics
///
/// As [`parse`].
pub async fn our_dump(
    server: &DatabaseServer,
    arguments: &[&str],
) -> Result<(Vec<u8>, DumpReport)> {
    let (options, selection) = parse(arguments)?;
    let connect = ConnectOptions::new(server.host(), server.port(), "root", SecretString::from(""));
    let dump = Dump::builder(connect, selection).options(options).build()?;
    let mut sink = WriterSink::new(Vec::new());
    let report = dump.run(&mut sink).await?;
    Ok((sink.into_inner(), report))
}

/// How a dump with both went, where they did not part.
#[derive(Debug)]
#[expect(
    clippy::exhaustive_enums,
    reason = "tests match on both and want to know of a third"
)]
pub enum Outcome {
    /// Both succeeded, with the same bytes.
    Same {
        /// Ours.
        dump: Vec<u8>,
        /// What it says of itself.
        report: Box<DumpReport>,
    },
    /// Both failed.
    BothFailed {
        /// The real client's exit code.
        code: Option<i32>,
        /// What the real client wrote to stderr, and our error.
        why: String,
    },
}

/// Dumps with both at once, and compares all but the volatile lines.
///
/// # Errors
///
/// When only one of the two fails, or with the first line that differs.
///
/// # Panics
///
/// As [`parse`].
pub async fn compare_dumps(server: &DatabaseServer, arguments: &[&str]) -> Result<Outcome> {
    let (theirs, ours) = tokio::join!(server.dump(arguments), our_dump(server, arguments));
    let theirs = theirs?;
    let (dump, report) = match (theirs.success(), ours) {
        (true, Ok(ours)) => ours,
        (true, Err(error)) => return Err(error.context(format!("ours with {arguments:?}"))),
        (false, Ok(_)) => bail!(
            "the real client of {} with {arguments:?}: code {:?}: {}; ours succeeds",
            server.release(),
            theirs.code,
            theirs.stderr.trim()
        ),
        (false, Err(error)) => {
            return Ok(Outcome::BothFailed {
                code: theirs.code,
                why: format!("{}; ours: {error:#}", theirs.stderr.trim()),
            });
        }
    };
    if let Some(difference) = first_difference(&dump, &theirs.stdout) {
        bail!("{} {arguments:?}: {difference}", server.release());
    }
    if report.uncompressed_bytes != dump.len() as u64 {
        bail!(
            "{arguments:?}: the report counts {} bytes of {}",
            report.uncompressed_bytes,
            dump.len()
        );
    }
    Ok(Outcome::Same {
        dump,
        report: Box::new(report),
    })
}

/// The first line in which two dumps differ, volatile lines aside, told for a person.
#[must_use]
pub fn first_difference(ours: &[u8], theirs: &[u8]) -> Option<String> {
    let (ours, theirs) = (masked(ours), masked(theirs));
    let at = (0..ours.len().max(theirs.len())).find(|&line| ours.get(line) != theirs.get(line))?;
    let shown = |lines: &[Cow<'_, [u8]>], others: &[Cow<'_, [u8]>]| {
        let Some(line) = lines.get(at) else {
            return "(the end)".to_owned();
        };
        let same = others.get(at).map_or(0, |other| {
            line.iter()
                .zip(other.iter())
                .take_while(|(left, right)| left == right)
                .count()
        });
        let from = same.saturating_sub(80);
        let part = &line[from..line.len().min(same + 120)];
        format!("…[{from}] {}", part.escape_ascii())
    };
    let before = at.checked_sub(1).map_or_else(String::new, |line| {
        ours[line][..ours[line].len().min(160)]
            .escape_ascii()
            .to_string()
    });
    Some(format!(
        "line {}: after {before:?}\n  ours:   {}\n  theirs: {}",
        at + 1,
        shown(&ours, &theirs),
        shown(&theirs, &ours)
    ))
}

/// A line without what no two runs share.
fn masked_line(line: &[u8]) -> Cow<'_, [u8]> {
    let prefix = VOLATILE
        .iter()
        .find(|prefix| line.starts_with(prefix.as_bytes()));
    if let Some(prefix) = prefix {
        return Cow::Borrowed(prefix.as_bytes());
    }
    // Other tests write on the same server, and some clients' own FLUSH is logged.
    let position = POSITIONS
        .iter()
        .find_map(|word| Some((word, find(line, word.as_bytes())?)));
    let Some((word, at)) = position else {
        return Cow::Borrowed(line);
    };
    let start = at + word.len();
    let mut masked = line[..start].to_vec();
    masked.extend(line[start..].iter().filter(|byte| !byte.is_ascii_digit()));
    Cow::Owned(masked)
}

fn find(line: &[u8], word: &[u8]) -> Option<usize> {
    // Only statements and comments name positions; rows are long.
    line.get(..line.len().min(200))?
        .windows(word.len())
        .position(|window| window == word)
}

fn masked(dump: &[u8]) -> Vec<Cow<'_, [u8]>> {
    dump.split(|&byte| byte == b'\n').map(masked_line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn volatile_lines_are_alike() {
        let ours = b"-- Host: a\nx\n-- Dump completed on 1\n";
        assert_eq!(
            first_difference(ours, b"-- Host: b\nx\n-- Dump completed on 2\n"),
            None
        );
    }

    #[test]
    fn the_first_difference_is_told_with_its_surroundings() {
        let told = first_difference(b"a\nbcd\n", b"a\nbxd\n").unwrap();
        assert_eq!(
            told,
            "line 2: after \"a\"\n  ours:   …[0] bcd\n  theirs: …[0] bxd"
        );
        let told = first_difference(b"a", b"a\nb").unwrap();
        assert!(told.contains("ours:   (the end)"), "{told}");
    }

    #[test]
    fn arguments_are_the_real_clients() {
        let (options, selection) = parse(&["--compact", "--where=a=1", "d", "t"]).unwrap();
        assert_eq!(options.applied(), ["--compact", "--where=a=1"]);
        assert_eq!(selection.database_names(), ["d"]);
        let (_, selection) = parse(&["-B", "d", "e"]).unwrap();
        assert_eq!(selection.database_names(), ["d", "e"]);
        assert!(parse(&["--xml", "d"]).is_err());
    }
}
