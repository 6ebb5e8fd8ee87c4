# A profile is associated with a running instance: nothing stops, and the jobs that
# still have static keys do not notice, for the SDKs look for those first.

locals {
  adopted = var.method == "adopt"
  script  = "${path.module}/associate-profile.sh"
}

# The provider has no resource for the association. The script is idempotent, fails
# when it fails, and undoes itself on destroy.
resource "terraform_data" "profile" {
  count = local.adopted ? 0 : 1

  # Not the instance's state: a stop and a start change nothing here.
  triggers_replace = {
    instance_id  = var.instance_id
    profile_name = var.instance_profile_name
    hop_limit    = var.hop_limit
    region       = var.region
    script       = filesha256(local.script)
  }

  input = {
    script       = abspath(local.script)
    instance_id  = var.instance_id
    profile_name = var.instance_profile_name
    region       = var.region
  }

  provisioner "local-exec" {
    command = "sh \"$SCRIPT\" associate"
    environment = {
      SCRIPT       = local.script
      INSTANCE_ID  = var.instance_id
      PROFILE_NAME = var.instance_profile_name
      HOP_LIMIT    = var.hop_limit
      AWS_REGION   = var.region
    }
  }

  provisioner "local-exec" {
    when    = destroy
    command = "sh \"$SCRIPT\" disassociate"
    environment = {
      SCRIPT       = self.input.script
      INSTANCE_ID  = self.input.instance_id
      PROFILE_NAME = self.input.profile_name
      AWS_REGION   = self.input.region
    }
  }
}

# Only the two settings are managed; what else the instance is, it stays.
resource "aws_instance" "adopted" {
  count = local.adopted ? 1 : 0

  iam_instance_profile = var.instance_profile_name

  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = var.hop_limit
  }

  lifecycle {
    prevent_destroy = true
    ignore_changes = [
      ami, associate_public_ip_address, availability_zone, cpu_options, credit_specification,
      disable_api_stop, disable_api_termination, ebs_block_device, ebs_optimized, enclave_options,
      instance_initiated_shutdown_behavior, instance_type, key_name, maintenance_options, monitoring,
      placement_group, private_dns_name_options, private_ip, root_block_device, security_groups,
      source_dest_check, subnet_id, tags, tags_all, tenancy, user_data, user_data_base64,
      user_data_replace_on_change, volume_tags, vpc_security_group_ids,
    ]
  }
}

# Drift shows in every plan, whichever way was taken.
check "instance" {
  data "aws_instance" "this" {
    instance_id = var.instance_id
  }

  assert {
    condition     = data.aws_instance.this.iam_instance_profile == var.instance_profile_name
    error_message = "The instance does not have this profile: apply again with -replace of the association, or see who took it off."
  }

  assert {
    condition     = try(data.aws_instance.this.metadata_options[0].http_tokens, "") == "required"
    error_message = "The instance still answers IMDSv1."
  }
}

resource "aws_ec2_instance_metadata_defaults" "region" {
  count = var.region_metadata_defaults ? 1 : 0

  http_tokens                 = "required"
  http_put_response_hop_limit = var.hop_limit
}

resource "aws_ec2_tag" "instance" {
  for_each = var.instance_tags

  resource_id = var.instance_id
  key         = each.key
  value       = each.value
}

data "aws_region" "current" {}

resource "aws_vpc_endpoint" "session_manager" {
  for_each = toset(var.session_manager_endpoints == null ? [] : ["ssm", "ssmmessages", "ec2messages"])

  vpc_id              = var.session_manager_endpoints.vpc_id
  service_name        = "com.amazonaws.${data.aws_region.current.region}.${each.key}"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
  subnet_ids          = var.session_manager_endpoints.subnet_ids
  security_group_ids  = var.session_manager_endpoints.security_group_ids
  tags                = merge(var.tags, { Name = each.key })
}
