//! Where the daily reports lie: a prefix in S3 or a directory.

use std::fmt;
use std::path::PathBuf;

use anyhow::anyhow;
use datatransit_job::Failure;
use datatransit_job::destination::Destination;
use datatransit_job::when::When;

use crate::output::{destination, file_url};

/// A prefix in S3, which ends with a slash or is empty, or a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    S3 { bucket: String, prefix: String },
    Directory(PathBuf),
}

impl Place {
    /// Takes `s3://BUCKET/PREFIX/`, `file:///DIRECTORY` or a path; conversions are
    /// filled in.
    ///
    /// # Errors
    /// A usage failure that names the option.
    pub(crate) fn resolve(text: &str, option: &str, when: &When) -> Result<Self, Failure> {
        let usage = |error: anyhow::Error| {
            Failure::usage(error.context(format!("{option} {text}")))
                .with_remedy("use s3://BUCKET/PREFIX/, file:///DIRECTORY or a path")
        };
        let filled = jiff::fmt::strtime::format(text, &when.moment)
            .map_err(|error| usage(anyhow!(error)))?;
        if filled.is_empty() || filled.chars().any(char::is_control) {
            return Err(usage(anyhow!(
                "the name is empty or has a control character"
            )));
        }
        if let Some(rest) = filled.strip_prefix("s3://") {
            let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
            if bucket.is_empty() {
                return Err(usage(anyhow!("no bucket is named")));
            }
            let mut prefix = prefix.to_owned();
            if !prefix.is_empty() && !prefix.ends_with('/') {
                prefix.push('/');
            }
            return Ok(Self::S3 {
                bucket: bucket.to_owned(),
                prefix,
            });
        }
        match filled.split_once("://") {
            None => Ok(Self::Directory(PathBuf::from(filled))),
            Some(("file", path)) if path.starts_with('/') => Ok(Self::Directory(path.into())),
            Some(_) => Err(usage(anyhow!("neither s3:// nor file:/// nor a path"))),
        }
    }

    /// Names a document in it.
    ///
    /// # Errors
    /// A usage failure when the place's own name cannot be part of one.
    pub(crate) fn document(&self, name: &str, when: &When) -> Result<Destination, Failure> {
        let text = match self {
            Self::S3 { bucket, prefix } => format!("s3://{bucket}/{prefix}{name}"),
            Self::Directory(path) => file_url(&path.join(name).to_string_lossy(), "--reports")?,
        };
        // Filled in already: what looks like a conversion now is none.
        destination(&text.replace('%', "%%"), "--reports", when)
    }
}

/// Prints it as it is named on a command line.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::S3 { bucket, prefix } => write!(f, "s3://{bucket}/{prefix}"),
            Self::Directory(path) => write!(f, "{}", path.display()),
        }
    }
}

/// Where one day's report goes: the data and the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DayPlace {
    pub(crate) json: Destination,
    pub(crate) html: Destination,
    /// Where its neighbours are, when it is named as they are.
    pub(crate) neighbours: Option<Place>,
}

impl DayPlace {
    /// Takes a place, or the name of a JSON document whose page lies beside it.
    ///
    /// # Errors
    /// A usage failure that names the option.
    pub(crate) fn resolve(text: &str, when: &When) -> Result<Self, Failure> {
        const OPTION: &str = "--report";
        let date = when.date();
        let Some(stem) = text.strip_suffix(".json") else {
            let place = Place::resolve(text, OPTION, when)?;
            return Ok(Self {
                json: place.document(&format!("{date}.json"), when)?,
                html: place.document(&format!("{date}.html"), when)?,
                neighbours: Some(place),
            });
        };
        let json = destination(text, OPTION, when)?;
        let named_by_day = json.name() == format!("{date}.json");
        // A conversion in the name of the directory puts each day into its own.
        let parent = text.rsplit_once('/').map_or("./", |(parent, _)| parent);
        let neighbours = (named_by_day && !parent.contains('%'))
            .then(|| Place::resolve(parent, OPTION, when))
            .transpose()?;
        Ok(Self {
            html: destination(&format!("{stem}.html"), OPTION, when)?,
            json,
            neighbours,
        })
    }
}

#[cfg(test)]
mod tests {
    use datatransit_job::when::WhenArgs;
    use jiff::Timestamp;

    use super::*;

    fn when() -> When {
        let mut args = clap::Command::new("x");
        args = <WhenArgs as clap::Args>::augment_args(args);
        let matches = args.get_matches_from(["x", "--date", "2026-11-23"]);
        let args = <WhenArgs as clap::FromArgMatches>::from_arg_matches(&matches).unwrap();
        args.resolve(Timestamp::UNIX_EPOCH).unwrap()
    }

    #[test]
    fn a_prefix_ends_with_a_slash() {
        for (text, place) in [
            ("s3://b/comparison", "s3://b/comparison/"),
            ("s3://b/comparison/", "s3://b/comparison/"),
            ("s3://b", "s3://b/"),
            ("file:///var/x", "/var/x"),
            ("reports/%Y", "reports/2026"),
        ] {
            assert_eq!(
                Place::resolve(text, "--reports", &when())
                    .unwrap()
                    .to_string(),
                place
            );
        }
        for text in ["", "s3://", "http://x/y"] {
            assert!(
                Place::resolve(text, "--reports", &when()).is_err(),
                "{text}"
            );
        }
    }

    #[test]
    fn a_day_has_a_document_and_a_page() {
        for (text, json, neighbours) in [
            ("s3://b/c/", "s3://b/c/2026-11-23.json", Some("s3://b/c/")),
            (
                "s3://b/c/%F.json",
                "s3://b/c/2026-11-23.json",
                Some("s3://b/c/"),
            ),
            ("s3://b/%Y/x.json", "s3://b/2026/x.json", None),
            ("file:///c/", "file:///c/2026-11-23.json", Some("/c/")),
            (
                "/c/100%%/",
                "file:///c/100%/2026-11-23.json",
                Some("/c/100%/"),
            ),
        ] {
            let place = DayPlace::resolve(text, &when()).unwrap();
            assert_eq!(place.json.to_string(), json);
            assert_eq!(place.html.to_string(), json.replace(".json", ".html"));
            assert_eq!(
                place.neighbours.map(|place| place.to_string()).as_deref(),
                neighbours
            );
        }
    }
}
