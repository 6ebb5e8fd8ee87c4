variable "name" {
  description = "Name of the secret, such as prod/rds-cron."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9/_+=.@-]{1,500}$", var.name)) && !can(regex("-[A-Za-z0-9]{6}$", var.name))
    error_message = "Letters, digits and /_+=.@-; not a dash and six characters at the end, which reads like an ARN's suffix."
  }
}

variable "description" {
  description = "What the secret is for."
  type        = string
  default     = "Login of the nightly jobs' database user"
}

variable "value" {
  description = "The secret's JSON: engine, host, port, username, password, database. It is ephemeral and never in plan or state; null makes no version, and somebody else (the console, rotation) puts the value."
  type        = string
  default     = null
  ephemeral   = true
  sensitive   = true

  validation {
    condition     = var.value == null || alltrue([for key in ["host", "username", "password"] : try(length(jsondecode(var.value)[key]) > 0, false)])
    error_message = "A JSON object with host, username and password."
  }

  validation {
    condition     = !contains(["admin", "root", "rdsadmin"], try(lower(jsondecode(var.value).username), ""))
    error_message = "The jobs have a user of their own, with the grants of sql/grants.sql; not the server's administrator."
  }
}

variable "value_version" {
  description = "Counts the values: a higher number writes the value again, the same one leaves alone what a rotation has put since. 0 makes no version."
  type        = number
  default     = 0

  validation {
    condition     = var.value_version >= 0 && floor(var.value_version) == var.value_version
    error_message = "A whole number, 0 or more."
  }
}

variable "kms_key_arn" {
  description = "ARN of a KMS key of your own; the account's aws/secretsmanager by default."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/", var.kms_key_arn))
    error_message = "Not the ARN of a KMS key (an alias is none)."
  }
}

variable "recovery_window_in_days" {
  description = "How long a deleted secret can be had back."
  type        = number
  default     = 30

  validation {
    condition     = var.recovery_window_in_days >= 7 && var.recovery_window_in_days <= 30
    error_message = "7 to 30 days."
  }
}

variable "reader_role_arns" {
  description = "ARNs of the only roles that may read the value, besides the rotation's. None: identity policies alone decide. With it everybody else is denied, the administrator too: leave a role of yours in."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for a in var.reader_role_arns : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:role/", a))])
    error_message = "Not the ARN of a role."
  }
}

variable "rotation" {
  description = "Rotation by a function given by ARN (AWS's SecretsManagerRDSMySQLRotationMultiUser, or any other), with the function's role; a schedule and a window's length. None by default."
  type = object({
    function_arn      = string
    function_role_arn = string
    schedule          = optional(string, "cron(0 1 1 * ? *)")
    duration          = optional(string, "2h")
    immediately       = optional(bool, false)
  })
  default = null

  validation {
    condition     = var.rotation == null || can(regex("^arn:[a-z-]+:lambda:[a-z0-9-]+:[0-9]{12}:function:", var.rotation.function_arn))
    error_message = "Not the ARN of a Lambda function."
  }

  validation {
    condition     = var.rotation == null || can(regex("^(rate\\([0-9]+ (days|hours)\\)|cron\\([^()]+\\))$", var.rotation.schedule))
    error_message = "A schedule is rate(30 days) or cron(…), in UTC."
  }

  validation {
    condition     = var.rotation == null || can(regex("^[0-9]{1,2}h$", var.rotation.duration))
    error_message = "A window's length is in whole hours, such as 2h."
  }
}

variable "tags" {
  description = "Tags of the secret."
  type        = map(string)
  default     = {}
}
