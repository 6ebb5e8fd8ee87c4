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
  alert_emails = ["data-team@example.com"]
  data_set_ids = ["tenants", "movings"]
  bucket       = { name = "example-dumps", manage = ["lifecycle", "notification"] }
  secret_value = "{\"host\":\"db.example.com\",\"username\":\"rds_cron\",\"password\":\"not-a-real-one\"}"
  # Any file stands for the zip.
  lambda_zip = "versions.tf"
}

run "every_job_is_watched" {
  assert {
    condition = length(setsubtract(
      [for job in ["full-dump", "contract_status_30d", "contract_status", "tenants", "movings", "spice-refresh"] : "datatransit-${job}-missed"],
      output.alarm_names,
    )) == 0
    error_message = "a missed run of any of the five, or of the refresh, is an alarm"
  }
  assert {
    condition     = contains(output.alarm_names, "datatransit-full-dump-size") && contains(output.alarm_names, "datatransit-spice-refresh-dead-depth")
    error_message = "sizes and queues too"
  }
}

run "alarms_name_what_there_is" {
  assert {
    condition     = module.quicksight.function_name == "spice-refresh" && module.quicksight.timeout_seconds == 900 && toset(module.quicksight.queue_names) == toset(["spice-refresh-failed", "spice-refresh-dead"]) && module.quicksight.schedule_group_name == "spice-refresh"
    error_message = "the names in module monitoring are those of module quicksight"
  }
}

run "the_parallel_run_does_not_touch_the_old_jobs_dumps" {
  assert {
    condition     = !strcontains(module.role.policies["full-dump"], "example-dumps/dumps/*") && strcontains(module.role.policies["compare-dumps"], "example-dumps/dumps/*")
    error_message = "it writes beside them and compares with them"
  }
}

run "an_instance_gets_the_profile" {
  command = plan
  variables {
    instance = { id = "i-0123456789abcdef0" }
  }
  assert {
    condition     = length(module.instance) == 1
    error_message = "the module is there"
  }
}

run "jobs_can_move_to_tasks" {
  variables {
    task_image      = "123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/datatransit:0.1.0"
    network         = { vpc_id = "vpc-0123456789abcdef0", subnet_ids = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"], database_cidr = "10.0.0.0/16" }
    tasks           = { full-dump = { binary = "full-dump", command = ["/full-dump"], schedule = "cron(30 5 * * ? *)" } }
    long_ingestions = true
  }
  assert {
    condition     = contains(output.alarm_names, "datatransit-full-dump-dead-depth") && contains(output.alarm_names, "datatransit-full-dump-TargetErrorCount")
    error_message = "a start that does not happen is an alarm"
  }
  assert {
    condition     = contains(output.alarm_names, "datatransit-refresh-ExecutionsFailed")
    error_message = "the state machine is watched"
  }
}

run "alarms_that_nobody_hears_are_refused" {
  command = plan
  variables {
    alert_emails = []
  }
  expect_failures = [var.alert_emails]
}
