# Plans only: an apply would run the script, which the repository's tests run against a
# double of the AWS CLI.

mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { region = "ap-northeast-1" }
  }
  mock_data "aws_instance" {
    defaults = {
      iam_instance_profile = "datatransit-jobs"
      metadata_options     = [{ http_tokens = "required" }]
    }
  }
}

variables {
  instance_id           = "i-0123456789abcdef0"
  instance_profile_name = "datatransit-jobs"
  region                = "ap-northeast-1"
}

run "the_association_is_made_anew_only_for_another_instance_or_profile" {
  command = plan
  assert {
    condition     = toset(keys(terraform_data.profile[0].triggers_replace)) == toset(["hop_limit", "instance_id", "profile_name", "region", "script"])
    error_message = "the instance's state is no trigger"
  }
  assert {
    condition     = length(aws_instance.adopted) == 0
    error_message = "the instance stays outside of the state"
  }
}

run "an_adopted_instance_demands_imdsv2" {
  command = plan
  variables {
    method    = "adopt"
    hop_limit = 2
  }
  assert {
    condition     = one(aws_instance.adopted[0].metadata_options).http_tokens == "required" && one(aws_instance.adopted[0].metadata_options).http_put_response_hop_limit == 2
    error_message = "IMDSv2, for containers too"
  }
  assert {
    condition     = aws_instance.adopted[0].iam_instance_profile == "datatransit-jobs" && length(terraform_data.profile) == 0
    error_message = "the profile by the provider, not by the script"
  }
}

run "a_missing_profile_and_imdsv1_show_in_the_plan" {
  command = plan
  override_data {
    target = data.aws_instance.this
    values = { iam_instance_profile = "", metadata_options = [{ http_tokens = "optional" }] }
  }
  expect_failures = [check.instance]
}

run "tags_are_resources_of_their_own" {
  command = plan
  variables {
    instance_tags = { Role = "nightly jobs", Quote = "it's \"quoted\"" }
  }
  assert {
    condition     = aws_ec2_tag.instance["Quote"].value == "it's \"quoted\"" && aws_ec2_tag.instance["Role"].value == "nightly jobs"
    error_message = "values with spaces and quotes are whole"
  }
}

run "endpoints_and_the_regions_defaults_are_asked_for" {
  command = plan
  variables {
    region_metadata_defaults = true
    session_manager_endpoints = {
      vpc_id             = "vpc-0123456789abcdef0"
      subnet_ids         = ["subnet-0123456789abcdef0"]
      security_group_ids = ["sg-0123456789abcdef0"]
    }
  }
  assert {
    condition     = aws_vpc_endpoint.session_manager["ssmmessages"].service_name == "com.amazonaws.ap-northeast-1.ssmmessages" && length(aws_vpc_endpoint.session_manager) == 3
    error_message = "the three that Session Manager needs"
  }
  assert {
    condition     = aws_ec2_instance_metadata_defaults.region[0].http_tokens == "required"
    error_message = "for new instances"
  }
}

run "what_is_no_instance_is_refused" {
  command = plan
  variables {
    instance_id = "web-1"
  }
  expect_failures = [var.instance_id]
}
