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
  description = "Name of a new bucket for dumps and exports."
  type        = string
}

variable "secret_name" {
  description = "Name of the secret with the login of the jobs' database user."
  type        = string
  default     = "dev/rds-cron"
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

variable "network" {
  description = "Where the task runs: the VPC, private subnets, and the database's addresses."
  type = object({
    vpc_id        = string
    subnet_ids    = list(string)
    database_cidr = string
  })
}

variable "task_image" {
  description = "Image of the dump's task."
  type        = string
}

variable "task_environment" {
  description = "The dump's settings as FULL_DUMP_…; no secret."
  type        = map(string)
  default     = {}
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

variable "alert_emails" {
  description = "Addresses that hear of alarms; none by default."
  type        = set(string)
  default     = []
}

variable "tags" {
  description = "Further tags of everything."
  type        = map(string)
  default     = {}
}
