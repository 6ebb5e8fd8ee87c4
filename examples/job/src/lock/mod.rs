//! One run at a time: on this host by a locked file, across hosts by an object in S3.
//!
//! Both may be asked for. The file costs nothing and cannot be left behind; the object
//! also keeps out a second host, and says who holds it.

mod local;
mod remote;
mod renewal;

pub use self::local::Lock;
pub use self::remote::{Held, LockError, RemoteLock, s3_address};
pub use self::renewal::Lease;
