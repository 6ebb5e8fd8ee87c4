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
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/example" }
  }
  mock_resource "aws_lambda_alias" {
    defaults = { arn = "arn:aws:lambda:ap-northeast-1:123456789012:function:spice-refresh:live" }
  }
  mock_resource "aws_lambda_function" {
    defaults = { version = "7" }
  }
  mock_resource "aws_sfn_state_machine" {
    defaults = { arn = "arn:aws:states:ap-northeast-1:123456789012:stateMachine:spice-refresh" }
  }
  mock_resource "aws_sqs_queue" {
    defaults = { arn = "arn:aws:sqs:ap-northeast-1:123456789012:spice-refresh-dead" }
  }
  mock_resource "aws_scheduler_schedule_group" {
    defaults = { arn = "arn:aws:scheduler:ap-northeast-1:123456789012:schedule-group/spice-refresh" }
  }
  mock_resource "aws_cloudwatch_event_rule" {
    defaults = { arn = "arn:aws:events:ap-northeast-1:123456789012:rule/spice-refresh-manifest" }
  }
}

variables {
  # Any file stands for the zip.
  zip_path     = "versions.tf"
  data_set_ids = ["tenants", "movings"]
  schedules    = { morning = { expression = "cron(0 8 * * ? *)" } }
}

run "the_function_is_small_alone_and_logs_json" {
  assert {
    condition = alltrue([
      join(",", aws_lambda_function.this.architectures) == "arm64",
      aws_lambda_function.this.runtime == "provided.al2023",
      aws_lambda_function.this.handler == "bootstrap",
      aws_lambda_function.this.reserved_concurrent_executions == 1,
      one(aws_lambda_function.this.logging_config).log_format == "JSON",
      aws_lambda_function.this.source_code_hash == filebase64sha256("versions.tf"),
    ])
    error_message = "arm64, one at a time, and a new zip is deployed"
  }
  assert {
    condition     = aws_cloudwatch_log_group.function.retention_in_days == 90
    error_message = "the log does not stay for ever"
  }
  assert {
    condition     = one(one(aws_lambda_function_event_invoke_config.this.destination_config).on_failure).destination == aws_sqs_queue.failed.arn && aws_lambda_function_event_invoke_config.this.maximum_retry_attempts == 2
    error_message = "a failed event is tried again, then kept"
  }
  assert {
    condition     = aws_lambda_alias.live.function_version == "7"
    error_message = "the alias points to the published version"
  }
}

run "the_environment_is_what_the_function_reads" {
  variables {
    refresh = {
      data_sets        = [{ id = "tenants", mode = "incremental" }, { tag = { key = "refresh", value = "daily" } }, { all = true }]
      on_running       = "attach"
      deadline_seconds = 840
      max_dropped_rows = 0
      gate             = { manifest = "s3://example-dumps/dumps-manifest/gghouse_%Y%m%d.json", max_age_hours = 6 }
    }
  }
  assert {
    condition     = aws_lambda_function.this.environment[0].variables.QUICKSIGHT_AWS_ACCOUNT_ID == "123456789012" && aws_lambda_function.this.environment[0].variables.QUICKSIGHT_DATASET_IDS == "tenants,movings"
    error_message = "the old names"
  }
  assert {
    condition = jsondecode(aws_lambda_function.this.environment[0].variables.SPICE_REFRESH_CONFIG) == jsondecode(jsonencode({
      data_sets        = [{ id = "tenants", mode = "incremental" }, { tag = { key = "refresh", value = "daily" } }, { all = true }]
      on_running       = "attach"
      deadline_seconds = 840
      max_dropped_rows = 0
      gate             = { manifest = "s3://example-dumps/dumps-manifest/gghouse_%Y%m%d.json", max_age_hours = 6 }
    }))
    error_message = "no member that was not given"
  }
  assert {
    condition     = one([for s in jsondecode(aws_iam_role_policy.function.policy).Statement : join(",", s.Resource) if s.Sid == "Manifest"]) == "arn:aws:s3:::example-dumps/dumps-manifest/gghouse_*.json"
    error_message = "it reads the manifests that the gate asks for"
  }
}

run "the_function_may_refresh_its_data_sets_only" {
  assert {
    condition = toset(one([for s in jsondecode(aws_iam_role_policy.function.policy).Statement : s.Resource if s.Sid == "Ingestion"])) == toset([
      "arn:aws:quicksight:ap-northeast-1:123456789012:dataset/tenants/ingestion/*",
      "arn:aws:quicksight:ap-northeast-1:123456789012:dataset/movings/ingestion/*",
    ])
    error_message = "by ARN"
  }
  assert {
    condition     = alltrue([for s in jsondecode(aws_iam_role_policy.function.policy).Statement : s.Sid == "AnyDataSet" || !contains(flatten([s.Resource]), "*")])
    error_message = "a star only for ListIngestions, which knows no resource"
  }
}

run "cancelling_is_allowed_where_it_is_asked_for" {
  variables {
    refresh = { on_running = "replace" }
  }
  assert {
    condition     = one([for s in jsondecode(aws_iam_role_policy.function.policy).Statement : join(",", s.Action) if s.Sid == "CancelledIngestion"]) == "quicksight:CancelIngestion"
    error_message = "replace cancels"
  }
  assert {
    condition     = length([for s in jsondecode(aws_iam_role_policy.function.policy).Statement : s if s.Sid == "TaggedDataSet"]) == 0
    error_message = "nobody asked for tags"
  }
}

run "the_clock_is_tokyos" {
  assert {
    condition     = aws_scheduler_schedule.this["morning"].schedule_expression_timezone == "Asia/Tokyo" && one(aws_scheduler_schedule.this["morning"].target).arn == aws_lambda_alias.live.arn
    error_message = "eight in Tokyo"
  }
  assert {
    condition     = one(one(aws_scheduler_schedule.this["morning"].target).dead_letter_config).arn == aws_sqs_queue.dead.arn
    error_message = "an event that does not arrive is kept"
  }
  assert {
    condition     = jsondecode(aws_iam_role.start.assume_role_policy).Statement[0].Condition.StringEquals["aws:SourceArn"] == aws_scheduler_schedule_group.this.arn
    error_message = "for this group only"
  }
}

run "a_manifest_that_is_written_starts_a_refresh" {
  variables {
    manifest_event = { bucket = "example-dumps" }
    glue_jobs      = ["load-dump"]
  }
  assert {
    condition     = jsondecode(aws_cloudwatch_event_rule.this["manifest"].event_pattern).detail.object.key[0].wildcard == "dumps-manifest/*.json"
    error_message = "the manifest, which is written last"
  }
  assert {
    condition     = jsondecode(aws_cloudwatch_event_rule.this["glue"].event_pattern).detail.state[0] == "SUCCEEDED"
    error_message = "or the job that loads the dump"
  }
  assert {
    condition     = aws_lambda_permission.event["manifest"].source_arn == aws_cloudwatch_event_rule.this["manifest"].arn && aws_lambda_permission.event["manifest"].qualifier == "live"
    error_message = "this rule may call the alias"
  }
}

run "the_state_machine_starts_and_asks_until_the_end" {
  variables {
    state_machine  = true
    manifest_event = { bucket = "example-dumps" }
  }
  assert {
    condition     = jsondecode(aws_sfn_state_machine.this[0].definition).States.Poll.Parameters.FunctionName == aws_lambda_alias.live.arn && jsondecode(aws_sfn_state_machine.this[0].definition).States.Wait.Seconds == 60
    error_message = "it calls the alias"
  }
  assert {
    condition     = one(aws_scheduler_schedule.this["morning"].target).arn == aws_sfn_state_machine.this[0].arn && length(aws_lambda_permission.event) == 0
    error_message = "clock and events start it instead of the function"
  }
  assert {
    condition     = one([for s in jsondecode(aws_iam_role_policy.start.policy).Statement : s.Action if s.Sid == "Start"]) == "states:StartExecution"
    error_message = "the starting role may do that and not more"
  }
}

run "the_data_source_refers_to_its_secret" {
  variables {
    data_source = {
      id         = "gghouse"
      name       = "gghouse"
      host       = "reader.example.com"
      database   = "gghouse"
      secret_arn = "arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:prod/quicksight-AbCdEf"
    }
    vpc_connection = {
      id                 = "gghouse"
      vpc_id             = "vpc-0123456789abcdef0"
      subnet_ids         = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
      security_group_ids = ["sg-0123456789abcdef0"]
    }
    secrets_role_name = "aws-quicksight-secretsmanager-role-v0"
  }
  assert {
    condition     = one(aws_quicksight_data_source.this[0].credentials).secret_arn == var.data_source.secret_arn && length(one(aws_quicksight_data_source.this[0].credentials).credential_pair) == 0
    error_message = "no password in the state"
  }
  assert {
    condition     = !one(aws_quicksight_data_source.this[0].ssl_properties).disable_ssl
    error_message = "over TLS"
  }
  assert {
    condition = alltrue([
      for s in jsondecode(aws_iam_role_policy.vpc[0].policy).Statement : s.Sid == "Look" || !contains(flatten([s.Resource]), "*")
    ])
    error_message = "what writes is held to ARNs"
  }
  assert {
    condition     = jsondecode(aws_iam_role.vpc[0].assume_role_policy).Statement[0].Condition.StringEquals["aws:SourceAccount"] == "123456789012"
    error_message = "QuickSight of this account"
  }
  assert {
    condition     = jsondecode(aws_iam_role_policy.secret[0].policy).Statement[0].Resource == var.data_source.secret_arn
    error_message = "QuickSight may read this secret"
  }
}

run "quicksights_own_schedules_know_the_zone" {
  variables {
    refresh_schedules = { tenants-daily = { data_set_id = "tenants", time = "08:00" } }
  }
  assert {
    condition     = aws_quicksight_refresh_schedule.this["tenants-daily"].schedule[0].schedule_frequency[0].timezone == "Asia/Tokyo"
    error_message = "eight in Tokyo"
  }
}

run "dashboards_are_deployed_by_a_role_of_their_own" {
  variables {
    deployer = {
      oidc_provider_arn = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
      subjects          = ["repo:example/dashboards:environment:production"]
      lock              = "s3://example-dumps/locks/dashboards"
    }
  }
  assert {
    condition     = one([for s in jsondecode(aws_iam_role_policy.deployer[0].policy).Statement : join(",", s.Resource) if s.Sid == "Lock"]) == "arn:aws:s3:::example-dumps/locks/dashboards"
    error_message = "its own lock"
  }
  assert {
    condition     = length(aws_iam_role_policy.deployer[0].policy) <= 10240
    error_message = "IAM's limit of a role's inline policies"
  }
  assert {
    condition     = jsondecode(aws_iam_role.deployer[0].assume_role_policy).Statement[0].Condition.StringLike["token.actions.githubusercontent.com:sub"][0] == "repo:example/dashboards:environment:production"
    error_message = "only that repository's environment"
  }
  assert {
    condition = alltrue([
      for s in jsondecode(aws_iam_role_policy.deployer[0].policy).Statement :
      contains(["AnyAsset", "AnyDataSet"], s.Sid) || !contains(flatten([s.Resource]), "*")
    ])
    error_message = "a star only where IAM knows no resource"
  }
}

run "any_repository_is_refused" {
  command = plan
  variables {
    deployer = {
      oidc_provider_arn = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
      subjects          = ["repo:*"]
    }
  }
  expect_failures = [var.deployer]
}

run "a_selector_of_two_kinds_is_refused" {
  command = plan
  variables {
    refresh = { data_sets = [{ id = "tenants", name = "Tenants" }] }
  }
  expect_failures = [var.refresh]
}

run "nothing_to_refresh_is_refused" {
  command = plan
  variables {
    data_set_ids = []
  }
  expect_failures = [aws_lambda_function.this]
}

run "a_missing_zip_is_refused" {
  command = plan
  variables {
    zip_path = "no-such.zip"
  }
  expect_failures = [var.zip_path]
}
