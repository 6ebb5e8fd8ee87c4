//! Objects as files below a directory, with S3's promise: whole or not there.

use std::{
    collections::{BTreeMap, HashMap},
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};

use async_trait::async_trait;
use bytes::Bytes;

use super::{
    ChecksumMode, MultipartUpload, ObjectInfo, ObjectStore, PartAck, PartBody, Proof, Published,
    StoreError, StoreErrorKind, StoreProfile,
};
use crate::{
    checksum::{Crc64, RollingCrc64},
    proof::{Fold, SentPart},
    spec::{Guard, ObjectAddress, ObjectSpec},
};

/// Where unfinished uploads live, below the root; no key may start with it.
const UNFINISHED: &str = ".datatransit-unfinished";

/// Keeps each object as the file `root/key`; the bucket is ignored.
///
/// An upload is written to a file of its own below `root` (parts in place, so
/// nothing is copied at the end), synced to the disk, and only then moved to its
/// name in one step: by `rename`, or by `link` where the guard forbids replacing.
/// The directory is synced as well. A crash leaves a file below
/// `.datatransit-unfinished`, which listing uploads shows and aborting removes.
///
/// Content type, encoding, storage class, encryption, tags and metadata are not
/// kept; setting tags fails. [`Guard::Replace`] is checked against other uploads
/// of this store, not against other processes.
#[derive(Debug, Clone)]
pub struct DirectoryStore {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    root: PathBuf,
    parts: Mutex<HashMap<String, BTreeMap<u32, Part>>>,
    /// Held while an object is moved to its name, so that a guard's look and the
    /// move are one step.
    publishing: Mutex<()>,
}

#[derive(Debug, Clone)]
struct Part {
    offset: u64,
    size_bytes: u64,
    crc64nvme: Crc64,
}

impl DirectoryStore {
    /// Keeps objects below `root`, which is created when first written to.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self {
            shared: Arc::new(Shared {
                root: root.into(),
                parts: Mutex::default(),
                publishing: Mutex::default(),
            }),
        }
    }

    /// The file that holds (or would hold) the object of this key.
    ///
    /// # Errors
    ///
    /// [`StoreErrorKind::InvalidRequest`] for a key that would leave the root or
    /// has an empty, `.` or `..` segment.
    pub fn path_of(&self, key: &str) -> Result<PathBuf, StoreError> {
        self.shared.path_of(key)
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Shared) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let shared = Arc::clone(&self.shared);
        tokio::task::spawn_blocking(move || work(&shared))
            .await
            .unwrap_or_else(|_| {
                Err(StoreError::new(StoreErrorKind::Io).with_detail("a file task was lost"))
            })
    }
}

impl Shared {
    fn path_of(&self, key: &str) -> Result<PathBuf, StoreError> {
        let sound = key.split('/').all(|segment| {
            !matches!(segment, "" | "." | "..")
                && !segment.contains(['\0', '\\'])
                && segment != UNFINISHED
        });
        if !sound {
            return Err(StoreError::new(StoreErrorKind::InvalidRequest)
                .with_detail("the key cannot be a path below the root"));
        }
        Ok(self.root.join(key))
    }

    fn folder_of(&self, upload_id: &str) -> Result<PathBuf, StoreError> {
        let ours = upload_id.len() == 32 && upload_id.bytes().all(|byte| byte.is_ascii_hexdigit());
        if ours {
            Ok(self.root.join(UNFINISHED).join(upload_id))
        } else {
            Err(no_such_upload())
        }
    }

    fn create(&self, key: &str) -> Result<String, StoreError> {
        self.path_of(key)?;
        let upload_id = format!("{:016x}{:016x}", fastrand::u64(..), fastrand::u64(..));
        let folder = self.folder_of(&upload_id)?;
        let made = fs::create_dir_all(&folder)
            .and_then(|()| fs::write(folder.join("key"), key))
            .and_then(|()| File::create_new(folder.join("data")).map(drop));
        made.map_err(|error| {
            // What is left of it would be listed as an upload.
            let _ = fs::remove_dir_all(&folder);
            StoreError::from_io("create a temporary file", &error)
        })?;
        self.lock_parts().insert(upload_id.clone(), BTreeMap::new());
        Ok(upload_id)
    }

    fn write_part(&self, upload_id: &str, part: &PartBody) -> Result<PartAck, StoreError> {
        let folder = self.folder_of(upload_id)?;
        if Crc64::of(&part.bytes) != part.crc64nvme {
            return Err(StoreError::new(StoreErrorKind::BadDigest));
        }
        let mut file = OpenOptions::new()
            .write(true)
            .open(folder.join("data"))
            .map_err(|error| gone_or("open the temporary file", &error))?;
        file.seek(SeekFrom::Start(part.offset))
            .and_then(|_| file.write_all(&part.bytes))
            .map_err(|error| StoreError::from_io("write the temporary file", &error))?;
        let size_bytes = part.bytes.len() as u64;
        let mut parts = self.lock_parts();
        let known = parts.get_mut(upload_id).ok_or_else(no_such_upload)?;
        known.insert(
            part.number,
            Part {
                offset: part.offset,
                size_bytes,
                crc64nvme: part.crc64nvme,
            },
        );
        Ok(
            PartAck::new(part.number, part_etag(part.crc64nvme), size_bytes)
                .with_crc64nvme(Some(part.crc64nvme)),
        )
    }

    /// Checks that the parts named lie one after the other in the file and are
    /// what is to be published.
    fn check_parts(
        &self,
        upload_id: &str,
        named: &[PartAck],
        proof: &Proof,
    ) -> Result<(), StoreError> {
        let parts = self.lock_parts();
        let known = parts.get(upload_id).ok_or_else(no_such_upload)?;
        let invalid =
            |reason: String| StoreError::new(StoreErrorKind::InvalidRequest).with_detail(reason);
        let mut fold = Fold::new();
        for ack in named {
            let part = known
                .get(&ack.number)
                .filter(|part| {
                    part.offset == fold.size_bytes() && ack.etag == part_etag(part.crc64nvme)
                })
                .ok_or_else(|| invalid(format!("part {} is not as named", ack.number)))?;
            fold.push(SentPart {
                number: ack.number,
                size_bytes: part.size_bytes,
                crc64nvme: part.crc64nvme,
                etag: ack.etag.clone(),
            })
            .map_err(invalid)?;
        }
        if known.len() != named.len() || named.is_empty() {
            return Err(invalid("not all parts are named".to_owned()));
        }
        let count = fold.next_number() - 1;
        fold.prove(count, *proof).map(drop).map_err(invalid)
    }

    /// Moves a finished file to the object's name.
    fn publish(&self, upload_id: &str, key: &str, guard: &Guard) -> Result<Published, StoreError> {
        let data = self.folder_of(upload_id)?.join("data");
        let target = self.path_of(key)?;
        let parent = target.parent().unwrap_or(&self.root).to_owned();
        File::open(&data)
            .map_err(|error| gone_or("open the temporary file", &error))?
            .sync_all()
            .map_err(|error| StoreError::from_io("sync the temporary file", &error))?;
        fs::create_dir_all(&parent)
            .map_err(|error| StoreError::from_io("create the directory", &error))?;
        {
            let _publishing = self
                .publishing
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            match guard {
                Guard::CreateOnly => fs::hard_link(&data, &target),
                Guard::Overwrite => fs::rename(&data, &target),
                Guard::Replace { etag } => match fs::metadata(&target) {
                    Ok(there) if etag_of(&there) == *etag => fs::rename(&data, &target),
                    Ok(_) => Err(io::Error::from(io::ErrorKind::AlreadyExists)),
                    Err(error) => Err(error),
                },
            }
            .map_err(|error| match error.kind() {
                io::ErrorKind::AlreadyExists => StoreError::new(StoreErrorKind::PreconditionFailed),
                _ => StoreError::from_io("move the file to its name", &error),
            })?;
        }
        self.sync_directories(&parent)?;
        let etag = fs::metadata(&target)
            .map(|there| etag_of(&there))
            .map_err(|error| StoreError::from_io("look at the published file", &error))?;
        // The object is there; a left-over name of it would only be listed.
        let _ = self.remove(upload_id);
        Ok(Published::new(etag))
    }

    /// Makes the new name, and the directories made for it, survive a crash.
    fn sync_directories(&self, parent: &Path) -> Result<(), StoreError> {
        for directory in parent
            .ancestors()
            .take_while(|directory| directory.starts_with(&self.root))
        {
            // Elsewhere a directory cannot be opened for syncing.
            if cfg!(unix) {
                File::open(directory)
                    .and_then(|directory| directory.sync_all())
                    .map_err(|error| StoreError::from_io("sync the directory", &error))?;
            }
        }
        Ok(())
    }

    fn remove(&self, upload_id: &str) -> Result<(), StoreError> {
        let folder = self.folder_of(upload_id)?;
        self.lock_parts().remove(upload_id);
        fs::remove_dir_all(&folder)
            .map_err(|error| gone_or("remove the temporary file", &error))?;
        // Fails, rightly, while there are others.
        let _ = fs::remove_dir(self.root.join(UNFINISHED));
        Ok(())
    }

    fn list(&self, prefix: &ObjectAddress) -> Result<Vec<MultipartUpload>, StoreError> {
        let failed = |error: &io::Error| StoreError::from_io("list temporary files", error);
        let entries = match fs::read_dir(self.root.join(UNFINISHED)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(failed(&error)),
        };
        let mut uploads = Vec::new();
        for entry in entries {
            let entry = entry.map_err(|error| failed(&error))?;
            // One that vanishes meanwhile is finished, not an error.
            let Ok(key) = fs::read_to_string(entry.path().join("key")) else {
                continue;
            };
            if !key.starts_with(&prefix.key) {
                continue;
            }
            let address = ObjectAddress::new(prefix.bucket.clone(), key);
            let mut upload =
                MultipartUpload::new(address, entry.file_name().to_string_lossy().into_owned());
            upload.initiated = entry.metadata().and_then(|found| found.modified()).ok();
            uploads.push(upload);
        }
        Ok(uploads)
    }

    fn describe(
        &self,
        key: &str,
        checksum: ChecksumMode,
    ) -> Result<Option<ObjectInfo>, StoreError> {
        let failed = |error: &io::Error| StoreError::from_io("read the file", error);
        let mut file = match File::open(self.path_of(key)?) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(&error)),
        };
        let found = file.metadata().map_err(|error| failed(&error))?;
        if !found.is_file() {
            return Ok(None);
        }
        let mut info = ObjectInfo::new(found.len());
        info.etag = Some(etag_of(&found));
        info.last_modified = found.modified().ok();
        if checksum == ChecksumMode::Enabled {
            info.crc64nvme = Some(crc_of(&mut file).map_err(|error| failed(&error))?);
        }
        Ok(Some(info))
    }

    fn lock_parts(&self) -> MutexGuard<'_, HashMap<String, BTreeMap<u32, Part>>> {
        self.parts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A part's `ETag` says what its bytes are: the same part sent twice has the same.
fn part_etag(crc: Crc64) -> String {
    format!("{:016x}", crc.value())
}

/// A file's `ETag` changes whenever it is written; the bytes are not read for it.
fn etag_of(found: &fs::Metadata) -> String {
    let modified = found
        .modified()
        .ok()
        .and_then(|at| at.duration_since(UNIX_EPOCH).ok())
        .unwrap_or_default();
    format!("{:x}-{:x}", modified.as_nanos(), found.len())
}

fn crc_of(file: &mut File) -> io::Result<Crc64> {
    let mut crc = RollingCrc64::new();
    let mut block = vec![0; 1024 * 1024];
    loop {
        match file.read(&mut block)? {
            0 => return Ok(crc.value()),
            read => crc.update(&block[..read]),
        }
    }
}

fn no_such_upload() -> StoreError {
    StoreError::new(StoreErrorKind::NoSuchUpload)
}

fn gone_or(doing: &str, error: &io::Error) -> StoreError {
    match error.kind() {
        io::ErrorKind::NotFound => no_such_upload(),
        _ => StoreError::from_io(doing, error),
    }
}

#[async_trait]
impl ObjectStore for DirectoryStore {
    fn profile(&self) -> StoreProfile {
        // S3's limits, so that what is tried here fits there.
        StoreProfile::s3().without_attributes()
    }

    async fn create_upload(&self, spec: &ObjectSpec) -> Result<MultipartUpload, StoreError> {
        let address = spec.address.clone();
        self.blocking(move |shared| {
            let upload_id = shared.create(&address.key)?;
            Ok(MultipartUpload::new(address, upload_id).with_initiated(SystemTime::now()))
        })
        .await
    }

    async fn upload_part(
        &self,
        upload: &MultipartUpload,
        part: PartBody,
    ) -> Result<PartAck, StoreError> {
        let upload_id = upload.upload_id.clone();
        self.blocking(move |shared| shared.write_part(&upload_id, &part))
            .await
    }

    async fn complete_upload(
        &self,
        upload: &MultipartUpload,
        parts: &[PartAck],
        proof: &Proof,
        guard: &Guard,
    ) -> Result<Published, StoreError> {
        let (upload, parts) = (upload.clone(), parts.to_vec());
        let (proof, guard) = (*proof, guard.clone());
        self.blocking(move |shared| {
            shared.check_parts(&upload.upload_id, &parts, &proof)?;
            shared.publish(&upload.upload_id, &upload.address.key, &guard)
        })
        .await
    }

    async fn abort_upload(&self, upload: &MultipartUpload) -> Result<(), StoreError> {
        let upload_id = upload.upload_id.clone();
        self.blocking(move |shared| shared.remove(&upload_id)).await
    }

    async fn put_object(
        &self,
        spec: &ObjectSpec,
        body: Bytes,
        crc64nvme: Crc64,
        guard: &Guard,
    ) -> Result<Published, StoreError> {
        let (key, guard) = (spec.address.key.clone(), guard.clone());
        self.blocking(move |shared| {
            let upload_id = shared.create(&key)?;
            let part = PartBody {
                number: 1,
                offset: 0,
                bytes: body,
                crc64nvme,
            };
            let published = shared
                .write_part(&upload_id, &part)
                .and_then(|_| shared.publish(&upload_id, &key, &guard));
            if published.is_err() {
                // The first failure is the one to report.
                let _ = shared.remove(&upload_id);
            }
            published
        })
        .await
    }

    async fn head_object(
        &self,
        address: &ObjectAddress,
        _version_id: Option<String>,
        checksum: ChecksumMode,
    ) -> Result<Option<ObjectInfo>, StoreError> {
        let key = address.key.clone();
        self.blocking(move |shared| shared.describe(&key, checksum))
            .await
    }

    async fn list_parts(&self, upload: &MultipartUpload) -> Result<Vec<PartAck>, StoreError> {
        let upload_id = upload.upload_id.clone();
        self.blocking(move |shared| {
            let folder = shared.folder_of(&upload_id)?;
            if !folder.exists() {
                return Err(no_such_upload());
            }
            let parts = shared.lock_parts();
            let known = parts.get(&upload_id).into_iter().flatten();
            Ok(known
                .map(|(number, part)| {
                    PartAck::new(*number, part_etag(part.crc64nvme), part.size_bytes)
                        .with_crc64nvme(Some(part.crc64nvme))
                })
                .collect())
        })
        .await
    }

    async fn list_uploads(
        &self,
        prefix: &ObjectAddress,
    ) -> Result<Vec<MultipartUpload>, StoreError> {
        let prefix = prefix.clone();
        self.blocking(move |shared| shared.list(&prefix)).await
    }

    async fn put_tags(
        &self,
        _address: &ObjectAddress,
        _tags: &[(String, String)],
    ) -> Result<(), StoreError> {
        Err(StoreError::new(StoreErrorKind::Unsupported).with_detail("files have no tags"))
    }
}
