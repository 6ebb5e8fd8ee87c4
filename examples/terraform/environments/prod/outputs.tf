output "topic_arn" {
  description = "The topic of alerts, for the jobs' configuration."
  value       = module.monitoring.topic_arn
}

output "secret_name" {
  description = "The secret, for `credentials = \"secretsmanager:NAME\"`."
  value       = module.secret.name
}

output "bucket" {
  description = "The bucket, for the jobs' configuration."
  value       = module.bucket.bucket
}

output "role_arn" {
  description = "The instance's role."
  value       = module.role.role_arn
}

output "compare_role_arn" {
  description = "The comparison's role, for a profile with role_arn and credential_source = Ec2InstanceMetadata."
  value       = module.role.compare_role_arn
}

output "alias_arn" {
  description = "The refresh function's alias, to call it by hand."
  value       = module.quicksight.alias_arn
}

output "alarm_names" {
  description = "All alarms."
  value       = module.monitoring.alarm_names
}

output "task_security_group_ids" {
  description = "The tasks' security groups, to be let in to the database."
  value       = { for name, task in module.task : name => task.security_group_id }
}
