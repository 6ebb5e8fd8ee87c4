//! Ours and theirs, side by side.

use datatransit_dump::testing::MemorySink;
use datatransit_dump::{ConnectOptions, Dump, DumpOptions, DumpReport, Selection};
use e2e::database::DatabaseServer;
use secrecy::SecretString;

/// Makes a database of its own and loads a script into it.
pub(crate) async fn with_database(server: &DatabaseServer, prefix: &str, script: &str) -> String {
    let database = server.create_database(prefix).await.expect("a database");
    server
        .run_sql(&format!("USE `{database}`;\n{script}"))
        .await
        .expect("the corpus loads");
    database
}

/// Dumps with both and compares; tells the first line that differs.
pub(crate) async fn assert_same_bytes(server: &DatabaseServer, arguments: &[&str]) -> DumpReport {
    let theirs = server.dump(arguments).await.expect("the real client runs");
    assert!(
        theirs.success(),
        "the real client with {arguments:?}: {}",
        theirs.stderr
    );
    let (ours, report) = our_dump(server, arguments).await;
    let (masked_ours, masked_theirs) = (masked(&ours), masked(&theirs.stdout));
    if let Some(difference) = first_difference(&masked_ours, &masked_theirs) {
        panic!("{arguments:?}: {difference}");
    }
    assert_eq!(report.uncompressed_bytes, ours.len() as u64);
    report
}

/// Our dump with the real client's own arguments.
pub(crate) async fn our_dump(server: &DatabaseServer, arguments: &[&str]) -> (Vec<u8>, DumpReport) {
    let (options, selection) = parse(arguments);
    let connect = ConnectOptions::new(server.host(), server.port(), "root", SecretString::from(""));
    let dump = Dump::builder(connect, selection)
        .options(options)
        .build()
        .expect("fit options");
    let mut sink = MemorySink::new();
    let report = dump.run(&mut sink).await.expect("the dump succeeds");
    (sink.bytes().to_vec(), report)
}

fn parse(arguments: &[&str]) -> (DumpOptions, Selection) {
    let mut options = DumpOptions::default();
    let mut names = Vec::new();
    let mut many = false;
    for argument in arguments {
        match argument.strip_prefix("--") {
            _ if *argument == "-B" => many = true,
            Some(option) => {
                let (name, value) = match option.split_once('=') {
                    Some((name, value)) => (name, Some(value)),
                    None => (option, None),
                };
                options.apply(name, value).expect("an option of ours");
            }
            None => names.push((*argument).to_owned()),
        }
    }
    let selection = if many {
        Selection::Databases(names)
    } else {
        let mut selection = Selection::database(names.remove(0));
        if let Selection::Database { tables, .. } = &mut selection {
            *tables = names;
        }
        selection
    };
    (options, selection)
}

/// The lines whose content no two runs share.
const VOLATILE: &[&str] = &[
    "-- MySQL dump ",
    "-- MariaDB dump ",
    "-- Host: ",
    "-- Server version",
    "-- Dump completed on",
];

fn masked(dump: &[u8]) -> Vec<Vec<u8>> {
    dump.split(|&byte| byte == b'\n')
        .map(|line| {
            let volatile = VOLATILE
                .iter()
                .find(|prefix| line.starts_with(prefix.as_bytes()));
            volatile.map_or_else(|| line.to_vec(), |prefix| prefix.as_bytes().to_vec())
        })
        .collect()
}

fn first_difference(ours: &[Vec<u8>], theirs: &[Vec<u8>]) -> Option<String> {
    let at = (0..ours.len().max(theirs.len())).find(|&line| ours.get(line) != theirs.get(line))?;
    let shown = |lines: &[Vec<u8>]| {
        let Some(line) = lines.get(at) else {
            return "(the end)".to_owned();
        };
        let other = if std::ptr::eq(lines, ours) {
            theirs.get(at)
        } else {
            ours.get(at)
        };
        let same = other.map_or(0, |other| {
            line.iter()
                .zip(other)
                .take_while(|(left, right)| left == right)
                .count()
        });
        let from = same.saturating_sub(80);
        let part = &line[from..line.len().min(same + 120)];
        format!("…[{from}] {}", part.escape_ascii())
    };
    let before = at.checked_sub(1).map_or_else(String::new, |line| {
        ours[line][..ours[line].len().min(160)]
            .escape_ascii()
            .to_string()
    });
    Some(format!(
        "line {}: after {before:?}\n  ours:   {}\n  theirs: {}",
        at + 1,
        shown(ours),
        shown(theirs)
    ))
}
