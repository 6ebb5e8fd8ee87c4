output "bucket" {
  description = "Name of the bucket."
  value       = local.id
}

output "bucket_arn" {
  description = "ARN of the bucket."
  value       = local.arn
}

output "kms_key_arns" {
  description = "The key of the objects as a list, for the jobs' policies."
  value       = var.kms_key_arn == null ? [] : [var.kms_key_arn]
}
