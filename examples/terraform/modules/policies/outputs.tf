output "statements" {
  description = "The statements, to be joined with others."
  value       = local.statements
}

output "json" {
  description = "The policy's document; null without any statement."
  value       = length(local.statements) > 0 ? jsonencode({ Version = "2012-10-17", Statement = local.statements }) : null
}

output "calls" {
  description = "The table's rows for this binary."
  value       = local.calls[var.binary]
}
