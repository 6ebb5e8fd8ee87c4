output "instance_id" {
  description = "The instance, once the profile is on it."
  value       = local.adopted ? aws_instance.adopted[0].id : terraform_data.profile[0].output.instance_id
}

output "method" {
  description = "How the profile came to the instance."
  value       = var.method
}

output "session_manager_endpoint_ids" {
  description = "Ids of the VPC endpoints, by service."
  value       = { for service, endpoint in aws_vpc_endpoint.session_manager : service => endpoint.id }
}
