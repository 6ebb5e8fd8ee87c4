//! The keeper of a process and of the directory it works in.
//!
//! A destructor does not run after SIGKILL, and a left-over database server
//! eats memory and disk until someone notices. So a small shell, the janitor,
//! reads a pipe of which only our process holds the other end. However our
//! process ends, the kernel closes that end; the janitor then kills the whole
//! process group of what it keeps, and removes the directory. Both live in
//! process groups of their own, so that Ctrl-C in a terminal reaches them only by
//! way of that pipe.

use std::fs;
use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context as _, Result};

/// Begins only when told to: by then it has its janitor.
const WORKER: &str = r#"read go || exit 1; exec "$@" </dev/null >>"$0" 2>&1"#;

/// `$1` is the process group, `$2` the directory. A line on its input dismisses
/// it; the input's end is ours. What was killed ends when it next leaves the
/// kernel, perhaps with one more file made: hence the repetition.
const JANITOR: &str = r#"
trap '' INT TERM HUP QUIT
read dismissed && exit
for again in 1 2 3; do
    kill -KILL "-$1" 2>/dev/null
    rm -rf "$2"
    [ -e "$2" ] || break
    sleep 0.05
done
"#;

/// The name of the log in the directory.
const LOG: &str = "log";

/// A running process. Drop kills it and all of its group, removes the directory
/// and blocks for that moment.
#[derive(Debug)]
pub(super) struct Guard {
    worker: Mutex<Child>,
    worker_id: u32,
    janitor: Child,
    directory: PathBuf,
}

impl Guard {
    /// Starts `command`, whose files all lie in `directory`. When this fails the
    /// directory is left to the caller.
    pub(super) fn start(directory: &Path, command: &Command) -> Result<Self> {
        let mut worker = shell(WORKER)
            .arg(directory.join(LOG))
            .arg(command.get_program())
            .args(command.get_args())
            .envs(
                command
                    .get_envs()
                    .filter_map(|(name, value)| Some((name, value?))),
            )
            .current_dir(directory)
            .spawn()
            .context("the shell for a database program did not start")?;
        let worker_id = worker.id();
        let janitor = shell(JANITOR)
            .arg("janitor")
            .arg(worker_id.to_string())
            .arg(directory)
            .spawn()
            .context("the shell that guards a database program did not start")?;
        let mut go = worker.stdin.take().context("no stdin")?;
        let guard = Self {
            worker: Mutex::new(worker),
            worker_id,
            janitor,
            directory: directory.to_owned(),
        };
        go.write_all(b"go\n")?;
        Ok(guard)
    }

    pub(super) const fn process_id(&self) -> u32 {
        self.worker_id
    }

    /// How the process ended, if it did.
    pub(super) fn ended(&self) -> Option<ExitStatus> {
        let mut worker = self.worker.lock().unwrap_or_else(PoisonError::into_inner);
        worker.try_wait().ok().flatten()
    }

    /// Dismisses the janitor: the directory stays. For when the process has ended
    /// and another guard has the directory.
    pub(super) fn dismiss(mut self) {
        if let Some(mut stdin) = self.janitor.stdin.take() {
            // One that has gone already needs no dismissal.
            let _ = stdin.write_all(b"dismissed\n");
        }
    }

    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    /// What the processes of this directory wrote.
    pub(super) fn log(&self) -> String {
        let bytes = fs::read(self.directory.join(LOG)).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        drop(self.janitor.stdin.take());
        // The janitor kills it; reaped here, it also counts as gone.
        let worker = self
            .worker
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        let _ = worker.wait();
        let _ = self.janitor.wait();
    }
}

/// A shell in a process group of its own, with a pipe to us.
fn shell(script: &str) -> Command {
    let mut shell = Command::new("sh");
    shell
        .args(["-c", script])
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    shell
}
