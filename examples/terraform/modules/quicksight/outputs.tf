output "function_name" {
  description = "Name of the function, for module monitoring."
  value       = var.name

  depends_on = [aws_lambda_function.this]
}

output "timeout_seconds" {
  description = "The function's timeout, for module monitoring."
  value       = var.timeout_seconds
}

output "alias_arn" {
  description = "ARN of the alias that everything calls."
  value       = aws_lambda_alias.live.arn
}

output "function_role_arn" {
  description = "ARN of the function's role."
  value       = aws_iam_role.function.arn
}

output "queue_names" {
  description = "Names of the queues of failed and of undelivered events, for module monitoring."
  value       = ["${var.name}-failed", "${var.name}-dead"]

  depends_on = [aws_sqs_queue.failed, aws_sqs_queue.dead]
}

output "schedule_group_name" {
  description = "Name of the schedules' group, for module monitoring."
  value       = var.name

  depends_on = [aws_scheduler_schedule_group.this]
}

output "state_machine_arn" {
  description = "ARN of the state machine; null without one."
  value       = one(aws_sfn_state_machine.this[*].arn)
}

output "deployer_role_arn" {
  description = "ARN of the role that deploys dashboards; null without one."
  value       = one(aws_iam_role.deployer[*].arn)
}

output "data_source_arn" {
  description = "ARN of the data source; null without one."
  value       = one(aws_quicksight_data_source.this[*].arn)
}

output "vpc_connection_arn" {
  description = "ARN of the VPC connection; null without one."
  value       = one(aws_quicksight_vpc_connection.this[*].arn)
}
