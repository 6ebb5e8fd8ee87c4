//! An S3 server in process, as strict as S3.
//!
//! The protocol and the signatures are `s3s`'s, the bytes lie in files through
//! `s3s-fs`. Between them is a layer of our own, for `s3s-fs` accepts much that S3
//! refuses: parts whose checksum is wrong, wrong ETags and sizes at completion,
//! buckets that do not exist. Behind a server that lenient a broken uploader
//! looks whole.
//!
//! Further: a [script of faults](FaultRule), a [log](S3Double::calls) of all
//! calls, and a look into the store without the protocol
//! ([`object`](S3Double::object), [`open_uploads`](S3Double::open_uploads)).
//!
//! Known differences from S3: part numbers must be consecutive; a second
//! completion of one upload is always `NoSuchUpload`, where S3 may answer as to
//! the first; no versions, lifecycle, ACLs or object lock; composite checksums
//! are refused.

mod access;
mod checks;
mod control;
mod digests;
mod double;
mod faults;
mod listing;
mod multipart;
mod objects;
mod service;
mod state;

use std::ops::Deref;
use std::sync::Arc;

use anyhow::Result;

pub use self::access::{ACCESS_KEY, Endpoint, REGION, SECRET_KEY};
pub use self::control::Call;
pub(crate) use self::double::OwnedDouble;
pub use self::double::{OpenUpload, S3Double, S3Options, StoredObject};
pub use self::faults::{Effect, FaultRule, Operation};

use crate::http::HttpServer;

/// An [`S3Double`] on a port of its own. Dropping it closes the port and removes
/// the objects.
#[derive(Debug)]
pub struct S3Server {
    // In this order: no more requests, then no more objects.
    _http: HttpServer,
    owned: OwnedDouble,
    endpoint: Endpoint,
}

impl S3Server {
    /// Starts a server. It runs on threads of its own, so it serves whichever
    /// test asks.
    ///
    /// # Errors
    ///
    /// Without a port or a temporary directory.
    pub fn start(options: S3Options) -> Result<Self> {
        let owned = OwnedDouble::new(options)?;
        let http = HttpServer::start(Arc::<S3Double>::clone(&owned.double))?;
        let endpoint = Endpoint::new(http.url());
        Ok(Self {
            _http: http,
            owned,
            endpoint,
        })
    }

    /// Where it is and how to be let in.
    #[must_use]
    pub const fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }
}

impl Deref for S3Server {
    type Target = S3Double;

    fn deref(&self) -> &S3Double {
        &self.owned.double
    }
}
