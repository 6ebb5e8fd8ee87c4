//! What every scenario stands on: the binary, a directory, a bucket, two dumps.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Output, Stdio};

use aws_sdk_s3::primitives::ByteStream;
use e2e::s3::{S3Options, S3Server};
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Command;

pub(crate) const BUCKET: &str = "dumps-bucket";

pub(crate) struct Bench {
    pub(crate) s3: S3Server,
    pub(crate) directory: TempDir,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self {
            s3: S3Server::start(S3Options::with_buckets(&[BUCKET])).unwrap(),
            directory: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), bytes).unwrap();
    }

    pub(crate) async fn put(&self, key: &str, body: impl Into<Vec<u8>>) {
        let put = self.s3.endpoint().s3_client().put_object();
        let put = put.bucket(BUCKET).key(key);
        put.body(ByteStream::from(body.into()))
            .send()
            .await
            .unwrap();
    }

    /// The binary with the double's environment and no other.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(e2e::binary::binary("compare-dumps"));
        command
            .args(arguments)
            .env_clear()
            .envs(self.s3.endpoint().env())
            .current_dir(self.directory.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    pub(crate) async fn run(&self, arguments: &[&str]) -> Outcome {
        Outcome::of(self.command(arguments).output().await.unwrap())
    }

    /// An object's document.
    pub(crate) fn document(&self, key: &str) -> Option<Value> {
        let object = self.s3.object(BUCKET, key)?;
        Some(serde_json::from_slice(&object.bytes().unwrap()).unwrap())
    }
}

#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Outcome {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    #[track_caller]
    pub(crate) fn assert_code(&self, code: i32) -> &Self {
        assert_eq!(self.code, Some(code), "{}\n{}", self.stdout, self.stderr);
        self
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap()
    }

    /// Trouble: the one line of the error names all of this.
    #[track_caller]
    pub(crate) fn assert_trouble(&self, parts: &[&str]) {
        self.assert_code(2);
        let is_error =
            |line: &&str| line.contains(" ERROR ") || line.starts_with("compare-dumps: ");
        let errors: Vec<&str> = self.stderr.lines().filter(is_error).collect();
        assert_eq!(errors.len(), 1, "{}", self.stderr);
        for part in parts {
            assert!(
                errors[0].contains(part),
                "{part} is missing: {}",
                self.stderr
            );
        }
    }
}

/// A dump of one table of so many rows; row 7 holds `planted`.
pub(crate) fn dump(rows: u32, planted: &str) -> String {
    let mut text = String::from(
        "CREATE TABLE `people` (\n  `id` int NOT NULL,\n  `name` varchar(99) NOT NULL,\n  PRIMARY KEY (`id`)\n);\n",
    );
    for id in 1..=rows {
        // Letters that do not compress to nothing.
        let mixed = id.wrapping_mul(2_654_435_761);
        let name = if id == 7 {
            planted.to_owned()
        } else {
            format!("{mixed:08x}{:08x}", mixed.rotate_left(9) ^ id)
        };
        text.push_str(&format!("INSERT INTO `people` VALUES ({id},'{name}');\n"));
    }
    text
}

pub(crate) fn gzip(text: impl AsRef<[u8]>) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text.as_ref()).unwrap();
    encoder.finish().unwrap()
}

pub(crate) async fn zstd(text: &str) -> Vec<u8> {
    use tokio::io::AsyncReadExt as _;
    let mut packed = Vec::new();
    let mut encoder = async_compression::tokio::bufread::ZstdEncoder::new(text.as_bytes());
    encoder.read_to_end(&mut packed).await.unwrap();
    packed
}
