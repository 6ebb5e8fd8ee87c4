//! The command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::{CommandFactory as _, Parser};
use datatransit_job::ExitCode;
use datatransit_job::units::parse_duration;

const EXAMPLES: &str = "\
Examples:
  Is this machine known to AWS?  doctor
  Will the jobs run here?        doctor --config /etc/datatransit/full-dump.toml \\
                                   --config /etc/datatransit/old/movings.toml
  For a monitor:                 doctor --json --config /etc/datatransit/full-dump.toml

The exit code is that of the first check that failed, by the jobs' own table.";

/// Looks at all that the jobs need, one thing after the other, and says what to do about
/// what is missing.
///
/// Publishes nothing and changes nothing. Each job file is read by its own program:
/// query-export's when it has `query`, `query-file` or `table`, else full-dump's; so are
/// the environment variables of that program.
#[derive(Debug, Parser)]
#[command(name = "doctor", version)]
pub(crate) struct Cli {
    /// Job file of full-dump or query-export; repeatable
    // Not this program's own file: hence another id.
    #[arg(long = "config", value_name = "FILE")]
    pub(crate) job_files: Vec<PathBuf>,

    /// The checks as JSON instead of tables
    #[arg(long)]
    pub(crate) json: bool,

    /// Ends the checks of one job after this long (45s, 2m)
    #[arg(long, value_name = "DURATION", default_value = "2m", value_parser = parse_duration)]
    pub(crate) timeout: Duration,
}

/// Builds the whole command line.
pub(crate) fn command() -> clap::Command {
    Cli::command().after_help(format!("{EXAMPLES}\n\n{}", ExitCode::table()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound_and_documented() {
        command().debug_assert();
        let readme = include_str!("../README.md");
        for arg in command().get_arguments() {
            if let Some(long) = arg.get_long().filter(|long| *long != "version") {
                assert!(
                    readme.contains(&format!("`--{long}")),
                    "--{long} is missing"
                );
            }
        }
    }

    #[test]
    fn the_guide_has_a_section_for_every_exit_code() {
        let guide = include_str!("../../operations/README.md");
        for exit in ExitCode::ALL {
            let heading = format!("\n### {}\n", exit.code());
            let (_, section) = guide
                .split_once(&heading)
                .unwrap_or_else(|| panic!("{}", exit.meaning()));
            let section = section.split("\n#").next().unwrap_or_default();
            assert!(section.trim().len() > 50, "{}: {section:?}", exit.code());
        }
    }
}
