//! Applies options one by one, in the order given.

use super::refused::UNSUPPORTED;
use super::{
    Charset, Compatible, DumpOptions, OptionError, OptionSpec, SetGtidPurged, SourceData,
    Terminology, ValueKind, option_specs,
};

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
        let (spec, negated) = resolve(name)?;
        match spec.value {
            ValueKind::Switch if value.is_some() && TAKES_NO_VALUE.contains(&spec.name) => {
                return Err(OptionError::value(
                    name,
                    value.unwrap_or_default(),
                    "possible: this option takes no value",
                ));
            }
            ValueKind::Switch => self.switch(spec.name, switch_value(name, value)? != negated)?,
            ValueKind::Required => {
                let value =
                    value.ok_or_else(|| OptionError::value(name, "", "a value: one is needed"))?;
                self.value(spec.name, value)?;
            }
            ValueKind::Optional => self.value(spec.name, value.unwrap_or("1"))?,
        }
        let dash = if negated { "--skip-" } else { "--" };
        self.applied.push(match value {
            Some(value) => format!("{dash}{}={value}", spec.name),
            None => format!("{dash}{}", spec.name),
        });
        Ok(())
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
            "no-autocommit" => self.no_autocommit = Some(on),
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
            "tz-utc" => {
                self.tz_utc = on;
                self.compact_over_tz_utc = false;
            }
            "all-databases" | "databases" | "tables" => {
                // What is selected is the caller's to say.
            }
            "allow-keywords" => self.allow_keywords = on,
            "apply-replica-statements" | "apply-slave-statements" => {
                self.apply_replica_statements = on;
            }
            "column-statistics" => self.column_statistics = Some(on),
            "create-options" => self.create_options = on,
            "dump-history" => self.dump_history = on,
            "flush-privileges" => self.flush_privileges = on,
            "force" => self.force = on,
            "gtid" => self.gtid = on,
            "ignore-views" => self.ignore_views = on,
            "lock-all-tables" => self.lock_all_tables = on,
            "log-queries" => self.log_queries = on,
            "no-data-med" => self.data_med_skipped = on,
            "no-set-names" => self.set_charset = !on,
            "order-by-size" => self.order_by_size = on,
            "quote-names" => self.quote_names = on,
            "show-create-table-skip-secondary-engine" => self.secondary_engine = !on,
            "skip-generated-invisible-primary-key" => self.generated_primary_key = !on,
            // Only tables of NDB have tablespaces that the clients print.
            "all-tablespaces" | "no-tablespaces" => {}
            // Rows are always streamed; the bytes are the same either way.
            "quick" => {}
            _ => return Err(OptionError::Unknown { name: name.into() }),
        }
        Ok(())
    }

    fn value(&mut self, name: &str, value: &str) -> Result<(), OptionError> {
        match name {
            "as-of" if value.contains('\'') => {
                return Err(OptionError::value(name, value, "a time"));
            }
            "as-of" => self.as_of = Some(value.into()),
            "compatible" => {
                self.compatible = Compatible::parse(value)?;
                self.quote_names = true;
                self.set_charset = false;
            }
            "default-character-set" => self.charset = Some(Charset::parse(value)?),
            "flavour" => self.flavour = Some(value.parse()?),
            "ignore-database" => self.ignore_databases.push(value.into()),
            "ignore-error" => self.ignore_errors = error_numbers(value)?,
            "ignore-table" => self.ignore_tables.push(table_name(name, value)?),
            "ignore-table-data" => self.ignore_table_data.push(table_name(name, value)?),
            "master-data" | "source-data" => {
                self.source_data = match value {
                    "0" => None,
                    "1" => Some(SourceData::Statement),
                    "2" => Some(SourceData::Commented),
                    _ => return Err(OptionError::value(name, value, "0, 1 or 2")),
                }
            }
            "net-buffer-length" => self.net_buffer_length = net_buffer_length(value)?,
            "output-as-version" => {
                self.terminology = match value.to_ascii_uppercase().as_str() {
                    "SERVER" => Terminology::Server,
                    "BEFORE_8_2_0" => Terminology::Before820,
                    "BEFORE_8_0_23" => Terminology::Before8023,
                    _ => {
                        let expected = "SERVER, BEFORE_8_2_0 or BEFORE_8_0_23";
                        return Err(OptionError::value(name, value, expected));
                    }
                }
            }
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
            self.compact_over_tz_utc = true;
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

/// Switches that the real clients take by their bare name only.
const TAKES_NO_VALUE: &[&str] = &["opt", "skip-opt", "no-set-names"];

/// Finds an option by any of the spellings that the real clients take: `skip-` and `disable-`
/// before a switch turn it off, `enable-` on, and an underscore is a dash.
fn resolve(name: &str) -> Result<(&'static OptionSpec, bool), OptionError> {
    let spelled = name.replace('_', "-");
    let listed = |name: &str| option_specs().iter().find(|spec| spec.name == name);
    if let Some(spec) = listed(&spelled) {
        return Ok((spec, false));
    }
    let off = spelled
        .strip_prefix("skip-")
        .or_else(|| spelled.strip_prefix("disable-"));
    let bare = off
        .or_else(|| spelled.strip_prefix("enable-"))
        .unwrap_or(&spelled);
    if let Some((_, remedy)) = UNSUPPORTED.iter().find(|(refused, _)| *refused == bare) {
        return Err(OptionError::Unsupported {
            name: name.into(),
            remedy,
        });
    }
    match listed(bare) {
        Some(spec) if spec.negatable => Ok((spec, off.is_some())),
        _ => Err(OptionError::Unknown { name: name.into() }),
    }
}

fn switch_value(name: &str, value: Option<&str>) -> Result<bool, OptionError> {
    match value.map(str::to_ascii_lowercase).as_deref() {
        // The real clients warn of any other word, `yes` and `no` too, and ignore it.
        None | Some("1" | "true" | "on") => Ok(true),
        Some("0" | "false" | "off") => Ok(false),
        Some(other) => Err(OptionError::value(
            name,
            other,
            "one of 1, 0, true, false, on, off",
        )),
    }
}

/// `DB.TABLE`; a dot inside a name is for the comparison to find.
fn table_name(name: &str, value: &str) -> Result<String, OptionError> {
    match value.split_once('.') {
        Some((database, table)) if !database.is_empty() && !table.is_empty() => Ok(value.into()),
        _ => Err(OptionError::value(
            name,
            value,
            "of the form database.table",
        )),
    }
}

fn error_numbers(value: &str) -> Result<Vec<u16>, OptionError> {
    value
        .split(',')
        .map(|number| {
            number.trim().parse().map_err(|_| {
                OptionError::value("ignore-error", value, "a list of error numbers (1356,1449)")
            })
        })
        .collect()
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
    use crate::flavour::Client;

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
                "as-of" => Some("2026-01-01 00:00:00"),
                "compatible" => Some("ansi"),
                "ignore-database" => Some("db"),
                "ignore-error" => Some("1356, 1449"),
                "ignore-table" | "ignore-table-data" => Some("db.t"),
                "output-as-version" => Some("BEFORE_8_0_23"),
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
        assert!(later.compact && later.comments && later.tz_utc(Client::MYSQL_9));
        let earlier = applied(&[("comments", None), ("tz-utc", None), ("compact", None)]);
        assert!(!earlier.comments && !earlier.tz_utc(Client::MYSQL_9));
        assert!(earlier.tz_utc(Client::MARIADB_10));
    }

    #[test]
    fn switches_take_boolean_values_and_skip() {
        assert!(!applied(&[("lock-tables", Some("false"))]).lock_tables);
        assert!(!applied(&[("skip-triggers", None)]).triggers);
        assert!(applied(&[("skip-triggers", Some("0"))]).triggers);
        for (name, value) in [("triggers", "no"), ("hex-blob", "yes"), ("opt", "0")] {
            assert!(DumpOptions::default().apply(name, Some(value)).is_err());
        }
        assert!(!applied(&[("disable_lock_tables", None)]).lock_tables);
        assert!(applied(&[("enable-hex-blob", None)]).hex_blob);
        assert_eq!(
            applied(&[("disable_triggers", None)]).applied(),
            ["--skip-triggers"]
        );
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
