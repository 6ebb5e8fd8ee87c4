//! mysqldump's own options on our command line: declared from the dump crate's
//! table, applied in the order in which they were given.

use clap::{Arg, ArgAction, ArgMatches, Command, parser::ValueSource};
use datatransit_dump::{DumpOptions, OptionError, ValueKind, option_specs};
use datatransit_job::Failure;

use crate::refused;

/// The heading in `--help`.
const HEADING: &str =
    "mysqldump's options (--skip-NAME or --NAME=0 switches one off; the last one wins)";

/// Adds the options to a command line.
pub(crate) fn declare(command: Command) -> Command {
    let mut args = Vec::new();
    for spec in option_specs() {
        let arg = Arg::new(id(spec.name))
            .long(spec.name)
            .action(ArgAction::Append)
            .help(spec.help)
            .help_heading(HEADING);
        let arg = match spec.short {
            Some(short) => arg.short(short),
            None => arg,
        };
        args.push(match spec.value {
            ValueKind::Switch => switch(arg),
            ValueKind::Optional => switch(arg).value_name("VALUE"),
            _ => arg
                .num_args(1)
                .value_name("VALUE")
                .allow_hyphen_values(true),
        });
        let skip = format!("skip-{}", spec.name);
        let is_listed = option_specs().iter().any(|other| other.name == skip);
        if spec.negatable && !is_listed {
            args.push(switch(
                Arg::new(id(&skip))
                    .long(skip)
                    .action(ArgAction::Append)
                    .hide(true),
            ));
        }
    }
    command.args(args)
}

/// `--name`, or `--name=0|1|true|false|on|off`; a value needs its equals sign, or
/// the database's name would be taken for one.
fn switch(arg: Arg) -> Arg {
    arg.num_args(0..=1)
        .require_equals(true)
        .default_missing_value("")
        .value_name("BOOL")
        .hide_possible_values(true)
}

/// Keeps clear of our own options' ids.
fn id(name: &str) -> String {
    format!("mysqldump-{name}")
}

/// The options as they were given.
#[derive(Debug)]
pub(crate) struct Given {
    pub(crate) options: DumpOptions,
    /// `-B`: every name is a database.
    pub(crate) databases: bool,
    /// `-A`: every database there is.
    pub(crate) all_databases: bool,
}

/// Applies what was given: first the file's, then the environment's, then the
/// command line's in its own order, so that the later one wins as in mysqldump.
///
/// A file and an environment have no order; there the options that stand for a
/// group (`opt`, `skip-opt`, `compact`) act first and the others correct them.
pub(crate) fn apply(matches: &ArgMatches) -> Result<Given, Failure> {
    let mut given = Given {
        options: DumpOptions::default(),
        databases: false,
        all_databases: false,
    };
    for (name, value) in in_order(matches) {
        let value = (!value.is_empty() || takes_value(&name)).then_some(value.as_str());
        given.options.apply(&name, value).map_err(refused)?;
        let on = !matches!(value, Some("0" | "false" | "off"));
        match name.as_str() {
            "databases" => given.databases = on,
            "skip-databases" => given.databases = !on,
            "tables" => given.databases = false,
            "all-databases" => given.all_databases = on,
            "skip-all-databases" => given.all_databases = !on,
            _ => {}
        }
    }
    Ok(given)
}

fn refused(error: OptionError) -> Failure {
    Failure::usage(error).with_remedy("see --help")
}

fn takes_value(name: &str) -> bool {
    option_specs()
        .iter()
        .any(|spec| spec.name == name && spec.value == ValueKind::Required)
}

/// `skip-` before a name that is no option of its own makes a switch too.
fn is_switch(name: &str) -> bool {
    option_specs()
        .iter()
        .find(|spec| spec.name == name)
        .is_none_or(|spec| spec.value == ValueKind::Switch)
}

fn in_order(matches: &ArgMatches) -> Vec<(String, String)> {
    let mut all: Vec<(Rank, String, String)> = Vec::new();
    let skips = option_specs()
        .iter()
        .map(|spec| format!("skip-{}", spec.name));
    let names = option_specs()
        .iter()
        .map(|spec| spec.name.to_owned())
        .chain(skips);
    let mut seen = std::collections::BTreeSet::new();
    for name in names.filter(|name| seen.insert(name.clone())) {
        let id = id(&name);
        let Ok(Some(values)) = matches.try_get_many::<String>(&id) else {
            continue;
        };
        let values: Vec<String> = values.cloned().collect();
        if matches.value_source(&id) == Some(ValueSource::CommandLine) {
            let indices = matches.indices_of(&id).into_iter().flatten();
            all.extend(
                indices
                    .zip(values)
                    .map(|(index, value)| (Rank::argument(index), name.clone(), value)),
            );
            continue;
        }
        let from_environment = matches.value_source(&id) == Some(ValueSource::EnvVariable);
        for value in values {
            let rank = Rank::unordered(from_environment, &name);
            if from_environment && name == "ignore-table" {
                // A variable holds one text: several tables are separated by commas.
                all.extend(
                    value
                        .split(',')
                        .map(|one| (rank, name.clone(), one.to_owned())),
                );
            } else if is_switch(&name) && matches!(&*value, "1" | "true" | "on") {
                // There a switch needs a value; some take none.
                all.push((rank, name.clone(), String::new()));
            } else {
                all.push((rank, name.clone(), value));
            }
        }
    }
    // Stable: within a rank the table's own order stays.
    all.sort_by_key(|(rank, _, _)| *rank);
    all.into_iter()
        .map(|(_, name, value)| (name, value))
        .collect()
}

/// Where an option stands among all that were given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    /// 0 the file, 1 the environment, 2 the command line.
    source: u8,
    position: usize,
}

impl Rank {
    const fn argument(index: usize) -> Self {
        Self {
            source: 2,
            position: index,
        }
    }

    fn unordered(from_environment: bool, name: &str) -> Self {
        let is_group = matches!(name, "opt" | "skip-opt" | "compact");
        Self {
            source: u8::from(from_environment),
            position: usize::from(!is_group),
        }
    }
}

/// Explains an option of the real clients that is not taken; clap would only
/// call it unexpected. Never repeats a value.
pub(crate) fn explain(arguments: &[String]) -> Option<Failure> {
    let options = arguments
        .iter()
        .skip(1)
        .take_while(|argument| *argument != "--");
    for argument in options {
        if let Some(name) = refused::short(argument) {
            return Some(unsupported(name));
        }
        let Some(long) = argument.strip_prefix("--") else {
            continue;
        };
        let name = long.split('=').next().unwrap_or(long);
        if refused::way_out(name).is_some() {
            return Some(unsupported(name));
        }
        // With a value, so that an option that needs one is not taken for refused.
        let error = DumpOptions::default().apply(name, Some("1")).err();
        if let Some(error @ OptionError::Unsupported { .. }) = error
            && option_specs().iter().all(|spec| spec.name != name)
        {
            return Some(Failure::usage(error));
        }
    }
    None
}

/// What is refused here, or by the dump crate.
fn unsupported(name: &str) -> Failure {
    match refused::way_out(name) {
        Some(way_out) => Failure::usage(anyhow::anyhow!("--{name} is not supported: {way_out}")),
        None => match DumpOptions::default().apply(name, None) {
            Err(error) => Failure::usage(error),
            Ok(()) => Failure::usage(anyhow::anyhow!("--{name} is not supported")),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(arguments: &[&str]) -> ArgMatches {
        let command = Command::new("full-dump")
            .disable_help_flag(true)
            .arg(Arg::new("names").num_args(0..));
        let all = std::iter::once("full-dump").chain(arguments.iter().copied());
        declare(command).try_get_matches_from(all).unwrap()
    }

    fn applied(arguments: &[&str]) -> Vec<String> {
        apply(&matches(arguments))
            .unwrap()
            .options
            .applied()
            .to_vec()
    }

    #[test]
    fn options_act_in_the_order_given() {
        assert_eq!(
            applied(&["--compact", "--tz-utc", "db"]),
            ["--compact", "--tz-utc"]
        );
        assert_eq!(
            applied(&["--tz-utc", "--compact", "db"]),
            ["--tz-utc", "--compact"]
        );
        assert_eq!(
            applied(&[
                "--skip-opt",
                "--triggers",
                "--skip-triggers",
                "--triggers",
                "--add-locks"
            ]),
            [
                "--skip-opt",
                "--triggers",
                "--skip-triggers",
                "--triggers",
                "--add-locks"
            ]
        );
    }

    #[test]
    fn switches_take_a_value_by_equals_only() {
        let matches = matches(&["--lock-tables=false", "--single-transaction", "gghouse"]);
        let given = apply(&matches).unwrap();
        assert_eq!(
            given.options.applied(),
            ["--lock-tables=false", "--single-transaction"]
        );
        assert!(given.options.single_transaction());
        let names: Vec<&String> = matches.get_many("names").unwrap().collect();
        assert_eq!(names, ["gghouse"]);
    }

    #[test]
    fn short_forms_stand_alone_and_together() {
        let matches = matches(&["-BRE", "-wid > 3", "-q", "db"]);
        let given = apply(&matches).unwrap();
        assert!(given.databases);
        assert_eq!(
            given.options.applied(),
            [
                "--databases",
                "--routines",
                "--events",
                "--where=id > 3",
                "--quick"
            ]
        );
    }

    #[test]
    fn the_production_options() {
        let matches = matches(&[
            "-B",
            "gghouse",
            "--single-transaction",
            "--quick",
            "--lock-tables=false",
            "--set-gtid-purged=OFF",
            "--triggers",
            "--routines",
            "--events",
            "--extended-insert",
            "--compact",
            "--ignore-table",
            "gghouse.logs",
            "--ignore-table=gghouse.tmp",
        ]);
        let given = apply(&matches).unwrap();
        assert!(given.databases && given.options.routines() && given.options.events());
        assert!(
            given
                .options
                .applied()
                .contains(&"--ignore-table=gghouse.logs".to_owned())
        );
        assert!(
            given
                .options
                .applied()
                .contains(&"--ignore-table=gghouse.tmp".to_owned())
        );
    }

    #[test]
    fn file_and_environment_come_first_and_groups_first_of_all() {
        let mut command = Command::new("full-dump")
            .disable_help_flag(true)
            .arg(Arg::new("names").num_args(0..));
        command = declare(command)
            .mut_arg("mysqldump-comments", |arg| arg.default_value("true"))
            .mut_arg("mysqldump-skip-opt", |arg| arg.default_value("true"))
            .mut_arg("mysqldump-add-locks", |arg| arg.default_value("false"));
        let matches = command
            .try_get_matches_from(["full-dump", "--add-locks"])
            .unwrap();
        assert_eq!(
            apply(&matches).unwrap().options.applied(),
            ["--skip-opt", "--comments", "--add-locks"]
        );
    }

    #[test]
    fn every_refused_option_is_explained_and_none_of_ours() {
        let explained = |argument: &str| {
            explain(&["full-dump".to_owned(), argument.to_owned()]).map(|failure| failure.reason())
        };
        for (name, _) in refused::REFUSED {
            assert!(
                explained(&format!("--{name}"))
                    .unwrap()
                    .contains("not supported"),
                "{name}"
            );
        }
        assert!(explained("--xml").unwrap().contains("query export"));
        assert!(explained("-X").unwrap().contains("query export"));
        assert!(explained("-r").unwrap().contains("--to"));
        let reason = explained("--password=hunter2").unwrap();
        assert!(!reason.contains("hunter2"), "{reason}");
        assert!(!explained("-phunter2").unwrap().contains("hunter2"));
        for spec in option_specs() {
            assert_eq!(
                explained(&format!("--{}", spec.name)),
                None,
                "{}",
                spec.name
            );
        }
        assert_eq!(explained("--skip-triggers"), None);
        assert_eq!(explained("--port"), None);
    }
}
