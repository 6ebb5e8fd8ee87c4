variable "instance_id" {
  description = "The existing, running instance."
  type        = string

  validation {
    condition     = can(regex("^i-[0-9a-f]{8,17}$", var.instance_id))
    error_message = "Not the id of an instance, such as i-0123456789abcdef0."
  }
}

variable "region" {
  description = "Region of the instance, for the AWS CLI that associates the profile."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "Not the name of a region, such as ap-northeast-1."
  }
}

variable "instance_profile_name" {
  description = "Name of the profile, from module ec2_iam_role."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9+=,.@_-]{1,128}$", var.instance_profile_name))
    error_message = "The profile's name, not its ARN."
  }
}

variable "method" {
  description = "\"associate\": a checked script attaches the profile and asks for IMDSv2, the instance stays outside of the state. \"adopt\": the instance is imported into the state, see the README."
  type        = string
  default     = "associate"

  validation {
    condition     = contains(["associate", "adopt"], var.method)
    error_message = "Either associate or adopt."
  }
}

variable "hop_limit" {
  description = "How many network hops an answer of the metadata service may take; 2 where the jobs run in containers."
  type        = number
  default     = 1

  validation {
    condition     = var.hop_limit >= 1 && var.hop_limit <= 2
    error_message = "1, or 2 for containers."
  }
}

variable "region_metadata_defaults" {
  description = "Whether new instances of the whole region shall demand IMDSv2."
  type        = bool
  default     = false
}

variable "instance_tags" {
  description = "Tags to add to the instance; other tags of it are left alone."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for key in keys(var.instance_tags) : !startswith(lower(key), "aws:")])
    error_message = "Tags that begin with aws: belong to AWS."
  }
}

variable "session_manager_endpoints" {
  description = "VPC endpoints for Session Manager in a VPC without a way out: the VPC, subnets, and security groups that let the instance in on 443. None by default."
  type = object({
    vpc_id             = string
    subnet_ids         = list(string)
    security_group_ids = list(string)
  })
  default = null

  validation {
    condition     = var.session_manager_endpoints == null || try(length(var.session_manager_endpoints.subnet_ids) > 0 && length(var.session_manager_endpoints.security_group_ids) > 0, false)
    error_message = "At least one subnet and one security group."
  }
}

variable "tags" {
  description = "Tags of the endpoints."
  type        = map(string)
  default     = {}
}
