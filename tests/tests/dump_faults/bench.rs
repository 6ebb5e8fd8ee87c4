//! One dump of a scripted server, and what it left behind.

use std::time::Duration;

use datatransit_dump::testing::MemorySink;
use datatransit_dump::{
    ConnectOptions, Dump, DumpOptions, DumpReport, Error, ErrorKind, Selection,
};
use e2e::database::Flavour;
use e2e::scripted::{ScriptedServer, World};
use secrecy::SecretString;
use tokio::sync::{Mutex, MutexGuard};

/// Both, for the loops.
pub(crate) const FLAVOURS: [Flavour; 2] = [Flavour::MariaDb, Flavour::MySql];

/// The last line of a whole dump.
pub(crate) const COMPLETED: &str = "-- Dump completed";

/// Ample for what takes milliseconds; only a test that would hang for ever meets it.
const PATIENCE: Duration = Duration::from_secs(120);

/// Threads are seen by process: dumps that are to leave none behind run one at a time.
static ALONE: Mutex<()> = Mutex::const_new(());

/// A scripted server, and the sole right to dump while it lives.
pub(crate) struct Bench {
    pub(crate) server: ScriptedServer,
    /// For each packet, and for the login.
    pub(crate) timeout: Duration,
    /// A snapshot with everything in it, and no date.
    pub(crate) options: DumpOptions,
    _alone: MutexGuard<'static, ()>,
}

/// How a dump ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) outcome: Result<DumpReport, Error>,
    pub(crate) text: Vec<u8>,
}

impl Bench {
    pub(crate) async fn new(world: World) -> Self {
        let alone = ALONE.lock().await;
        Self {
            server: ScriptedServer::start(world).expect("a port and two threads"),
            timeout: Duration::from_secs(60),
            options: options(&["single-transaction", "routines", "events", "skip-dump-date"]),
            _alone: alone,
        }
    }

    pub(crate) fn dump(&self) -> Dump {
        let connect = ConnectOptions::new(
            self.server.host(),
            self.server.port(),
            "scripted",
            SecretString::from("any"),
        );
        Dump::builder(
            connect
                .with_read_timeout(self.timeout)
                .with_connect_timeout(self.timeout),
            Selection::database("world"),
        )
        .options(self.options.clone())
        .threads(2)
        .build()
        .expect("fit options")
    }

    /// Dumps into memory.
    pub(crate) async fn run(&self) -> Ran {
        let mut sink = MemorySink::new();
        let outcome = tokio::time::timeout(PATIENCE, self.dump().run(&mut sink))
            .await
            .expect("a dump that ends");
        Ran {
            outcome,
            text: sink.bytes().to_vec(),
        }
    }

    /// Every query was understood; no connection, task or thread of the dump is left.
    pub(crate) async fn assert_clean(&self, context: &str) {
        assert_eq!(self.server.unrecognised(), [""; 0], "{context}");
        let quiet = async {
            self.server.until_idle().await;
            while dump_threads() + alive_tasks() > 0 {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        if tokio::time::timeout(PATIENCE, quiet).await.is_err() {
            panic!(
                "{context}: left behind: {} threads, {} tasks",
                dump_threads(),
                alive_tasks()
            );
        }
    }
}

impl Ran {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.text).into_owned()
    }

    /// It failed thus, and what it wrote looks like no whole dump.
    #[track_caller]
    pub(crate) fn assert_failed(&self, kind: ErrorKind, names: &str, context: &str) {
        let error = self.outcome.as_ref().expect_err(context);
        assert_eq!(error.kind(), kind, "{context}: {error}");
        assert!(error.to_string().contains(names), "{context}: {error}");
        assert!(!self.text().contains(COMPLETED), "{context}");
    }

    /// The text of a dump that went well.
    #[track_caller]
    pub(crate) fn whole(self, context: &str) -> Vec<u8> {
        if let Err(error) = &self.outcome {
            panic!("{context}: {error}");
        }
        assert!(self.text().contains(COMPLETED), "{context}");
        self.text
    }
}

/// Options without values.
pub(crate) fn options(names: &[&str]) -> DumpOptions {
    let mut options = DumpOptions::default();
    for name in names {
        options.apply(name, None).expect("an option");
    }
    options
}

/// The tasks of this test's own runtime: the server has another.
fn alive_tasks() -> usize {
    tokio::runtime::Handle::current()
        .metrics()
        .num_alive_tasks()
}

/// The dump's own threads, by their names; 0 where there is no `/proc`.
fn dump_threads() -> usize {
    let Ok(tasks) = std::fs::read_dir("/proc/self/task") else {
        return 0;
    };
    tasks
        .flatten()
        .filter_map(|task| std::fs::read_to_string(task.path().join("comm")).ok())
        .filter(|name| name.starts_with("dump-"))
        .count()
}
