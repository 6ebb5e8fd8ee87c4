//! `validate`: the files and the environment, without asking the service.

use std::path::PathBuf;

use datatransit_quicksight::plan::check;
use serde::Serialize;

use super::Session;
use crate::exit::Exit;
use crate::print;

#[derive(Serialize)]
struct Outcome {
    files: usize,
    problems: Vec<String>,
}

pub(crate) fn run(session: &Session<'_>, files: &[PathBuf]) -> anyhow::Result<Exit> {
    let files = session.world.files(files, &session.cli.common.only)?;
    let problems = check(&files, &session.world.environment);
    let outcome = Outcome {
        files: files.len(),
        problems,
    };
    if session.cli.common.json {
        print::json(&outcome)?;
    } else {
        let mut text: String = outcome
            .problems
            .iter()
            .map(|problem| format!("{problem}\n"))
            .collect();
        text.push_str(&format!(
            "validate {}: {} files, {} problems.\n",
            session.world.name,
            outcome.files,
            outcome.problems.len()
        ));
        print::text(&text)?;
    }
    Ok(if outcome.problems.is_empty() {
        Exit::Success
    } else {
        Exit::Error
    })
}
