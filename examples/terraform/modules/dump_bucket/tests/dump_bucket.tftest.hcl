mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
}

variables {
  bucket = "example-dumps"
}

run "a_new_bucket_is_closed_encrypted_and_versioned" {
  assert {
    condition = alltrue([
      aws_s3_bucket_public_access_block.this[0].block_public_acls,
      aws_s3_bucket_public_access_block.this[0].block_public_policy,
      aws_s3_bucket_public_access_block.this[0].ignore_public_acls,
      aws_s3_bucket_public_access_block.this[0].restrict_public_buckets,
    ])
    error_message = "all four switches"
  }
  assert {
    condition     = one(aws_s3_bucket_versioning.this[0].versioning_configuration).status == "Enabled"
    error_message = "an overwritten dump can be had back"
  }
  assert {
    condition     = one(one(aws_s3_bucket_server_side_encryption_configuration.this[0].rule).apply_server_side_encryption_by_default).sse_algorithm == "AES256"
    error_message = "encrypted also without a key of one's own"
  }
  assert {
    condition     = one(aws_s3_bucket_ownership_controls.this[0].rule).object_ownership == "BucketOwnerEnforced"
    error_message = "no ACLs"
  }
}

run "only_tls_is_let_in" {
  assert {
    condition = [for s in jsondecode(aws_s3_bucket_policy.this[0].policy).Statement : "${s.Effect} ${s.Sid}"] == [
      "Deny OnlyTls", "Deny OnlyNewTls",
    ]
    error_message = "both are denied to everybody"
  }
  assert {
    condition = alltrue([
      for s in jsondecode(aws_s3_bucket_policy.this[0].policy).Statement :
      join(" ", s.Resource) == "arn:aws:s3:::example-dumps arn:aws:s3:::example-dumps/*"
    ])
    error_message = "for the bucket and its objects"
  }
}

run "broken_uploads_are_thrown_away" {
  assert {
    condition = one([
      for rule in aws_s3_bucket_lifecycle_configuration.this[0].rule : one(rule.abort_incomplete_multipart_upload).days_after_initiation
      if rule.id == "incomplete-uploads"
    ]) == 2
    error_message = "after two days"
  }
}

run "retention_is_by_prefix" {
  variables {
    retention = {
      "dumps/"   = { transition_days = 30, expiration_days = 400 }
      "exports/" = { expiration_days = 90 }
    }
    kms_key_arn = "arn:aws:kms:ap-northeast-1:123456789012:key/00000000-0000-0000-0000-000000000000"
  }
  assert {
    condition = one([
      for rule in aws_s3_bucket_lifecycle_configuration.this[0].rule : one(rule.expiration).days if rule.id == "retention-exports"
    ]) == 90
    error_message = "exports go after 90 days"
  }
  assert {
    condition = one(flatten([
      for rule in aws_s3_bucket_lifecycle_configuration.this[0].rule : tolist(rule.transition)[*].storage_class if rule.id == "retention-dumps"
    ])) == "STANDARD_IA"
    error_message = "dumps move first"
  }
  assert {
    condition     = one(aws_s3_bucket_server_side_encryption_configuration.this[0].rule).bucket_key_enabled
    error_message = "one call of KMS for many objects"
  }
}

run "of_an_existing_bucket_only_the_lifecycle_is_managed" {
  variables {
    create = false
  }
  assert {
    condition     = length(aws_s3_bucket.this) + length(aws_s3_bucket_policy.this) + length(aws_s3_bucket_notification.this) == 0
    error_message = "its policy and its notifications are others'"
  }
  assert {
    condition     = aws_s3_bucket_lifecycle_configuration.this[0].bucket == "example-dumps"
    error_message = "the lifecycle is its own"
  }
}

run "object_lock_is_for_a_new_bucket" {
  variables {
    object_lock_days = 30
  }
  assert {
    condition     = aws_s3_bucket.this[0].object_lock_enabled && one(one(aws_s3_bucket_object_lock_configuration.this[0].rule).default_retention).mode == "GOVERNANCE"
    error_message = "in governance mode"
  }
}

run "a_dump_that_expires_before_it_moves_is_refused" {
  command = plan
  variables {
    retention = { "dumps/" = { transition_days = 60, expiration_days = 30 } }
  }
  expect_failures = [var.retention]
}

run "an_upper_case_bucket_is_refused" {
  command = plan
  variables {
    bucket = "Dumps"
  }
  expect_failures = [var.bucket]
}
