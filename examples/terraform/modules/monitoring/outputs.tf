output "topic_arn" {
  description = "ARN of the one topic that all alarms, and the jobs themselves, publish to."
  value       = aws_sns_topic.alerts.arn
}

output "topic_key_arn" {
  description = "ARN of the topic's KMS key, for the policies of the jobs."
  value       = local.key_arn
}

output "alarm_names" {
  description = "Names of all alarms."
  value = sort(concat(
    values(aws_cloudwatch_metric_alarm.failed)[*].alarm_name,
    values(aws_cloudwatch_metric_alarm.missed)[*].alarm_name,
    values(aws_cloudwatch_metric_alarm.slow)[*].alarm_name,
    values(aws_cloudwatch_metric_alarm.size)[*].alarm_name,
    values(aws_cloudwatch_metric_alarm.function)[*].alarm_name,
    values(aws_cloudwatch_metric_alarm.queue)[*].alarm_name,
    values(aws_cloudwatch_metric_alarm.schedule)[*].alarm_name,
    values(aws_cloudwatch_metric_alarm.state_machine)[*].alarm_name,
  ))
}
