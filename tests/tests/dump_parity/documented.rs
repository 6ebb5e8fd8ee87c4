//! What is written about the real clients: none of their options is missing.

use std::collections::BTreeSet;

use e2e::database::DatabaseServer;

const PAGE: &str = include_str!("../../../crates/dump/COMPATIBILITY.md");

async fn every_option(server: &'static DatabaseServer) {
    let help = server.dump(&["--help"]).await.expect("the client runs");
    let text = String::from_utf8_lossy(&help.stdout);
    let (described, table) = text
        .rsplit_once("\n---------")
        .expect("a table of variables");
    let described = described.lines().filter_map(|line| {
        let line = line.trim_start();
        let long = line
            .split_once(", --")
            .filter(|(short, _)| short.len() == 2);
        let name = long.map(|(_, name)| name).or(line.strip_prefix("--"))?;
        name.split(|c: char| !c.is_ascii_lowercase() && !c.is_ascii_digit() && c != '-')
            .next()
    });
    let set = table
        .lines()
        .skip(1)
        .filter_map(|line| line.split_whitespace().next());
    let names: BTreeSet<&str> = described.chain(set).collect();
    assert!(names.len() > 100, "{names:?}");
    let missing: Vec<&str> = names
        .into_iter()
        .filter(|name| !PAGE.contains(&format!("`--{name}`")))
        .collect();
    assert!(missing.is_empty(), "{}: {missing:?}", server.release());
}
on_each_release!(every_option_of_the_client, super::every_option);
