mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { region = "ap-northeast-1" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/example" }
  }
}

variables {
  bucket_arn    = "arn:aws:s3:::example-dumps"
  dump_prefixes = ["dumps/", "dumps-test/"]
  secret_arns   = ["arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:prod/rds-cron-AbCdEf"]
}

run "each_binary_has_its_prefixes_and_no_other" {
  assert {
    condition = toset(one([
      for s in jsondecode(aws_iam_role_policy.jobs["full-dump"].policy).Statement : s.Resource if s.Sid == "Dump"
    ])) == toset(["arn:aws:s3:::example-dumps/dumps/*", "arn:aws:s3:::example-dumps/dumps-test/*"])
    error_message = "the parallel run's prefix is allowed too"
  }
  assert {
    condition = alltrue(flatten([
      for policy in aws_iam_role_policy.jobs : [
        for s in jsondecode(policy.policy).Statement : [
          for arn in flatten([s.Resource]) : arn != "*" || contains(["Metrics"], s.Sid)
        ]
      ]
    ]))
    error_message = "a star only where there are no ARNs"
  }
  assert {
    condition     = !strcontains(aws_iam_role_policy.jobs["query-export"].policy, "/dumps/*")
    error_message = "exports do not touch dumps"
  }
}

run "what_the_old_role_lacked_is_there" {
  assert {
    condition = length(setsubtract(
      ["s3:PutObject", "s3:PutObjectTagging", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"],
      one([for s in jsondecode(aws_iam_role_policy.jobs["full-dump"].policy).Statement : s.Action if s.Sid == "Dump"]),
    )) == 0
    error_message = "tags, and the cleaning up of a broken upload"
  }
}

run "nothing_is_ever_deleted" {
  assert {
    condition = alltrue(flatten([
      for policy in aws_iam_role_policy.jobs : [
        for s in jsondecode(policy.policy).Statement : length([for action in flatten([s.Action]) : action if startswith(action, "s3:Delete") || endswith(action, "Acl")]) == 0
      ]
    ]))
    error_message = "history is never erased, nothing is made public"
  }
}

run "listings_are_held_to_prefixes" {
  assert {
    condition = alltrue(flatten([
      for policy in concat(values(aws_iam_role_policy.jobs), [aws_iam_role_policy.compare]) : [
        for s in jsondecode(policy.policy).Statement : strcontains(jsonencode(s), "s3:prefix")
        if contains(flatten([s.Action]), "s3:ListBucket")
      ]
    ]))
    error_message = "every s3:ListBucket has a condition"
  }
}

run "the_compare_role_reads_dumps_and_writes_reports" {
  assert {
    condition = alltrue([
      for s in jsondecode(aws_iam_role_policy.compare.policy).Statement :
      !contains(flatten([s.Action]), "s3:PutObject") || join(",", s.Resource) == "arn:aws:s3:::example-dumps/comparison/*"
    ])
    error_message = "it writes nothing else"
  }
  assert {
    condition     = !strcontains(aws_iam_role_policy.compare.policy, "secretsmanager")
    error_message = "it has no secret"
  }
}

run "the_comparison_reads_the_old_jobs_dumps_too" {
  variables {
    dump_prefixes     = ["dumps-new/"]
    compared_prefixes = ["dumps/", "dumps-new/"]
  }
  assert {
    condition     = strcontains(aws_iam_role_policy.compare.policy, "example-dumps/dumps/*") && !strcontains(aws_iam_role_policy.jobs["full-dump"].policy, "example-dumps/dumps/*")
    error_message = "the new job does not write where the old one does"
  }
}

run "alerts_metrics_and_keys_are_allowed_when_they_are_named" {
  variables {
    topic_arns      = ["arn:aws:sns:ap-northeast-1:123456789012:alerts"]
    object_key_arns = ["arn:aws:kms:ap-northeast-1:123456789012:key/00000000-0000-0000-0000-000000000000"]
    lock_prefix     = null
    tell_absence    = false
  }
  assert {
    condition = [for s in jsondecode(aws_iam_role_policy.jobs["full-dump"].policy).Statement : s.Sid] == [
      "Secret", "Dump", "Manifest", "ObjectKey", "Topic", "Metrics",
    ]
    error_message = "a statement for each, and none for the lock"
  }
  assert {
    condition     = strcontains(aws_iam_role_policy.jobs["full-dump"].policy, "s3.ap-northeast-1.amazonaws.com")
    error_message = "keys only through the service"
  }
}

run "the_policies_fit_into_a_role" {
  variables {
    dump_prefixes   = ["dumps/", "dumps-new/", "dumps-test/"]
    export_prefixes = ["exports/", "exports-old-form/"]
    topic_arns      = ["arn:aws:sns:ap-northeast-1:123456789012:datatransit-alerts"]
    topic_key_arns  = ["arn:aws:kms:ap-northeast-1:123456789012:key/00000000-0000-0000-0000-000000000000"]
    object_key_arns = ["arn:aws:kms:ap-northeast-1:123456789012:key/00000000-0000-0000-0000-000000000000"]
    secret_key_arns = ["arn:aws:kms:ap-northeast-1:123456789012:key/00000000-0000-0000-0000-000000000000"]
  }
  assert {
    condition     = sum(concat([length(aws_iam_role_policy.take_compare_role.policy)], [for policy in aws_iam_role_policy.jobs : length(policy.policy)])) <= 10240
    error_message = "IAM's limit of the inline policies of a role, with everything switched on"
  }
}

run "session_manager_can_be_left_out" {
  command = plan
  variables {
    session_manager = false
  }
  assert {
    condition     = length(aws_iam_role_policy_attachment.session_manager) == 0
    error_message = "no attachment"
  }
}

run "a_bucket_by_name_is_refused" {
  command = plan
  variables {
    bucket_arn = "example-dumps"
  }
  expect_failures = [var.bucket_arn]
}

run "a_prefix_without_a_slash_is_refused" {
  command = plan
  variables {
    dump_prefixes = ["dumps"]
  }
  expect_failures = [var.dump_prefixes]
}

run "a_secret_without_its_suffix_is_refused" {
  command = plan
  variables {
    secret_arns = ["arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:prod/rds-cron"]
  }
  expect_failures = [var.secret_arns]
}
