# What QuickSight reads: the data source, its way into the VPC, its own schedules.

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  region    = data.aws_region.current.region
  ec2       = "arn:${local.partition}:ec2:${local.region}:${local.account}"
}

resource "aws_quicksight_data_source" "this" {
  count = var.data_source == null ? 0 : 1

  data_source_id = var.data_source.id
  name           = var.data_source.name
  type           = var.data_source.type
  tags           = var.tags

  credentials {
    secret_arn = var.data_source.secret_arn
  }

  parameters {
    dynamic "aurora" {
      for_each = var.data_source.type == "AURORA" ? [var.data_source] : []
      content {
        host     = aurora.value.host
        port     = aurora.value.port
        database = aurora.value.database
      }
    }
    dynamic "mysql" {
      for_each = var.data_source.type == "MYSQL" ? [var.data_source] : []
      content {
        host     = mysql.value.host
        port     = mysql.value.port
        database = mysql.value.database
      }
    }
    dynamic "maria_db" {
      for_each = var.data_source.type == "MARIADB" ? [var.data_source] : []
      content {
        host     = maria_db.value.host
        port     = maria_db.value.port
        database = maria_db.value.database
      }
    }
  }

  ssl_properties {
    disable_ssl = false
  }

  dynamic "vpc_connection_properties" {
    for_each = aws_quicksight_vpc_connection.this[*].arn
    content {
      vpc_connection_arn = vpc_connection_properties.value
    }
  }

  dynamic "permission" {
    for_each = var.data_source.permissions
    content {
      principal = permission.key
      actions   = permission.value
    }
  }

  depends_on = [aws_iam_role_policy.secret]
}

# QuickSight reads secrets with a role of the account, which its console makes.
resource "aws_iam_role_policy" "secret" {
  count = var.secrets_role_name != null && var.data_source != null ? 1 : 0

  name = "${var.name}-data-source"
  role = var.secrets_role_name

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "secretsmanager:GetSecretValue", Resource = var.data_source.secret_arn }]
  })
}

resource "aws_quicksight_vpc_connection" "this" {
  count = var.vpc_connection == null ? 0 : 1

  vpc_connection_id  = var.vpc_connection.id
  name               = var.vpc_connection.id
  role_arn           = aws_iam_role.vpc[0].arn
  subnet_ids         = var.vpc_connection.subnet_ids
  security_group_ids = var.vpc_connection.security_group_ids
  dns_resolvers      = var.vpc_connection.dns_resolvers
  tags               = var.tags

  depends_on = [aws_iam_role_policy.vpc]
}

resource "aws_iam_role" "vpc" {
  count = var.vpc_connection == null ? 0 : 1

  name                 = "${var.name}-quicksight-vpc"
  description          = "QuickSight's network interfaces in ${var.vpc_connection.vpc_id}"
  permissions_boundary = var.permissions_boundary
  tags                 = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "quicksight.amazonaws.com" }
      Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
    }]
  })
}

resource "aws_iam_role_policy" "vpc" {
  count = var.vpc_connection == null ? 0 : 1

  name = "network-interfaces"
  role = aws_iam_role.vpc[0].name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "Create"
        Effect = "Allow"
        Action = "ec2:CreateNetworkInterface"
        Resource = concat(
          ["${local.ec2}:network-interface/*"],
          [for id in var.vpc_connection.subnet_ids : "${local.ec2}:subnet/${id}"],
          [for id in var.vpc_connection.security_group_ids : "${local.ec2}:security-group/${id}"],
        )
      },
      {
        # Interfaces in these subnets, with these groups, and no others of the account.
        Sid    = "Change"
        Effect = "Allow"
        Action = ["ec2:ModifyNetworkInterfaceAttribute", "ec2:DeleteNetworkInterface"]
        Resource = concat(
          ["${local.ec2}:network-interface/*"],
          [for id in var.vpc_connection.security_group_ids : "${local.ec2}:security-group/${id}"],
        )
        Condition = {
          ArnEqualsIfExists = { "ec2:Subnet" = [for id in var.vpc_connection.subnet_ids : "${local.ec2}:subnet/${id}"] }
        }
      },
      {
        # These four have no resource that they could be narrowed to.
        Sid    = "Look"
        Effect = "Allow"
        Action = [
          "ec2:DescribeNetworkInterfaces", "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs",
        ]
        Resource = "*"
      },
    ]
  })
}

resource "aws_quicksight_refresh_schedule" "this" {
  for_each = var.refresh_schedules

  data_set_id = each.value.data_set_id
  schedule_id = each.key

  schedule {
    refresh_type = each.value.refresh_type

    schedule_frequency {
      interval        = each.value.interval
      time_of_the_day = each.value.time
      timezone        = each.value.timezone
    }
  }
}
