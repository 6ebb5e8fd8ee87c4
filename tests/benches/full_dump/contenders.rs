//! Who is measured.

use std::fs::File;
use std::process::{Command, Stdio};

use anyhow::Result;
use e2e::production::OPTIONS;

use crate::check::Codec;
use crate::world::{BUCKET, DATABASE, SECRET, World};

/// One way from the database to the object.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Contender {
    /// Short, and the object's key.
    pub(crate) name: &'static str,
    pub(crate) codec: Codec,
    /// One of the two that matter most.
    pub(crate) headline: bool,
    way: Way,
}

#[derive(Debug, Clone, Copy)]
enum Way {
    FullDump {
        compression: &'static str,
        level: Option<&'static str>,
    },
    /// The real client and the upload, with this program between them, if any.
    Pipe(Option<&'static str>),
}

/// What all are compared with, and comes first.
pub(crate) const PEER: Contender = Contender {
    headline: true,
    ..piped("dump-gzip", Codec::Gzip, Some("gzip"))
};

/// All of them, in the order of a round.
pub(crate) fn all() -> Vec<Contender> {
    let ours = Contender {
        headline: true,
        ..full_dump("full-dump-gzip", Codec::Gzip, "gzip", None)
    };
    let mut all = vec![
        PEER,
        ours,
        full_dump("full-dump-gzip-1", Codec::Gzip, "gzip", Some("1")),
        full_dump("full-dump-gzip-6", Codec::Gzip, "gzip", Some("6")),
        full_dump("full-dump-gzip-single", Codec::Gzip, "gzip-single", None),
        full_dump("full-dump-zstd", Codec::Zstd, "zstd", None),
        full_dump("full-dump-none", Codec::None, "none", None),
        piped("dump-gzip-1", Codec::Gzip, Some("gzip -1")),
    ];
    if installed("pigz") {
        all.push(piped("dump-pigz", Codec::Gzip, Some("pigz")));
    }
    if installed("zstd") {
        all.push(piped("dump-zstd", Codec::Zstd, Some("zstd -q -c")));
        all.push(piped("dump-zstd-T0", Codec::Zstd, Some("zstd -q -c -T0")));
    }
    all.push(piped("dump-none", Codec::None, None));
    all
}

const fn full_dump(
    name: &'static str,
    codec: Codec,
    compression: &'static str,
    level: Option<&'static str>,
) -> Contender {
    Contender {
        name,
        codec,
        headline: false,
        way: Way::FullDump { compression, level },
    }
}

const fn piped(name: &'static str, codec: Codec, program: Option<&'static str>) -> Contender {
    Contender {
        name,
        codec,
        headline: false,
        way: Way::Pipe(program),
    }
}

fn installed(program: &str) -> bool {
    let output = Command::new(program).arg("--version").output();
    output.is_ok_and(|output| output.status.success())
}

impl Contender {
    /// Where its dump goes.
    pub(crate) fn key(&self) -> String {
        format!("dumps/{}.{}", self.name, self.codec.ending())
    }

    /// As the tables name it.
    pub(crate) fn label(&self) -> String {
        match self.way {
            Way::FullDump { compression, level } => {
                let level = level.map(|level| format!(" --compression-level {level}"));
                format!(
                    "full-dump --compression {compression}{}",
                    level.unwrap_or_default()
                )
            }
            Way::Pipe(Some(program)) => format!("mariadb-dump \\| {program} \\| upload"),
            Way::Pipe(None) => "mariadb-dump \\| upload".to_owned(),
        }
    }

    /// The process to start, with nothing in its environment but what it needs. What it
    /// complains of goes into [`World::complaints`].
    pub(crate) fn command(&self, world: &World) -> Result<Command> {
        let mut command = match self.way {
            Way::FullDump { compression, level } => {
                self.full_dump_command(world, compression, level)
            }
            Way::Pipe(program) => self.pipe_command(world, program)?,
        };
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .envs(world.aws.endpoint().env())
            .env("MYSQL_PWD", &world.password)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(world.complaints_path())?);
        Ok(command)
    }

    fn full_dump_command(&self, world: &World, compression: &str, level: Option<&str>) -> Command {
        let mut command = Command::new(&world.full_dump);
        command
            .args(["--credentials", &format!("secretsmanager:{SECRET}")])
            .args(["--to", &format!("s3://{BUCKET}/{}", self.key())])
            .args([
                "--manifest",
                &format!("s3://{BUCKET}/manifests/{}.json", self.name),
            ])
            .args(["--compression", compression])
            .args(level.map(|level| format!("--compression-level={level}")))
            .args(OPTIONS)
            .args(["--set-gtid-purged=OFF", "-B", DATABASE]);
        command
    }

    fn pipe_command(&self, world: &World, program: Option<&str>) -> Result<Command> {
        let between = program
            .map(|program| format!(" | {program}"))
            .unwrap_or_default();
        // "$0" is this executable, "$1" the key, the rest the client's command line. The
        // exit code is that of the last alone: what the first lost shows in the content.
        let script = format!("key=$1; shift; \"$@\"{between} | \"$0\" upload {BUCKET} \"$key\"");
        let client = world.server.dump_command();
        let client = client.as_std();
        let mut command = Command::new("sh");
        command
            .args(["-c", &script])
            .arg(std::env::current_exe()?)
            .arg(self.key())
            .arg(client.get_program())
            .args(client.get_args())
            .arg(format!("-u{}", world.user))
            .args(OPTIONS)
            .args(["-B", DATABASE]);
        Ok(command)
    }
}
