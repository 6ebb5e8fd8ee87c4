//! One case from its SQL to its verdict; many cases, some at a time, with their seeds kept.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use e2e::database::DatabaseServer;
use e2e::parity::{Outcome, compare_dumps};
use mysql_async::prelude::Queryable as _;
use mysql_async::{Conn, Error as DriverError};
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestError, TestRunner};
use tokio::runtime::Runtime;

use crate::kept::{KeptSeeds, Subject};
use crate::model::{Case, case};
use crate::options::{Arguments, drawable};
use crate::restore;
use crate::script::Script;
use crate::text::quoted;
use crate::world::World;

/// Cases run beside each other on one server.
const SHARDS: u32 = 3;

/// Runs this many cases on a server and asserts that they were what they should be.
pub(crate) fn run(server: &'static DatabaseServer, cases: u32, seed: RngSeed) {
    let world = runtime().block_on(World::of(server));
    let tally = Mutex::new(Tally::default());
    let numbers = AtomicU32::new(0);
    let failures: Vec<String> = std::thread::scope(|scope| {
        let shards: Vec<_> = (0..SHARDS)
            .map(|shard| {
                let (world, tally, numbers) = (&world, &tally, &numbers);
                scope.spawn(move || {
                    run_shard(world, tally, numbers, shard, cases.div_ceil(SHARDS), seed)
                })
            })
            .collect();
        let ended = shards.into_iter().map(|shard| shard.join());
        ended
            .filter_map(|failure| failure.expect("a shard tells its failure"))
            .collect()
    });
    assert!(failures.is_empty(), "\n{}", failures.join("\n\n"));
    tally
        .into_inner()
        .expect("no shard panicked")
        .judge(&world, cases);
}

fn run_shard(
    world: &World,
    tally: &Mutex<Tally>,
    numbers: &AtomicU32,
    shard: u32,
    cases: u32,
    seed: RngSeed,
) -> Option<String> {
    let config = Config {
        cases,
        // Each shard draws its own; all of them first repeat what once failed.
        rng_seed: match seed {
            RngSeed::Fixed(seed) => {
                RngSeed::Fixed(seed.wrapping_mul(SHARDS.into()) + u64::from(shard))
            }
            random => random,
        },
        failure_persistence: Some(Box::new(KeptSeeds::new(
            Subject::Schemas,
            world.flavour(),
            shard == 0,
        ))),
        max_shrink_iters: 600,
        max_shrink_time: 120_000,
        ..Config::default()
    };
    let runtime = runtime();
    let mut bench = Bench {
        world,
        tally,
        numbers,
        conn: None,
    };
    let bench = Mutex::new(&mut bench);
    let outcome = TestRunner::new(config).run(&case(), |case| {
        let mut bench = bench.lock().unwrap_or_else(PoisonError::into_inner);
        runtime
            .block_on(bench.check(&case))
            .map_err(TestCaseError::fail)
    });
    match outcome {
        Ok(()) => None,
        Err(TestError::Abort(reason)) => Some(format!("given up: {reason}")),
        Err(TestError::Fail(reason, case)) => {
            let script = Script::of(&case, world, 0);
            let arguments = Arguments::of(&case, world, &script, true).arguments;
            Some(format!(
                "{reason}\n\nThe smallest case that differs, for the server's client:\n{}\n\
                 -- dumped with {arguments:?}\n\n{}",
                script.for_the_client(world.flavour()),
                KeptSeeds::how_to_repeat(Subject::Schemas, world.flavour())
            ))
        }
    }
}

/// A runtime for one thread.
pub(crate) fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
}

/// A place where one case is run after the other.
struct Bench<'a> {
    world: &'a World,
    tally: &'a Mutex<Tally>,
    numbers: &'a AtomicU32,
    conn: Option<Conn>,
}

impl Bench<'_> {
    async fn check(&mut self, case: &Case) -> Result<(), String> {
        let number = self.numbers.fetch_add(1, Ordering::Relaxed);
        let script = Script::of(case, self.world, number);
        let mut conn = match self.conn.take() {
            Some(conn) => conn,
            None => self
                .world
                .server
                .connect()
                .await
                .map_err(|error| error.to_string())?,
        };
        let mut refusals = load(&mut conn, &script.statements).await?;
        for statement in &script.singly {
            refusals.extend(load(&mut conn, std::slice::from_ref(statement)).await?);
        }
        let arguments = Arguments::of(case, self.world, &script, refusals.is_empty());
        let given: Vec<&str> = arguments.arguments.iter().map(String::as_str).collect();
        let compared = compare_dumps(self.world.server, &given).await;
        let verdict = match compared {
            Err(error) if refusals.is_empty() => Err(format!("{error:#}")),
            Err(error) => Err(format!("{error:#}\n\nThe server refused {refusals:#?}")),
            Ok(outcome) => {
                if let Outcome::BothFailed { why, .. } = outcome {
                    let mut tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
                    tally.both_failed.push(why);
                }
                if case.restored && refusals.is_empty() {
                    restore::check(self.world, case, &script).await
                } else {
                    Ok(())
                }
            }
        };
        conn.query_drop(format!("DROP DATABASE {}", quoted(&script.database)))
            .await
            .map_err(|error| error.to_string())?;
        self.conn = Some(conn);
        let mut tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        tally.add(&script, case, &arguments, &refusals);
        verdict
    }
}

/// Runs the statements in few messages; gives those that the server refused, with its words.
async fn load(conn: &mut Conn, statements: &[String]) -> Result<Vec<(String, String)>, String> {
    let mut refusals = Vec::new();
    let mut from = 0;
    while from < statements.len() {
        let (done, error) = run_until_refused(conn, &statements[from..].join(";\n")).await;
        let Some(error) = error else { break };
        let DriverError::Server(server) = &error else {
            return Err(format!("loading: {error}"));
        };
        let refused = statements[from + done].clone();
        // What needs a table that was refused is no refusal of its own.
        if server.code != 1146 {
            refusals.push((refused, format!("{}: {}", server.code, server.message)));
        }
        from += done + 1;
    }
    Ok(refusals)
}

/// How many statements were done, and at which error that ended.
async fn run_until_refused(conn: &mut Conn, sql: &str) -> (usize, Option<DriverError>) {
    let mut result = match conn.query_iter(sql).await {
        Ok(result) => result,
        Err(error) => return (0, Some(error)),
    };
    let mut done = 0;
    let error = loop {
        // The end of one result reads the beginning of the next.
        let ended = result.for_each(drop).await;
        done += 1;
        if let Err(error) = ended {
            break Some(error);
        }
        if result.is_empty() {
            break None;
        }
    };
    drop(result);
    // The driver keeps the error of a later statement for whoever asks next.
    let kept = conn.query_drop("DO 0").await;
    (done, error.or(kept.err()))
}

/// What the cases were, so that a generator that has become poor is noticed.
#[derive(Debug, Default)]
struct Tally {
    cases: u32,
    statements: usize,
    tables: usize,
    views: usize,
    triggers: usize,
    routines: usize,
    events: usize,
    sequences: usize,
    packages: usize,
    restored: u32,
    options: BTreeMap<&'static str, u32>,
    refused_options: BTreeMap<String, u32>,
    engines: BTreeMap<&'static str, u32>,
    /// Why, where the real client refused the options or failed, and so did ours.
    both_failed: Vec<String>,
    refusals: Vec<(String, String)>,
}

impl Tally {
    fn add(
        &mut self,
        script: &Script,
        case: &Case,
        arguments: &Arguments,
        refusals: &[(String, String)],
    ) {
        self.cases += 1;
        self.statements += script.statements.len();
        self.tables += script.tables.len();
        self.views += script.views.len();
        self.triggers += script.programs.triggers;
        self.routines += script.programs.routines;
        self.events += script.programs.events;
        self.sequences += script.programs.sequences;
        self.packages += script.programs.packages;
        self.restored += u32::from(case.restored && refusals.is_empty());
        for table in &script.tables {
            *self.engines.entry(table.engine.name).or_default() += 1;
        }
        for name in &arguments.drawn {
            *self.options.entry(name).or_default() += 1;
        }
        for refused in &arguments.refused {
            *self.refused_options.entry(refused.clone()).or_default() += 1;
        }
        self.refusals.extend(refusals.iter().cloned());
    }

    fn judge(&self, world: &World, cases: u32) {
        if std::env::var_os("PARITY_REPORT").is_some() {
            #[expect(clippy::print_stderr, reason = "the report that was asked for")]
            {
                eprintln!("{}: {self:#?}", world.flavour());
            }
        }
        // Refused statements waste a case's part; a few are the price of drawing freely.
        assert!(
            self.refusals.len() * 100 <= self.statements,
            "{} of {} statements were refused: {:#?}",
            self.refusals.len(),
            self.statements,
            self.refusals
        );
        assert!(
            self.both_failed.len() * 8 <= cases.max(40) as usize,
            "{} of {cases} cases failed with both: {:#?}",
            self.both_failed.len(),
            self.both_failed
        );
        if cases < 200 {
            return;
        }
        for spec in drawable(world) {
            assert!(
                self.options.contains_key(spec.name),
                "--{} was never drawn",
                spec.name
            );
        }
        let mut parts = vec![
            self.tables,
            self.views,
            self.triggers,
            self.routines,
            self.events,
        ];
        if world.is_mariadb() {
            parts.extend([self.sequences, self.packages]);
        }
        assert!(parts.iter().all(|&count| count > 0), "{self:#?}");
        assert!(self.restored > 0, "{self:#?}");
    }
}
