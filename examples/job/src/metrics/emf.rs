//! CloudWatch's embedded metric format: a line of JSON, which an agent, Lambda or a
//! container's log driver turns into metrics.
//!
//! It goes to standard error, where the log is: standard output belongs to the result.
//! It has the members that every JSON line of the log has, so that it breaks no reader.

use serde_json::{Map, Value, json};

use super::{DIMENSION, Figures, NAMESPACE};

/// Returns the line, its end included.
pub(super) fn line(figures: &Figures<'_>) -> String {
    let series = figures.series();
    let definitions: Vec<Value> = series
        .iter()
        .map(|(name, unit, _)| json!({"Name": name, "Unit": unit.name()}))
        .collect();
    let mut line = Map::new();
    for (name, value) in [
        ("timestamp", format!("{:.3}", figures.ended_at)),
        ("level", "INFO".to_owned()),
        ("run_id", figures.run_id.to_owned()),
        ("target", module_path!().to_owned()),
        ("message", "metrics".to_owned()),
    ] {
        line.insert(name.to_owned(), value.into());
    }
    line.insert(
        "_aws".to_owned(),
        json!({
            "Timestamp": figures.ended_at.as_millisecond(),
            "CloudWatchMetrics": [{
                "Namespace": NAMESPACE,
                "Dimensions": [[DIMENSION]],
                "Metrics": definitions,
            }],
        }),
    );
    line.insert(DIMENSION.to_owned(), figures.dimension().into());
    line.insert("exit_code".to_owned(), figures.exit_code.into());
    for (name, _, value) in series {
        line.insert(name.to_owned(), json!(value));
    }
    format!("{}\n", Value::Object(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_named_has_its_value_and_so_has_the_dimension() {
        let line = line(&super::super::tests::figures(0));
        assert_eq!(line.matches('\n').count(), 1);
        let value: Value = serde_json::from_str(&line).unwrap();
        let directive = &value["_aws"]["CloudWatchMetrics"][0];
        assert_eq!(directive["Namespace"], "datatransit");
        assert_eq!(value["_aws"]["Timestamp"], 1_795_379_460_500_i64);
        for metric in directive["Metrics"].as_array().unwrap() {
            let name = metric["Name"].as_str().unwrap();
            assert!(value[name].is_number(), "{name}");
        }
        for dimension in directive["Dimensions"][0].as_array().unwrap() {
            assert_eq!(value[dimension.as_str().unwrap()], "ten\"ants");
        }
        assert_eq!(value["run_id"], "run-7");
    }
}
