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
  mock_resource "aws_ecs_cluster" {
    defaults = { arn = "arn:aws:ecs:ap-northeast-1:123456789012:cluster/full-dump" }
  }
  mock_resource "aws_ecs_task_definition" {
    defaults = {
      arn                  = "arn:aws:ecs:ap-northeast-1:123456789012:task-definition/full-dump:1"
      arn_without_revision = "arn:aws:ecs:ap-northeast-1:123456789012:task-definition/full-dump"
    }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/example" }
  }
  mock_resource "aws_scheduler_schedule_group" {
    defaults = { arn = "arn:aws:scheduler:ap-northeast-1:123456789012:schedule-group/full-dump" }
  }
  mock_resource "aws_sqs_queue" {
    defaults = { arn = "arn:aws:sqs:ap-northeast-1:123456789012:full-dump-dead" }
  }
}

variables {
  name          = "full-dump"
  image         = "123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/datatransit:0.1.0"
  command       = ["/full-dump", "--config", "/etc/datatransit/full-dump.toml"]
  policy_json   = "{\"Version\":\"2012-10-17\",\"Statement\":[]}"
  vpc_id        = "vpc-0123456789abcdef0"
  subnet_ids    = ["subnet-0123456789abcdef0"]
  database_cidr = "10.0.0.0/16"
}

run "the_hour_is_tokyos" {
  assert {
    condition     = aws_scheduler_schedule.this.schedule_expression == "cron(30 5 * * ? *)" && aws_scheduler_schedule.this.schedule_expression_timezone == "Asia/Tokyo"
    error_message = "half past five in Tokyo, not in UTC"
  }
  assert {
    condition     = one(one(aws_scheduler_schedule.this.target).dead_letter_config).arn == aws_sqs_queue.dead.arn
    error_message = "a start that fails is kept"
  }
}

run "the_task_has_no_way_in_and_few_ways_out" {
  assert {
    condition     = aws_vpc_security_group_egress_rule.database.cidr_ipv4 == "10.0.0.0/16" && aws_vpc_security_group_egress_rule.database.from_port == 3306 && aws_vpc_security_group_egress_rule.aws.from_port == 443
    error_message = "the database and AWS"
  }
  assert {
    condition     = !one(one(one(aws_scheduler_schedule.this.target).ecs_parameters).network_configuration).assign_public_ip
    error_message = "no public address"
  }
}

run "the_container_is_narrow" {
  assert {
    condition = alltrue([
      for c in jsondecode(aws_ecs_task_definition.this.container_definitions) :
      c.readonlyRootFilesystem && c.user == "65534:65534" && c.stopTimeout == 120 && join(" ", c.linuxParameters.capabilities.drop) == "ALL"
    ])
    error_message = "nothing is written, nobody is root, SIGTERM has time"
  }
  assert {
    condition     = one(aws_ecs_task_definition.this.runtime_platform).cpu_architecture == "ARM64"
    error_message = "arm64"
  }
}

run "roles_trust_this_account_only" {
  assert {
    condition     = jsondecode(aws_iam_role.schedule.assume_role_policy).Statement[0].Condition.StringEquals["aws:SourceArn"] == "arn:aws:scheduler:ap-northeast-1:123456789012:schedule-group/full-dump"
    error_message = "the scheduler's role is for this group"
  }
  assert {
    condition     = jsondecode(aws_iam_role.job.assume_role_policy).Statement[0].Condition.StringEquals["aws:SourceAccount"] == "123456789012"
    error_message = "the task's roles are for this account"
  }
  assert {
    condition     = one([for s in jsondecode(aws_iam_role_policy.schedule.policy).Statement : s.Resource if s.Sid == "Run"]) == "arn:aws:ecs:ap-northeast-1:123456789012:task-definition/full-dump:*"
    error_message = "it may start this task and no other"
  }
}

run "a_failed_task_is_told" {
  variables {
    notify    = true
    topic_arn = "arn:aws:sns:ap-northeast-1:123456789012:datatransit-alerts"
  }
  assert {
    condition     = jsondecode(aws_cloudwatch_event_rule.failed[0].event_pattern).detail.group[0] == "family:full-dump"
    error_message = "of this task"
  }
}

run "latest_is_refused" {
  command = plan
  variables {
    image = "datatransit:latest"
  }
  expect_failures = [var.image]
}

run "a_cron_of_five_fields_is_refused" {
  command = plan
  variables {
    schedule = "cron(30 5 * * *)"
  }
  expect_failures = [var.schedule]
}

run "a_password_in_the_environment_is_refused" {
  command = plan
  variables {
    environment = { MYSQL_PASSWORD = "x" }
  }
  expect_failures = [var.environment]
}

run "jst_is_no_zone" {
  command = plan
  variables {
    timezone = "JST"
  }
  expect_failures = [var.timezone]
}
