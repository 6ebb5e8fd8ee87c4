//! A directory of files, one for each asset.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{AssetFile, FileError};
use crate::id::{AssetId, AssetKind, AssetRef};

/// A directory of files: `dashboards/sales.json`, `data-sets/…`.
///
/// A file is written beside its place, flushed to the disk, and renamed: a reader, or
/// the next run after a crash, finds the old file or the new one, never a part.
#[derive(Clone, Debug)]
pub struct FileStore {
    root: PathBuf,
}

/// What writing a file did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WriteOutcome {
    /// There was none.
    Created,
    /// It has another content now.
    Replaced,
    /// It had this content; it was not touched.
    Unchanged,
}

/// Why a file of the directory was not read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The file system refused.
    #[error("{action} `{}`", .path.display())]
    #[non_exhaustive]
    Io {
        /// What was tried: `read`, `write`, `list`.
        action: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file's content is not that of an asset.
    #[error("read `{}`: {error}", .path.display())]
    #[non_exhaustive]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        error: FileError,
    },
}

impl StoreError {
    fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Io {
            action,
            path: path.to_owned(),
            source,
        }
    }
}

impl FileStore {
    /// The files below a directory. It need not exist before the first is written.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The directory.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where the file of an asset is: a directory for each kind, and the identifier
    /// with every byte but letters, digits, `_`, `-` and `.` as `%XX`.
    pub fn path_of(&self, asset: &AssetRef) -> PathBuf {
        let mut name = file_stem(&asset.id);
        name.push_str(".json");
        self.root.join(directory(asset.kind)).join(name)
    }

    /// Reads every `*.json` at every depth, in the order of their paths. Hidden
    /// files and directories are not looked at.
    ///
    /// # Errors
    ///
    /// The first that cannot be read. A directory that is not there is an error, not
    /// an empty list.
    pub fn read_all(&self) -> Result<Vec<(PathBuf, AssetFile)>, StoreError> {
        let mut paths = Vec::new();
        collect(&self.root, &mut paths)?;
        paths.sort();
        paths
            .into_iter()
            .map(|path| {
                let file = Self::read(&path)?;
                Ok((path, file))
            })
            .collect()
    }

    /// Reads one file.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or is not the file of an asset.
    pub fn read(path: &Path) -> Result<AssetFile, StoreError> {
        let bytes = fs::read(path).map_err(|error| StoreError::io("read", path, error))?;
        crate::Json::parse_bytes(&bytes)
            .map_err(FileError::from)
            .and_then(AssetFile::from_json)
            .map_err(|error| StoreError::Content {
                path: path.to_owned(),
                error,
            })
    }

    /// Writes the canonical text of a file at its place, unless it stands there.
    ///
    /// # Errors
    ///
    /// Whatever the file system refuses; the old file is then still there.
    pub fn write(&self, file: &AssetFile) -> Result<WriteOutcome, StoreError> {
        write_atomically(&self.path_of(&file.asset()), file.to_text().as_bytes())
    }
}

/// Writes a file whole or not at all.
fn write_atomically(path: &Path, content: &[u8]) -> Result<WriteOutcome, StoreError> {
    let fail = |error| StoreError::io("write", path, error);
    let outcome = match fs::read(path) {
        Ok(there) if there == content => return Ok(WriteOutcome::Unchanged),
        Ok(_) => WriteOutcome::Replaced,
        Err(error) if error.kind() == io::ErrorKind::NotFound => WriteOutcome::Created,
        Err(error) => return Err(fail(error)),
    };
    let directory = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(directory).map_err(fail)?;
    // Hidden, so that a listing does not take what a crash left behind for an asset.
    let temporary = directory.join(format!(".{:016x}.tmp", fastrand::u64(..)));
    let written = write_new(&temporary, content).and_then(|()| fs::rename(&temporary, path));
    if let Err(error) = written {
        drop(fs::remove_file(&temporary));
        return Err(fail(error));
    }
    // The rename itself. Not every file system lets a directory be flushed.
    if let Ok(directory) = fs::File::open(directory) {
        drop(directory.sync_all());
    }
    Ok(outcome)
}

fn write_new(path: &Path, content: &[u8]) -> io::Result<()> {
    use io::Write as _;

    let mut file = fs::File::create_new(path)?;
    file.write_all(content)?;
    file.sync_all()
}

fn collect(directory: &Path, paths: &mut Vec<PathBuf>) -> Result<(), StoreError> {
    let fail = |error| StoreError::io("list", directory, error);
    for entry in fs::read_dir(directory).map_err(fail)? {
        let entry = entry.map_err(fail)?;
        if entry.file_name().as_encoded_bytes().starts_with(b".") {
            continue;
        }
        let path = entry.path();
        if entry.file_type().map_err(fail)?.is_dir() {
            collect(&path, paths)?;
        } else if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            paths.push(path);
        }
    }
    Ok(())
}

fn directory(kind: AssetKind) -> &'static str {
    match kind {
        AssetKind::Folder => "folders",
        AssetKind::Theme => "themes",
        AssetKind::DataSource => "data-sources",
        AssetKind::DataSet => "data-sets",
        AssetKind::Analysis => "analyses",
        AssetKind::Dashboard => "dashboards",
    }
}

fn file_stem(id: &AssetId) -> String {
    let mut stem = String::new();
    for (index, byte) in id.as_str().bytes().enumerate() {
        let plain = byte.is_ascii_alphanumeric()
            || byte == b'_'
            || byte == b'-'
            || (byte == b'.' && index > 0);
        if plain {
            stem.push(char::from(byte));
        } else {
            stem.push_str(&format!("%{byte:02X}"));
        }
    }
    stem
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Json;

    fn file(id: &str) -> AssetFile {
        let id = AssetId::new(id).unwrap();
        AssetFile::new(
            AssetKind::DataSet,
            id,
            "n",
            Json::parse("{\"a\":1.50}").unwrap(),
        )
    }

    #[test]
    fn files_are_written_once_and_read_back() {
        let directory = tempfile::tempdir().unwrap();
        let store = FileStore::new(directory.path().join("new"));
        assert!(
            store.read_all().is_err(),
            "a missing directory is not an empty one"
        );
        let odd = file("../a/ü b");
        assert_eq!(store.write(&odd).unwrap(), WriteOutcome::Created);
        assert_eq!(store.write(&odd).unwrap(), WriteOutcome::Unchanged);
        let mut changed = odd.clone();
        changed.name = "m".to_owned();
        assert_eq!(store.write(&changed).unwrap(), WriteOutcome::Replaced);
        store.write(&file("b")).unwrap();
        let all = store.read_all().unwrap();
        assert_eq!(all.len(), 2);
        assert!(all.iter().any(|(_, file)| *file == changed));
        let name = all[0].0.file_name().unwrap().to_str().unwrap();
        assert_eq!(name, "%2E.%2Fa%2F%C3%BC%20b.json");
        let left = fs::read_dir(directory.path().join("new/data-sets")).unwrap();
        assert_eq!(left.count(), 2, "no temporary file is left behind");
    }

    #[test]
    fn a_file_that_is_broken_is_named() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("x.json"), "{").unwrap();
        fs::write(directory.path().join(".hidden.json"), "{").unwrap();
        let error = FileStore::new(directory.path()).read_all().unwrap_err();
        assert!(
            error.to_string().contains("x.json`: the JSON text ends"),
            "{error}"
        );
    }
}
