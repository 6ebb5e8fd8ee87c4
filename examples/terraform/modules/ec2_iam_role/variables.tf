variable "name" {
  description = "Name of the role and of the instance profile, and the beginning of the compare role's name."
  type        = string
  default     = "datatransit-jobs"

  validation {
    condition     = can(regex("^[A-Za-z0-9+=,.@_-]{1,50}$", var.name))
    error_message = "At most 50 of the characters that IAM allows in names."
  }
}

variable "path" {
  description = "IAM path of the roles and of the profile."
  type        = string
  default     = "/"

  validation {
    condition     = can(regex("^/([!-~]+/)?$", var.path))
    error_message = "A path begins and ends with a slash."
  }
}

variable "permissions_boundary" {
  description = "ARN of a policy that bounds both roles; none by default."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary == null || can(regex("^arn:[a-z-]+:iam::([0-9]{12}|aws):policy/", var.permissions_boundary))
    error_message = "Not the ARN of an IAM policy."
  }
}

variable "max_session_duration" {
  description = "Longest session of the roles, in seconds."
  type        = number
  default     = 3600

  validation {
    condition     = var.max_session_duration >= 3600 && var.max_session_duration <= 43200
    error_message = "IAM allows 3600 to 43200 seconds."
  }
}

variable "bucket_arn" {
  description = "ARN of the bucket that dumps, exports, manifests, reports and locks lie in."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:s3:::[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.bucket_arn))
    error_message = "Not the ARN of a bucket, such as arn:aws:s3:::example-dumps."
  }
}

variable "dump_prefixes" {
  description = "Prefixes that full-dump writes to. During the parallel run add the test prefix; take it out after the cutover."
  type        = list(string)
  default     = ["dumps/"]

  validation {
    condition     = length(var.dump_prefixes) > 0 && alltrue([for p in var.dump_prefixes : can(regex("^[^/*?].*/$", p))])
    error_message = "A prefix ends with a slash, begins without one, and is no pattern."
  }
}

variable "export_prefixes" {
  description = "Prefixes that query-export writes to."
  type        = list(string)
  default     = ["exports/"]

  validation {
    condition     = alltrue([for p in var.export_prefixes : can(regex("^[^/*?].*/$", p))])
    error_message = "A prefix ends with a slash, begins without one, and is no pattern."
  }
}

variable "manifest_prefixes" {
  description = "Prefixes of the manifests of dumps and exports."
  type        = list(string)
  default     = ["dumps-manifest/", "exports-manifest/"]

  validation {
    condition     = alltrue([for p in var.manifest_prefixes : can(regex("^[^/*?].*/$", p))])
    error_message = "A prefix ends with a slash, begins without one, and is no pattern."
  }
}

variable "compared_prefixes" {
  description = "Prefixes that compare-dumps reads: during the parallel run the old jobs' too. By default those of the dumps and exports."
  type        = list(string)
  default     = null

  validation {
    condition     = alltrue([for p in coalesce(var.compared_prefixes, []) : can(regex("^[^/*?].*/$", p))])
    error_message = "A prefix ends with a slash, begins without one, and is no pattern."
  }
}

variable "report_prefix" {
  description = "Prefix of compare-dumps' reports."
  type        = string
  default     = "comparison/"

  validation {
    condition     = can(regex("^[^/*?].*/$", var.report_prefix))
    error_message = "A prefix ends with a slash, begins without one, and is no pattern."
  }
}

variable "lock_prefix" {
  description = "Prefix of the locks that hosts share; null where the jobs use none."
  type        = string
  default     = "locks/"

  validation {
    condition     = var.lock_prefix == null || can(regex("^[^/*?].*/$", var.lock_prefix))
    error_message = "A prefix ends with a slash, begins without one, and is no pattern."
  }
}

variable "tell_absence" {
  description = "Whether the jobs may see that an object is not there (s3:ListBucket); for --if-exists, and for gates on yesterday's manifest. Without it S3 answers 403."
  type        = bool
  default     = true
}

variable "secret_arns" {
  description = "Full ARNs, with the random suffix, of the secrets that the jobs read."
  type        = list(string)

  validation {
    condition     = length(var.secret_arns) > 0 && alltrue([for a in var.secret_arns : can(regex("^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:.+-[A-Za-z0-9]{6}$", a))])
    error_message = "A secret's full ARN ends with a dash and six characters."
  }
}

variable "secret_key_arns" {
  description = "ARNs of the KMS keys of the secrets; none for the account's aws/secretsmanager."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for a in var.secret_key_arns : can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/", a))])
    error_message = "Not the ARN of a KMS key (an alias is none)."
  }
}

variable "object_key_arns" {
  description = "ARNs of the KMS keys of the bucket; none with SSE-S3."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for a in var.object_key_arns : can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/", a))])
    error_message = "Not the ARN of a KMS key (an alias is none)."
  }
}

variable "topic_arns" {
  description = "ARNs of the SNS topics that the jobs publish alerts to."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for a in var.topic_arns : can(regex("^arn:[a-z-]+:sns:[a-z0-9-]+:[0-9]{12}:", a))])
    error_message = "Not the ARN of an SNS topic."
  }
}

variable "topic_key_arns" {
  description = "ARNs of the KMS keys of the topics."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for a in var.topic_key_arns : can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/", a))])
    error_message = "Not the ARN of a KMS key (an alias is none)."
  }
}

variable "metric_namespace" {
  description = "CloudWatch namespace of the jobs' metrics; null where they send none."
  type        = string
  default     = "datatransit"
}

variable "binaries" {
  description = "The programs that run on the instance, each with what it calls and no more."
  type        = set(string)
  default     = ["full-dump", "query-export", "doctor", "quarantine"]

  validation {
    condition     = length(setsubtract(var.binaries, ["full-dump", "query-export", "doctor", "quarantine"])) == 0
    error_message = "Known here: full-dump, query-export, doctor, quarantine. compare-dumps has a role of its own."
  }
}

variable "session_manager" {
  description = "Whether Session Manager may reach the instance (AmazonSSMManagedInstanceCore), instead of ssh."
  type        = bool
  default     = true
}

variable "compare_principals" {
  description = "ARNs of IAM principals that may take the compare role, besides the instance."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for a in var.compare_principals : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:(role|user|root)", a))])
    error_message = "Not the ARN of a role, a user or an account."
  }
}

variable "tags" {
  description = "Tags of all resources."
  type        = map(string)
  default     = {}
}
