//! A file that only its owner can read.

use std::{
    fs::{File, Metadata},
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use async_trait::async_trait;
use zeroize::{Zeroize as _, Zeroizing};

use super::SecretSource;
use crate::{
    error::{Error, ErrorKind},
    id::{SecretId, Stage},
    raw::{Location, Origin, RawSecret},
};

/// Secrets Manager's own limit; a larger file is not a secret.
const MAX_BYTES: usize = 65_536;

/// Reads a secret from a file in the same JSON shapes that Secrets Manager
/// holds.
///
/// The file must be a regular one (a symbolic link to one will do) of at most
/// 64 KiB, and nobody but its owner may have any right to it: mode `0600` or
/// `0400`. Rights are looked at on the opened file, not on its path. On systems
/// without Unix modes they are **not** checked.
///
/// The file is read anew at each fetch. Only [`Stage::Current`] exists.
#[derive(Clone, Debug)]
pub struct FileSource {
    path: PathBuf,
}

impl FileSource {
    /// A source for the file at the path; nothing is opened yet.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }
}

#[async_trait]
impl SecretSource for FileSource {
    async fn fetch(&self, id: &SecretId, stage: &Stage) -> Result<RawSecret, Error> {
        let location = Location::file(&self.path);
        if *stage != Stage::Current {
            return Err(Error::fetch(ErrorKind::NotFound, location, id, stage));
        }
        let path = self.path.clone();
        let read = tokio::task::spawn_blocking(move || read_private(&path)).await;
        match read.unwrap_or(Err(ErrorKind::Service)) {
            Ok(mut bytes) => {
                let origin = Origin::new(id.clone(), location, stage.clone());
                Ok(RawSecret::from_bytes(std::mem::take(&mut *bytes), origin))
            }
            Err(kind) => Err(Error::fetch(kind, location, id, stage)),
        }
    }
}

fn read_private(path: &Path) -> Result<Zeroizing<Vec<u8>>, ErrorKind> {
    // Looked at before the opening, which would wait for ever on a pipe.
    if !std::fs::metadata(path).map_err(|e| kind_of(&e))?.is_file() {
        return Err(ErrorKind::Config);
    }
    let file = File::open(path).map_err(|e| kind_of(&e))?;
    // And again on what was opened, which may be another file by now.
    let metadata = file.metadata().map_err(|e| kind_of(&e))?;
    if !metadata.is_file() {
        return Err(ErrorKind::Config);
    }
    if others_may_read(&metadata) {
        return Err(ErrorKind::Insecure);
    }
    // Room for all of it at once: a growing buffer leaves copies behind.
    let mut bytes = Zeroizing::new(vec![0; MAX_BYTES + 1]);
    let mut filled = 0;
    while filled < bytes.len() {
        match (&file).read(&mut bytes[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(kind_of(&e)),
        }
    }
    if filled > MAX_BYTES {
        return Err(ErrorKind::Config);
    }
    bytes[filled..].zeroize();
    bytes.truncate(filled);
    Ok(bytes)
}

#[cfg(unix)]
fn others_may_read(metadata: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    metadata.mode() & 0o077 != 0
}

#[cfg(not(unix))]
fn others_may_read(_: &Metadata) -> bool {
    false
}

fn kind_of(error: &io::Error) -> ErrorKind {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => ErrorKind::NotFound,
        io::ErrorKind::PermissionDenied => ErrorKind::AccessDenied,
        io::ErrorKind::InvalidInput => ErrorKind::Config,
        _ => ErrorKind::Unreachable,
    }
}
