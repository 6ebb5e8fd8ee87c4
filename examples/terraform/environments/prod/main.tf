# Production: the five jobs on an existing instance (or as tasks), the refresh of the
# dashboards behind them, and alarms over all of it.

locals {
  # The jobs by the dimension Job of their metrics.
  exports = ["contract_status_30d", "contract_status", "tenants", "movings"]
}

module "bucket" {
  source = "../../modules/dump_bucket"

  bucket    = var.bucket.name
  create    = var.bucket.create
  manage    = var.bucket.manage
  retention = var.retention
}

module "secret" {
  source = "../../modules/secrets"

  name          = var.secret_name
  value         = var.secret_value
  value_version = var.secret_version
  rotation      = var.rotation
}

module "role" {
  source = "../../modules/ec2_iam_role"

  bucket_arn           = module.bucket.bucket_arn
  dump_prefixes        = var.prefixes.dumps
  export_prefixes      = var.prefixes.exports
  manifest_prefixes    = var.prefixes.manifests
  compared_prefixes    = var.prefixes.compared
  secret_arns          = [module.secret.arn]
  object_key_arns      = module.bucket.kms_key_arns
  topic_arns           = [module.monitoring.topic_arn]
  topic_key_arns       = [module.monitoring.topic_key_arn]
  permissions_boundary = var.permissions_boundary
}

module "instance" {
  source = "../../modules/ec2_management"
  count  = var.instance == null ? 0 : 1

  instance_id           = var.instance.id
  region                = var.region
  instance_profile_name = module.role.instance_profile_name
  method                = var.instance.method
  instance_tags         = var.instance.tags
}

module "task" {
  source   = "../../modules/scheduled_task"
  for_each = var.tasks

  name                 = each.key
  image                = var.task_image
  command              = each.value.command
  environment          = each.value.environment
  policy_json          = module.role.policies[each.value.binary]
  cpu                  = each.value.cpu
  memory               = each.value.memory
  vpc_id               = var.network.vpc_id
  subnet_ids           = var.network.subnet_ids
  database_cidr        = var.network.database_cidr
  schedule             = each.value.schedule
  enabled              = each.value.enabled
  notify               = true
  topic_arn            = module.monitoring.topic_arn
  permissions_boundary = var.permissions_boundary
}

module "quicksight" {
  source = "../../modules/quicksight"

  zip_path        = var.lambda_zip
  data_set_ids    = var.data_set_ids
  object_key_arns = module.bucket.kms_key_arns
  state_machine   = var.long_ingestions
  data_source     = var.data_source

  refresh = {
    on_running       = "attach"
    max_dropped_rows = 0
    deadline_seconds = 840
    gate = {
      manifest      = "s3://${module.bucket.bucket}/dumps-manifest/gghouse_%Y%m%d.json"
      max_age_hours = 6
      timezone      = "Asia/Tokyo"
    }
  }

  vpc_connection = try(length(var.network.quicksight_security_group_ids), 0) == 0 ? null : {
    id                 = "datatransit"
    vpc_id             = var.network.vpc_id
    subnet_ids         = var.network.subnet_ids
    security_group_ids = var.network.quicksight_security_group_ids
  }

  # The manifest starts the refresh; the clock is the watchdog of a morning without one,
  # when the gate makes the run, and with it the alarm, fail.
  manifest_event       = { bucket = module.bucket.bucket }
  schedules            = { watchdog = { expression = "cron(0 8 * * ? *)" } }
  permissions_boundary = var.permissions_boundary
}

module "monitoring" {
  source = "../../modules/monitoring"

  jobs = merge(
    { full-dump = { size_change_percent = 30, max_duration_seconds = 7200 } },
    { for job in local.exports : job => { size_change_percent = 50 } },
    { spice-refresh = {} },
  )

  function           = { name = "spice-refresh", timeout_seconds = 900 }
  queues             = concat(["spice-refresh-failed", "spice-refresh-dead"], [for name in keys(var.tasks) : "${name}-dead"])
  schedule_groups    = concat(["spice-refresh"], keys(var.tasks))
  state_machine      = var.long_ingestions ? module.quicksight.state_machine_arn : null
  with_state_machine = var.long_ingestions
  subscriptions      = { for address in var.alert_emails : address => { protocol = "email", endpoint = address } }
}
