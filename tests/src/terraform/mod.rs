//! The real Terraform, with a double of the AWS provider that knows its schema and
//! nothing else.
//!
//! `init`, `validate` and `test` with `mock_provider` ask a provider for no more than
//! its schema, so they run without a registry, an account and 700 MB of provider. What
//! only the provider knows (values of enumerations, arguments that exclude each other)
//! stays unchecked.
//!
//! The schema is in the form of `terraform providers schema -json`, cut down to what
//! `examples/terraform` uses. A resource that is new there is added so, in a directory
//! whose configuration requires the provider and with `TYPES` as a JSON array:
//!
//! ```sh
//! terraform init && terraform providers schema -json | jq -c --argjson types "$TYPES" '
//!   .provider_schemas[] | .resource_schemas |= with_entries(select(.key | IN($types[])))'
//! ```
//!
//! The present one was read from the bindings for TypeScript that are made of that very
//! output (npm, `@cdktn/provider-aws` 25.7.0, of provider 6.66.0). They lack the marks
//! "sensitive" and "deprecated".

mod provider;
mod wire;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use self::provider::Provider;

/// Of [`Terraform::find`]: write-only arguments came with it.
const OLDEST: (u64, u64) = (1, 11);

/// The schema that the double serves.
const SCHEMA: &str = include_str!("aws-schema.json");

/// A Terraform and a provider for it. Dropping it ends the provider.
#[derive(Debug)]
pub struct Terraform {
    program: PathBuf,
    provider: Provider,
}

impl Terraform {
    /// The `terraform` of `PATH`, if there is one that is new enough. No package
    /// registry has it, so a machine without it is no failure: the caller says that
    /// its tests are skipped, and why.
    ///
    /// # Errors
    ///
    /// When there is one, but the provider's double does not start.
    pub fn find() -> Result<std::result::Result<Self, String>> {
        static FOUND: OnceLock<std::result::Result<PathBuf, String>> = OnceLock::new();
        match FOUND.get_or_init(look) {
            Ok(program) => Ok(Ok(Self {
                program: program.clone(),
                provider: Provider::start(SCHEMA)?,
            })),
            Err(reason) => Ok(Err(reason.clone())),
        }
    }

    /// Runs it in a directory, without colours and without asking.
    ///
    /// # Errors
    ///
    /// When it cannot be started; its exit code is for the caller to see.
    pub fn run(&self, directory: &Path, arguments: &[&str]) -> Result<Output> {
        let attached = json!({
            "hashicorp/aws": {
                "Protocol": "grpc",
                "ProtocolVersion": 6,
                "Pid": std::process::id(),
                // It does not end the process that it was attached to.
                "Test": true,
                "Addr": {"Network": "tcp", "String": self.provider.address().to_string()},
            }
        });
        Command::new(&self.program)
            .args(arguments)
            .current_dir(directory)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", directory)
            .env("TF_REATTACH_PROVIDERS", attached.to_string())
            .env("TF_CLI_CONFIG_FILE", "/dev/null")
            .env("TF_IN_AUTOMATION", "1")
            .env("TF_INPUT", "0")
            .env("TF_CLI_ARGS", "-no-color")
            .env("CHECKPOINT_DISABLE", "1")
            .output()
            .context("terraform did not start")
    }

    /// The same, and it has to succeed; what it said.
    ///
    /// # Errors
    ///
    /// With all it said when it does not.
    pub fn succeed(&self, directory: &Path, arguments: &[&str]) -> Result<String> {
        let output = self.run(directory, arguments)?;
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said).into_owned();
        let command = arguments.join(" ");
        ensure!(
            output.status.success(),
            "terraform {command} in {}:\n{said}",
            directory.display()
        );
        Ok(said)
    }
}

/// The types that the double's schema has: resources, then data sources.
///
/// # Panics
///
/// When the file in the repository is broken.
#[must_use]
pub fn known_types() -> (Vec<String>, Vec<String>) {
    let schema = wire::parse(SCHEMA).expect("the schema is JSON of the known form");
    let names = |part: &str| {
        let members = schema.get(part).and_then(Value::as_object);
        members.map_or_else(Vec::new, |types| types.keys().cloned().collect())
    };
    (names("resource_schemas"), names("data_source_schemas"))
}

fn look() -> std::result::Result<PathBuf, String> {
    let output = Command::new("terraform")
        .args(["version", "-json"])
        .env("CHECKPOINT_DISABLE", "1")
        .env("TF_CLI_CONFIG_FILE", "/dev/null")
        .output()
        .map_err(|_| "no terraform is on PATH".to_owned())?;
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    let version = answer["terraform_version"].as_str().unwrap_or_default();
    let mut numbers = version.split('.').map(|number| number.parse().unwrap_or(0));
    let found = (
        numbers.next().unwrap_or_default(),
        numbers.next().unwrap_or_default(),
    );
    if found < OLDEST {
        let (major, minor) = OLDEST;
        return Err(format!(
            "terraform is {version:?}, and the modules want {major}.{minor} or later"
        ));
    }
    Ok(PathBuf::from("terraform"))
}
