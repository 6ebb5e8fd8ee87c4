//! Applies options one by one, in the order given.

use super::{DumpOptions, OptionError, SetGtidPurged, ValueKind, option_specs};

/// Options of mysqldump that are refused, and the way out of each.
const UNSUPPORTED: &[(&str, &str)] = &[
    ("all-databases", "name the databases with --databases"),
    (
        "allow-keywords",
        "names are always quoted, so it changes nothing",
    ),
    (
        "apply-replica-statements",
        "write the replication statements into the restore script",
    ),
    (
        "apply-slave-statements",
        "write the replication statements into the restore script",
    ),
    (
        "column-statistics",
        "histograms are rebuilt by ANALYZE TABLE after a restore",
    ),
    (
        "compatible",
        "the output is always for the server's own flavour",
    ),
    ("delayed-insert", "the servers ignore INSERT DELAYED"),
    ("dump-history", "dump the history with a query export"),
    (
        "dump-replica",
        "note the replica's position with SHOW REPLICA STATUS before the dump",
    ),
    (
        "dump-slave",
        "note the replica's position with SHOW REPLICA STATUS before the dump",
    ),
    (
        "fields-enclosed-by",
        "use a query export for delimited files",
    ),
    (
        "fields-escaped-by",
        "use a query export for delimited files",
    ),
    (
        "fields-optionally-enclosed-by",
        "use a query export for delimited files",
    ),
    (
        "fields-terminated-by",
        "use a query export for delimited files",
    ),
    ("flush-logs", "run FLUSH LOGS before the dump"),
    ("flush-privileges", "run FLUSH PRIVILEGES after the restore"),
    (
        "force",
        "a dump with gaps is never published: mend the object, or leave it out with --ignore-table",
    ),
    ("ignore-error", "leave the object out with --ignore-table"),
    (
        "lines-terminated-by",
        "use a query export for delimited files",
    ),
    (
        "lock-all-tables",
        "use --single-transaction, or the lock of --lock-tables",
    ),
    (
        "master-data",
        "note the position with SHOW BINARY LOG STATUS before the dump",
    ),
    (
        "source-data",
        "note the position with SHOW BINARY LOG STATUS before the dump",
    ),
    (
        "tab",
        "nothing is written on the database's disk: use a query export for delimited files",
    ),
    (
        "xml",
        "the output is SQL: use a query export for other formats",
    ),
];

impl DumpOptions {
    /// Applies one option by mysqldump's name, without dashes; `skip-…` names included.
    ///
    /// A switch takes no value, or one of `1 0 true false on off`. Later options win.
    ///
    /// # Errors
    ///
    /// [`OptionError`] for an unknown name, a value that does not fit, or an option that this
    /// crate refuses, with the way out. The options are unchanged then.
    ///
    /// ```
    /// use datatransit_dump::DumpOptions;
    ///
    /// let mut options = DumpOptions::default();
    /// options.apply("single-transaction", None)?;
    /// options.apply("lock-tables", Some("false"))?;
    /// options.apply("skip-triggers", None)?;
    /// assert_eq!(
    ///     options.applied(),
    ///     ["--single-transaction", "--lock-tables=false", "--skip-triggers"],
    /// );
    /// # Ok::<(), datatransit_dump::OptionError>(())
    /// ```
    pub fn apply(&mut self, name: &str, value: Option<&str>) -> Result<(), OptionError> {
        let (base, negated) = self.resolve(name)?;
        let spec = option_specs().iter().find(|spec| spec.name == base);
        match spec.map(|spec| spec.value) {
            Some(ValueKind::Switch) => self.switch(base, switch_value(name, value)? != negated)?,
            Some(ValueKind::Required) => {
                let value =
                    value.ok_or_else(|| OptionError::value(name, "", "a value: one is needed"))?;
                self.value(base, value)?;
            }
            None => return Err(OptionError::Unknown { name: name.into() }),
        }
        self.applied.push(match value {
            Some(value) => format!("--{name}={value}"),
            None => format!("--{name}"),
        });
        Ok(())
    }

    /// Splits `skip-…` off, and refuses what is refused.
    fn resolve<'n>(&self, name: &'n str) -> Result<(&'n str, bool), OptionError> {
        let listed = |name: &str| option_specs().iter().find(|spec| spec.name == name);
        if listed(name).is_some() {
            return Ok((name, false));
        }
        let bare = name.strip_prefix("skip-").unwrap_or(name);
        if let Some((_, remedy)) = UNSUPPORTED.iter().find(|(refused, _)| *refused == bare) {
            return Err(OptionError::Unsupported {
                name: name.into(),
                remedy,
            });
        }
        match listed(bare) {
            Some(spec) if spec.negatable => Ok((bare, true)),
            _ => Err(OptionError::Unknown { name: name.into() }),
        }
    }

    fn switch(&mut self, name: &str, on: bool) -> Result<(), OptionError> {
        match name {
            "add-drop-database" => self.add_drop_database = on,
            "add-drop-table" => self.add_drop_table = on,
            "add-drop-trigger" => self.add_drop_trigger = on,
            "add-locks" => self.add_locks = on,
            "comments" => self.comments = on,
            "compact" => self.set_compact(on),
            "complete-insert" => self.complete_insert = on,
            "disable-keys" => self.disable_keys = on,
            "dump-date" => self.dump_date = on,
            "events" => self.events = on,
            "extended-insert" => self.extended_insert = on,
            "hex-blob" => self.hex_blob = on,
            "insert-ignore" => self.insert_ignore = on,
            "lock-tables" => self.lock_tables = on,
            "no-autocommit" => self.no_autocommit = on,
            "no-create-db" => self.create_db = !on,
            "no-create-info" => self.create_info = !on,
            "no-data" => self.data = !on,
            "opt" => self.set_opt(on),
            "skip-opt" => self.set_opt(!on),
            "order-by-primary" => self.order_by_primary = on,
            "replace" => self.replace = on,
            "routines" => self.routines = on,
            "set-charset" => self.set_charset = on,
            "single-transaction" => self.single_transaction = on,
            "triggers" => self.triggers = on,
            "tz-utc" => self.tz_utc = Some(on),
            // Accepted because the jobs that are replaced give them; they change no byte.
            "databases" | "no-tablespaces" => {}
            "quick" if on => {}
            "quick" => {
                return Err(OptionError::Unsupported {
                    name: "skip-quick".into(),
                    remedy: "rows are always streamed; leave it out",
                });
            }
            "create-options" => self.create_options = on,
            "quote-names" if on => {}
            "quote-names" => {
                return Err(OptionError::Unsupported {
                    name: "skip-quote-names".into(),
                    remedy: "the server's definitions are printed as they are; leave it out",
                });
            }
            _ => return Err(OptionError::Unknown { name: name.into() }),
        }
        Ok(())
    }

    fn value(&mut self, name: &str, value: &str) -> Result<(), OptionError> {
        match name {
            "default-character-set" if value == "utf8mb4" => {}
            "default-character-set" => {
                return Err(OptionError::value(
                    name,
                    value,
                    "utf8mb4, the one set that holds all",
                ));
            }
            "flavour" => self.flavour = Some(value.parse()?),
            "ignore-table" => match value.split_once('.') {
                Some((database, table)) if !database.is_empty() && !table.is_empty() => {
                    self.ignore_tables.push((database.into(), table.into()));
                }
                _ => {
                    return Err(OptionError::value(
                        name,
                        value,
                        "of the form database.table",
                    ));
                }
            },
            "net-buffer-length" => self.net_buffer_length = net_buffer_length(value)?,
            "set-gtid-purged" => {
                self.set_gtid_purged = match value.to_ascii_uppercase().as_str() {
                    "AUTO" => SetGtidPurged::Auto,
                    "ON" => SetGtidPurged::On,
                    "OFF" => SetGtidPurged::Off,
                    "COMMENTED" => SetGtidPurged::Commented,
                    _ => {
                        return Err(OptionError::value(
                            name,
                            value,
                            "AUTO, ON, OFF or COMMENTED",
                        ));
                    }
                }
            }
            "where" => self.where_clause = Some(value.into()),
            _ => return Err(OptionError::Unknown { name: name.into() }),
        }
        Ok(())
    }

    /// `--compact` acts when it is met: what comes later may switch parts on again.
    fn set_compact(&mut self, on: bool) {
        self.compact = on;
        if on {
            self.comments = false;
            self.add_drop_table = false;
            self.disable_keys = false;
            self.add_locks = false;
            self.set_charset = false;
            self.tz_utc = None;
        }
    }

    fn set_opt(&mut self, on: bool) {
        self.add_drop_table = on;
        self.add_locks = on;
        self.create_options = on;
        self.disable_keys = on;
        self.extended_insert = on;
        self.lock_tables = on;
        self.set_charset = on;
    }
}

fn switch_value(name: &str, value: Option<&str>) -> Result<bool, OptionError> {
    match value.map(str::to_ascii_lowercase).as_deref() {
        None | Some("1" | "true" | "on" | "yes") => Ok(true),
        Some("0" | "false" | "off" | "no") => Ok(false),
        Some(other) => Err(OptionError::value(
            name,
            other,
            "one of 1, 0, true, false, on, off",
        )),
    }
}

/// Both clients take 4096 to 16 MiB, silently moved into that range, in steps of 1024.
fn net_buffer_length(value: &str) -> Result<u64, OptionError> {
    let unusable = || OptionError::value("net-buffer-length", value, "a number of bytes");
    let (digits, unit) = match value.to_ascii_uppercase().chars().last() {
        Some('K') => (&value[..value.len() - 1], 1 << 10),
        Some('M') => (&value[..value.len() - 1], 1 << 20),
        Some('G') => (&value[..value.len() - 1], 1 << 30),
        _ => (value, 1),
    };
    let bytes = digits
        .parse::<u64>()
        .ok()
        .and_then(|n| n.checked_mul(unit))
        .ok_or_else(unusable)?;
    Ok(bytes.clamp(4096, 16 << 20) / 1024 * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied(options: &[(&str, Option<&str>)]) -> DumpOptions {
        let mut result = DumpOptions::default();
        for (name, value) in options {
            result.apply(name, *value).unwrap();
        }
        result
    }

    #[test]
    fn every_listed_option_is_honoured() {
        for spec in option_specs() {
            let value = match spec.name {
                "default-character-set" => Some("utf8mb4"),
                "flavour" => Some("mysql"),
                "ignore-table" => Some("db.t"),
                "net-buffer-length" => Some("16K"),
                "set-gtid-purged" => Some("OFF"),
                "where" => Some("id > 3"),
                _ => None,
            };
            DumpOptions::default().apply(spec.name, value).unwrap();
        }
    }

    #[test]
    fn compact_acts_where_it_stands() {
        let later = applied(&[("compact", None), ("comments", None), ("tz-utc", None)]);
        assert!(later.compact && later.comments && later.tz_utc == Some(true));
        let earlier = applied(&[("comments", None), ("tz-utc", None), ("compact", None)]);
        assert!(!earlier.comments && earlier.tz_utc.is_none());
    }

    #[test]
    fn switches_take_boolean_values_and_skip() {
        assert!(!applied(&[("lock-tables", Some("false"))]).lock_tables);
        assert!(!applied(&[("skip-triggers", None)]).triggers);
        assert!(applied(&[("skip-triggers", Some("0"))]).triggers);
    }

    #[test]
    fn a_refused_option_names_the_way_out() {
        let error = DumpOptions::default().apply("xml", None).unwrap_err();
        assert_eq!(
            error.to_string(),
            "--xml is not supported: the output is SQL: use a query export for other formats"
        );
        let error = DumpOptions::default()
            .apply("ignore-table", Some("t"))
            .unwrap_err();
        assert!(error.to_string().contains("database.table"), "{error}");
    }

    #[test]
    fn net_buffer_length_has_the_clients_range_and_steps() {
        assert_eq!(net_buffer_length("1").unwrap(), 4096);
        assert_eq!(net_buffer_length("1G").unwrap(), 16 << 20);
        assert_eq!(net_buffer_length("5000").unwrap(), 4096);
        assert_eq!(net_buffer_length("64K").unwrap(), 65536);
        assert!(net_buffer_length("x").is_err());
    }
}
