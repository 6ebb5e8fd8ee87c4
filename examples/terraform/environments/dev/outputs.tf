output "bucket" {
  description = "The bucket."
  value       = module.bucket.bucket
}

output "secret_name" {
  description = "The secret."
  value       = module.secret.name
}

output "topic_arn" {
  description = "The topic of alerts."
  value       = module.monitoring.topic_arn
}

output "task" {
  description = "What `aws ecs run-task` wants to know."
  value = {
    cluster         = module.task.cluster_arn
    task_definition = module.task.task_definition_arn
    security_group  = module.task.security_group_id
    subnets         = var.network.subnet_ids
  }
}

output "alias_arn" {
  description = "The refresh function's alias, to call it by hand."
  value       = module.quicksight.alias_arn
}
