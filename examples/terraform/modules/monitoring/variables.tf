variable "name" {
  description = "Beginning of the names of topic, key and alarms."
  type        = string
  default     = "datatransit"

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,40}$", var.name))
    error_message = "At most 40 letters, digits, dashes and underscores."
  }
}

variable "metric_namespace" {
  description = "CloudWatch namespace of the jobs' metrics."
  type        = string
  default     = "datatransit"
}

variable "jobs" {
  description = "By the value of the metrics' dimension Job: hours without a success after which the run was missed (26 for a nightly job; 0: no alarm), longest duration in seconds, and by how many per cent the stored size may differ from the run before (null: no alarm)."
  type = map(object({
    missed_after_hours   = optional(number, 26)
    max_duration_seconds = optional(number)
    size_change_percent  = optional(number)
  }))

  validation {
    condition     = alltrue([for job in values(var.jobs) : job.missed_after_hours >= 0 && job.missed_after_hours <= 168 && floor(job.missed_after_hours) == job.missed_after_hours])
    error_message = "0 to 168 whole hours: CloudWatch looks back seven days at most."
  }

  validation {
    condition     = alltrue([for job in values(var.jobs) : job.size_change_percent == null || try(job.size_change_percent > 0, false)])
    error_message = "The size's threshold is a positive number of per cent."
  }
}

variable "function" {
  description = "The refresh Lambda, for alarms on errors, throttles, and a duration of nine tenths of its timeout; none by default."
  type = object({
    name            = string
    timeout_seconds = number
  })
  default = null
}

variable "queues" {
  description = "Names of dead letter queues: a message in one is an alarm."
  type        = set(string)
  default     = []
}

variable "schedule_groups" {
  description = "Names of EventBridge Scheduler groups: a target that fails, or an invocation that is dropped, is an alarm."
  type        = set(string)
  default     = []
}

variable "state_machine" {
  description = "ARN of the Step Functions state machine, for alarms on failed and timed out executions; none by default."
  type        = string
  default     = null

  validation {
    condition     = var.state_machine == null || can(regex("^arn:[a-z-]+:states:[a-z0-9-]+:[0-9]{12}:stateMachine:", var.state_machine))
    error_message = "Not the ARN of a state machine."
  }
}

variable "with_state_machine" {
  description = "Whether there is a state machine; of its own, for its ARN is unknown before the first apply."
  type        = bool
  default     = false
}

variable "kms_key_arn" {
  description = "ARN of a KMS key for the topic that CloudWatch may use; by default one is made. The account's aws/sns cannot be used: CloudWatch may not encrypt with it."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/", var.kms_key_arn))
    error_message = "Not the ARN of a KMS key (an alias is none)."
  }
}

variable "subscriptions" {
  description = "Who hears of an alarm: protocol (email, https, sqs, lambda) and endpoint. An e-mail address has to confirm."
  type = map(object({
    protocol = string
    endpoint = string
  }))
  default = {}

  validation {
    condition     = alltrue([for s in values(var.subscriptions) : contains(["email", "email-json", "https", "sqs", "lambda"], s.protocol)])
    error_message = "email, email-json, https, sqs or lambda; plain http is none."
  }
}

variable "dashboard" {
  description = "Whether to make a CloudWatch dashboard of the jobs."
  type        = bool
  default     = true
}

variable "tags" {
  description = "Tags of all resources."
  type        = map(string)
  default     = {}
}
