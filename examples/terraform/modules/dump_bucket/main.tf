data "aws_partition" "current" {}

locals {
  # Known while planning, also before the bucket is made.
  arn = "arn:${data.aws_partition.current.partition}:s3:::${var.bucket}"
  id  = var.create ? aws_s3_bucket.this[0].bucket : var.bucket

  managed = {
    for part in ["lifecycle", "policy", "public_access_block", "encryption", "versioning", "notification"] :
    part => var.create || contains(var.manage, part) ? 1 : 0
  }
}

resource "aws_s3_bucket" "this" {
  count = var.create ? 1 : 0

  bucket              = var.bucket
  object_lock_enabled = var.object_lock_days != null
  tags                = var.tags
}

# No ACLs: what is in the bucket is the bucket owner's.
resource "aws_s3_bucket_ownership_controls" "this" {
  count = var.create ? 1 : 0

  bucket = local.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_public_access_block" "this" {
  count = local.managed.public_access_block

  bucket                  = local.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_versioning" "this" {
  count = local.managed.versioning

  bucket = local.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  count = local.managed.encryption

  bucket = local.id

  rule {
    # One call of KMS for many objects.
    bucket_key_enabled = var.kms_key_arn != null

    apply_server_side_encryption_by_default {
      sse_algorithm     = var.kms_key_arn == null ? "AES256" : "aws:kms"
      kms_master_key_id = var.kms_key_arn
    }
  }
}

resource "aws_s3_bucket_policy" "this" {
  count = local.managed.policy

  bucket = local.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "OnlyTls"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = [local.arn, "${local.arn}/*"]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
      {
        Sid       = "OnlyNewTls"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = [local.arn, "${local.arn}/*"]
        Condition = { NumericLessThan = { "s3:TlsVersion" = var.minimum_tls_version } }
      },
    ]
  })

  depends_on = [aws_s3_bucket_public_access_block.this]
}

resource "aws_s3_bucket_lifecycle_configuration" "this" {
  count = local.managed.lifecycle

  bucket = local.id

  rule {
    id     = "incomplete-uploads"
    status = "Enabled"

    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = var.abort_incomplete_after_days
    }
  }

  rule {
    id     = "overwritten-objects"
    status = "Enabled"

    filter {}

    noncurrent_version_expiration {
      noncurrent_days = var.noncurrent_days
    }

    expiration {
      expired_object_delete_marker = true
    }
  }

  dynamic "rule" {
    for_each = var.retention

    content {
      id     = "retention-${trimsuffix(rule.key, "/")}"
      status = "Enabled"

      filter {
        prefix = rule.key
      }

      dynamic "transition" {
        for_each = rule.value.transition_days == null ? [] : [rule.value]

        content {
          days          = transition.value.transition_days
          storage_class = transition.value.storage_class
        }
      }

      dynamic "expiration" {
        for_each = rule.value.expiration_days == null ? [] : [rule.value]

        content {
          days = expiration.value.expiration_days
        }
      }
    }
  }

  depends_on = [aws_s3_bucket_versioning.this]
}

resource "aws_s3_bucket_object_lock_configuration" "this" {
  count = var.create && var.object_lock_days != null ? 1 : 0

  bucket = local.id

  rule {
    default_retention {
      # Governance: whoever has the right to can still remove a dump.
      mode = "GOVERNANCE"
      days = var.object_lock_days
    }
  }

  depends_on = [aws_s3_bucket_versioning.this]
}

resource "aws_s3_bucket_notification" "this" {
  count = var.event_bridge ? local.managed.notification : 0

  bucket      = local.id
  eventbridge = true
}
