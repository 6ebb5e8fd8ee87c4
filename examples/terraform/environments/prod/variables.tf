variable "account_id" {
  description = "The account that this is applied to; another one is refused."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "Twelve digits."
  }
}

variable "region" {
  description = "Region of everything."
  type        = string
  default     = "ap-northeast-1"
}

variable "bucket" {
  description = "Name of the bucket of dumps and exports, and whether it is made here or exists."
  type = object({
    name   = string
    create = optional(bool, false)
    manage = optional(set(string), ["lifecycle"])
  })
}

variable "retention" {
  description = "By prefix, how long objects stay; see module dump_bucket."
  type = map(object({
    transition_days = optional(number)
    storage_class   = optional(string, "STANDARD_IA")
    expiration_days = optional(number)
  }))
  default = {
    "dumps/"   = { transition_days = 30, expiration_days = 400 }
    "exports/" = { expiration_days = 90 }
  }
}

variable "prefixes" {
  description = "Where the jobs write, by phase of the migration: the parallel run has dumps-new/ and exports-old-form/, and compares with the old jobs' prefixes; after the cutover they are dumps/ and exports/."
  type = object({
    dumps     = optional(list(string), ["dumps-new/"])
    exports   = optional(list(string), ["exports-old-form/"])
    manifests = optional(list(string), ["dumps-manifest/", "exports-manifest/", "exports-old-form-manifest/"])
    compared  = optional(list(string), ["dumps/", "dumps-new/", "daily/", "exports-old-form/"])
  })
  default = {}
}

variable "secret_name" {
  description = "Name of the secret with the login of the jobs' database user."
  type        = string
  default     = "prod/rds-cron"
}

variable "secret_value" {
  description = "Its JSON, for the first apply or a change; TF_VAR_secret_value, never a file. See module secrets."
  type        = string
  default     = null
  ephemeral   = true
  sensitive   = true
}

variable "secret_version" {
  description = "Counts the values that were given here; 0: the value is put elsewhere."
  type        = number
  default     = 0
}

variable "rotation" {
  description = "Rotation of the secret by a function; none by default. See module secrets."
  type = object({
    function_arn      = string
    function_role_arn = string
    schedule          = optional(string, "cron(0 1 1 * ? *)")
    duration          = optional(string, "2h")
    immediately       = optional(bool, false)
  })
  default = null
}

variable "instance" {
  description = "The existing instance that the jobs run on; null where they run as tasks. See module ec2_management."
  type = object({
    id     = string
    method = optional(string, "associate")
    tags   = optional(map(string), {})
  })
  default = null
}

variable "tasks" {
  description = "Jobs that run as Fargate tasks instead: by name, the binary whose policy they have, command, environment, schedule, and whether it runs. See module scheduled_task."
  type = map(object({
    binary      = string
    command     = list(string)
    environment = optional(map(string), {})
    schedule    = string
    enabled     = optional(bool, false)
    cpu         = optional(number, 1024)
    memory      = optional(number, 2048)
  }))
  default = {}
}

variable "task_image" {
  description = "Image of the tasks."
  type        = string
  default     = null
}

variable "network" {
  description = "For tasks and QuickSight's VPC connection: the VPC, private subnets, the database's addresses, and security groups that lead to it. null without either."
  type = object({
    vpc_id                        = string
    subnet_ids                    = list(string)
    database_cidr                 = string
    quicksight_security_group_ids = optional(list(string), [])
  })
  default = null
}

variable "data_source" {
  description = "QuickSight's data source; null where it exists. See module quicksight."
  type = object({
    id          = string
    name        = string
    type        = optional(string, "AURORA")
    host        = string
    port        = optional(number, 3306)
    database    = string
    secret_arn  = string
    permissions = optional(map(list(string)), {})
  })
  default = null
}

variable "lambda_zip" {
  description = "The function's zip, as `make lambda` makes it."
  type        = string
  default     = "../../../../target/lambda/spice-refresh-lambda-arm64.zip"
}

variable "data_set_ids" {
  description = "Data sets that are refreshed, in this order."
  type        = list(string)
}

variable "long_ingestions" {
  description = "Whether a state machine waits for the ingestions, for those that take longer than 15 minutes."
  type        = bool
  default     = false
}

variable "alert_emails" {
  description = "Addresses that hear of alarms; each has to confirm."
  type        = set(string)

  validation {
    condition     = length(var.alert_emails) > 0 && alltrue([for a in var.alert_emails : can(regex("^[^@ ]+@[^@ ]+\\.[^@ ]+$", a))])
    error_message = "At least one address: an alarm that nobody hears is none."
  }
}

variable "permissions_boundary" {
  description = "ARN of a policy that bounds all roles; none by default."
  type        = string
  default     = null
}

variable "tags" {
  description = "Further tags of everything."
  type        = map(string)
  default     = {}
}
