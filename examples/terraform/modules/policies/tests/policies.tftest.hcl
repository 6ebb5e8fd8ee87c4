variables {
  binary = "full-dump"
  region = "ap-northeast-1"
  resources = {
    secret   = ["arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:dump-AbCdEf"]
    dump     = ["arn:aws:s3:::example-dumps/dumps/*"]
    manifest = ["arn:aws:s3:::example-dumps/dumps-manifest/*"]
    metrics  = ["*"]
    absence  = ["arn:aws:s3:::example-dumps"]
  }
  listed_prefixes = ["dumps/*"]
}

run "a_kind_without_arns_gets_no_statement" {
  assert {
    condition     = [for s in output.statements : s.Sid] == ["Secret", "Dump", "Manifest", "Absence", "Metrics"]
    error_message = "one statement for each kind that was given, in the table's order"
  }
  assert {
    condition     = alltrue([for s in jsondecode(output.json).Statement : s.Effect == "Allow" && length(s.Resource) > 0])
    error_message = "each allows something on something"
  }
}

run "dumps_are_never_deleted_nor_made_public" {
  assert {
    condition = length([
      for s in jsondecode(output.json).Statement : s
      if length(setintersection(s.Action, ["s3:DeleteObject", "s3:PutObjectAcl", "s3:GetObjectAcl"])) > 0
    ]) == 0
    error_message = "the job only adds objects"
  }
}

run "what_has_no_arn_is_narrowed_by_a_condition" {
  assert {
    condition     = one([for s in output.statements : s if s.Sid == "Metrics"]).Condition == { StringEquals = { "cloudwatch:namespace" = ["datatransit"] } }
    error_message = "metrics of one namespace"
  }
  assert {
    condition     = join(",", one([for s in output.statements : s if s.Sid == "Absence"]).Condition.StringLikeIfExists["s3:prefix"]) == "dumps/*"
    error_message = "a listing is held to its prefixes"
  }
}

run "a_star_is_refused_where_there_are_arns" {
  command = plan
  variables {
    resources = { dump = ["*"] }
  }
  expect_failures = [var.resources]
}

run "an_unknown_kind_is_refused" {
  command = plan
  variables {
    resources = { dumps = ["arn:aws:s3:::example-dumps/*"] }
  }
  expect_failures = [var.resources]
}

run "an_unknown_binary_is_refused" {
  command = plan
  variables {
    binary = "mysqldump"
  }
  expect_failures = [var.binary]
}
