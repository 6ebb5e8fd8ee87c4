output "task_definition_arn" {
  description = "ARN of the task definition, to run the job once by hand."
  value       = aws_ecs_task_definition.this.arn
}

output "cluster_arn" {
  description = "ARN of the cluster."
  value       = local.cluster_arn
}

output "security_group_id" {
  description = "The task's security group: let it in to the database."
  value       = aws_security_group.this.id
}

output "role_arn" {
  description = "ARN of the job's role."
  value       = aws_iam_role.job.arn
}

output "log_group_name" {
  description = "Name of the log group."
  value       = aws_cloudwatch_log_group.this.name
}

output "schedule_group_name" {
  description = "Name of the schedule's group, for module monitoring."
  value       = aws_scheduler_schedule_group.this.name
}

output "dead_letter_queue_name" {
  description = "Name of the queue of starts that did not succeed, for module monitoring."
  value       = aws_sqs_queue.dead.name
}
