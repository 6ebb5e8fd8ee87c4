# The function, what it may do, and what becomes of an event that failed.

locals {
  # Members that were not given stay out of the document: the function has defaults.
  refresh = merge(
    { for key, value in var.refresh : key => value if value != null && !contains(["data_sets", "gate"], key) },
    var.refresh.data_sets == null ? {} : {
      data_sets = [for d in var.refresh.data_sets : { for key, value in d : key => value if value != null }]
    },
    var.refresh.gate == null ? {} : { gate = { for key, value in var.refresh.gate : key => value if value != null } },
  )

  selectors = coalesce(var.refresh.data_sets, [])

  # Named by id alone, only those; else what they are is known when it runs.
  ids        = concat(var.data_set_ids, [for d in local.selectors : d.id if d.id != null])
  dashboards = [for d in local.selectors : d.dashboard if d.dashboard != null]
  searching  = length([for d in local.selectors : true if d.id == null]) > 0
  listing    = length([for d in local.selectors : true if d.id == null && d.dashboard == null]) > 0
  tagged     = length([for d in local.selectors : true if d.tag != null]) > 0
  cancelling = var.refresh.on_running == "replace" || var.refresh.cancel_on_deadline == true
  quicksight = "arn:${local.partition}:quicksight:${local.region}:${local.account}"
  data_sets  = local.searching ? ["*"] : distinct(local.ids)

  # s3://bucket/a/b_%Y%m%d.json is bucket/a/b_* to IAM.
  manifest = var.refresh.gate == null ? null : regex("^s3://([^/]+)/(.+)$", var.refresh.gate.manifest)
  gate_key = local.manifest == null ? null : replace(replace(local.manifest[1], "/%[-_0^#]*[A-Za-z]/", "*"), "/\\*+/", "*")
  bucket   = local.manifest == null ? null : "arn:${local.partition}:s3:::${local.manifest[0]}"
}

module "policy" {
  source = "../policies"

  binary = "spice-refresh-lambda"
  region = local.region

  resources = {
    ingestion = [for id in local.data_sets : "${local.quicksight}:dataset/${id}/ingestion/*"]
    data_set  = [for id in local.data_sets : "${local.quicksight}:dataset/${id}"]
    # Only where the configuration asks for it; an event cannot widen it.
    cancelled_ingestion = local.cancelling ? [for id in local.data_sets : "${local.quicksight}:dataset/${id}/ingestion/*"] : []
    tagged_data_set     = local.tagged ? ["${local.quicksight}:dataset/*"] : []
    dashboard           = [for id in local.dashboards : "${local.quicksight}:dashboard/${id}"]
    any_asset           = local.listing ? ["*"] : []
    # ListIngestions knows no resource.
    any_data_set = ["*"]
    manifest     = local.manifest == null ? [] : ["${local.bucket}/${local.gate_key}"]
    absence      = local.manifest == null ? [] : [local.bucket]
    object_key   = var.object_key_arns
  }

  listed_prefixes = local.gate_key == null ? [] : [local.gate_key]
}

resource "aws_cloudwatch_log_group" "function" {
  name              = "/aws/lambda/${var.name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = var.tags
}

resource "aws_lambda_function" "this" {
  function_name = var.name
  description   = "Refreshes SPICE data sets and waits for the outcome"
  role          = aws_iam_role.function.arn
  tags          = var.tags

  runtime          = "provided.al2023"
  architectures    = ["arm64"]
  handler          = "bootstrap"
  filename         = var.zip_path
  source_code_hash = filebase64sha256(var.zip_path)
  publish          = true

  memory_size = var.memory_mb
  timeout     = var.timeout_seconds
  # One refresh at a time.
  reserved_concurrent_executions = 1

  environment {
    variables = merge(
      {
        QUICKSIGHT_AWS_ACCOUNT_ID = local.account
        SPICE_REFRESH_CONFIG      = jsonencode(local.refresh)
      },
      length(var.data_set_ids) == 0 ? {} : { QUICKSIGHT_DATASET_IDS = join(",", var.data_set_ids) },
    )
  }

  logging_config {
    log_format            = "JSON"
    application_log_level = var.log_level
    system_log_level      = "INFO"
    log_group             = aws_cloudwatch_log_group.function.name
  }

  tracing_config {
    mode = var.tracing ? "Active" : "PassThrough"
  }

  lifecycle {
    precondition {
      condition     = length(local.ids) > 0 || local.searching
      error_message = "Nothing to refresh: give data_set_ids, or refresh.data_sets."
    }
  }

  depends_on = [aws_iam_role_policy.function]
}

# Everything calls the alias: to go back, let it point to the version before.
resource "aws_lambda_alias" "live" {
  name             = "live"
  function_name    = aws_lambda_function.this.function_name
  function_version = aws_lambda_function.this.version
}

resource "aws_lambda_function_event_invoke_config" "this" {
  function_name                = aws_lambda_function.this.function_name
  qualifier                    = aws_lambda_alias.live.name
  maximum_retry_attempts       = var.retries
  maximum_event_age_in_seconds = 3600

  destination_config {
    on_failure {
      destination = aws_sqs_queue.failed.arn
    }
  }
}

# Events that the function failed on, and events that did not reach it.

resource "aws_sqs_queue" "failed" {
  name                      = "${var.name}-failed"
  message_retention_seconds = 1209600
  kms_master_key_id         = var.kms_key_arn
  sqs_managed_sse_enabled   = var.kms_key_arn == null ? true : null
  tags                      = var.tags
}

resource "aws_sqs_queue" "dead" {
  name                      = "${var.name}-dead"
  message_retention_seconds = 1209600
  kms_master_key_id         = var.kms_key_arn
  sqs_managed_sse_enabled   = var.kms_key_arn == null ? true : null
  tags                      = var.tags
}

resource "aws_iam_role" "function" {
  name                 = var.name
  description          = "The function ${var.name}"
  permissions_boundary = var.permissions_boundary
  tags                 = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "function" {
  name = "function"
  role = aws_iam_role.function.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      module.policy.statements,
      [
        {
          Sid      = "Log"
          Effect   = "Allow"
          Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
          Resource = "arn:${local.partition}:logs:${local.region}:${local.account}:log-group:/aws/lambda/${var.name}:log-stream:*"
        },
        {
          Sid      = "Failed"
          Effect   = "Allow"
          Action   = "sqs:SendMessage"
          Resource = aws_sqs_queue.failed.arn
        },
      ],
      # X-Ray has no resource that it could be narrowed to.
      var.tracing ? [{
        Sid      = "Trace"
        Effect   = "Allow"
        Action   = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]
        Resource = "*"
      }] : [],
    )
  })
}
