# The values are those of terraform.tfvars.example.

mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { region = "ap-northeast-1" }
  }
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_instance" {
    defaults = {
      iam_instance_profile = "datatransit-jobs"
      metadata_options     = [{ http_tokens = "required" }]
    }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/example" }
  }
  mock_resource "aws_secretsmanager_secret" {
    defaults = {
      id  = "arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:example-AbCdEf"
      arn = "arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:example-AbCdEf"
    }
  }
  mock_resource "aws_sns_topic" {
    defaults = { arn = "arn:aws:sns:ap-northeast-1:123456789012:datatransit-alerts" }
  }
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:ap-northeast-1:123456789012:key/00000000-0000-0000-0000-000000000000" }
  }
  mock_resource "aws_sfn_state_machine" {
    defaults = { arn = "arn:aws:states:ap-northeast-1:123456789012:stateMachine:spice-refresh" }
  }
  mock_resource "aws_ecs_cluster" {
    defaults = { arn = "arn:aws:ecs:ap-northeast-1:123456789012:cluster/full-dump" }
  }
}

variables {
  account_id   = "123456789012"
  bucket       = "example-dumps-dev"
  data_set_ids = ["tenants"]
  task_image   = "123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/datatransit:0.1.0"
  network      = { vpc_id = "vpc-0123456789abcdef0", subnet_ids = ["subnet-0123456789abcdef0"], database_cidr = "10.0.0.0/16" }
  secret_value = "{\"host\":\"db.example.com\",\"username\":\"rds_cron\",\"password\":\"not-a-real-one\"}"
  # Any file stands for the zip.
  lambda_zip = "versions.tf"
}

run "everything_is_made_and_named_for_development" {
  assert {
    condition     = output.bucket == "example-dumps-dev" && output.secret_name == "dev/rds-cron" && module.quicksight.function_name == "spice-refresh-dev"
    error_message = "nothing has production's names"
  }
  assert {
    condition     = length([for name in module.monitoring.alarm_names : name if endswith(name, "-missed")]) == 0
    error_message = "nobody is woken by a run that was not asked for"
  }
}

run "an_account_by_name_is_refused" {
  command = plan
  variables {
    account_id = "dev"
  }
  expect_failures = [var.account_id]
}
