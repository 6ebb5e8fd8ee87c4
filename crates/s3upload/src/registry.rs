//! Every multipart upload that may be open on the store, until it is known not
//! to be: what lets a dropped future, a failure or a SIGTERM leave nothing
//! behind, or at least nothing unreported.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use tokio::sync::watch;

use crate::{spec::ObjectAddress, store::MultipartUpload};

/// Names an entry of the registry.
pub(crate) type EntryId = u64;

#[derive(Debug)]
pub(crate) struct Registry {
    entries: Mutex<Entries>,
    changed: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Entries {
    next: EntryId,
    open: HashMap<EntryId, Entry>,
    confirmed: Vec<MultipartUpload>,
}

/// One upload that may be open.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) address: ObjectAddress,
    /// Known once the store has answered.
    pub(crate) upload: Option<MultipartUpload>,
    pub(crate) state: State,
    pub(crate) since: SystemTime,
    /// Why the last attempt to clean up failed.
    pub(crate) trouble: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// Its owner is writing.
    Live,
    /// Its owner is putting the parts together.
    Committing,
    /// Nobody wants it any more; it is to be aborted.
    Abandoned { cleaning: bool },
    /// The answer to its creation was lost: it may exist under an unknown id.
    Lost,
}

impl Registry {
    pub(crate) fn new() -> Self {
        Self {
            entries: Mutex::default(),
            changed: watch::Sender::new(0),
        }
    }

    pub(crate) fn enter(&self, address: &ObjectAddress) -> EntryId {
        self.insert(address, State::Live)
    }

    /// Remembers that an upload may have been opened whose id is not known.
    pub(crate) fn remember_lost(&self, address: &ObjectAddress) {
        self.insert(address, State::Lost);
    }

    fn insert(&self, address: &ObjectAddress, state: State) -> EntryId {
        let mut entries = self.lock();
        let id = entries.next;
        entries.next += 1;
        entries.open.insert(
            id,
            Entry {
                address: address.clone(),
                upload: None,
                state,
                since: SystemTime::now(),
                trouble: None,
            },
        );
        id
    }

    /// Stores the id that the store answered with; tells whether the upload was
    /// abandoned meanwhile.
    pub(crate) fn opened(&self, id: EntryId, upload: &MultipartUpload) -> bool {
        let abandoned = self.lock().open.get_mut(&id).is_some_and(|entry| {
            entry.upload = Some(upload.clone());
            matches!(entry.state, State::Abandoned { .. })
        });
        self.touch();
        abandoned
    }

    /// The upload is being put together: nobody else may abort it. `false` if it
    /// was abandoned before.
    pub(crate) fn start_commit(&self, id: EntryId) -> bool {
        self.lock().open.get_mut(&id).is_some_and(|entry| {
            let live = entry.state == State::Live;
            if live {
                entry.state = State::Committing;
            }
            live
        })
    }

    /// The upload is to be aborted.
    pub(crate) fn abandon(&self, id: EntryId) {
        if let Some(entry) = self.lock().open.get_mut(&id)
            && matches!(entry.state, State::Live | State::Committing)
        {
            entry.state = State::Abandoned { cleaning: false };
        }
        self.touch();
    }

    /// Claims an abandoned upload with a known id for cleaning up; `None` if
    /// there is nothing to do or somebody else does it.
    pub(crate) fn start_cleaning(&self, id: EntryId) -> Option<MultipartUpload> {
        let mut entries = self.lock();
        let entry = entries.open.get_mut(&id)?;
        if entry.state != (State::Abandoned { cleaning: false }) {
            return None;
        }
        let upload = entry.upload.clone()?;
        entry.state = State::Abandoned { cleaning: true };
        entry.trouble = None;
        Some(upload)
    }

    pub(crate) fn cleaning_failed(&self, id: EntryId, trouble: String) {
        if let Some(entry) = self.lock().open.get_mut(&id) {
            entry.state = State::Abandoned { cleaning: false };
            entry.trouble = Some(trouble);
        }
        self.touch();
    }

    /// The upload is known to be gone.
    pub(crate) fn confirmed(&self, id: EntryId) {
        let mut entries = self.lock();
        if let Some(upload) = entries.open.remove(&id).and_then(|entry| entry.upload) {
            entries.confirmed.push(upload);
        }
        drop(entries);
        self.touch();
    }

    /// The upload was completed, or never opened.
    pub(crate) fn remove(&self, id: EntryId) {
        self.lock().open.remove(&id);
        self.touch();
    }

    /// The upload's creation failed without an answer: it may exist.
    pub(crate) fn lose(&self, id: EntryId) {
        if let Some(entry) = self.lock().open.get_mut(&id) {
            entry.state = State::Lost;
        }
        self.touch();
    }

    pub(crate) fn contains(&self, id: EntryId) -> bool {
        self.lock().open.contains_key(&id)
    }

    pub(crate) fn snapshot(&self) -> Vec<(EntryId, Entry)> {
        let mut entries: Vec<_> = self
            .lock()
            .open
            .iter()
            .map(|(id, entry)| (*id, entry.clone()))
            .collect();
        entries.sort_by_key(|(id, _)| *id);
        entries
    }

    /// Takes the list of uploads confirmed to be gone since it was last taken.
    pub(crate) fn take_confirmed(&self) -> Vec<MultipartUpload> {
        std::mem::take(&mut self.lock().confirmed)
    }

    /// Signals every change of the registry.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    fn touch(&self) {
        self.changed.send_modify(|generation| *generation += 1);
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        // Nothing panics while the lock is held; were it otherwise, the entries
        // would still be worth more than none.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        for (_, entry) in self.snapshot() {
            tracing::error!(
                bucket = entry.address.bucket,
                key = entry.address.key,
                upload_id = entry
                    .upload
                    .as_ref()
                    .map(|upload| upload.upload_id.as_str()),
                trouble = entry.trouble,
                "a multipart upload may have been left open"
            );
        }
    }
}
