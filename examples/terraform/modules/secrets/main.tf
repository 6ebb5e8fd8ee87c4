data "aws_partition" "current" {}

data "aws_caller_identity" "current" {}

resource "aws_secretsmanager_secret" "this" {
  name                    = var.name
  description             = var.description
  kms_key_id              = var.kms_key_arn
  recovery_window_in_days = var.recovery_window_in_days
  tags                    = var.tags
}

# Write-only: the value goes to AWS and nowhere else. As long as the number stays,
# no apply puts an old password over a rotated one.
resource "aws_secretsmanager_secret_version" "this" {
  count = var.value_version > 0 ? 1 : 0

  secret_id                = aws_secretsmanager_secret.this.id
  secret_string_wo         = var.value
  secret_string_wo_version = var.value_version
}

resource "aws_secretsmanager_secret_policy" "this" {
  secret_arn          = aws_secretsmanager_secret.this.arn
  block_public_policy = true

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{
        Sid       = "OnlyThisAccount"
        Effect    = "Deny"
        Principal = "*"
        Action    = "secretsmanager:GetSecretValue"
        Resource  = "*"
        Condition = { StringNotEquals = { "aws:PrincipalAccount" = [data.aws_caller_identity.current.account_id] } }
      }],
      length(var.reader_role_arns) == 0 ? [] : [{
        Sid       = "OnlyTheReaders"
        Effect    = "Deny"
        Principal = "*"
        Action    = "secretsmanager:GetSecretValue"
        Resource  = "*"
        Condition = {
          StringNotEquals = {
            "aws:PrincipalArn" = concat(var.reader_role_arns, var.rotation == null ? [] : [var.rotation.function_role_arn])
          }
        }
      }],
    )
  })
}

resource "aws_lambda_permission" "rotation" {
  count = var.rotation == null ? 0 : 1

  statement_id   = "secrets-manager"
  function_name  = var.rotation.function_arn
  action         = "lambda:InvokeFunction"
  principal      = "secretsmanager.amazonaws.com"
  source_account = data.aws_caller_identity.current.account_id
  source_arn     = aws_secretsmanager_secret.this.arn
}

resource "aws_secretsmanager_secret_rotation" "this" {
  count = var.rotation == null ? 0 : 1

  secret_id           = aws_secretsmanager_secret.this.id
  rotation_lambda_arn = var.rotation.function_arn
  rotate_immediately  = var.rotation.immediately

  rotation_rules {
    schedule_expression = var.rotation.schedule
    duration            = var.rotation.duration
  }

  depends_on = [aws_lambda_permission.rotation, aws_secretsmanager_secret_version.this]
}
