//! Where an option's value comes from: the command line, then the environment,
//! then a TOML file, then the default.
//!
//! The file holds the long options' names as keys (`to = "s3://…"`,
//! `deny-host = ["*-prod-*"]`, `single-transaction = true`), flat, without a
//! section. Its values become clap's defaults, so they pass the same value
//! parsers and are reported in the same words as the command line's.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, bail};
use clap::builder::BoolishValueParser;
use clap::{ArgAction, ArgMatches, Command};
use toml::{Table, Value};

use crate::Failure;

/// How the command line asked to end early.
#[derive(Debug)]
#[expect(
    clippy::exhaustive_enums,
    reason = "an unpublished package: every caller handles both"
)]
pub enum Parsed {
    /// A run is wanted; these are its arguments, from all four sources.
    Run(Box<ArgMatches>),
    /// `--help` or `--version`: print this on stdout and end well.
    Show(String),
}

/// Parses `arguments` (with the program's name first) by `command`, whose
/// option `--config` names the file, and with `prefix` before each option's
/// environment variable (`FULL_DUMP_` makes `--if-exists` also
/// `FULL_DUMP_IF_EXISTS`).
///
/// # Errors
/// A usage failure that names the option, its source and what was expected.
pub fn parse(
    command: &Command,
    prefix: &str,
    arguments: impl IntoIterator<Item = OsString>,
) -> Result<Parsed, Failure> {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let command = with_environment(command.clone(), prefix);
    let matches = match command.clone().try_get_matches_from(&arguments) {
        Ok(matches) => matches,
        Err(error) => return shown_or_refused(&error),
    };
    // A program may do without such a file.
    let path = matches.try_get_one::<PathBuf>("config").ok().flatten();
    let Some(path) = path.cloned() else {
        return Ok(Parsed::Run(Box::new(matches)));
    };
    let command = with_file(command, &path).map_err(Failure::usage)?;
    match command.try_get_matches_from(&arguments) {
        Ok(matches) => Ok(Parsed::Run(Box::new(matches))),
        Err(error) => shown_or_refused(&error).map_err(|failure| {
            failure.with_remedy(format!(
                "see --help; values also come from {}",
                path.display()
            ))
        }),
    }
}

fn shown_or_refused(error: &clap::Error) -> Result<Parsed, Failure> {
    let text = error.render().to_string();
    if error.use_stderr() {
        // clap adds a usage section and a hint after a blank line: the first
        // paragraph is the reason, and a log line is one line.
        let reason: Vec<&str> = text
            .lines()
            .take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more"))
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .collect();
        let reason = reason.join(" ");
        let reason = reason.strip_prefix("error: ").unwrap_or(&reason).to_owned();
        Err(Failure::usage(anyhow!(reason)).with_remedy("see --help"))
    } else {
        Ok(Parsed::Show(text))
    }
}

/// Gives every long option its environment variable.
fn with_environment(command: Command, prefix: &str) -> Command {
    command.mut_args(|arg| {
        let Some(long) = arg.get_long() else {
            return arg;
        };
        match arg.get_action() {
            ArgAction::Help | ArgAction::HelpShort | ArgAction::HelpLong | ArgAction::Version => {
                arg
            }
            action => {
                let is_switch = matches!(action, ArgAction::SetTrue);
                let name = format!("{prefix}{}", long.to_ascii_uppercase().replace('-', "_"));
                let arg = arg.env(name).hide_env(true);
                if is_switch {
                    arg.value_parser(BoolishValueParser::new())
                } else {
                    arg
                }
            }
        }
    })
}

/// Makes the file's values the options' defaults.
fn with_file(command: Command, path: &Path) -> anyhow::Result<Command> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("read the configuration file {}", path.display()))?;
    // The error's own text shows the offending line; a line is not ours to show.
    let table: Table = text.parse().map_err(|error: toml::de::Error| {
        let line = error
            .span()
            .map_or(0, |span| 1 + text[..span.start].matches('\n').count());
        anyhow!("{}: line {line}: {}", path.display(), error.message())
    })?;
    let mut names: Vec<(String, String)> = command
        .get_arguments()
        .filter(|arg| !matches!(arg.get_id().as_str(), "config" | "help" | "version"))
        .filter_map(|arg| {
            let name = arg.get_long().map(str::to_owned);
            let name = name.or_else(|| arg.is_positional().then(|| arg.get_id().to_string()));
            Some((name?, arg.get_id().to_string()))
        })
        .collect();
    names.sort();

    let mut command = command;
    for (key, value) in &table {
        let Some((_, id)) = names.iter().find(|(name, _)| name == key) else {
            bail!("{}: {}", path.display(), unknown_key(key, &names));
        };
        let values = texts(value).with_context(|| format!("{}: {key}", path.display()))?;
        command = command.mut_arg(id, |arg| arg.default_values(values));
    }
    Ok(command)
}

fn unknown_key(key: &str, names: &[(String, String)]) -> String {
    if key.contains("password") || key == "pass" {
        return format!(
            "unknown key `{key}`: a password has no place in this file, see --credentials"
        );
    }
    match nearest(key, names.iter().map(|(name, _)| name.as_str())) {
        Some(name) => format!("unknown key `{key}`; did you mean `{name}`?"),
        None => format!("unknown key `{key}`: keys are the long options' names, see --help"),
    }
}

/// Returns the value, or an array's values, as the command line would spell them.
fn texts(value: &Value) -> anyhow::Result<Vec<String>> {
    Ok(match value {
        Value::String(text) => vec![text.clone()],
        Value::Integer(number) => vec![number.to_string()],
        Value::Float(number) => vec![number.to_string()],
        Value::Boolean(switch) => vec![switch.to_string()],
        Value::Datetime(time) => vec![time.to_string()],
        Value::Array(values) => {
            let mut all = Vec::with_capacity(values.len());
            for value in values {
                if value.is_array() {
                    bail!("an array may hold texts, numbers and switches only");
                }
                all.extend(texts(value)?);
            }
            all
        }
        Value::Table(_) => bail!("the file is flat: no section is known"),
    })
}

/// Returns the name closest to `wanted`, if it is close enough to be meant.
#[must_use]
pub fn nearest<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = wanted.replace('_', "-").to_ascii_lowercase();
    let limit = 1 + wanted.chars().count() / 4;
    names
        .map(|name| (distance(&wanted, name), name))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, name)| name)
}

/// Counts the letters to insert, delete or replace to get from one to the other.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, letter) in from.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, other) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != *other);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use clap::Arg;

    use super::*;
    use crate::ExitCode;

    fn command() -> Command {
        Command::new("job")
            .version("1.2.3")
            .arg(
                Arg::new("config")
                    .long("config")
                    .value_parser(clap::value_parser!(PathBuf)),
            )
            .arg(Arg::new("to").long("to"))
            .arg(
                Arg::new("if-exists")
                    .long("if-exists")
                    .default_value("overwrite"),
            )
            .arg(Arg::new("check").long("check").action(ArgAction::SetTrue))
            .arg(
                Arg::new("deny-host")
                    .long("deny-host")
                    .action(ArgAction::Append),
            )
            .arg(
                Arg::new("memory")
                    .long("memory")
                    .value_parser(clap::value_parser!(crate::ByteSize)),
            )
            .arg(Arg::new("names").num_args(0..))
    }

    fn parsed(prefix: &str, file: Option<&str>, arguments: &[&str]) -> Result<ArgMatches, Failure> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("job.toml");
        let mut all: Vec<OsString> = vec!["job".into()];
        all.extend(arguments.iter().map(OsString::from));
        if let Some(file) = file {
            std::fs::write(&path, file).unwrap();
            all.push("--config".into());
            all.push(path.into());
        }
        match parse(&command(), prefix, all)? {
            Parsed::Run(matches) => Ok(*matches),
            Parsed::Show(text) => panic!("{text}"),
        }
    }

    fn one<'a>(matches: &'a ArgMatches, id: &str) -> Option<&'a str> {
        matches.get_one::<String>(id).map(String::as_str)
    }

    #[test]
    fn a_flag_beats_the_file_and_the_file_beats_the_default() {
        let file = "to = \"file\"\nif-exists = \"skip\"\ncheck = true\nmemory = \"1MiB\"\n";
        let matches = parsed("NONE_", Some(file), &["--to", "flag"]).unwrap();
        assert_eq!(one(&matches, "to"), Some("flag"));
        assert_eq!(one(&matches, "if-exists"), Some("skip"));
        assert!(matches.get_flag("check"));
        assert_eq!(
            matches
                .get_one::<crate::ByteSize>("memory")
                .unwrap()
                .bytes(),
            1 << 20
        );
    }

    #[test]
    fn the_environment_beats_the_file() {
        // PATH is the one variable that every test process has and nobody need change:
        // with the prefix `PA`, the option `--th` would be PATH.
        let command = command().arg(Arg::new("th").long("th"));
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("job.toml");
        std::fs::write(&path, "th = \"file\"\n").unwrap();
        let arguments = ["job".into(), "--config".into(), path.into()];
        let Parsed::Run(matches) = parse(&command, "PA", arguments).unwrap() else {
            panic!()
        };
        assert_eq!(
            one(&matches, "th").map(str::to_owned),
            std::env::var("PATH").ok()
        );
    }

    #[test]
    fn arrays_and_positional_names_come_from_the_file_too() {
        let file = "deny-host = [\"a*\", \"b*\"]\nnames = [\"gghouse\", \"rooms\"]\n";
        let matches = parsed("NONE_", Some(file), &[]).unwrap();
        let hosts: Vec<&String> = matches.get_many("deny-host").unwrap().collect();
        assert_eq!(hosts, ["a*", "b*"]);
        let names: Vec<&String> = matches.get_many("names").unwrap().collect();
        assert_eq!(names, ["gghouse", "rooms"]);
    }

    #[test]
    fn an_unknown_key_is_refused_with_the_nearest_name() {
        let refused = |file| parsed("NONE_", Some(file), &[]).unwrap_err();
        let failure = refused("if_exist = \"skip\"\n");
        assert_eq!(failure.exit(), ExitCode::Usage);
        assert!(
            failure.reason().contains("did you mean `if-exists`?"),
            "{}",
            failure.reason()
        );
        assert!(
            refused("zzzzzz = 1\n")
                .reason()
                .contains("long options' names")
        );
        let failure = refused("password = \"hunter2\"\n");
        assert!(failure.reason().contains("--credentials"));
        assert!(!failure.reason().contains("hunter2"));
    }

    #[test]
    fn a_broken_file_is_named_by_line_and_not_shown() {
        let failure = parsed("NONE_", Some("to = \"a\"\nhunter2 = = 1\n"), &[]).unwrap_err();
        assert!(failure.reason().contains("line 2"), "{}", failure.reason());
        assert!(
            !failure.reason().contains("hunter2"),
            "{}",
            failure.reason()
        );
        let failure = parsed("NONE_", Some("[to]\na = 1\n"), &[]).unwrap_err();
        assert!(failure.reason().contains("flat"), "{}", failure.reason());
    }

    #[test]
    fn a_bad_value_is_one_line() {
        let failure = parsed("NONE_", None, &["--memory", "lots"]).unwrap_err();
        assert_eq!(failure.exit(), ExitCode::Usage);
        assert!(
            failure.reason().contains("--memory"),
            "{}",
            failure.reason()
        );
        assert!(!failure.reason().contains('\n'));
        assert!(parsed("NONE_", Some("memory = \"lots\"\n"), &[]).is_err());
    }

    #[test]
    fn help_and_version_are_shown() {
        let shown = parse(&command(), "NONE_", ["job".into(), "--version".into()]).unwrap();
        assert!(matches!(shown, Parsed::Show(text) if text.contains("1.2.3")));
    }

    #[test]
    fn distances() {
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(
            nearest("min_byte", ["min-bytes", "memory"].into_iter()),
            Some("min-bytes")
        );
        assert_eq!(nearest("q", ["min-bytes"].into_iter()), None);
    }
}
