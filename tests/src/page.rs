//! A page of commands, taken apart: its blocks, and what each is expected to print. The
//! tests of such a page carry it out.

/// What becomes of a block of commands here. The word stands behind `sh` where the block begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// Runs, once.
    Once,
    /// `daily`: runs for each of seven days.
    Daily,
    /// `names`: the variables, which the world gives.
    Names,
    /// `account`: needs a real account, or the production machine.
    Account,
}

/// One block of commands.
#[derive(Debug)]
#[non_exhaustive]
pub struct Block {
    /// The heading it stands under.
    pub step: &'static str,
    /// What becomes of it.
    pub kind: Kind,
    /// The lines, without what a list indents them by.
    pub commands: String,
    /// The lines of the `text` block that follows it, if one does. `…` stands for anything.
    pub expected: Vec<&'static str>,
}

/// All blocks of commands of a page, in order. They may stand in a list, indented.
///
/// # Panics
///
/// When a block is of no known kind, or what it prints is shown twice or before it.
#[must_use]
pub fn blocks(page: &'static str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut step = "";
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if line.starts_with('#') {
            step = line.trim_start_matches(['#', ' ']);
        }
        let Some(fence) = line.trim_start().strip_prefix("```") else {
            continue;
        };
        let indent = line.len() - line.trim_start().len();
        let body: Vec<&'static str> = lines
            .by_ref()
            .take_while(|line| line.trim_start() != "```")
            .map(|line| line.get(indent..).unwrap_or_default())
            .collect();
        if fence == "text" {
            let block = blocks.last_mut().expect("commands before what they print");
            assert!(
                block.expected.is_empty(),
                "{step}: two outputs of one block"
            );
            block.expected = body;
            continue;
        }
        let kind = match fence {
            "sh" => Kind::Once,
            "sh daily" => Kind::Daily,
            "sh names" => Kind::Names,
            "sh account" => Kind::Account,
            other => panic!("{step}: a block of an unknown kind: {other:?}"),
        };
        blocks.push(Block {
            step,
            kind,
            commands: body.join("\n"),
            expected: Vec::new(),
        });
    }
    blocks
}

/// Whether each expected line occurs in the output, in this order.
///
/// # Errors
///
/// The line that does not.
pub fn shows(output: &str, expected: &[&str]) -> Result<(), String> {
    let mut lines = output.lines();
    for wanted in expected {
        if !lines.any(|line| matches(line, wanted)) {
            return Err(format!(
                "this line is missing, or not in its place: {wanted}"
            ));
        }
    }
    Ok(())
}

/// Whether the line is the pattern, in which `…` stands for anything.
fn matches(line: &str, pattern: &str) -> bool {
    let mut parts = pattern.trim_end().split('…');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = line.trim_end().strip_prefix(first) else {
        return false;
    };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    true
}

#[test]
fn an_ellipsis_stands_for_anything() {
    assert!(matches("a 12 b", "a … b"));
    assert!(matches("a 12 b", "a…"));
    assert!(matches("a 12 b", "…b"));
    assert!(matches("same", "same"));
    assert!(!matches("a 12 bc", "a … b"));
    assert!(!matches("same as", "same"));
    assert!(!matches("a 12 b", "b…"));
}
