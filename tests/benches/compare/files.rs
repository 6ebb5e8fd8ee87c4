//! The dumps that are compared.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Result, ensure};
use e2e::database::{DatabaseServer, Flavour};
use e2e::sharehouse::{LoadOptions, load};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::line;

/// How a pair is stored.
pub(crate) const CODECS: [(&str, &str); 3] =
    [("plain", "sql"), ("gzip", "sql.gz"), ("zstd", "sql.zst")];

/// Two dumps, `old` and `new`, a copy `same` of the first, in each codec, and `long-old` and
/// `long-same`: the first four times over, plain.
pub(crate) struct Files {
    directory: TempDir,
    pub(crate) text_bytes: u64,
}

impl Files {
    pub(crate) fn path(&self, name: &str, ending: &str) -> PathBuf {
        self.directory.path().join(format!("{name}.{ending}"))
    }
}

/// Makes them; `None` without MariaDB.
pub(crate) fn make(rows: u64) -> Result<Option<Files>> {
    let runtime = Runtime::new()?;
    let builder = DatabaseServer::builder(Flavour::MariaDb)
        .server_options(&["--innodb-buffer-pool-size=512M"]);
    let Some(server) = runtime.block_on(builder.start())? else {
        return Ok(None);
    };
    let mut options = LoadOptions::default();
    options.rows = rows;
    line(&format!("loading {rows} rows ..."));
    runtime.block_on(load(&server, &options))?;
    let directory = tempfile::tempdir()?;
    let mut files = Files {
        directory,
        text_bytes: 0,
    };
    dump(&server, &files.path("old", "sql"))?;
    let edits = "UPDATE gghouse.payments SET fee = fee + 1 WHERE id = 1000; \
        DELETE FROM gghouse.inquiry_messages WHERE id = (SELECT id FROM (SELECT MAX(id) AS id FROM gghouse.inquiry_messages) AS last); \
        UPDATE gghouse.contracts SET updated_at = NOW() WHERE id = 5;";
    runtime.block_on(server.run_sql(edits))?;
    dump(&server, &files.path("new", "sql"))?;
    drop(server);
    fs::copy(files.path("old", "sql"), files.path("same", "sql"))?;
    files.text_bytes = fs::metadata(files.path("old", "sql"))?.len();
    for name in ["old", "new", "same"] {
        let plain = files.path(name, "sql");
        pack("gzip", &["-c"], &plain, &files.path(name, "sql.gz"))?;
        pack("zstd", &["-q", "-c"], &plain, &files.path(name, "sql.zst"))?;
    }
    for name in ["long-old", "long-same"] {
        let mut long = File::create(files.path(name, "sql"))?;
        for _ in 0..4 {
            std::io::copy(&mut File::open(files.path("old", "sql"))?, &mut long)?;
        }
    }
    Ok(Some(files))
}

fn dump(server: &DatabaseServer, path: &Path) -> Result<()> {
    let mut command = server.dump_command();
    command.args(["--single-transaction", "--routines", "--events", "gghouse"]);
    let status = command.as_std_mut().stdout(File::create(path)?).status()?;
    ensure!(status.success(), "the dump failed");
    Ok(())
}

fn pack(program: &str, arguments: &[&str], from: &Path, to: &Path) -> Result<()> {
    let status = Command::new(program)
        .args(arguments)
        .arg(from)
        .stdin(Stdio::null())
        .stdout(File::create(to)?)
        .status()?;
    ensure!(status.success(), "{program} failed");
    Ok(())
}
