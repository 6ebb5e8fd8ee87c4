//! `PutMetricData`, for hosts without an agent.

use std::time::Duration;

use anyhow::anyhow;
use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::{Dimension, MetricDatum, StandardUnit};

use super::{DIMENSION, Figures, NAMESPACE};
use crate::aws::Aws;
use crate::input::said;

/// Sends all series in one request.
pub(super) async fn put(figures: &Figures<'_>, aws: &Aws, limit: Duration) -> anyhow::Result<()> {
    let dimension = Dimension::builder()
        .name(DIMENSION)
        .value(figures.dimension())
        .build();
    let at = DateTime::from_millis(figures.ended_at.as_millisecond());
    let data = figures.series().into_iter().map(|(name, unit, value)| {
        MetricDatum::builder()
            .metric_name(name)
            .dimensions(dimension.clone())
            .timestamp(at)
            .unit(StandardUnit::from(unit.name()))
            .value(value)
            .build()
    });
    let sending = async {
        let sent = aws_sdk_cloudwatch::Client::new(aws.config().await)
            .put_metric_data()
            .namespace(NAMESPACE)
            .set_metric_data(Some(data.collect()))
            .send()
            .await;
        sent.map(|_| ()).map_err(|error| anyhow!(said(&error)))
    };
    tokio::time::timeout(limit, sending)
        .await
        .unwrap_or_else(|_| Err(anyhow!("no answer within {limit:?}")))
}
