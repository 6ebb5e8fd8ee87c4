//! The READMEs: their tables are made of the modules, and their links lead somewhere.
//!
//! `UPDATE_TABLES=1` writes the tables anew.

use std::fmt::Write as _;
use std::path::Path;

use crate::{configuration, directories, example};

const BEGIN: &str = "<!-- inputs and outputs, made by the test `documents` -->\n";
const END: &str = "<!-- end -->\n";

/// A `variable` or `output`.
struct Member {
    name: String,
    description: String,
    /// The first line of the default, of a variable that has one.
    default: Option<String>,
    kind: String,
}

/// The blocks of one keyword, in the order in which they stand. `terraform fmt` has
/// made their form: arguments are indented by two, and a block ends at a lone brace.
fn members(text: &str, keyword: &str) -> Vec<Member> {
    let mut found = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some(rest) = line.strip_prefix(&format!("{keyword} \"")) else {
            continue;
        };
        let mut member = Member {
            name: rest.split('"').next().unwrap().to_owned(),
            description: String::new(),
            default: None,
            kind: String::new(),
        };
        for line in lines.by_ref().take_while(|line| *line != "}") {
            let Some((key, value)) = line
                .strip_prefix("  ")
                .and_then(|line| line.split_once(" = "))
            else {
                continue;
            };
            match key.trim_end() {
                "description" => {
                    // HCL's escapes in these texts are JSON's too.
                    member.description = serde_json::from_str(value.trim()).unwrap();
                }
                "type" => value
                    .trim()
                    .trim_end_matches("({")
                    .clone_into(&mut member.kind),
                "default" => member.default = Some(value.trim().to_owned()),
                _ => {}
            }
        }
        found.push(member);
    }
    found
}

fn tables(directory: &Path) -> String {
    let text = configuration(directory);
    let mut tables = String::from(BEGIN);
    tables.push_str("\n| input | type | default | |\n| --- | --- | --- | --- |\n");
    for input in members(&text, "variable") {
        let default = match input.default.as_deref() {
            None => "required".to_owned(),
            // An object or a list of several lines.
            Some("{" | "[") => "see variables.tf".to_owned(),
            Some(value) => format!("`{value}`"),
        };
        let (name, kind) = (&input.name, &input.kind);
        let description = input.description.replace('|', "\\|");
        writeln!(tables, "| `{name}` | {kind} | {default} | {description} |").unwrap();
    }
    tables.push_str("\n| output | |\n| --- | --- |\n");
    for output in members(&text, "output") {
        writeln!(tables, "| `{}` | {} |", output.name, output.description).unwrap();
    }
    tables.push('\n');
    tables.push_str(END);
    tables
}

#[test]
fn every_input_is_typed_and_described_and_every_output_described() {
    for directory in directories() {
        let text = configuration(&directory);
        for member in members(&text, "variable") {
            assert!(
                !member.kind.is_empty(),
                "{directory:?}: {} has no type",
                member.name
            );
            assert!(
                member.description.ends_with('.'),
                "{directory:?}: {}",
                member.name
            );
        }
        let outputs = members(&text, "output");
        assert!(!outputs.is_empty(), "{directory:?}");
        for member in outputs {
            assert!(
                member.description.ends_with('.'),
                "{directory:?}: {}",
                member.name
            );
        }
    }
}

#[test]
fn tables_are_those_of_the_modules() {
    let update = std::env::var_os("UPDATE_TABLES").is_some();
    for directory in directories() {
        let path = example().join(&directory).join("README.md");
        let text = std::fs::read_to_string(&path).unwrap();
        let (before, rest) = text.split_once(BEGIN).expect("the mark before the tables");
        let (_, after) = rest.split_once(END).expect("the mark behind the tables");
        let whole = format!("{before}{}{after}", tables(&directory));
        if update {
            std::fs::write(&path, whole).unwrap();
        } else {
            assert!(
                whole == text,
                "{}: run this test with UPDATE_TABLES=1 to write the tables anew",
                path.display()
            );
        }
    }
}

#[test]
fn links_lead_somewhere() {
    let readmes = directories()
        .into_iter()
        .map(|directory| example().join(directory));
    for directory in readmes.chain([example()]) {
        let text = std::fs::read_to_string(directory.join("README.md")).unwrap();
        for target in text.split("](").skip(1) {
            let target = target.split([')', '#']).next().unwrap();
            if !target.is_empty() && !target.starts_with("http") {
                let path = directory.join(target);
                assert!(path.exists(), "{}: {target}", directory.display());
            }
        }
    }
}
