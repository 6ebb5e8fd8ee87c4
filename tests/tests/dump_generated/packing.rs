//! The extended insert's packing, against the real clients at its boundaries.
//!
//! The lengths of rows are chosen by a restatement of the rule, so that the running total
//! lands on the limit or up to three bytes beside it. How many statements the dump then has
//! is asserted too: only if the restatement is right were the boundaries met.

use e2e::database::{DatabaseServer, Flavour};
use e2e::parity::{Outcome, compare_dumps};
use mysql_async::Conn;
use mysql_async::prelude::Queryable as _;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestRunner};

use crate::kept::{KeptSeeds, Subject};
use crate::model::Pick;
use crate::runner::runtime;
use crate::text::{label, quoted};

/// The option's value, and the limit that both clients make of it.
const LIMITS: &[(Option<u64>, u64)] = &[
    (Some(4096), 4096),
    (Some(4096), 4096),
    (Some(5000), 4096),
    (Some(8192), 8192),
    (Some(17_000), 16_384),
    (Some(65_536), 65_536),
    (None, 1_046_528),
];

#[derive(Debug, Clone)]
struct Case {
    limit: Pick,
    complete: bool,
    tables: Vec<Table>,
}

#[derive(Debug, Clone)]
struct Table {
    name: Vec<u16>,
    blob: bool,
    steps: Vec<Step>,
}

/// A row, by what it does to the running total.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// As short as it can be, and so much longer.
    Short(u8),
    /// Takes so many percent of what is left.
    Fill(u8),
    /// Lands so far beside the limit.
    Edge(i8),
    /// Longer than the limit by so much.
    Beyond(u8),
}

fn case() -> impl Strategy<Value = Case> {
    let step = prop_oneof![
        2 => any::<u8>().prop_map(Step::Short),
        3 => (1..100_u8).prop_map(Step::Fill),
        6 => (-3..=3_i8).prop_map(Step::Edge),
        1 => (0..4_u8).prop_map(Step::Beyond),
    ];
    let name = vec(any::<u16>(), 0..20);
    let table = (name, any::<bool>(), vec(step, 1..14)).prop_map(|(name, blob, steps)| Table {
        name,
        blob,
        steps,
    });
    (any::<u16>(), any::<bool>(), vec(table, 1..6)).prop_map(|(limit, complete, tables)| Case {
        limit: Pick(limit),
        complete,
        tables,
    })
}

/// Runs this many cases on a server.
pub(crate) fn run(server: &'static DatabaseServer, cases: u32, seed: RngSeed) {
    let config = Config {
        cases,
        rng_seed: seed,
        failure_persistence: Some(Box::new(KeptSeeds::new(
            Subject::Packing,
            server.flavour(),
            true,
        ))),
        max_shrink_iters: 300,
        ..Config::default()
    };
    let runtime = runtime();
    let outcome = TestRunner::new(config).run(&case(), |case| {
        runtime
            .block_on(check(server, &case))
            .map_err(|error| TestCaseError::fail(format!("{error:#}")))
    });
    if let Err(failure) = outcome {
        panic!(
            "{failure}\n{}",
            KeptSeeds::how_to_repeat(Subject::Packing, server.flavour())
        );
    }
}

async fn check(server: &DatabaseServer, case: &Case) -> anyhow::Result<()> {
    let (option, limit) = *case.limit.of(LIMITS);
    let database = server.create_database("packing").await?;
    let mut conn = server.connect().await?;
    let form = Form {
        limit,
        list: if case.complete { " (`id`, `v`)" } else { "" },
        introducer: match server.flavour() {
            Flavour::MySql => "_binary ",
            Flavour::MariaDb => "",
        },
    };
    let mut statements = 0;
    for (index, table) in case.tables.iter().enumerate() {
        let name = format!("t{}{index}", label(&table.name));
        statements += load(&mut conn, table, &database, &name, &form).await?;
    }
    let mut arguments = Vec::new();
    arguments.extend(option.map(|value| format!("--net-buffer-length={value}")));
    if case.complete {
        arguments.push("--complete-insert".into());
    }
    arguments.push(database.clone());
    let given: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = compare_dumps(server, &given).await;
    conn.query_drop(format!("DROP DATABASE {}", quoted(&database)))
        .await?;
    conn.disconnect().await?;
    let dump = match outcome? {
        Outcome::Same { dump, .. } => dump,
        Outcome::BothFailed { why, .. } => anyhow::bail!("{why}"),
    };
    let printed = dump
        .split(|&byte| byte == b'\n')
        .filter(|line| line.starts_with(b"INSERT INTO "))
        .count();
    anyhow::ensure!(
        printed == statements,
        "{printed} statements were printed, the rule makes {statements}"
    );
    Ok(())
}

/// What all rows of a case are printed by.
struct Form {
    limit: u64,
    list: &'static str,
    /// Before a binary value.
    introducer: &'static str,
}

/// Makes one table; gives the number of statements that its rows make.
async fn load(
    conn: &mut Conn,
    table: &Table,
    database: &str,
    name: &str,
    form: &Form,
) -> anyhow::Result<usize> {
    let full_name = format!("{}.{}", quoted(database), quoted(name));
    let value_type = if table.blob { "LONGBLOB" } else { "LONGTEXT" };
    let limit = form.limit;
    let prefix = format!("INSERT INTO {}{} VALUES ", quoted(name), form.list).len() as u64;
    let introducer = if table.blob { form.introducer } else { "" };
    let mut rows = Vec::new();
    let mut total = None;
    let mut statements = 0;
    for (index, step) in table.steps.iter().enumerate() {
        // At least one byte of value: an empty one has no introducer.
        let shell = format!("({index},{introducer}'')").len() as u64;
        let left = limit.saturating_sub(total.unwrap_or(0) + 2);
        let wanted = match *step {
            Step::Short(more) => shell + 1 + u64::from(more),
            Step::Fill(percent) => left * u64::from(percent) / 100,
            // The first row of a table has no total that it could land on.
            Step::Edge(beside) => left.saturating_add_signed(i64::from(beside)),
            Step::Beyond(more) => limit + u64::from(more),
        };
        let length = wanted.max(shell + 1);
        let value = length - shell;
        // A quote is printed with a backslash: the length after escaping is what counts.
        let quotes = if index % 2 == 0 { value / 3 } else { 0 };
        rows.push(format!(
            "({index},CONCAT(REPEAT('''',{quotes}),REPEAT('x',{})))",
            value - 2 * quotes
        ));
        match total {
            Some(before) if before + length + 2 < limit => total = Some(before + length + 2),
            _ => {
                statements += 1;
                total = Some(length + 2 + prefix + 4);
            }
        }
    }
    conn.query_drop(format!(
        "CREATE TABLE {full_name} (id INT PRIMARY KEY, v {value_type})"
    ))
    .await?;
    conn.query_drop(format!("INSERT INTO {full_name} VALUES {}", rows.join(",")))
        .await?;
    Ok(statements)
}
