//! What holds for the splitting of any text.

use std::io;

/// The statements are the text's own lines, comments and empty lines aside, in order, each
/// statement ending at the first line that ends in `;`; a text that ends otherwise is an
/// error, and the last item.
///
/// # Panics
///
/// When that is not so.
pub(crate) fn check(dump: &[u8], statements: impl Iterator<Item = io::Result<Vec<u8>>>) {
    let lines = |text: &[u8]| -> Vec<Vec<u8>> {
        let split = text.split(|byte| *byte == b'\n');
        split.map(<[u8]>::to_vec).collect()
    };
    let is_comment = |line: &[u8]| line.starts_with(b"--") || line.starts_with(b"/*");
    let mut kept = lines(dump);
    kept.retain(|line| !line.is_empty() && !is_comment(line));

    let (mut seen, mut cut_off) = (0, false);
    for statement in statements {
        assert!(!cut_off, "nothing comes after an error");
        let Ok(statement) = statement else {
            cut_off = true;
            continue;
        };
        let own = lines(&statement);
        let (last, before) = own.split_last().expect("split yields at least one");
        assert!(last.ends_with(b";"), "a statement without an end");
        assert!(
            !before.iter().any(|line| line.ends_with(b";")),
            "two statements in one"
        );
        assert!(
            kept[seen..].starts_with(&own),
            "other lines than the text's"
        );
        seen += own.len();
    }
    let left = &kept[seen..];
    assert_eq!(cut_off, !left.is_empty(), "what is left over is an error");
    assert!(
        !left.iter().any(|line| line.ends_with(b";")),
        "a statement was missed"
    );
}
