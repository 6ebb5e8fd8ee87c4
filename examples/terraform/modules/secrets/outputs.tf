output "arn" {
  description = "ARN of the secret, with its random suffix."
  value       = aws_secretsmanager_secret.this.arn
}

output "name" {
  description = "Name of the secret, for `credentials = \"secretsmanager:NAME\"`."
  value       = aws_secretsmanager_secret.this.name
}

output "kms_key_arns" {
  description = "The key of your own as a list, for the readers' policies."
  value       = var.kms_key_arn == null ? [] : [var.kms_key_arn]
}
