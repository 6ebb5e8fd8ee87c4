#![doc = include_str!("../README.md")]

mod checksum;
mod cleanup;
mod config;
mod error;
mod plan;
mod progress;
mod proof;
mod publish;
mod receipt;
mod registry;
mod retry;
mod spec;
pub mod store;
#[cfg(feature = "testing")]
pub mod testing;
mod upload;
mod uploader;

#[cfg(feature = "aws")]
pub use store::S3Store;
pub use {
    checksum::Crc64,
    config::UploadConfig,
    error::{Error, ErrorKind, Stage},
    progress::UploadProgress,
    receipt::{Publication, Receipt, Verification},
    spec::{Encryption, Guard, ObjectAddress, ObjectSpec},
    store::{DirectoryStore, MemoryStore, ObjectInfo, ObjectStore},
    upload::Upload,
    uploader::{AbortReport, DrainReport, UnconfirmedUpload, Uploader},
};
