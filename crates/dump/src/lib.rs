#![doc = include_str!("../README.md")]

mod assemble;
pub mod compare;
mod compress;
mod dump;
mod encode;
mod error;
mod execute;
pub mod export;
mod failures;
mod flavour;
mod layout;
mod manifest;
mod options;
mod pack;
mod pipeline;
mod plan;
mod progress;
mod report;
mod sink;
mod source;
mod sql;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use compress::{Compression, decompressed};
pub use dump::{Dump, DumpBuilder, Preview, PreviewTable};
pub use error::{Error, ErrorKind};
pub use flavour::Flavour;
pub use manifest::{Manifest, ManifestFacts, ManifestTable, Tool};
pub use options::{
    DumpOptions, OptionError, OptionSpec, Selection, SetGtidPurged, ValueKind, option_specs,
};
pub use progress::{Progress, ProgressEvent};
pub use report::{
    DumpReport, MaxTimestamp, ServerIdentity, SnapshotInfo, SnapshotKind, TableReport,
    ZonedTimestamp,
};
pub use sink::{Sink, SinkError, WriterSink};
pub use source::{ConnectOptions, Inspection, Tls, inspect};
