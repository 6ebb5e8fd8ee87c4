variable "name" {
  description = "Name of the function, and beginning of the names of what belongs to it."
  type        = string
  default     = "spice-refresh"

  validation {
    condition     = can(regex("^[a-z0-9-]{1,40}$", var.name))
    error_message = "At most 40 lower-case letters, digits and dashes."
  }
}

# What QuickSight reads.

variable "data_source" {
  description = "The database as a QuickSight data source, its login by reference to a secret; none by default. type is MYSQL, AURORA or MARIADB; permissions are lists of actions by principal ARN."
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

  validation {
    condition     = var.data_source == null || contains(["MYSQL", "AURORA", "MARIADB"], try(var.data_source.type, ""))
    error_message = "The type is MYSQL, AURORA or MARIADB."
  }

  validation {
    condition     = var.data_source == null || can(regex("^arn:[a-z-]+:secretsmanager:", var.data_source.secret_arn))
    error_message = "The secret's full ARN: user and password have no place in plan and state."
  }
}

variable "secrets_role_name" {
  description = "Name of the role that QuickSight reads secrets with (aws-quicksight-secretsmanager-role-v0, made by QuickSight's console), to let it read the data source's; null where the console did."
  type        = string
  default     = null
}

variable "vpc_connection" {
  description = "QuickSight's way into the VPC: id, at least two subnets, and security groups that lead to the database. None by default."
  type = object({
    id                 = string
    vpc_id             = string
    subnet_ids         = list(string)
    security_group_ids = list(string)
    dns_resolvers      = optional(list(string), [])
  })
  default = null

  validation {
    condition     = var.vpc_connection == null || try(length(var.vpc_connection.subnet_ids) >= 2 && length(var.vpc_connection.security_group_ids) >= 1, false)
    error_message = "QuickSight wants two subnets or more, and a security group."
  }
}

variable "refresh_schedules" {
  description = "QuickSight's own schedules, the way without the Lambda: by a name, the data set, interval (DAILY, WEEKLY, HOURLY, MINUTE30, MINUTE15), time of day HH:MM, time zone, full or incremental. They do not wait, alert, or know the dump."
  type = map(object({
    data_set_id  = string
    interval     = optional(string, "DAILY")
    time         = string
    timezone     = optional(string, "Asia/Tokyo")
    refresh_type = optional(string, "FULL_REFRESH")
  }))
  default = {}

  validation {
    condition     = alltrue([for s in values(var.refresh_schedules) : can(regex("^([01][0-9]|2[0-3]):[0-5][0-9]$", s.time))])
    error_message = "A time of day such as 08:00."
  }

  validation {
    condition     = alltrue([for s in values(var.refresh_schedules) : contains(["FULL_REFRESH", "INCREMENTAL_REFRESH"], s.refresh_type)])
    error_message = "FULL_REFRESH or INCREMENTAL_REFRESH."
  }
}

variable "deployer" {
  description = "A role for the program dashboards in CI, by OIDC: the provider's ARN, and the subjects that may take it, such as repo:example/dashboards:environment:production; and where the deploys' lock in S3 is, as s3://BUCKET/KEY. None by default."
  type = object({
    oidc_provider_arn = string
    subjects          = list(string)
    audience          = optional(string, "sts.amazonaws.com")
    lock              = optional(string)
  })
  default = null

  validation {
    condition     = var.deployer == null || can(regex("^arn:[a-z-]+:iam::[0-9]{12}:oidc-provider/", var.deployer.oidc_provider_arn))
    error_message = "Not the ARN of an OIDC provider."
  }

  validation {
    condition     = try(var.deployer.lock, null) == null || can(regex("^s3://[a-z0-9.-]+/.+$", var.deployer.lock))
    error_message = "The lock is s3://BUCKET/KEY."
  }

  validation {
    condition     = var.deployer == null || try(length(var.deployer.subjects) > 0 && alltrue([for s in var.deployer.subjects : s != "*" && !startswith(s, "repo:*")]), false)
    error_message = "Subjects name a repository: a pattern for any repository would let strangers in."
  }
}

# The function.

variable "zip_path" {
  description = "The function's zip with one file, bootstrap; `make lambda` makes target/lambda/spice-refresh-lambda-arm64.zip."
  type        = string

  validation {
    condition     = fileexists(var.zip_path)
    error_message = "There is no such file: run `make lambda` first."
  }
}

variable "data_set_ids" {
  description = "Data sets by id, in this order; given to the function as QUICKSIGHT_DATASET_IDS."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for id in var.data_set_ids : can(regex("^[A-Za-z0-9_-]+$", id))])
    error_message = "The id of a data set, not its name or ARN."
  }
}

variable "refresh" {
  description = "What is refreshed and how, given to the function as SPICE_REFRESH_CONFIG; what is not given is the function's default."
  type = object({
    data_sets = optional(list(object({
      id        = optional(string)
      name      = optional(string)
      glob      = optional(string)
      tag       = optional(object({ key = string, value = string }))
      dashboard = optional(string)
      all       = optional(bool)
      mode      = optional(string)
    })))
    on_running                = optional(string)
    deadline_seconds          = optional(number)
    data_set_deadline_seconds = optional(number)
    concurrency               = optional(number)
    cancel_on_deadline        = optional(bool)
    max_dropped_rows          = optional(number)
    gate = optional(object({
      manifest         = string
      max_age_hours    = optional(number)
      timezone         = optional(string)
      patience_seconds = optional(number)
    }))
  })
  default = {}

  validation {
    condition     = contains(["attach", "skip", "queue", "replace"], coalesce(var.refresh.on_running, "attach"))
    error_message = "on_running is attach, skip, queue or replace."
  }

  validation {
    condition = alltrue([
      for d in coalesce(var.refresh.data_sets, []) :
      length([for part in [d.id, d.name, d.glob, d.tag, d.dashboard, d.all] : true if part != null]) == 1 && contains(["full", "incremental"], coalesce(d.mode, "full"))
    ])
    error_message = "A data set is named in one way (id, name, glob, tag, dashboard or all); its mode is full or incremental."
  }

  validation {
    condition     = var.refresh.gate == null || can(regex("^s3://[a-z0-9.-]+/.+$", var.refresh.gate.manifest))
    error_message = "The gate's manifest is s3://BUCKET/KEY, with strftime's conversions in the key."
  }
}

variable "object_key_arns" {
  description = "ARNs of the KMS keys of the manifests' bucket; none with SSE-S3."
  type        = list(string)
  default     = []
}

variable "timeout_seconds" {
  description = "The function's timeout; 900 is Lambda's longest."
  type        = number
  default     = 900

  validation {
    condition     = var.timeout_seconds >= 10 && var.timeout_seconds <= 900
    error_message = "10 to 900 seconds; longer ingestions want the state machine."
  }
}

variable "memory_mb" {
  description = "The function's memory."
  type        = number
  default     = 128

  validation {
    condition     = var.memory_mb >= 128 && var.memory_mb <= 1024
    error_message = "128 to 1024 MB."
  }
}

variable "log_level" {
  description = "Level of the function's log."
  type        = string
  default     = "INFO"

  validation {
    condition     = contains(["TRACE", "DEBUG", "INFO", "WARN", "ERROR"], var.log_level)
    error_message = "TRACE, DEBUG, INFO, WARN or ERROR."
  }
}

variable "log_retention_days" {
  description = "How long the log is kept."
  type        = number
  default     = 90

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827], var.log_retention_days)
    error_message = "One of CloudWatch's numbers, such as 30, 90 or 365."
  }
}

variable "kms_key_arn" {
  description = "ARN of a KMS key for log and queues; the services' own by default. Its policy has to let CloudWatch Logs, SQS, EventBridge and Scheduler use it."
  type        = string
  default     = null
}

variable "retries" {
  description = "How often Lambda repeats an event that failed, before it goes to the queue of failed events. A repeated event goes on where the run was: what is refreshed is not refreshed again."
  type        = number
  default     = 2

  validation {
    condition     = contains([0, 1, 2], var.retries)
    error_message = "0, 1 or 2."
  }
}

variable "tracing" {
  description = "Whether X-Ray traces the function."
  type        = bool
  default     = false
}

variable "permissions_boundary" {
  description = "ARN of a policy that bounds the roles; none by default."
  type        = string
  default     = null
}

# What starts it.

variable "schedules" {
  description = "By name: cron(…) or rate(…), in its IANA time zone; whether it runs; within how many minutes it starts. With an event below a clock is only the watchdog: let it be later than any good day."
  type = map(object({
    expression       = string
    timezone         = optional(string, "Asia/Tokyo")
    enabled          = optional(bool, true)
    flexible_minutes = optional(number, 0)
  }))
  default = {}

  validation {
    condition     = alltrue([for s in values(var.schedules) : can(regex("^cron\\(([^ ()]+ ){5}[^ ()]+\\)$", s.expression)) || can(regex("^rate\\([^()]+\\)$", s.expression))])
    error_message = "EventBridge's cron has six fields: cron(0 8 * * ? *)."
  }

  validation {
    condition     = alltrue([for s in values(var.schedules) : s.timezone == "UTC" || can(regex("^[A-Z][A-Za-z]+/[A-Za-z_+-]+[0-9]*(/[A-Za-z_]+)?$", s.timezone))])
    error_message = "An IANA zone such as Asia/Tokyo; JST and +09:00 are none."
  }
}

variable "manifest_event" {
  description = "The event-driven way: a refresh when a manifest is written. The bucket has to send its events to EventBridge (module dump_bucket does)."
  type = object({
    bucket = string
    prefix = optional(string, "dumps-manifest/")
  })
  default = null
}

variable "glue_jobs" {
  description = "Names of Glue jobs whose success starts a refresh; none by default."
  type        = list(string)
  default     = []
}

variable "state_machine" {
  description = "Whether schedules and events start a Step Functions state machine that asks again until all ingestions have ended, instead of the function: for refreshes longer than its timeout."
  type        = bool
  default     = false
}

variable "poll_seconds" {
  description = "Pause of the state machine between two looks."
  type        = number
  default     = 60

  validation {
    condition     = var.poll_seconds >= 5
    error_message = "5 seconds or more."
  }
}

variable "state_machine_timeout_seconds" {
  description = "Longest execution of the state machine."
  type        = number
  default     = 14400

  validation {
    condition     = var.state_machine_timeout_seconds >= 60
    error_message = "A minute or more."
  }
}

variable "tags" {
  description = "Tags of all resources."
  type        = map(string)
  default     = {}
}
