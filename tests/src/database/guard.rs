//! The keeper of a server process.
//!
//! A destructor does not run after SIGKILL, and a left-over database server
//! eats memory and disk until someone notices. So the server is the child of a
//! small shell that reads a pipe of which only our process holds the other end.
//! However our process ends, the kernel closes that end; the shell then kills
//! the server and removes its directory. It lives in a process group of its
//! own, so that Ctrl-C in a terminal reaches it only by way of that pipe.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use anyhow::{Context as _, Result, bail};
use tempfile::TempDir;

/// `$1` is the directory, the rest the server's command line. The shell's stdout
/// is a pipe to us: it carries the server's process id, and its end, once the
/// shell has let go of it, is the server's end.
const SCRIPT: &str = r#"
directory=$1; shift
trap '' INT TERM HUP QUIT
"$@" </dev/null 2>>"$directory/server.log" &
server=$!
echo "$server"
exec >/dev/null
cat >/dev/null
kill -KILL "$server" 2>/dev/null
wait "$server" 2>/dev/null
rm -rf "$directory"
"#;

/// The name of the unix socket in the directory: short, for a socket's whole
/// path may be 107 bytes long.
pub(super) const SOCKET: &str = "sock";

/// A server process with its directory. Drop kills the one and removes the other.
#[derive(Debug)]
pub(super) struct Guard {
    shell: Child,
    server_pid: u32,
    server_gone: Arc<AtomicBool>,
    directory: PathBuf,
    socket: PathBuf,
}

impl Guard {
    /// Starts `command`, whose files all lie in `directory`, and takes both over.
    pub(super) fn start(directory: TempDir, command: &Command) -> Result<Self> {
        let mut shell = Command::new("sh")
            .args(["-c", SCRIPT, "guard"])
            .arg(directory.path())
            .arg(command.get_program())
            .args(command.get_args())
            .current_dir(directory.path())
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("the shell that guards the database server did not start")?;
        // From here on the shell removes the directory.
        let directory = directory.keep();
        let stdout = shell.stdout.take().context("the guard has no stdout")?;
        let mut stdout = BufReader::new(stdout);
        let mut line = String::new();
        stdout.read_line(&mut line)?;
        let Ok(server_pid) = line.trim().parse() else {
            bail!("the guard gave no process id");
        };
        let server_gone = Arc::new(AtomicBool::new(false));
        watch(stdout, Arc::clone(&server_gone));
        let socket = directory.join(SOCKET);
        Ok(Self {
            shell,
            server_pid,
            server_gone,
            directory,
            socket,
        })
    }

    pub(super) const fn server_pid(&self) -> u32 {
        self.server_pid
    }

    pub(super) fn server_gone(&self) -> bool {
        self.server_gone.load(Ordering::Acquire)
    }

    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    pub(super) fn socket(&self) -> &Path {
        &self.socket
    }

    pub(super) fn log(&self) -> String {
        fs::read(self.directory.join("server.log"))
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .unwrap_or_default()
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        // Waits until the directory is gone too.
        let _ = self.shell.wait();
    }
}

/// Reads the pipe that the server inherited until the kernel closes it.
fn watch(mut stdout: BufReader<ChildStdout>, gone: Arc<AtomicBool>) {
    thread::spawn(move || {
        let mut waste = [0; 1024];
        while stdout.read(&mut waste).is_ok_and(|count| count > 0) {}
        gone.store(true, Ordering::Release);
    });
}
