//! The reader downstream, which splits a dump by lines.
//!
//! Its contract, which every dump has to keep: a statement ends at a line whose
//! last character is `;`; lines that begin with `--` or `/*` are comments and
//! empty lines are nothing, wherever they stand. It opens `.sql`, and `.sql.gz`
//! of any number of members.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;

/// Opens a dump by its name's ending.
///
/// # Errors
///
/// When the file cannot be opened, or is named `.gz` and begins otherwise.
pub fn open(path: &Path) -> io::Result<Box<dyn BufRead + Send>> {
    let file = BufReader::new(File::open(path)?);
    Ok(if path.extension().is_some_and(|ending| ending == "gz") {
        Box::new(BufReader::new(MultiGzDecoder::new(file)))
    } else {
        Box::new(file)
    })
}

/// The statements of a dump, without the line ends between and after them.
#[derive(Debug)]
pub struct Statements<R> {
    reader: R,
}

/// Splits a dump into statements.
pub const fn statements<R: BufRead>(reader: R) -> Statements<R> {
    Statements { reader }
}

impl<R: BufRead> Iterator for Statements<R> {
    type Item = io::Result<Vec<u8>>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read_statement().transpose()
    }
}

impl<R: BufRead> Statements<R> {
    fn read_statement(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut statement = Vec::new();
        loop {
            let mut line = Vec::new();
            if self.reader.read_until(b'\n', &mut line)? == 0 {
                // What is left over is a statement that was cut off.
                return if statement.is_empty() {
                    Ok(None)
                } else {
                    Err(io::ErrorKind::UnexpectedEof.into())
                };
            }
            let line = line.strip_suffix(b"\n").unwrap_or(&line);
            if line.is_empty() || line.starts_with(b"--") || line.starts_with(b"/*") {
                continue;
            }
            if !statement.is_empty() {
                statement.push(b'\n');
            }
            statement.extend_from_slice(line);
            if line.ends_with(b";") {
                return Ok(Some(statement));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    const DUMP: &str = "-- a comment;\n\n/*!40101 SET x */;\nCREATE TABLE `t` (\n  `a` int\n);\n\
                        INSERT INTO `t` VALUES\n(1,'a;\\nb'),\n(2,'-- no comment');\n";

    fn split(bytes: &[u8]) -> io::Result<Vec<String>> {
        let strings = statements(bytes)
            .map(|statement| Ok(String::from_utf8_lossy(&statement?).into_owned()));
        strings.collect()
    }

    #[test]
    fn ends_statements_at_lines_that_end_in_a_semicolon() {
        let found = split(DUMP.as_bytes()).unwrap();
        assert_eq!(
            found,
            [
                "CREATE TABLE `t` (\n  `a` int\n);",
                "INSERT INTO `t` VALUES\n(1,'a;\\nb'),\n(2,'-- no comment');",
            ]
        );
    }

    #[test]
    fn notices_a_dump_that_was_cut_off() {
        assert!(split(&DUMP.as_bytes()[..DUMP.len() - 3]).is_err());
    }

    #[test]
    fn opens_plain_files_and_gzip_of_several_members() {
        let directory = tempfile::tempdir().unwrap();
        let mut gzip = Vec::new();
        for part in DUMP.as_bytes().chunks(20) {
            let mut member = GzEncoder::new(Vec::new(), Compression::default());
            member.write_all(part).unwrap();
            gzip.extend(member.finish().unwrap());
        }
        for (name, bytes) in [("d.sql", DUMP.as_bytes()), ("d.sql.gz", &gzip)] {
            let path = directory.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            assert_eq!(statements(open(&path).unwrap()).count(), 2, "{name}");
        }
    }
}
