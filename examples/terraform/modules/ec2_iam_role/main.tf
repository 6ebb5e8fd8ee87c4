data "aws_region" "current" {}

data "aws_partition" "current" {}

locals {
  prefixes = {
    dump     = var.dump_prefixes
    export   = var.export_prefixes
    manifest = var.manifest_prefixes
    report   = [var.report_prefix]
    lock     = var.lock_prefix == null ? [] : [var.lock_prefix]
  }

  objects = { for kind, prefixes in local.prefixes : kind => [for prefix in prefixes : "${var.bucket_arn}/${prefix}*"] }

  resources = merge(local.objects, {
    secret     = var.secret_arns
    secret_key = var.secret_key_arns
    object_key = var.object_key_arns
    topic      = var.topic_arns
    topic_key  = var.topic_key_arns
    metrics    = var.metric_namespace == null ? [] : ["*"]
    absence    = var.tell_absence ? [var.bucket_arn] : []
    listing    = [var.bucket_arn]
  })

  compared = var.compared_prefixes == null ? concat(var.dump_prefixes, var.export_prefixes) : var.compared_prefixes

  # The prefixes that a job of the kind may ask S3 to list.
  listed = {
    full-dump     = concat(var.dump_prefixes, var.manifest_prefixes)
    query-export  = concat(var.export_prefixes, var.manifest_prefixes)
    doctor        = concat(var.dump_prefixes, var.export_prefixes, var.manifest_prefixes)
    quarantine    = concat(var.dump_prefixes, var.manifest_prefixes)
    compare-dumps = concat(local.compared, [var.report_prefix])
  }
}

module "policy" {
  source   = "../policies"
  for_each = setunion(var.binaries, ["compare-dumps"])

  binary           = each.key
  region           = data.aws_region.current.region
  resources        = merge(local.resources, each.key == "compare-dumps" ? { dump = [for prefix in local.compared : "${var.bucket_arn}/${prefix}*"] } : {})
  listed_prefixes  = [for prefix in local.listed[each.key] : "${prefix}*"]
  metric_namespace = coalesce(var.metric_namespace, "datatransit")
}

# The instance.

resource "aws_iam_role" "jobs" {
  name                 = var.name
  path                 = var.path
  description          = "The nightly jobs on EC2"
  permissions_boundary = var.permissions_boundary
  max_session_duration = var.max_session_duration
  tags                 = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ec2.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "jobs" {
  for_each = var.binaries

  name   = each.key
  role   = aws_iam_role.jobs.name
  policy = module.policy[each.key].json
}

resource "aws_iam_role_policy_attachment" "session_manager" {
  count = var.session_manager ? 1 : 0

  role       = aws_iam_role.jobs.name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/AmazonSSMManagedInstanceCore"
}

resource "aws_iam_instance_profile" "jobs" {
  name = var.name
  path = var.path
  role = aws_iam_role.jobs.name
  tags = var.tags
}

# The comparison: it reads dumps, and writes nothing but its reports.

resource "aws_iam_role" "compare" {
  name                 = "${var.name}-compare"
  path                 = var.path
  description          = "Comparisons of dumps: reads them, writes reports"
  permissions_boundary = var.permissions_boundary
  max_session_duration = var.max_session_duration
  tags                 = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = concat([aws_iam_role.jobs.arn], var.compare_principals) }
    }]
  })
}

resource "aws_iam_role_policy" "compare" {
  name   = "compare-dumps"
  role   = aws_iam_role.compare.name
  policy = module.policy["compare-dumps"].json
}

resource "aws_iam_role_policy" "take_compare_role" {
  name = "take-compare-role"
  role = aws_iam_role.jobs.name

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Resource = aws_iam_role.compare.arn }]
  })
}
