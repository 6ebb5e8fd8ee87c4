//! The runs, in turn, and the table of what they took.

use std::env;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Result, ensure};

use crate::files::{CODECS, Files};
use crate::line;
use crate::measure::{Measured, measure};
use crate::procfs::Clock;
use crate::statistics::Spread;

const MB: f64 = 1e6;

struct Contender {
    label: String,
    /// Shell script whose success says that the answer was right.
    script: String,
    text_bytes: u64,
    runs: Vec<Measured>,
}

/// Measures all in turn, round after round.
pub(crate) fn run(files: &Files, clock: &Clock, rounds: u64) -> Result<()> {
    let mut contenders = contenders(files)?;
    for _ in 0..rounds {
        for contender in &mut contenders {
            let mut command = Command::new("bash");
            command
                .args(["-c", &contender.script])
                .stdin(Stdio::null())
                .stdout(Stdio::null());
            let measured = measure(clock, &mut command, std::process::id())?;
            ensure!(measured.success, "{} gave a wrong answer", contender.label);
            contender.runs.push(measured);
        }
    }
    print(files, &contenders, rounds);
    Ok(())
}

fn contenders(files: &Files) -> Result<Vec<Contender>> {
    let ours = env::current_exe()?;
    let mut contenders = Vec::new();
    for (codec, ending) in CODECS {
        let reader = match codec {
            "gzip" => Some("zcat"),
            "zstd" => Some("zstdcat"),
            _ => None,
        };
        for (other, code) in [("same", 0), ("new", 1)] {
            let (old, new) = (files.path("old", ending), files.path(other, ending));
            let mut add = |label: String, command: String| {
                contenders.push(Contender {
                    label,
                    script: format!("{command} > /dev/null; test $? -eq {code}"),
                    text_bytes: files.text_bytes,
                    runs: Vec::new(),
                });
            };
            let what = if code == 0 {
                "equal"
            } else {
                "three rows differ"
            };
            add(
                format!("compare, {codec}, {what}"),
                ours_command(&ours, &old, &new),
            );
            let peer = if code == 0 { "cmp" } else { "diff" };
            let feed = |path: &Path| match reader {
                Some(reader) => format!("<({reader} '{}')", path.display()),
                None => format!("'{}'", path.display()),
            };
            add(
                format!("{peer}, {codec}, {what}"),
                format!("{peer} {} {}", feed(&old), feed(&new)),
            );
        }
    }
    let (old, new) = (
        files.path("long-old", "sql"),
        files.path("long-same", "sql"),
    );
    contenders.push(Contender {
        label: "compare, plain, equal, four times as long".into(),
        script: ours_command(&ours, &old, &new),
        text_bytes: files.text_bytes * 4,
        runs: Vec::new(),
    });
    Ok(contenders)
}

fn ours_command(ours: &Path, old: &Path, new: &Path) -> String {
    format!(
        "'{}' compare '{}' '{}'",
        ours.display(),
        old.display(),
        new.display()
    )
}

fn print(files: &Files, contenders: &[Contender], rounds: u64) {
    line("");
    line(&format!(
        "{:.1} MB of SQL on each side; median (least–most) of {rounds} rounds. MB/s: of one side's \
         text. CPU: user and system time of all processes; RSS: the sum of their peaks.",
        files.text_bytes as f64 / MB
    ));
    line("");
    line("| contender | wall s | MB/s of SQL | CPU s | peak RSS MB |");
    line("|---|---|---|---|---|");
    for contender in contenders {
        let spread =
            |value: &dyn Fn(&Measured) -> f64| Spread::of(contender.runs.iter().map(value));
        let megabytes = contender.text_bytes as f64 / MB;
        line(&format!(
            "| {} | {:.2} | {:.0} | {:.2} | {:.0} |",
            contender.label,
            spread(&|run| run.wall_seconds),
            spread(&|run| megabytes / run.wall_seconds),
            spread(&|run| run.client_cpu_seconds),
            spread(&|run| run.peak_rss_bytes.values().sum::<u64>() as f64 / MB),
        ));
    }
    line("");
}
