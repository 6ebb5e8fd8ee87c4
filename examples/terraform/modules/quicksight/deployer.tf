# Who deploys dashboards from git: a role that a CI's token is exchanged for, with what
# the program dashboards calls and no more.

locals {
  # Bucket and key.
  lock = try(regex("^s3://([^/]+)/(.+)$", var.deployer.lock), null)
  # The provider's host, as its condition keys begin.
  issuer = var.deployer == null ? "" : regex("oidc-provider/(.+)$", var.deployer.oidc_provider_arn)[0]
}

module "deployer_policy" {
  source = "../policies"
  count  = var.deployer == null ? 0 : 1

  binary = "dashboards"
  region = local.region

  resources = {
    any_asset        = ["*"]
    any_data_set     = ["*"]
    dashboard        = ["${local.quicksight}:dashboard/*"]
    analysis         = ["${local.quicksight}:analysis/*"]
    data_set         = ["${local.quicksight}:dataset/*"]
    data_source      = ["${local.quicksight}:datasource/*"]
    refresh_schedule = ["${local.quicksight}:dataset/*/refresh-schedule/*"]
    ingestion        = ["${local.quicksight}:dataset/*/ingestion/*"]
    folder           = ["${local.quicksight}:folder/*"]
    lock             = local.lock == null ? [] : ["arn:${local.partition}:s3:::${local.lock[0]}/${local.lock[1]}"]
    absence          = local.lock == null ? [] : ["arn:${local.partition}:s3:::${local.lock[0]}"]
    # AWS's own themes are of no account.
    theme = ["${local.quicksight}:theme/*", "arn:${local.partition}:quicksight::aws:theme/*"]
  }

  listed_prefixes = local.lock == null ? [] : [local.lock[1]]
}

resource "aws_iam_role" "deployer" {
  count = var.deployer == null ? 0 : 1

  name                 = "${var.name}-dashboards"
  description          = "Deploys QuickSight's assets from git"
  permissions_boundary = var.permissions_boundary
  tags                 = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = var.deployer.oidc_provider_arn }
      Condition = {
        StringEquals = { "${local.issuer}:aud" = var.deployer.audience }
        StringLike   = { "${local.issuer}:sub" = var.deployer.subjects }
      }
    }]
  })
}

resource "aws_iam_role_policy" "deployer" {
  count = var.deployer == null ? 0 : 1

  name   = "dashboards"
  role   = aws_iam_role.deployer[0].name
  policy = module.deployer_policy[0].json
}
