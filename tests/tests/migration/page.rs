//! The page, taken apart: its blocks of commands, and what each is expected to print.

/// The runbook.
const PAGE: &str = include_str!("../../../examples/migration/README.md");

/// What becomes of a block of commands here. The word stands behind `sh` where the block begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
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
pub(crate) struct Block {
    /// The heading it stands under.
    pub(crate) step: &'static str,
    pub(crate) kind: Kind,
    pub(crate) commands: String,
    /// The lines of the `text` block that follows it, if one does. `…` stands for anything.
    pub(crate) expected: Vec<&'static str>,
}

/// All blocks of commands, in order.
pub(crate) fn blocks() -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut step = "";
    let mut lines = PAGE.lines();
    while let Some(line) = lines.next() {
        if line.starts_with('#') {
            step = line.trim_start_matches(['#', ' ']);
        }
        let Some(fence) = line.strip_prefix("```") else {
            continue;
        };
        let body: Vec<&'static str> = lines.by_ref().take_while(|line| *line != "```").collect();
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
pub(crate) fn shows(output: &str, expected: &[&str]) -> Result<(), String> {
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
