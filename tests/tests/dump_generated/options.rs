//! Option sets: from all that the crate knows and the real client knows too.

use datatransit_dump::{OptionSpec, ValueKind, option_specs};
use e2e::parity;

use crate::model::{Case, DrawnOption, Form};
use crate::script::Script;
use crate::world::World;

/// Options of both that no case is dumped with, and why.
const NOT_DRAWN: &[(&str, &str)] = &[
    ("all-databases", "the databases of other cases come and go"),
    (
        "all-tablespaces",
        "it prints none of these servers' tablespaces, and asks about all",
    ),
    ("apply-replica-statements", "it needs a replica"),
    ("apply-slave-statements", "it needs a replica"),
    (
        "as-of",
        "the instant is a case's own, which the clients parse in their own zones",
    ),
    ("databases", "the form of the arguments is drawn by itself"),
    ("delete-master-logs", "it changes the server"),
    ("delete-source-logs", "it changes the server"),
    ("dump-replica", "it needs a replica"),
    ("dump-slave", "it needs a replica"),
    ("flush-logs", "it changes the server under other cases"),
    ("gtid", "it needs a binary log"),
    ("include-master-host-port", "it needs a replica"),
    ("include-source-host-port", "it needs a replica"),
    ("lock-all-tables", "its lock stops the other cases"),
    (
        "master-data",
        "it needs a binary log, and its lock stops the other cases",
    ),
    (
        "source-data",
        "it needs a binary log, and its lock stops the other cases",
    ),
    ("system", "it dumps accounts of the whole server"),
    ("users", "it dumps accounts of the whole server"),
];

/// The options that cases are dumped with on this server, by name.
pub(crate) fn drawable(world: &World) -> Vec<&'static OptionSpec> {
    option_specs()
        .iter()
        .filter(|spec| world.client_options.contains(spec.name))
        .filter(|spec| NOT_DRAWN.iter().all(|(name, _)| *name != spec.name))
        .filter(|spec| spec.value == ValueKind::Switch || !values(spec.name).is_empty())
        .collect()
}

/// Values of an option that takes one; `{db}` and `{t}` are the case's own names.
fn values(name: &str) -> &'static [&'static str] {
    match name {
        "default-character-set" => &["utf8mb4", "utf8mb4", "latin1", "utf8mb3", "sjis", "binary"],
        "ignore-table" => &["{db}.{t}", "other.{t}", "{db}.nothing", "{db}.{t}"],
        "net-buffer-length" => &[
            "4096", "4K", "5000", "8192", "4096", "16K", "1M", "100", "16777216", "1G", "20000",
        ],
        "set-gtid-purged" => &["OFF", "AUTO"],
        "where" => &[
            "1=1",
            "1=0",
            "id % 2 = 0",
            "id > 400 AND 'it''s' <> \"x;\"",
            "id<>5 or `id`='日本' -- x",
            "TRUE ORDER BY id DESC",
        ],
        _ => &[],
    }
}

/// Options that leave out nothing that a restored database would miss. `--add-drop-trigger`
/// is none of them, for both clients print its names without quotes; nor is `--replace`, which
/// makes no statement together with `--insert-ignore`.
const KEEPS_ALL: &[&str] = &[
    "add-drop-table",
    "add-locks",
    "comments",
    "complete-insert",
    "create-options",
    "disable-keys",
    "dump-date",
    "extended-insert",
    "hex-blob",
    "insert-ignore",
    "lock-tables",
    "net-buffer-length",
    "no-autocommit",
    "no-tablespaces",
    "quick",
    "single-transaction",
];

/// What both are given, and which options they were.
#[derive(Debug)]
pub(crate) struct Arguments {
    pub(crate) arguments: Vec<String>,
    pub(crate) drawn: Vec<&'static str>,
    /// Drawn, and refused by us: not given to either.
    pub(crate) refused: Vec<String>,
}

impl Arguments {
    /// `all_there`: whether all that the script makes was made.
    pub(crate) fn of(case: &Case, world: &World, script: &Script, all_there: bool) -> Self {
        let drawable = drawable(world);
        let mut drawn = Vec::new();
        let mut refused = Vec::new();
        let mut options: Vec<String> = Vec::new();
        for option in &case.options {
            let spec = *option.name.of(&drawable);
            let argument = argument(spec, option, script);
            if spec.name == "events" && real_client_misses_events(world, script) {
                continue;
            }
            if parity::parse(&[&argument, "d"]).is_err() {
                refused.push(argument);
                continue;
            }
            options.push(argument);
            drawn.push(spec.name);
        }
        if !fit_together(&options) {
            options.push("--create-options".into());
        }
        let form = if all_there { case.form } else { Form::Database };
        options.extend(names(form, script));
        Self {
            arguments: options,
            drawn,
            refused,
        }
    }

    /// The options that leave nothing out, and one whole database.
    pub(crate) fn for_restoring(case: &Case, world: &World, script: &Script) -> Vec<String> {
        let drawable = drawable(world);
        let mut options: Vec<String> = case
            .options
            .iter()
            .map(|option| (*option.name.of(&drawable), option))
            .filter(|(spec, _)| KEEPS_ALL.contains(&spec.name))
            .map(|(spec, option)| argument(spec, option, script))
            .filter(|argument| parity::parse(&[argument, "d"]).is_ok())
            .collect();
        options.extend(["--create-options", "--routines", "--events"].map(String::from));
        options.push(script.database.clone());
        options
    }
}

fn argument(spec: &OptionSpec, option: &DrawnOption, script: &Script) -> String {
    let name = spec.name;
    if spec.value == ValueKind::Switch {
        return match option.value.0 / 16 % 8 {
            5 if spec.negatable => format!("--skip-{name}"),
            6 if spec.negatable => format!("--{name}=0"),
            7 if spec.negatable => format!("--{name}=1"),
            _ => format!("--{name}"),
        };
    }
    let tables: Vec<&str> = names_of_all(script);
    let value = match *option.value.of(values(name)) {
        // Ours refuses names that would have to be converted, and says so.
        _ if name == "default-character-set" && !script.names_are_ascii() => "utf8mb4",
        value => value,
    };
    let value = value
        .replace("{db}", &script.database)
        .replace("{t}", option.name.of::<&str>(&tables));
    format!("--{name}={value}")
}

fn names_of_all(script: &Script) -> Vec<&str> {
    let tables = script.tables.iter().map(|table| table.name.as_str());
    tables
        .chain(script.views.iter().map(String::as_str))
        .collect()
}

/// MariaDB's client looks for a database with events under its escaped name, and fails.
fn real_client_misses_events(world: &World, script: &Script) -> bool {
    let escaped = |character| matches!(character, '\'' | '"' | '\\');
    world.is_mariadb() && script.programs.events > 0 && script.database.contains(escaped)
}

/// Ours refuses a few combinations by name; the case then gets what makes them fit.
fn fit_together(options: &[String]) -> bool {
    let mut on = true;
    for option in options {
        match option.as_str() {
            "--skip-opt" | "--skip-create-options" | "--create-options=0" => on = false,
            "--opt" | "--create-options" | "--create-options=1" => on = true,
            _ => {}
        }
    }
    on
}

/// The names that follow the options.
fn names(form: Form, script: &Script) -> Vec<String> {
    let database = script.database.clone();
    match form {
        Form::Database => vec![database],
        Form::Databases => vec!["-B".into(), database],
        Form::Tables => {
            // Backwards, and without the first where there are more than two.
            let all = names_of_all(script);
            let skipped = usize::from(all.len() > 2);
            let chosen = all.into_iter().skip(skipped).rev().map(str::to_owned);
            std::iter::once(database).chain(chosen).collect()
        }
    }
}
