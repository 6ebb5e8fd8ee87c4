# Of what AWS runs: the Lambda, its queues, its schedules, the state machine.

locals {
  function_alarms = var.function == null ? {} : {
    errors    = { metric = "Errors", statistic = "Sum", threshold = 1, says = "failed: a refresh did not end well, or the function itself did not." }
    throttles = { metric = "Throttles", statistic = "Sum", threshold = 1, says = "was not let run: another run holds its only place." }
    duration  = { metric = "Duration", statistic = "Maximum", threshold = var.function.timeout_seconds * 900, says = "came near its timeout." }
  }

  schedule_alarms = {
    for pair in setproduct(var.schedule_groups, ["TargetErrorCount", "InvocationDroppedCount"]) :
    "${pair[0]}-${pair[1]}" => { group = pair[0], metric = pair[1] }
  }

  state_machine_alarms = toset(var.with_state_machine ? ["ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted"] : [])
}

resource "aws_cloudwatch_metric_alarm" "function" {
  for_each = local.function_alarms

  alarm_name          = "${var.name}-${var.function.name}-${each.key}"
  alarm_description   = "The function ${var.function.name} ${each.value.says}"
  namespace           = "AWS/Lambda"
  metric_name         = each.value.metric
  dimensions          = { FunctionName = var.function.name }
  statistic           = each.value.statistic
  period              = 300
  evaluation_periods  = 1
  threshold           = each.value.threshold
  comparison_operator = "GreaterThanOrEqualToThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alerts.arn]
  tags                = var.tags
}

resource "aws_cloudwatch_metric_alarm" "queue" {
  for_each = var.queues

  alarm_name          = "${var.name}-${each.key}-depth"
  alarm_description   = "${each.key} holds an event that nobody could deal with."
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = each.key }
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alerts.arn]
  tags                = var.tags
}

resource "aws_cloudwatch_metric_alarm" "schedule" {
  for_each = local.schedule_alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = "A schedule of the group ${each.value.group} did not reach its target."
  namespace           = "AWS/Scheduler"
  metric_name         = each.value.metric
  dimensions          = { ScheduleGroup = each.value.group }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alerts.arn]
  tags                = var.tags
}

resource "aws_cloudwatch_metric_alarm" "state_machine" {
  for_each = local.state_machine_alarms

  alarm_name          = "${var.name}-refresh-${each.key}"
  alarm_description   = "An execution of the refreshing state machine did not succeed."
  namespace           = "AWS/States"
  metric_name         = each.key
  dimensions          = { StateMachineArn = var.state_machine }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alerts.arn]
  tags                = var.tags
}
