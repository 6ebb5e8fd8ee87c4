//! What is exported: the one of `--query`, `--query-file` and `--table`, with its
//! parameters.

use std::path::PathBuf;

use anyhow::{Context as _, anyhow};
use clap::Args;
use datatransit_dump::export::Query;
use datatransit_job::Failure;
use datatransit_job::when::When;

use crate::param;

/// What is read.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Query")]
pub(crate) struct QueryArgs {
    /// The query: one statement that only reads; :name stands for a parameter
    #[arg(long, value_name = "SQL")]
    pub(crate) query: Option<String>,

    /// File with the query, in UTF-8
    #[arg(long, value_name = "FILE")]
    pub(crate) query_file: Option<PathBuf>,

    /// A whole table or view instead of a query
    #[arg(long, value_name = "[DB.]TABLE")]
    pub(crate) table: Option<String>,

    /// Value of a parameter, bound and never spliced; repeatable. NAME=VALUE is a
    /// text; NAME:int=5, NAME:decimal=1.50, NAME:null; NAME:date=%F has the job's
    /// date filled in (strftime conversions, in --timezone or of --date)
    #[arg(long, value_name = "NAME[:TYPE]=VALUE")]
    pub(crate) param: Vec<String>,

    /// The session's time zone, which TIMESTAMP columns and CURRENT_DATE follow: an
    /// offset such as +09:00, or a name that the server knows [the server's own, as
    /// in mysql]
    #[arg(long, value_name = "ZONE", allow_hyphen_values = true)]
    pub(crate) session_time_zone: Option<String>,
}

/// The query and how to call it.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) query: Query,
    /// In log and plan, where the text itself has no place.
    pub(crate) name: String,
    /// The database that `--table` names.
    pub(crate) database: Option<String>,
    /// The table that it names: then the query needs a database.
    pub(crate) table: Option<String>,
    /// The parameters' names; their values are nobody's business.
    pub(crate) parameters: Vec<String>,
}

impl QueryArgs {
    /// Reads and takes apart the query, and binds its parameters.
    ///
    /// # Errors
    /// A usage failure for none or several queries, for what is not one statement,
    /// and for parameters without a value or values without a parameter.
    pub(crate) fn resolve(&self, when: &When) -> Result<Asked, Failure> {
        let mut asked = self.asked()?;
        for text in &self.param {
            let param = param::parse(text, when)?;
            if asked.parameters.contains(&param.name) {
                return Err(Failure::usage(anyhow!(
                    "--param {}: the value is given twice",
                    param.name
                )));
            }
            asked.query = asked.query.bind(&param.name, param.value)?;
            asked.parameters.push(param.name);
        }
        let missing = asked.query.unbound();
        if missing.is_empty() {
            return Ok(asked);
        }
        let missing: Vec<String> = missing.iter().map(|name| format!(":{name}")).collect();
        Err(
            Failure::usage(anyhow!("no value for {}", missing.join(", ")))
                .with_remedy("give each with --param NAME=VALUE"),
        )
    }

    fn asked(&self) -> Result<Asked, Failure> {
        match (&self.query, &self.query_file, &self.table) {
            (Some(text), None, None) => asked("--query", text),
            (None, Some(path), None) => {
                let name = path.display().to_string();
                let text = std::fs::read_to_string(path)
                    .with_context(|| format!("--query-file: read {name}"))
                    .map_err(Failure::usage)?;
                asked(&name, text.strip_prefix('\u{feff}').unwrap_or(&text))
            }
            (None, None, Some(name)) => {
                let (database, table) = match name.split_once('.') {
                    Some((database, table)) => (Some(database), table),
                    None => (None, name.as_str()),
                };
                if table.is_empty() || database == Some("") {
                    return Err(Failure::usage(anyhow!("--table must be [DB.]TABLE")));
                }
                Ok(Asked {
                    query: Query::table(database, table),
                    name: format!("table {name}"),
                    database: database.map(str::to_owned),
                    table: Some(table.to_owned()),
                    parameters: Vec::new(),
                })
            }
            (None, None, None) => Err(Failure::usage(anyhow!("no query is given"))
                .with_remedy("say --query-file FILE, --query SQL or --table [DB.]TABLE")),
            _ => Err(Failure::usage(anyhow!(
                "more than one of --query, --query-file and --table is given"
            ))
            .with_remedy("name one, and look into environment and file for the other")),
        }
    }
}

fn asked(name: &str, text: &str) -> Result<Asked, Failure> {
    let query = Query::parse(text)
        .map_err(|error| Failure::usage(anyhow!(error).context(name.to_owned())))?;
    Ok(Asked {
        query,
        name: name.to_owned(),
        database: None,
        table: None,
        parameters: Vec::new(),
    })
}
