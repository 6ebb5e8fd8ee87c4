variable "bucket" {
  description = "Name of the bucket."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.bucket)) && !can(regex("\\.\\.", var.bucket))
    error_message = "3 to 63 lower-case letters, digits, dashes and dots."
  }
}

variable "create" {
  description = "Whether to make the bucket. false: it exists, and only what the switches below name is managed."
  type        = bool
  default     = true
}

variable "manage" {
  description = "For an existing bucket, what is managed; each replaces what the bucket has of it. A new bucket always gets all."
  type        = set(string)
  default     = ["lifecycle"]

  validation {
    condition     = length(setsubtract(var.manage, ["lifecycle", "policy", "public_access_block", "encryption", "versioning", "notification"])) == 0
    error_message = "Known: lifecycle, policy, public_access_block, encryption, versioning, notification."
  }
}

variable "kms_key_arn" {
  description = "ARN of a KMS key for the objects; SSE-S3 by default."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/", var.kms_key_arn))
    error_message = "Not the ARN of a KMS key (an alias is none)."
  }
}

variable "minimum_tls_version" {
  description = "The oldest TLS that is let in."
  type        = string
  default     = "1.2"

  validation {
    condition     = contains(["1.2", "1.3"], var.minimum_tls_version)
    error_message = "Either 1.2 or 1.3."
  }
}

variable "abort_incomplete_after_days" {
  description = "When the parts of an upload that nobody finished are thrown away. A killed job leaves some."
  type        = number
  default     = 2

  validation {
    condition     = var.abort_incomplete_after_days >= 1 && var.abort_incomplete_after_days <= 7
    error_message = "1 to 7 days."
  }
}

variable "noncurrent_days" {
  description = "How long an overwritten object can be had back."
  type        = number
  default     = 30

  validation {
    condition     = var.noncurrent_days >= 1
    error_message = "At least a day."
  }
}

variable "retention" {
  description = "By prefix: after how many days objects move to another storage class (null: never) and expire (null: never)."
  type = map(object({
    transition_days = optional(number)
    storage_class   = optional(string, "STANDARD_IA")
    expiration_days = optional(number)
  }))
  default = {}

  validation {
    condition     = alltrue([for prefix in keys(var.retention) : can(regex("^[^/*?].*/$", prefix))])
    error_message = "A prefix ends with a slash, begins without one, and is no pattern."
  }

  validation {
    condition = alltrue([
      for rule in values(var.retention) : rule.transition_days == null || rule.expiration_days == null || try(rule.expiration_days > rule.transition_days, false)
    ])
    error_message = "An object moves before it expires."
  }

  validation {
    condition     = alltrue([for rule in values(var.retention) : try(rule.transition_days >= 30, rule.transition_days == null)])
    error_message = "S3 moves no object to an infrequent-access class before 30 days."
  }
}

variable "object_lock_days" {
  description = "Object Lock in governance mode for this many days, for a new bucket only; none by default."
  type        = number
  default     = null

  validation {
    condition     = var.object_lock_days == null || try(var.object_lock_days >= 1, false)
    error_message = "At least a day."
  }
}

variable "event_bridge" {
  description = "Whether S3 sends its events to EventBridge: a manifest that is written can then start the refresh."
  type        = bool
  default     = true
}

variable "tags" {
  description = "Tags of a new bucket."
  type        = map(string)
  default     = {}
}
