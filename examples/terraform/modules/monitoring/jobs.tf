# Of the jobs: failed, missed, slow, and a dump that is not as large as yesterday's.

resource "aws_cloudwatch_metric_alarm" "failed" {
  for_each = var.jobs

  alarm_name          = "${var.name}-${each.key}-failed"
  alarm_description   = "A run of ${each.key} failed: its log and its alert say at which stage and why."
  namespace           = var.metric_namespace
  metric_name         = "Failure"
  dimensions          = { Job = each.key }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alerts.arn]
  tags                = var.tags
}

# The absence of a success, whatever the cause: cron did not run, the host is gone, the
# job hangs, its metrics do not arrive. Hours without data count as hours without success.
resource "aws_cloudwatch_metric_alarm" "missed" {
  for_each = { for name, job in var.jobs : name => job if job.missed_after_hours > 0 }

  alarm_name          = "${var.name}-${each.key}-missed"
  alarm_description   = "No successful run of ${each.key} for ${each.value.missed_after_hours} hours: did it start at all?"
  namespace           = var.metric_namespace
  metric_name         = "Success"
  dimensions          = { Job = each.key }
  statistic           = "Sum"
  period              = 3600
  evaluation_periods  = each.value.missed_after_hours
  datapoints_to_alarm = each.value.missed_after_hours
  threshold           = 1
  comparison_operator = "LessThanThreshold"
  treat_missing_data  = "breaching"
  alarm_actions       = [aws_sns_topic.alerts.arn]
  ok_actions          = [aws_sns_topic.alerts.arn]
  tags                = var.tags
}

resource "aws_cloudwatch_metric_alarm" "slow" {
  for_each = { for name, job in var.jobs : name => job if job.max_duration_seconds != null }

  alarm_name          = "${var.name}-${each.key}-slow"
  alarm_description   = "A run of ${each.key} took longer than ${each.value.max_duration_seconds} seconds."
  namespace           = var.metric_namespace
  metric_name         = "DurationSeconds"
  dimensions          = { Job = each.key }
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 1
  threshold           = each.value.max_duration_seconds
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alerts.arn]
  tags                = var.tags
}

# The metric is signed: a dump half as large is as suspicious as one twice as large.
resource "aws_cloudwatch_metric_alarm" "size" {
  for_each = { for name, job in var.jobs : name => job if job.size_change_percent != null }

  alarm_name          = "${var.name}-${each.key}-size"
  alarm_description   = "What ${each.key} stored differs from the run before by more than ${each.value.size_change_percent} %."
  evaluation_periods  = 1
  threshold           = each.value.size_change_percent
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alerts.arn]
  tags                = var.tags

  metric_query {
    id          = "change"
    expression  = "ABS(signed)"
    label       = "Change in per cent"
    return_data = true
  }

  metric_query {
    id = "signed"

    metric {
      namespace   = var.metric_namespace
      metric_name = "SizeChangePercent"
      dimensions  = { Job = each.key }
      period      = 300
      # Of two runs in five minutes the later one is as good as the worse one.
      stat = "Average"
    }
  }
}

resource "aws_cloudwatch_dashboard" "jobs" {
  count = var.dashboard && length(var.jobs) > 0 ? 1 : 0

  dashboard_name = "${var.name}-jobs"

  dashboard_body = jsonencode({
    widgets = [
      for index, metric in ["Success", "Failure", "DurationSeconds", "StoredBytes", "Rows", "SizeChangePercent"] : {
        type   = "metric"
        x      = index % 2 * 12
        y      = floor(index / 2) * 6
        width  = 12
        height = 6
        properties = {
          title   = metric
          region  = data.aws_region.current.region
          period  = 3600
          stat    = contains(["Success", "Failure"], metric) ? "Sum" : "Maximum"
          metrics = [for job in keys(var.jobs) : [var.metric_namespace, metric, "Job", job]]
        }
      }
    ]
  })
}
