variable "name" {
  description = "Name of the job: of the task family, the log group, the schedule and the roles."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9-]{1,40}$", var.name))
    error_message = "At most 40 lower-case letters, digits and dashes."
  }
}

variable "image" {
  description = "The image, by digest or tag. A static binary in a scratch image is enough: nothing is written to disk."
  type        = string

  validation {
    condition     = can(regex("[:@]", var.image)) && !endswith(var.image, ":latest")
    error_message = "Name a tag or a digest, and not latest: a task shall run what was tested."
  }
}

variable "command" {
  description = "The binary and its arguments, as cron would run it, without secrets."
  type        = list(string)

  validation {
    condition     = length(var.command) > 0
    error_message = "At least the binary."
  }
}

variable "environment" {
  description = "Environment variables of the job, without secrets."
  type        = map(string)
  default     = {}

  validation {
    condition     = length([for name in keys(var.environment) : name if can(regex("(?i)password|secret_access_key|session_token", name))]) == 0
    error_message = "Passwords and keys have no place here: the job reads its secret itself, by its role."
  }
}

variable "policy_json" {
  description = "Policy of the job, such as module ec2_iam_role's output policies[\"full-dump\"]."
  type        = string

  validation {
    condition     = can(jsondecode(var.policy_json).Statement)
    error_message = "Not the JSON of a policy."
  }
}

variable "cpu" {
  description = "CPU units; 1024 are one vCPU."
  type        = number
  default     = 1024

  validation {
    condition     = contains([256, 512, 1024, 2048, 4096], var.cpu)
    error_message = "Fargate has 256, 512, 1024, 2048 and 4096."
  }
}

variable "memory" {
  description = "Memory in MiB."
  type        = number
  default     = 2048

  validation {
    condition     = var.memory >= 512 && var.memory <= 30720
    error_message = "512 to 30720 MiB, in the steps that Fargate has for the CPU."
  }
}

variable "architecture" {
  description = "Architecture of the image."
  type        = string
  default     = "ARM64"

  validation {
    condition     = contains(["ARM64", "X86_64"], var.architecture)
    error_message = "Either ARM64 or X86_64."
  }
}

variable "cluster_arn" {
  description = "ARN of an existing ECS cluster; by default one is made."
  type        = string
  default     = null

  validation {
    condition     = var.cluster_arn == null || can(regex("^arn:[a-z-]+:ecs:[a-z0-9-]+:[0-9]{12}:cluster/", var.cluster_arn))
    error_message = "Not the ARN of a cluster."
  }
}

variable "vpc_id" {
  description = "The VPC that the database is in."
  type        = string

  validation {
    condition     = can(regex("^vpc-[0-9a-f]{8,17}$", var.vpc_id))
    error_message = "Not the id of a VPC."
  }
}

variable "subnet_ids" {
  description = "Private subnets with a way to S3, Secrets Manager, CloudWatch and the image's registry (NAT or endpoints)."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) > 0 && alltrue([for id in var.subnet_ids : can(regex("^subnet-[0-9a-f]{8,17}$", id))])
    error_message = "At least one subnet's id."
  }
}

variable "database_port" {
  description = "Port of the database, the only one besides 443 that the task may reach."
  type        = number
  default     = 3306

  validation {
    condition     = var.database_port > 0 && var.database_port < 65536
    error_message = "1 to 65535."
  }
}

variable "database_cidr" {
  description = "Addresses of the database."
  type        = string

  validation {
    condition     = can(cidrhost(var.database_cidr, 0)) && var.database_cidr != "0.0.0.0/0"
    error_message = "A CIDR such as 10.0.0.0/16, not the whole world."
  }
}

variable "schedule" {
  description = "When: cron(…), rate(…) or at(…), in the time zone."
  type        = string
  default     = "cron(30 5 * * ? *)"

  validation {
    condition     = can(regex("^cron\\(([^ ()]+ ){5}[^ ()]+\\)$", var.schedule)) || can(regex("^(rate|at)\\([^()]+\\)$", var.schedule))
    error_message = "EventBridge's cron has six fields: cron(30 5 * * ? *)."
  }
}

variable "timezone" {
  description = "IANA time zone of the schedule."
  type        = string
  default     = "Asia/Tokyo"

  validation {
    condition     = var.timezone == "UTC" || can(regex("^[A-Z][A-Za-z]+/[A-Za-z_+-]+[0-9]*(/[A-Za-z_]+)?$", var.timezone))
    error_message = "An IANA zone such as Asia/Tokyo; JST and +09:00 are none."
  }
}

variable "flexible_minutes" {
  description = "The task starts within so many minutes after its time; 0 is at once."
  type        = number
  default     = 0

  validation {
    condition     = var.flexible_minutes >= 0 && var.flexible_minutes <= 1440
    error_message = "0 to 1440 minutes."
  }
}

variable "enabled" {
  description = "Whether the schedule runs. To move a job off the machine: apply with false, run the task once by hand, then true here and off there."
  type        = bool
  default     = true
}

variable "start_attempts" {
  description = "How often the scheduler tries to start the task again when ECS refuses; the job itself is never repeated."
  type        = number
  default     = 2

  validation {
    condition     = var.start_attempts >= 0 && var.start_attempts <= 10
    error_message = "0 to 10."
  }
}

variable "topic_arn" {
  description = "ARN of the topic that hears of a task that stopped with another code than 0; none by default."
  type        = string
  default     = null

  validation {
    condition     = var.topic_arn == null || can(regex("^arn:[a-z-]+:sns:[a-z0-9-]+:[0-9]{12}:", var.topic_arn))
    error_message = "Not the ARN of an SNS topic."
  }
}

variable "notify" {
  description = "Whether to tell the topic; of its own, for its ARN is unknown before the first apply."
  type        = bool
  default     = false
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

variable "log_key_arn" {
  description = "ARN of a KMS key for the log; CloudWatch's own by default."
  type        = string
  default     = null
}

variable "permissions_boundary" {
  description = "ARN of a policy that bounds the roles; none by default."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags of all resources."
  type        = map(string)
  default     = {}
}
