# Development: a bucket of its own that is cleaned after two weeks, the dump as a task
# without a clock, the refresh by hand or by a manifest. Nobody is woken by a missed run.

module "bucket" {
  source = "../../modules/dump_bucket"

  bucket          = var.bucket
  noncurrent_days = 7
  retention       = { "dumps/" = { expiration_days = 14 }, "exports/" = { expiration_days = 14 } }
}

module "secret" {
  source = "../../modules/secrets"

  name                    = var.secret_name
  value                   = var.secret_value
  value_version           = var.secret_version
  recovery_window_in_days = 7
}

# Its roles are not used here, but its policies are the same as in production.
module "role" {
  source = "../../modules/ec2_iam_role"

  name            = "datatransit-jobs-dev"
  bucket_arn      = module.bucket.bucket_arn
  secret_arns     = [module.secret.arn]
  topic_arns      = [module.monitoring.topic_arn]
  topic_key_arns  = [module.monitoring.topic_key_arn]
  session_manager = false
}

module "task" {
  source = "../../modules/scheduled_task"

  name = "full-dump-dev"
  # Run by hand: `aws ecs run-task`, see the module's README.
  enabled            = false
  image              = var.task_image
  command            = ["/full-dump"]
  policy_json        = module.role.policies["full-dump"]
  vpc_id             = var.network.vpc_id
  subnet_ids         = var.network.subnet_ids
  database_cidr      = var.network.database_cidr
  cpu                = 512
  memory             = 1024
  log_retention_days = 14

  environment = merge(
    {
      FULL_DUMP_CREDENTIALS        = "secretsmanager:${module.secret.name}"
      FULL_DUMP_TO                 = "s3://${module.bucket.bucket}/dumps/gghouse_%Y%m%d.sql.gz"
      FULL_DUMP_MANIFEST           = "s3://${module.bucket.bucket}/dumps-manifest/gghouse_%Y%m%d.json"
      FULL_DUMP_SINGLE_TRANSACTION = "true"
    },
    var.task_environment,
  )
}

module "quicksight" {
  source = "../../modules/quicksight"

  name               = "spice-refresh-dev"
  zip_path           = var.lambda_zip
  data_set_ids       = var.data_set_ids
  log_level          = "DEBUG"
  log_retention_days = 14
  manifest_event     = { bucket = module.bucket.bucket }
}

module "monitoring" {
  source = "../../modules/monitoring"

  name            = "datatransit-dev"
  jobs            = { full-dump = { missed_after_hours = 0 }, spice-refresh = { missed_after_hours = 0 } }
  function        = { name = "spice-refresh-dev", timeout_seconds = 900 }
  queues          = ["spice-refresh-dev-failed", "spice-refresh-dev-dead", "full-dump-dev-dead"]
  schedule_groups = ["full-dump-dev"]
  subscriptions   = { for address in var.alert_emails : address => { protocol = "email", endpoint = address } }
  dashboard       = false
}
