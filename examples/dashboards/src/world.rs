//! What every command works on: the environment, the files, the service.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use aws_config::Region;
use datatransit_job::aws::{Aws, PathStyle};
use datatransit_quicksight::AwsQuickSight;
use datatransit_quicksight::deploy::DeployOptions;
use datatransit_quicksight::environment::Environment;
use datatransit_quicksight::file::{AssetFile, FileStore};
use datatransit_quicksight::plan::SourceFile;

use crate::cli::Common;

/// An environment, and the directory of the files.
#[derive(Debug)]
pub(crate) struct World {
    /// The environment's name: its file's, without the ending.
    pub(crate) name: String,
    pub(crate) environment: Environment,
    pub(crate) dir: PathBuf,
    pub(crate) aws: Aws,
}

impl World {
    /// Reads the environment's file. Asks the service nothing.
    pub(crate) fn load(common: &Common) -> anyhow::Result<Self> {
        let wanted = common.environment.as_deref().context(
            "no environment is named: give --environment NAME or --environment FILE.toml",
        )?;
        let path = find(wanted, common.dir.as_deref())?;
        let environment = Environment::load(&path)?;
        let name = path.file_stem().map_or_else(
            || wanted.to_owned(),
            |stem| stem.to_string_lossy().into_owned(),
        );
        let dir = match &common.dir {
            Some(dir) => dir.clone(),
            None => neighbour(&path),
        };
        // Every asset that has a file can be named by it, also when only some are asked
        // for. What is wrong with a file is told by whoever needs it.
        let known: Vec<_> = FileStore::new(&dir)
            .read_all()
            .unwrap_or_default()
            .iter()
            .map(|(_, file)| file.asset())
            .collect();
        let environment = environment.with_assets(&known);
        Ok(Self {
            name,
            environment,
            dir,
            aws: Aws::new(PathStyle::Auto),
        })
    }

    /// Makes the client; the environment's region wins over the configured one.
    pub(crate) async fn api(&self) -> AwsQuickSight {
        let region = Region::new(self.environment.region.clone());
        let config = self.aws.config().await.to_builder().region(region).build();
        AwsQuickSight::from_sdk_config(&config, self.environment.account.as_str())
    }

    /// Reads these files and directories, or the directory of the files.
    pub(crate) fn files(
        &self,
        given: &[PathBuf],
        only: &[String],
    ) -> anyhow::Result<Vec<SourceFile>> {
        let mut found = Vec::new();
        let default = [self.dir.clone()];
        let places = if given.is_empty() {
            &default[..]
        } else {
            given
        };
        for place in places {
            if place.is_dir() {
                for (path, file) in FileStore::new(place).read_all()? {
                    found.push(source(file, &path));
                }
            } else {
                let file = FileStore::read(place).context("read an asset's file")?;
                found.push(source(file, place));
            }
        }
        if found.is_empty() {
            bail!("there is no *.json file in {}", self.dir.display());
        }
        let all = found.len();
        found.retain(|source| is_wanted(&source.file, only));
        if found.is_empty() {
            bail!(
                "none of the {all} files is of an asset that --only {} means",
                only.join(",")
            );
        }
        Ok(found)
    }
}

fn source(file: AssetFile, path: &Path) -> SourceFile {
    SourceFile::new(file, path.display().to_string())
}

/// Settings of a deploy by the command line.
pub(crate) fn options(common: &Common) -> DeployOptions {
    let mut options = DeployOptions::default();
    options.concurrency = usize::from(common.concurrency);
    options.deadline = common.deadline;
    if let Some(pause) = common.first_pause {
        options.first_pause = pause;
        options.longest_pause = options.longest_pause.min(pause * 10);
    }
    options
}

fn is_wanted(file: &AssetFile, only: &[String]) -> bool {
    only.is_empty()
        || only.iter().any(|pattern| {
            let (id, both) = (
                file.id.as_str(),
                format!("{}/{}", file.kind.word(), file.id),
            );
            matches(pattern, id) || matches(pattern, &both)
        })
}

/// Whether a text matches a pattern of `*` and `?`.
fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(c) if *c == '?' || *c == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((at, from)) => {
                    star = Some((at, from + 1));
                    p = at + 1;
                    t = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

/// A path as it is; a name as `environments/NAME.toml`, here or beside the files.
fn find(wanted: &str, dir: Option<&Path>) -> anyhow::Result<PathBuf> {
    if wanted.ends_with(".toml") || wanted.contains('/') {
        return Ok(PathBuf::from(wanted));
    }
    let name = format!("{wanted}.toml");
    let mut places = vec![Path::new("environments").join(&name)];
    if let Some(dir) = dir {
        places.push(dir.join("environments").join(&name));
        if let Some(parent) = dir.parent() {
            places.push(parent.join("environments").join(&name));
        }
    }
    match places.iter().find(|place| place.is_file()) {
        Some(place) => Ok(place.clone()),
        None => {
            let shown: Vec<String> = places
                .iter()
                .map(|place| place.display().to_string())
                .collect();
            bail!(
                "there is no environment `{wanted}`: looked for {}",
                shown.join(", ")
            )
        }
    }
}

/// `assets` beside the directory of the environments, else that directory's parent.
fn neighbour(environment: &Path) -> PathBuf {
    let parent = environment.parent().and_then(Path::parent);
    let parent = match parent {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let assets = parent.join("assets");
    if assets.is_dir() {
        assets
    } else {
        parent.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("sales-*", "sales-overview", true),
            ("*-overview", "sales-overview", true),
            ("s?les*", "sales", true),
            ("sales", "sales-overview", false),
            ("data-set/*", "data-set/x", true),
            ("*a*b", "xaxxb", true),
            ("*a*b", "xbxa", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }
}
