# What starts a refresh: clocks in their own zone, and events. Both reach the alias, or
# the state machine where that is asked for.

locals {
  target_arn    = var.state_machine ? one(aws_sfn_state_machine.this[*].arn) : aws_lambda_alias.live.arn
  target_action = var.state_machine ? "states:StartExecution" : "lambda:InvokeFunction"

  events = merge(
    var.manifest_event == null ? {} : {
      manifest = {
        source      = ["aws.s3"]
        detail-type = ["Object Created"]
        detail = {
          bucket = { name = [var.manifest_event.bucket] }
          object = { key = [{ wildcard = "${var.manifest_event.prefix}*.json" }] }
        }
      }
    },
    length(var.glue_jobs) == 0 ? {} : {
      glue = {
        source      = ["aws.glue"]
        detail-type = ["Glue Job State Change"]
        detail      = { jobName = var.glue_jobs, state = ["SUCCEEDED"] }
      }
    },
  )
}

resource "aws_scheduler_schedule_group" "this" {
  name = var.name
  tags = var.tags
}

resource "aws_scheduler_schedule" "this" {
  for_each = var.schedules

  name                         = each.key
  group_name                   = aws_scheduler_schedule_group.this.name
  state                        = each.value.enabled ? "ENABLED" : "DISABLED"
  schedule_expression          = each.value.expression
  schedule_expression_timezone = each.value.timezone

  flexible_time_window {
    mode                      = each.value.flexible_minutes == 0 ? "OFF" : "FLEXIBLE"
    maximum_window_in_minutes = each.value.flexible_minutes == 0 ? null : each.value.flexible_minutes
  }

  target {
    arn      = local.target_arn
    role_arn = aws_iam_role.start.arn

    retry_policy {
      maximum_retry_attempts       = 3
      maximum_event_age_in_seconds = 3600
    }

    dead_letter_config {
      arn = aws_sqs_queue.dead.arn
    }
  }
}

resource "aws_cloudwatch_event_rule" "this" {
  for_each = local.events

  name          = "${var.name}-${each.key}"
  description   = "Starts a refresh (${each.key})"
  event_pattern = jsonencode(each.value)
  tags          = var.tags
}

resource "aws_cloudwatch_event_target" "this" {
  for_each = local.events

  rule = aws_cloudwatch_event_rule.this[each.key].name
  arn  = local.target_arn
  # A Lambda lets the rule in by its own policy, see below.
  role_arn = var.state_machine ? aws_iam_role.start.arn : null

  retry_policy {
    maximum_retry_attempts       = 3
    maximum_event_age_in_seconds = 3600
  }

  dead_letter_config {
    arn = aws_sqs_queue.dead.arn
  }
}

resource "aws_lambda_permission" "event" {
  for_each = { for name, event in local.events : name => event if !var.state_machine }

  statement_id  = "event-${each.key}"
  function_name = aws_lambda_function.this.function_name
  qualifier     = aws_lambda_alias.live.name
  action        = "lambda:InvokeFunction"
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.this[each.key].arn
}

# EventBridge needs leave to put what it could not deliver into the queue; Scheduler
# has it by the role.
resource "aws_sqs_queue_policy" "dead" {
  count = length(local.events) > 0 ? 1 : 0

  queue_url = aws_sqs_queue.dead.url

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sqs:SendMessage"
      Principal = { Service = "events.amazonaws.com" }
      Resource  = aws_sqs_queue.dead.arn
      Condition = {
        ArnEquals    = { "aws:SourceArn" = [for rule in aws_cloudwatch_event_rule.this : rule.arn] }
        StringEquals = { "aws:SourceAccount" = local.account }
      }
    }]
  })
}

resource "aws_iam_role" "start" {
  name                 = "${var.name}-start"
  description          = "Starts ${var.name}"
  permissions_boundary = var.permissions_boundary
  tags                 = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{
        Effect    = "Allow"
        Action    = "sts:AssumeRole"
        Principal = { Service = "scheduler.amazonaws.com" }
        Condition = {
          StringEquals = {
            "aws:SourceAccount" = local.account
            "aws:SourceArn"     = aws_scheduler_schedule_group.this.arn
          }
        }
      }],
      var.state_machine ? [{
        Effect    = "Allow"
        Action    = "sts:AssumeRole"
        Principal = { Service = "events.amazonaws.com" }
        Condition = {
          StringEquals = { "aws:SourceAccount" = local.account }
          # By name: the rule's target waits for this role.
          ArnLike = { "aws:SourceArn" = "arn:${local.partition}:events:${local.region}:${local.account}:rule/${var.name}-*" }
        }
      }] : [],
    )
  })
}

resource "aws_iam_role_policy" "start" {
  name = "start"
  role = aws_iam_role.start.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "Start", Effect = "Allow", Action = local.target_action, Resource = local.target_arn },
      { Sid = "DeadLetter", Effect = "Allow", Action = "sqs:SendMessage", Resource = aws_sqs_queue.dead.arn },
    ]
  })
}
