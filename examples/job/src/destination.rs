//! Where the result goes: `s3://bucket/key`, `file:///path` or `-`, with the
//! date written into the name.

use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::{anyhow, bail};

use crate::Failure;
use crate::when::When;

/// A resolved destination: no pattern is left in it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Destination {
    /// An object in S3.
    #[non_exhaustive]
    S3 {
        /// The bucket.
        bucket: String,
        /// The key.
        key: String,
    },
    /// A file in an existing directory, published by renaming.
    #[non_exhaustive]
    File {
        /// The directory.
        directory: PathBuf,
        /// The file's name.
        name: String,
    },
    /// Standard output, which can publish nothing: what is written is out.
    Stdout,
}

impl Destination {
    /// Fills `%Y`, `%m`, `%d` and the other strftime conversions of `template`
    /// and takes it apart. `option` names it in an error.
    ///
    /// # Errors
    /// A usage failure for an unknown conversion or a form that is none of the three.
    pub fn resolve(template: &str, option: &str, when: &When) -> Result<Self, Failure> {
        let filled = jiff::fmt::strtime::format(template, &when.moment)
            .map_err(|error| anyhow!(error))
            .and_then(|filled| Self::parse(&filled));
        filled.map_err(|error| {
            Failure::usage(error.context(format!("{option} {template}")))
                .with_remedy("use s3://BUCKET/KEY, file:///DIRECTORY/NAME or -")
        })
    }

    fn parse(text: &str) -> anyhow::Result<Self> {
        if text == "-" {
            return Ok(Self::Stdout);
        }
        if text.chars().any(char::is_control) {
            bail!("a control character is in the name");
        }
        if let Some(rest) = text.strip_prefix("s3://") {
            let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
            // A key is at most 1,024 bytes long; one that ends with a slash looks
            // like a folder to every console.
            if bucket.is_empty() || key.is_empty() || key.ends_with('/') || key.len() > 1024 {
                bail!("not of the form s3://BUCKET/KEY");
            }
            return Ok(Self::S3 {
                bucket: bucket.to_owned(),
                key: key.to_owned(),
            });
        }
        let path = match text.strip_prefix("file://") {
            Some(path) if path.starts_with('/') => Path::new(path),
            _ => bail!("neither s3://BUCKET/KEY, nor file:///DIRECTORY/NAME, nor -"),
        };
        match (
            path.parent(),
            path.file_name().and_then(|name| name.to_str()),
        ) {
            (Some(directory), Some(name)) if !text.ends_with('/') => Ok(Self::File {
                directory: directory.to_owned(),
                name: name.to_owned(),
            }),
            _ => bail!("not of the form file:///DIRECTORY/NAME"),
        }
    }

    /// Returns what a manifest calls the dump's key: the object's key, or the file's path.
    #[must_use]
    pub fn key(&self) -> String {
        match self {
            Self::S3 { key, .. } => key.clone(),
            Self::File { directory, name } => directory.join(name).display().to_string(),
            Self::Stdout => "-".to_owned(),
        }
    }

    /// Returns the last part of the name, whose ending tells the compression.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::S3 { key, .. } => key.rsplit('/').next().unwrap_or(key),
            Self::File { name, .. } => name,
            Self::Stdout => "",
        }
    }

    /// Whether it is standard output.
    #[must_use]
    pub const fn is_stdout(&self) -> bool {
        matches!(self, Self::Stdout)
    }
}

/// Prints the URI.
impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::S3 { bucket, key } => write!(f, "s3://{bucket}/{key}"),
            Self::File { directory, name } => {
                write!(f, "file://{}", directory.join(name).display())
            }
            Self::Stdout => f.write_str("-"),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::when::WhenArgs;

    fn resolve(template: &str) -> Result<Destination, Failure> {
        let now: Timestamp = "2026-11-22T20:30:00Z".parse().unwrap();
        let args = WhenArgs {
            timezone: "Asia/Tokyo".to_owned(),
            date: None,
        };
        Destination::resolve(template, "--to", &args.resolve(now).unwrap())
    }

    #[test]
    fn the_day_is_that_of_the_zone() {
        let object = resolve("s3://bucket/dumps/gghouse_%Y%m%d.sql.gz").unwrap();
        assert_eq!(
            object.to_string(),
            "s3://bucket/dumps/gghouse_20261123.sql.gz"
        );
        assert_eq!(object.key(), "dumps/gghouse_20261123.sql.gz");
        assert_eq!(object.name(), "gghouse_20261123.sql.gz");
        let file = resolve("file:///var/dumps/%F.sql").unwrap();
        assert_eq!(file.to_string(), "file:///var/dumps/2026-11-23.sql");
        assert_eq!(resolve("-").unwrap(), Destination::Stdout);
        assert_eq!(resolve("s3://b/100%%").unwrap().key(), "100%");
    }

    #[test]
    fn other_forms_are_refused() {
        for template in [
            "",
            "s3://",
            "s3://bucket",
            "s3://bucket/",
            "s3://bucket/folder/",
            "s3:///key",
            "dump.sql",
            "/tmp/dump.sql",
            "file://relative/x",
            "file:///",
            "file:///dir/",
            "https://example.com/x",
            "s3://b/%",
            "s3://b/a\nb",
        ] {
            let failure = resolve(template).unwrap_err();
            assert_eq!(failure.exit(), crate::ExitCode::Usage, "{template}");
            assert!(failure.reason().contains("--to"), "{template}");
        }
    }
}
