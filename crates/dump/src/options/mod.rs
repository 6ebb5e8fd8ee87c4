//! What to dump and how: mysqldump's options, by its own names and with its defaults.
//!
//! This room knows nothing of a server: it turns names and values into [`DumpOptions`],
//! in the order in which they were given, as the real client does.

mod apply;
mod charset;
mod check;
mod compatible;
mod error;
mod letters;
mod refused;
mod selection;
mod specs;

pub use error::OptionError;
pub use selection::Selection;
pub use specs::{OptionSpec, ValueKind, option_specs};

pub(crate) use charset::Charset;
pub(crate) use compatible::Compatible;
pub(crate) use letters::Letters;
pub(crate) use selection::is_virtual;

use crate::flavour::{Client, ClientChoice};

/// `--set-gtid-purged`: whether the header carries the server's executed GTIDs (MySQL only).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum SetGtidPurged {
    /// If the server has GTIDs on.
    #[default]
    Auto,
    /// Always; an error on a server without GTIDs.
    On,
    /// Never.
    Off,
    /// As a comment.
    Commented,
}

/// `--source-data`: how the binary log's position is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SourceData {
    /// As a statement.
    Statement,
    /// As a comment.
    Commented,
}

/// `--output-as-version`: whose words for replication are used (MySQL only).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Terminology {
    /// The server's.
    #[default]
    Server,
    /// `DISABLE ON SLAVE` in events.
    Before820,
    /// `CHANGE MASTER` and `STOP SLAVE` as well.
    Before8023,
}

/// The options that change the bytes of a dump or the way it is read.
///
/// [`Default`] is mysqldump's default. Set by name with [`apply`](Self::apply), in order:
/// `--compact --tz-utc` and `--tz-utc --compact` differ, as they do in the real client.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "mysqldump's options are switches"
)]
pub struct DumpOptions {
    pub(crate) flavour: Option<ClientChoice>,
    pub(crate) add_drop_database: bool,
    pub(crate) add_drop_table: bool,
    pub(crate) add_drop_trigger: bool,
    pub(crate) add_locks: bool,
    pub(crate) allow_keywords: bool,
    pub(crate) apply_replica_statements: bool,
    pub(crate) as_of: Option<String>,
    /// `None`: the client's default.
    pub(crate) charset: Option<Charset>,
    /// `None`: the client's default, which changed between releases.
    pub(crate) column_statistics: Option<bool>,
    pub(crate) comments: bool,
    pub(crate) compact: bool,
    pub(crate) compatible: Compatible,
    pub(crate) complete_insert: bool,
    pub(crate) create_db: bool,
    pub(crate) create_info: bool,
    pub(crate) create_options: bool,
    pub(crate) data: bool,
    /// Off: also the rows of tables whose engine keeps them elsewhere.
    pub(crate) data_med_skipped: bool,
    pub(crate) disable_keys: bool,
    pub(crate) dump_date: bool,
    pub(crate) dump_history: bool,
    pub(crate) events: bool,
    pub(crate) extended_insert: bool,
    pub(crate) flush_privileges: bool,
    pub(crate) force: bool,
    pub(crate) generated_primary_key: bool,
    pub(crate) gtid: bool,
    pub(crate) hex_blob: bool,
    pub(crate) ignore_databases: Vec<String>,
    pub(crate) ignore_errors: Vec<u16>,
    /// `database.table`, as given.
    pub(crate) ignore_tables: Vec<String>,
    pub(crate) ignore_table_data: Vec<String>,
    pub(crate) ignore_views: bool,
    pub(crate) insert_ignore: bool,
    pub(crate) lock_all_tables: bool,
    pub(crate) lock_tables: bool,
    pub(crate) log_queries: bool,
    pub(crate) net_buffer_length: u64,
    /// `None`: the client's default, which changed between releases.
    pub(crate) no_autocommit: Option<bool>,
    pub(crate) order_by_primary: bool,
    pub(crate) order_by_size: bool,
    pub(crate) quote_names: bool,
    pub(crate) replace: bool,
    pub(crate) routines: bool,
    pub(crate) secondary_engine: bool,
    pub(crate) set_charset: bool,
    pub(crate) set_gtid_purged: SetGtidPurged,
    pub(crate) single_transaction: bool,
    pub(crate) source_data: Option<SourceData>,
    pub(crate) terminology: Terminology,
    pub(crate) triggers: bool,
    pub(crate) tz_utc: bool,
    /// Whether `--compact` came after the last word on `tz_utc`.
    pub(crate) compact_over_tz_utc: bool,
    pub(crate) where_clause: Option<String>,
    /// What was applied, in order, for the manifest.
    pub(crate) applied: Vec<String>,
}

impl Default for DumpOptions {
    fn default() -> Self {
        Self {
            flavour: None,
            add_drop_database: false,
            add_drop_table: true,
            add_drop_trigger: false,
            add_locks: true,
            allow_keywords: false,
            apply_replica_statements: false,
            as_of: None,
            charset: None,
            column_statistics: None,
            comments: true,
            compact: false,
            compatible: Compatible::default(),
            complete_insert: false,
            create_db: true,
            create_info: true,
            create_options: true,
            data: true,
            data_med_skipped: true,
            disable_keys: true,
            dump_date: true,
            dump_history: false,
            events: false,
            extended_insert: true,
            flush_privileges: false,
            force: false,
            generated_primary_key: true,
            gtid: false,
            hex_blob: false,
            ignore_databases: Vec::new(),
            ignore_errors: Vec::new(),
            ignore_tables: Vec::new(),
            ignore_table_data: Vec::new(),
            ignore_views: false,
            insert_ignore: false,
            lock_all_tables: false,
            lock_tables: true,
            log_queries: true,
            net_buffer_length: DEFAULT_NET_BUFFER_LENGTH,
            no_autocommit: None,
            order_by_primary: false,
            order_by_size: false,
            quote_names: true,
            replace: false,
            routines: false,
            secondary_engine: true,
            set_charset: true,
            set_gtid_purged: SetGtidPurged::Auto,
            single_transaction: false,
            source_data: None,
            terminology: Terminology::Server,
            triggers: true,
            tz_utc: true,
            compact_over_tz_utc: false,
            where_clause: None,
            applied: Vec::new(),
        }
    }
}

/// Both clients' default: 1 MiB less 2 KiB, not 1 MiB.
const DEFAULT_NET_BUFFER_LENGTH: u64 = 1_046_528;

impl DumpOptions {
    /// The options that were applied, in order and in mysqldump's spelling (`--compact`).
    #[must_use]
    pub fn applied(&self) -> &[String] {
        &self.applied
    }

    /// Whether the dump is read in one consistent snapshot.
    #[must_use]
    pub fn single_transaction(&self) -> bool {
        self.single_transaction
    }

    /// Whether routines are dumped.
    #[must_use]
    pub fn routines(&self) -> bool {
        self.routines
    }

    /// Whether events are dumped.
    #[must_use]
    pub fn events(&self) -> bool {
        self.events
    }

    /// Whether triggers are dumped.
    #[must_use]
    pub fn triggers(&self) -> bool {
        self.triggers
    }

    /// Whether TIMESTAMP values are read, and restored, in UTC.
    ///
    /// On unless switched off. In MySQL 9's client `--compact` switches it off too, if it
    /// comes later; in MySQL 8's and in MariaDB's it does not (measured on 8.0.46, 8.4.13,
    /// 9.7.4, 10.11.19 and 11.8.9).
    pub(crate) fn tz_utc(&self, client: Client) -> bool {
        self.tz_utc && !(self.compact_over_tz_utc && client.compact_drops_utc())
    }

    /// Whether a transaction stands around each table's rows.
    pub(crate) fn wraps_rows(&self, client: Client) -> bool {
        self.no_autocommit
            .unwrap_or_else(|| client.wraps_rows_by_default())
    }

    /// Whether histograms are dumped.
    pub(crate) fn dumps_histograms(&self, client: Client) -> bool {
        self.column_statistics
            .unwrap_or_else(|| client.dumps_histograms_by_default())
    }

    /// The character set of the values.
    ///
    /// With `--compatible` alone, MariaDB's client before 11.6 speaks latin1 (measured on
    /// 10.11.19): what that set does not hold becomes a question mark.
    pub(crate) fn charset(&self, client: Client) -> Charset {
        let compatible = self.compatible != Compatible::default();
        match &self.charset {
            Some(charset) => charset.clone(),
            None if compatible && client.falls_back_to_latin1() => Charset::latin1(),
            None => Charset::default(),
        }
    }

    /// Whether one global read lock is held for the whole dump: asked for, or needed for a
    /// position that no snapshot provides.
    pub(crate) fn locks_all_tables(&self) -> bool {
        self.lock_all_tables || (self.source_data.is_some() && !self.single_transaction)
    }

    /// Whether each database's tables are locked while it is dumped.
    pub(crate) fn locks_each_database(&self) -> bool {
        self.lock_tables && !self.single_transaction && !self.locks_all_tables()
    }
}
