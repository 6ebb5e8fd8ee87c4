output "role_name" {
  description = "Name of the instance's role."
  value       = aws_iam_role.jobs.name
}

output "role_arn" {
  description = "ARN of the instance's role."
  value       = aws_iam_role.jobs.arn
}

output "instance_profile_name" {
  description = "Name of the instance profile, for module ec2_management."
  value       = aws_iam_instance_profile.jobs.name
}

output "instance_profile_arn" {
  description = "ARN of the instance profile."
  value       = aws_iam_instance_profile.jobs.arn
}

output "compare_role_arn" {
  description = "ARN of the comparison's read-only role."
  value       = aws_iam_role.compare.arn
}

output "policies" {
  description = "The documents of the binaries' policies, also for other roles (ECS, CI)."
  value       = { for binary, policy in module.policy : binary => policy.json }
}
