//! The original tool's spellings, rewritten into this one's before parsing.
//!
//! | original | here |
//! | --- | --- |
//! | `--export-all --output-dir DIR` | `export --all --dir DIR` |
//! | `--export --dashboard-id ID [--output-dir DIR]` | `export ID --dir DIR` |
//! | `--environment E --dashboard-file F` | `deploy --environment E F` |
//! | `--environment E --dashboard-dir D` | `deploy --environment E --dir D` |
//!
//! Everything else is handed on as it is. The original asked nobody before it
//! deployed, so neither do these: `--yes` is added.

/// Rewrites the arguments behind the program's name; `None` when the first one is
/// not of the original's kind, or none of the original's spellings is there.
pub(crate) fn rewrite(arguments: &[String]) -> Option<Vec<String>> {
    if !arguments.first()?.starts_with("--") {
        return None;
    }
    let mut found = Found::default();
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let (name, attached) = match argument.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (argument.as_str(), None),
        };
        let place = match name {
            "--export-all" => {
                found.export_all = true;
                continue;
            }
            "--export" => {
                found.export = true;
                continue;
            }
            "--dashboard-id" => &mut found.id,
            "--output-dir" => &mut found.output,
            "--dashboard-file" => &mut found.file,
            "--dashboard-dir" => &mut found.dir,
            _ => {
                found.others.push(argument.clone());
                continue;
            }
        };
        *place = Some(attached.or_else(|| rest.next().cloned())?);
    }
    found.command()
}

#[derive(Default)]
struct Found {
    export_all: bool,
    export: bool,
    id: Option<String>,
    output: Option<String>,
    file: Option<String>,
    dir: Option<String>,
    others: Vec<String>,
}

impl Found {
    fn command(self) -> Option<Vec<String>> {
        let mut command: Vec<String> = Vec::new();
        if self.export_all {
            command.extend(["export".to_owned(), "--all".to_owned()]);
        } else if self.export || (self.id.is_some() && self.output.is_some()) {
            command.push("export".to_owned());
            command.extend(self.id);
        } else if self.file.is_some() || self.dir.is_some() {
            command.extend(["deploy".to_owned(), "--yes".to_owned()]);
            command.extend(self.file);
        } else {
            return None;
        }
        if let Some(dir) = self.output.or(self.dir) {
            command.extend(["--dir".to_owned(), dir]);
        }
        command.extend(self.others);
        Some(command)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewritten(line: &str) -> Option<String> {
        let arguments: Vec<String> = line.split(' ').map(str::to_owned).collect();
        rewrite(&arguments).map(|arguments| arguments.join(" "))
    }

    #[test]
    fn every_original_spelling_has_its_new_one() {
        for (original, new) in [
            ("--export-all --output-dir out", "export --all --dir out"),
            ("--export-all --output-dir=out", "export --all --dir out"),
            ("--export --dashboard-id abc", "export abc"),
            (
                "--export --dashboard-id abc --output-dir out",
                "export abc --dir out",
            ),
            (
                "--environment prod --dashboard-file a.json",
                "deploy --yes a.json --environment prod",
            ),
            (
                "--environment prod --dashboard-dir d --dry-run",
                "deploy --yes --dir d --environment prod --dry-run",
            ),
        ] {
            assert_eq!(rewritten(original).as_deref(), Some(new), "{original}");
        }
    }

    #[test]
    fn the_new_spellings_are_left_alone() {
        for line in [
            "export --all --dir out",
            "deploy --environment prod",
            "--help",
            "--environment prod plan",
            "--export --dashboard-id",
        ] {
            assert_eq!(rewritten(line), None, "{line}");
        }
    }
}
