//! `crates/dump/COMPATIBILITY.md` says what the crate does; it and `FORMATS.md` name tests that
//! exist.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use datatransit_dump::{DumpOptions, OptionError, option_specs};

const PAGE: &str = include_str!("../../crates/dump/COMPATIBILITY.md");
const FORMATS: &str = include_str!("../../crates/dump/FORMATS.md");
/// The crate shows its refusals one by one only; their table is read as text.
const REFUSALS: &str = include_str!("../../crates/dump/src/options/refused.rs");

/// The page's signs for tests of the parity binary, and what their option sets stand in.
const SIGNS: &[(&str, &[&str])] = &[
    (
        "E",
        &[
            include_str!("dump_parity/option_sets.rs"),
            include_str!("dump_parity/every_option.rs"),
            include_str!("../src/production.rs"),
        ],
    ),
    ("N", &[include_str!("dump_parity/every_option.rs")]),
    (
        "S",
        &[
            include_str!("dump_parity/selections.rs"),
            include_str!("../src/production.rs"),
        ],
    ),
    ("P", &[include_str!("dump_parity/sessions.rs")]),
    ("Z", &[include_str!("dump_parity/sessions.rs")]),
    ("F", &[include_str!("dump_parity/failures.rs")]),
];

/// A row of one of the tables of options.
struct Row {
    /// Without their dashes.
    names: Vec<&'static str>,
    short: Vec<&'static str>,
    /// What the page says becomes of them.
    here: &'static str,
    signs: Vec<&'static str>,
}

/// What stands in backticks.
fn code(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.split('`').skip(1).step_by(2)
}

fn rows() -> Vec<Row> {
    let options = PAGE
        .split("\n## ")
        .find(|part| part.starts_with("Options\n"));
    let options = options.expect("a part about options");
    let cells = options.lines().filter_map(|line| {
        let line = line.strip_prefix("| ")?.strip_suffix('|')?;
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        (cells.len() >= 3).then_some(cells)
    });
    let rows = cells.filter_map(|cells| {
        let names: Vec<&str> = code(cells[0])
            .filter_map(|name| name.strip_prefix("--"))
            .collect();
        let here = ["honoured", "no effect", "refused", "program", "unknown"]
            .into_iter()
            .find(|word| cells[2].starts_with(word))?;
        Some(Row {
            names,
            short: code(cells[0])
                .filter(|name| !name.starts_with("--"))
                .collect(),
            here,
            signs: cells
                .get(3)
                .map_or_else(Vec::new, |cell| cell.split(", ").collect()),
        })
    });
    rows.collect()
}

/// What the page says, by name.
fn said() -> BTreeMap<&'static str, &'static str> {
    let mut said = BTreeMap::new();
    for row in rows() {
        for name in row.names {
            assert_eq!(said.insert(name, row.here), None, "--{name} is there twice");
        }
    }
    said
}

#[test]
fn options_do_what_the_page_says() {
    let said = said();
    assert!(said.len() > 120, "{}", said.len());
    for (name, here) in said {
        let answer = DumpOptions::default().apply(name, Some("1"));
        let right = match here {
            "refused" => matches!(answer, Err(OptionError::Unsupported { .. })),
            "program" | "unknown" => matches!(answer, Err(OptionError::Unknown { .. })),
            // A value that is wrong is another matter than a name that is.
            _ => !matches!(
                answer,
                Err(OptionError::Unknown { .. } | OptionError::Unsupported { .. })
            ),
        };
        assert!(right, "--{name}: {here:?} on the page, {answer:?} here");
    }
}

#[test]
fn the_page_has_every_option_of_the_crate() {
    let said = said();
    for spec in option_specs() {
        assert!(said.contains_key(spec.name), "--{}", spec.name);
    }
    let refused: BTreeSet<&str> = REFUSALS
        .split('(')
        .filter_map(|entry| entry.trim_start().strip_prefix('"')?.split_once("\","))
        .map(|(name, _)| name)
        .collect();
    assert!(refused.len() > 20, "{refused:?}");
    for name in refused {
        assert_eq!(said.get(name), Some(&"refused"), "--{name}");
    }
}

#[test]
fn the_tests_of_a_sign_give_the_option() {
    for row in rows() {
        for sign in &row.signs {
            let Some((_, sources)) = SIGNS.iter().find(|(known, _)| known == sign) else {
                assert!(["", "G"].contains(sign), "no such sign: {sign}");
                continue;
            };
            for name in &row.names {
                let given = sources.iter().any(|source| gives(source, name))
                    || row.short.iter().any(|short| {
                        let short = format!("\"{short}\"");
                        sources.iter().any(|source| source.contains(&short))
                    });
                assert!(given, "{sign}: --{name}");
            }
        }
    }
}

/// Whether a source holds an option, on or off.
fn gives(source: &str, name: &str) -> bool {
    let name = name.strip_prefix("skip-").unwrap_or(name);
    ["--", "--skip-"].iter().any(|dash| {
        let option = format!("{dash}{name}");
        source.match_indices(&option).any(|(at, _)| {
            let next = source[at + option.len()..].chars().next();
            next.is_none_or(|next| !next.is_ascii_lowercase() && next != '-')
        })
    })
}

#[test]
fn every_test_named_here_exists() {
    let mut found = 0;
    for name in code(PAGE).chain(code(FORMATS)) {
        let Some((binary, path)) = name.split_once(' ') else {
            continue;
        };
        let is_name = |text: &str, more: &str| {
            text.chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || more.contains(c))
        };
        if is_name(binary, "_-") && is_name(path, "_:") {
            assert!(exists(binary, path), "{name}");
            found += 1;
        }
    }
    assert!(found > 60, "{found}");
}

#[test]
fn what_is_no_test_is_told_apart() {
    assert!(exists("compatibility", "what_is_no_test_is_told_apart"));
    assert!(!exists("compatibility", "exists"), "a helper");
    assert!(!exists("dump_parity", "every_option::nothing"));
    assert!(!exists("dump_parity", "nothing::every_type"));
    assert!(gives("[\"--skip-triggers\"]", "triggers"));
    assert!(!gives("[\"--no-data-med\"]", "no-data"));
}

/// Whether a package or test binary has a test of this path.
fn exists(binary: &str, path: &str) -> bool {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let (mut file, mut directory): (PathBuf, PathBuf) = match binary {
        "datatransit-dump" => {
            let sources = root.join("crates/dump/src");
            (sources.join("lib.rs"), sources)
        }
        "full-dump" => {
            let sources = root.join("examples/full-dump/src");
            (sources.join("main.rs"), sources)
        }
        _ => {
            let tests = root.join("tests/tests");
            let one_file = tests.join(binary).with_extension("rs");
            if one_file.exists() {
                (one_file, tests)
            } else {
                (tests.join(binary).join("main.rs"), tests.join(binary))
            }
        }
    };
    let mut modules: Vec<&str> = path.split("::").collect();
    let Some(test) = modules.pop() else {
        return false;
    };
    for module in modules {
        let inside = directory.join(module);
        let own = [inside.with_extension("rs"), inside.join("mod.rs")];
        if let Some(own) = own.into_iter().find(|own| own.exists()) {
            (file, directory) = (own, inside);
        } else if !read(&file).contains(&format!("mod {module} {{")) {
            return false;
        }
    }
    let source = read(&file);
    // By the macro, or by hand: a module with a test for each release.
    let of_releases = [
        format!("on_each_release!({test},"),
        format!("mod {test} {{\n    use e2e::database::Release;"),
    ];
    of_releases.iter().any(|made| source.contains(made)) || is_test(&source, test)
}

/// Whether this function has an attribute that makes it a test.
fn is_test(source: &str, name: &str) -> bool {
    source
        .split_once(&format!("fn {name}("))
        .and_then(|(before, _)| before.rsplit_once("test]"))
        .is_some_and(|(_, between)| !between.contains("fn "))
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}
