//! `--param`: values for the `:name` parameters of the query, bound and never
//! spliced into its text.

use anyhow::{anyhow, bail};
use datatransit_dump::export::Parameter;
use datatransit_job::Failure;
use datatransit_job::when::When;

/// One `--param`, taken apart.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Param {
    pub(crate) name: String,
    pub(crate) value: Parameter,
}

/// Reads `NAME=VALUE` or `NAME:TYPE=VALUE`; dates are filled in from the job's day.
///
/// # Errors
/// A usage failure that names the parameter and never repeats its value.
pub(crate) fn parse(text: &str, when: &When) -> Result<Param, Failure> {
    let (head, value) = match text.split_once('=') {
        Some((head, value)) => (head, Some(value)),
        None => (text, None),
    };
    let (name, kind) = head.split_once(':').unwrap_or((head, "text"));
    let is_complete = value.is_some() || head.contains(':');
    if !is_complete || !is_name(name) {
        // What stands there may be a value in the wrong place.
        return Err(Failure::usage(anyhow!(
            "--param must be NAME=VALUE, where a name is letters, digits and _"
        ))
        .with_remedy("say --param since=2026-11-01, --param limit:int=5 or --param area:null"));
    }
    let value = typed(kind, value, when)
        .map_err(|error| Failure::usage(error.context(format!("--param {name}"))))?;
    Ok(Param {
        name: name.to_owned(),
        value,
    })
}

fn typed(kind: &str, value: Option<&str>, when: &When) -> anyhow::Result<Parameter> {
    let value = match (kind, value) {
        ("null", None) => return Ok(Parameter::Null),
        ("null", Some(_)) => bail!("null takes no value"),
        (_, None) => bail!("the value is missing"),
        (_, Some(value)) => value,
    };
    match kind {
        "text" => Ok(Parameter::Text(value.to_owned())),
        "int" => value
            .parse()
            .map(Parameter::Integer)
            .map_err(|_| anyhow!("the value is no whole number")),
        // Whether it is one, the query knows.
        "decimal" => Ok(Parameter::Decimal(value.to_owned())),
        "date" => jiff::fmt::strtime::format(value, &when.moment)
            .map(Parameter::Text)
            .map_err(|_| anyhow!("the value has an unknown strftime conversion")),
        _ => bail!("the type is none of text, int, decimal, date and null"),
    }
}

fn is_name(text: &str) -> bool {
    let mut letters = text.chars();
    letters
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use datatransit_job::when::WhenArgs;

    use super::*;

    #[derive(Parser)]
    struct Args {
        #[command(flatten)]
        when: WhenArgs,
    }

    fn value(text: &str) -> Result<Parameter, Failure> {
        // 06:01 in Tokyo, where UTC is still at the day before.
        let now = "2026-11-22T21:01:00Z".parse().unwrap();
        let args = Args::try_parse_from(["test"]).unwrap();
        parse(text, &args.when.resolve(now).unwrap()).map(|param| param.value)
    }

    fn text(text: &str) -> Parameter {
        Parameter::Text(text.to_owned())
    }

    #[test]
    fn a_value_is_text_unless_it_says_otherwise() {
        assert_eq!(value("name=a=b,c").unwrap(), text("a=b,c"));
        assert_eq!(value("name=").unwrap(), text(""));
        assert_eq!(value("name=5").unwrap(), text("5"));
        assert_eq!(value("name=100%").unwrap(), text("100%"));
        assert_eq!(value("n:int=-5").unwrap(), Parameter::Integer(-5));
        let decimal = Parameter::Decimal("-12.50".to_owned());
        assert_eq!(value("n:decimal=-12.50").unwrap(), decimal);
        assert_eq!(value("n:null").unwrap(), Parameter::Null);
    }

    #[test]
    fn a_date_is_the_jobs_and_not_the_servers() {
        assert_eq!(value("today:date=%F").unwrap(), text("2026-11-23"));
        assert_eq!(value("since:date=%Y-%m-01").unwrap(), text("2026-11-01"));
    }

    #[test]
    fn what_is_wrong_is_refused_without_its_value() {
        for text in [
            "",
            "canary",
            "=canary",
            "1x=canary",
            "a b=canary",
            "x:int=canary",
            "x:int",
            "x:null=canary",
            "x:float=canary",
            "x:date=canary%!",
        ] {
            let failure = value(text).unwrap_err();
            assert_eq!(failure.exit(), datatransit_job::ExitCode::Usage, "{text}");
            assert!(!failure.reason().contains("canary"), "{text}");
        }
    }
}
