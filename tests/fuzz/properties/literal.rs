//! What holds for the literal of any value.

/// `written` is a literal of `value`: a server reads the same bytes back, and a reader by
/// lines sees one statement where one was written.
///
/// # Panics
///
/// When that is not so.
pub(crate) fn check(value: &[u8], written: &[u8], statements: impl Fn(&[u8]) -> Vec<Vec<u8>>) {
    let forbidden = written
        .iter()
        .find(|byte| matches!(byte, 0 | b'\n' | b'\r' | 0x1A));
    assert_eq!(forbidden, None, "a byte that must not stand raw");
    let (read, rest) = read(written).expect("a literal that ends");
    assert!(rest.is_empty(), "the quote ends too early");
    assert!(read == value, "another value is read back");

    let statement = [b"INSERT INTO `t` VALUES (", written, b",", written, b");"].concat();
    let twice = [statement.as_slice(), b"\n", &statement, b"\n"].concat();
    let found = statements(&twice);
    assert!(
        found == [statement.clone(), statement],
        "other statements are seen"
    );
}

/// Reads a string literal as a server without `NO_BACKSLASH_ESCAPES` does; returns the value
/// and what follows.
///
/// Written from the reference manual's table of escapes, not from the writer.
fn read(text: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut rest = text.strip_prefix(b"'")?;
    let mut value = Vec::new();
    loop {
        let (&byte, behind) = rest.split_first()?;
        rest = behind;
        match byte {
            b'\'' => match rest.strip_prefix(b"'") {
                // Two quotes stand for one.
                Some(behind) => {
                    value.push(b'\'');
                    rest = behind;
                }
                None => return Some((value, rest)),
            },
            b'\\' => {
                let (&escaped, behind) = rest.split_first()?;
                rest = behind;
                match escaped {
                    b'0' => value.push(0),
                    b'b' => value.push(8),
                    b'n' => value.push(b'\n'),
                    b'r' => value.push(b'\r'),
                    b't' => value.push(b'\t'),
                    b'Z' => value.push(0x1A),
                    // Outside of patterns these keep their backslash.
                    b'%' | b'_' => value.extend([b'\\', escaped]),
                    other => value.push(other),
                }
            }
            other => value.push(other),
        }
    }
}
