//! Logs on stderr, one event a line, text for people or JSON for machines,
//! the run id on each of them.
//!
//! `RUST_LOG` is honoured; without it everything from `info` up is shown.
//! Nothing here knows a secret, and the AWS SDK's one switch that would print
//! secret bodies is refused.

use std::fmt::{self, Write as _};
use std::io::IsTerminal as _;

use anyhow::{Context as _, anyhow};
use clap::ValueEnum;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::fmt::{FmtContext, FormattedFields};
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::tail::LogTail;
use crate::{Failure, RunId};

/// The form of the lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
#[non_exhaustive]
pub enum LogFormat {
    /// `time LEVEL [run id] message key=value`, for people.
    #[default]
    Text,
    /// One JSON object per line, for machines.
    Json,
}

/// Where lines go: straight to stderr, or around a progress bar that owns the
/// terminal's last line.
pub type LogWriter = tracing_subscriber::fmt::writer::BoxMakeWriter;

/// Installs the process's subscriber; call it once.
///
/// Text times carry the offset of `zone`, JSON times are UTC.
///
/// # Errors
/// A usage failure when `RUST_LOG` cannot be parsed, when
/// `LOG_SENSITIVE_BODIES` is set, or when a subscriber is installed already.
pub fn install(
    format: LogFormat,
    run_id: &RunId,
    zone: &TimeZone,
    writer: LogWriter,
) -> Result<(), Failure> {
    install_with_tail(format, run_id, zone, writer, None)
}

/// As [`install`], and keeps the end of the log, as text for people, from `info` up.
///
/// # Errors
/// As [`install`].
pub fn install_with_tail(
    format: LogFormat,
    run_id: &RunId,
    zone: &TimeZone,
    writer: LogWriter,
    tail: Option<LogTail>,
) -> Result<(), Failure> {
    if std::env::var_os("LOG_SENSITIVE_BODIES").is_some() {
        return Err(Failure::usage(anyhow!(
            "LOG_SENSITIVE_BODIES is set: the AWS SDK would log secrets"
        ))
        .with_remedy("unset LOG_SENSITIVE_BODIES"));
    }
    let filter = match std::env::var("RUST_LOG") {
        Ok(directives) if !directives.is_empty() => EnvFilter::try_new(directives)
            .context("RUST_LOG is not a filter")
            .map_err(Failure::usage)?,
        _ => EnvFilter::new("info"),
    };
    let line = Line {
        format,
        run_id: run_id.to_string(),
        zone: zone.clone(),
        colour: std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none(),
    };
    let kept = tail.map(|tail| {
        tracing_subscriber::fmt::layer()
            .with_writer(tail)
            .with_ansi(false)
            .event_format(Line {
                format: LogFormat::Text,
                run_id: line.run_id.clone(),
                zone: line.zone.clone(),
                colour: false,
            })
            .with_filter(LevelFilter::INFO)
    });
    let shown = tracing_subscriber::fmt::layer()
        .with_writer(writer)
        .with_ansi(line.colour)
        // It would report a broken stderr on stderr, and panic: a log that nobody
        // reads any more is no reason to lose a dump.
        .log_internal_errors(false)
        .event_format(line);
    tracing_subscriber::registry()
        .with(filter)
        .with(shown)
        .with(kept)
        .try_init()
        .map_err(|error| Failure::usage(anyhow!("install the log subscriber: {error}")))
}

/// Formats one event as one line.
struct Line {
    format: LogFormat,
    run_id: String,
    zone: TimeZone,
    colour: bool,
}

impl<S, N> FormatEvent<S, N> for Line
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let mut spans = String::new();
        for span in context
            .event_scope()
            .into_iter()
            .flat_map(|scope| scope.from_root())
        {
            if !spans.is_empty() {
                spans.push(':');
            }
            spans.push_str(span.name());
            if let Some(text) = span.extensions().get::<FormattedFields<N>>()
                && !text.is_empty()
            {
                write!(spans, "{{{text}}}")?;
            }
        }
        let now = Timestamp::now();
        let metadata = event.metadata();
        match self.format {
            LogFormat::Text => {
                self.text(&mut writer, now, *metadata.level(), &spans, &fields)?;
            }
            LogFormat::Json => {
                let line = self.json(now, *metadata.level(), metadata.target(), &spans, fields);
                writer.write_str(&line)?;
            }
        }
        writer.write_char('\n')
    }
}

impl Line {
    fn text(
        &self,
        writer: &mut Writer<'_>,
        now: Timestamp,
        level: Level,
        spans: &str,
        fields: &Fields,
    ) -> fmt::Result {
        let time = now
            .to_zoned_datetime(self.zone.clone())
            .strftime("%Y-%m-%dT%H:%M:%S%.3f%:z")
            .to_string();
        let (on, off) = match (self.colour, level) {
            (false, _) => ("", ""),
            (true, Level::ERROR) => ("\x1b[31m", "\x1b[0m"),
            (true, Level::WARN) => ("\x1b[33m", "\x1b[0m"),
            (true, _) => ("\x1b[2m", "\x1b[0m"),
        };
        write!(writer, "{time} {on}{level:>5}{off} [{}] ", self.run_id)?;
        if !spans.is_empty() {
            write!(writer, "{}: ", one_line(spans))?;
        }
        write!(writer, "{}", one_line(&fields.message))?;
        for (name, value) in &fields.others {
            match value {
                Value::String(text) if text.contains([' ', '"', '\n', '=']) || text.is_empty() => {
                    write!(writer, " {name}={}", Value::from(text.as_str()))?;
                }
                Value::String(text) => write!(writer, " {name}={}", one_line(text))?,
                other => write!(writer, " {name}={other}")?,
            }
        }
        Ok(())
    }

    fn json(
        &self,
        now: Timestamp,
        level: Level,
        target: &str,
        spans: &str,
        fields: Fields,
    ) -> String {
        let mut line = Map::new();
        line.insert("timestamp".into(), format!("{now:.3}").into());
        line.insert("level".into(), level.as_str().into());
        line.insert("run_id".into(), self.run_id.as_str().into());
        line.insert("target".into(), target.into());
        line.insert("message".into(), fields.message.into());
        if !spans.is_empty() {
            line.insert("span".into(), spans.into());
        }
        for (name, value) in fields.others {
            // An event's field may not pass for one of the line's own.
            let name = if line.contains_key(name) {
                format!("field_{name}")
            } else {
                name.to_owned()
            };
            line.insert(name, value);
        }
        Value::Object(line).to_string()
    }
}

/// Control characters would let a value forge a second line.
fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => line.push_str("\\n"),
            c if c.is_control() => line.extend(c.escape_default()),
            c => line.push(c),
        }
    }
    line
}

/// An event's message and its other fields, in the order given.
#[derive(Default)]
struct Fields {
    message: String,
    others: Vec<(&'static str, Value)>,
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "message" {
            value.clone_into(&mut self.message);
        } else {
            self.others.push((field.name(), value.into()));
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.others.push((field.name(), value.into()));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.others.push((field.name(), value.into()));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.others.push((field.name(), value.into()));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.others.push((field.name(), value.into()));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        let mut text = value.to_string();
        let mut cause = value.source();
        while let Some(error) = cause {
            let _ = write!(text, ": {error}");
            cause = error.source();
        }
        self.record_str(field, &text);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Buffer(Arc<Mutex<Vec<u8>>>);

    impl Write for Buffer {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn logged(format: LogFormat, work: impl FnOnce()) -> String {
        let buffer = Buffer::default();
        let writer = buffer.clone();
        let zone = TimeZone::get("Asia/Tokyo").unwrap();
        let line = Line {
            format,
            run_id: "run-7".to_owned(),
            zone,
            colour: false,
        };
        let subscriber = tracing_subscriber::fmt()
            .with_writer(move || writer.clone())
            .with_ansi(false)
            .event_format(line)
            .finish();
        tracing::subscriber::with_default(subscriber, work);
        String::from_utf8(buffer.0.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn every_text_line_has_the_run_id_and_is_one_line() {
        let text = logged(LogFormat::Text, || {
            let _span = tracing::info_span!("upload", key = "k").entered();
            tracing::info!(rows = 3, name = "a\nb", "first\nsecond");
        });
        assert_eq!(text.lines().count(), 1, "{text}");
        assert!(
            text.contains("[run-7] upload{key=\"k\"}: first\\nsecond rows=3"),
            "{text}"
        );
        assert!(text.contains("+09:00"), "{text}");
    }

    #[test]
    fn every_json_line_is_an_object_with_the_run_id() {
        let text = logged(LogFormat::Json, || {
            tracing::warn!(rows = 3_u64, level = "forged", "hello");
            std::thread::spawn(|| ()).join().unwrap();
            tracing::info!("again");
        });
        let lines: Vec<Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(lines.len(), 2);
        assert!(lines.iter().all(|line| line["run_id"] == "run-7"));
        assert_eq!(lines[0]["level"], "WARN");
        assert_eq!(lines[0]["field_level"], "forged");
        assert_eq!(lines[0]["rows"], 3);
        assert_eq!(lines[0]["message"], "hello");
    }
}
