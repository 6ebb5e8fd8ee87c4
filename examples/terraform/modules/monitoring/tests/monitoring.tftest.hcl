mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_region" {
    defaults = { region = "ap-northeast-1" }
  }
  mock_resource "aws_sns_topic" {
    defaults = { arn = "arn:aws:sns:ap-northeast-1:123456789012:datatransit-alerts" }
  }
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:ap-northeast-1:123456789012:key/00000000-0000-0000-0000-000000000000" }
  }
}

variables {
  jobs = {
    full-dump = { size_change_percent = 30, max_duration_seconds = 7200 }
    tenants   = {}
  }
}

run "a_missed_run_is_an_alarm" {
  assert {
    condition = alltrue([
      aws_cloudwatch_metric_alarm.missed["full-dump"].treat_missing_data == "breaching",
      aws_cloudwatch_metric_alarm.missed["full-dump"].metric_name == "Success",
      aws_cloudwatch_metric_alarm.missed["full-dump"].comparison_operator == "LessThanThreshold",
      aws_cloudwatch_metric_alarm.missed["full-dump"].dimensions.Job == "full-dump",
    ])
    error_message = "silence is breaching"
  }
  assert {
    # More than a day, so that a run that is a little late is no alarm; hourly periods
    # may reach back seven days.
    condition     = aws_cloudwatch_metric_alarm.missed["tenants"].period * aws_cloudwatch_metric_alarm.missed["tenants"].evaluation_periods == 26 * 3600
    error_message = "26 hours"
  }
}

run "every_alarm_goes_to_the_topic" {
  assert {
    condition = alltrue([
      for alarm in concat(
        values(aws_cloudwatch_metric_alarm.failed), values(aws_cloudwatch_metric_alarm.missed),
        values(aws_cloudwatch_metric_alarm.slow), values(aws_cloudwatch_metric_alarm.size),
      ) : toset(alarm.alarm_actions) == toset([aws_sns_topic.alerts.arn])
    ])
    error_message = "all of them"
  }
  assert {
    condition     = length(output.alarm_names) == 6
    error_message = "two for each job, and size and duration of the dump"
  }
}

run "a_size_that_differs_either_way_is_an_alarm" {
  assert {
    condition     = one([for query in aws_cloudwatch_metric_alarm.size["full-dump"].metric_query : query.expression if query.id == "change"]) == "ABS(signed)" && aws_cloudwatch_metric_alarm.size["full-dump"].threshold == 30
    error_message = "larger or smaller"
  }
}

run "the_topic_is_encrypted_and_of_this_account" {
  assert {
    condition     = aws_sns_topic.alerts.kms_master_key_id == aws_kms_key.topic[0].arn && aws_kms_key.topic[0].enable_key_rotation
    error_message = "a key that CloudWatch may use"
  }
  assert {
    condition     = one([for s in jsondecode(aws_sns_topic_policy.alerts.policy).Statement : s.Condition.StringEquals["aws:SourceAccount"] if s.Sid == "Publishers"]) == "123456789012"
    error_message = "no other account's alarms"
  }
  assert {
    condition     = one([for s in jsondecode(aws_kms_key.topic[0].policy).Statement : s.Condition.StringEquals["aws:SourceAccount"] if s.Sid == "Publishers"]) == "123456789012"
    error_message = "the key neither"
  }
}

run "lambda_queues_schedules_and_state_machine_are_watched" {
  variables {
    function           = { name = "spice-refresh", timeout_seconds = 900 }
    queues             = ["spice-refresh-dead"]
    schedule_groups    = ["datatransit"]
    with_state_machine = true
    state_machine      = "arn:aws:states:ap-northeast-1:123456789012:stateMachine:spice-refresh"
    subscriptions      = { team = { protocol = "email", endpoint = "data-team@example.com" } }
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.function["duration"].threshold == 810000
    error_message = "nine tenths of 900 seconds, in milliseconds"
  }
  assert {
    condition     = toset(keys(aws_cloudwatch_metric_alarm.schedule)) == toset(["datatransit-InvocationDroppedCount", "datatransit-TargetErrorCount"])
    error_message = "both of the group"
  }
  assert {
    condition     = length(aws_cloudwatch_metric_alarm.state_machine) == 3 && length(aws_cloudwatch_metric_alarm.queue) == 1
    error_message = "failed, timed out, aborted; one queue"
  }
  assert {
    condition     = aws_sns_topic_subscription.alerts["team"].endpoint == "data-team@example.com"
    error_message = "somebody hears of it"
  }
}

run "a_job_without_a_clock_is_not_missed" {
  command = plan
  variables {
    jobs = { full-dump = { missed_after_hours = 0 } }
  }
  assert {
    condition     = length(aws_cloudwatch_metric_alarm.missed) == 0 && length(aws_cloudwatch_metric_alarm.failed) == 1
    error_message = "only its failure is an alarm"
  }
}

run "ten_days_are_refused" {
  command = plan
  variables {
    jobs = { full-dump = { missed_after_hours = 240 } }
  }
  expect_failures = [var.jobs]
}

run "plain_http_is_refused" {
  command = plan
  variables {
    subscriptions = { hook = { protocol = "http", endpoint = "http://example.com" } }
  }
  expect_failures = [var.subscriptions]
}
