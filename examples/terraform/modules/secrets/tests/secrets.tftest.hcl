mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_resource "aws_secretsmanager_secret" {
    defaults = {
      id  = "arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:prod/rds-cron-AbCdEf"
      arn = "arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:prod/rds-cron-AbCdEf"
    }
  }
}

variables {
  name = "prod/rds-cron"
  # Terraform 1.11 wants an ephemeral variable of a test to be set in every run.
  value = "{\"host\":\"db.example.com\",\"username\":\"rds_cron\",\"password\":\"not-a-real-one\"}"
}

run "without_a_number_there_is_no_version" {
  assert {
    condition     = length(aws_secretsmanager_secret_version.this) == 0 && aws_secretsmanager_secret.this.recovery_window_in_days == 30
    error_message = "somebody else puts the value"
  }
}

run "the_value_is_written_and_not_kept" {
  variables {
    value_version = 1
  }
  assert {
    condition     = aws_secretsmanager_secret_version.this[0].secret_string_wo == null
    error_message = "the state has no value"
  }
  assert {
    condition     = aws_secretsmanager_secret_version.this[0].secret_string_wo_version == 1 && aws_secretsmanager_secret_version.this[0].secret_string == null
    error_message = "only its number"
  }
}

run "rotation_has_a_window_and_its_function_is_called_for_this_secret_only" {
  variables {
    rotation = {
      function_arn      = "arn:aws:lambda:ap-northeast-1:123456789012:function:rotate-mysql"
      function_role_arn = "arn:aws:iam::123456789012:role/rotate-mysql"
    }
    reader_role_arns = ["arn:aws:iam::123456789012:role/datatransit-jobs"]
    kms_key_arn      = "arn:aws:kms:ap-northeast-1:123456789012:key/00000000-0000-0000-0000-000000000000"
  }
  assert {
    condition     = one(aws_secretsmanager_secret_rotation.this[0].rotation_rules).duration == "2h" && !aws_secretsmanager_secret_rotation.this[0].rotate_immediately
    error_message = "in its window, not at the apply"
  }
  assert {
    condition     = aws_lambda_permission.rotation[0].source_arn == aws_secretsmanager_secret.this.arn && aws_lambda_permission.rotation[0].source_account == "123456789012"
    error_message = "no other secret and no other account"
  }
  assert {
    condition = toset(jsondecode(aws_secretsmanager_secret_policy.this.policy).Statement[1].Condition.StringNotEquals["aws:PrincipalArn"]) == toset([
      "arn:aws:iam::123456789012:role/datatransit-jobs", "arn:aws:iam::123456789012:role/rotate-mysql",
    ])
    error_message = "the readers and the rotation"
  }
  assert {
    condition     = aws_secretsmanager_secret.this.kms_key_id == var.kms_key_arn && output.kms_key_arns == tolist([var.kms_key_arn])
    error_message = "the key of one's own"
  }
}

run "an_administrator_is_refused" {
  command = plan
  variables {
    value         = "{\"host\":\"db.example.com\",\"username\":\"admin\",\"password\":\"not-a-real-one\"}"
    value_version = 1
  }
  expect_failures = [var.value]
}

run "a_value_without_a_password_is_refused" {
  command = plan
  variables {
    value         = "{\"host\":\"db.example.com\",\"username\":\"rds_cron\"}"
    value_version = 1
  }
  expect_failures = [var.value]
}

run "a_name_that_reads_like_an_arn_is_refused" {
  command = plan
  variables {
    name = "prod/rds-abcdef"
  }
  expect_failures = [var.name]
}
