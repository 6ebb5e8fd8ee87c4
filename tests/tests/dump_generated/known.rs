//! What no case contains, and why.

/// A thing that the generator leaves out, and the reason.
const KNOWN: &[(&str, &str)] = &[
    (
        "dump-history",
        "the real client announces the history of an empty table, too",
    ),
    (
        "quote-names",
        "letters beyond ASCII need no quotes to the real client",
    ),
    (
        "default-character-set",
        "a name that the set does not have looks like a changed definition to us",
    ),
];

/// Whether the generator leaves this out.
pub(crate) fn leaves_out(what: &str) -> bool {
    KNOWN.iter().any(|(known, _)| *known == what)
}
