variable "binary" {
  description = "The program whose calls are allowed: a key of calls.json."
  type        = string

  validation {
    condition     = contains(keys(jsondecode(file("${path.module}/calls.json"))), var.binary)
    error_message = "calls.json knows no such binary."
  }
}

variable "resources" {
  description = "ARNs by the table's kind of resource; a kind that is left out gets no statement."
  type        = map(list(string))

  validation {
    condition = alltrue([
      for kind in keys(var.resources) : contains(
        distinct(flatten([for entries in values(jsondecode(file("${path.module}/calls.json"))) : entries[*].resource])), kind
      )
    ])
    error_message = "calls.json knows no such kind of resource."
  }

  validation {
    condition = alltrue([
      for kind, arns in var.resources : alltrue([
        for arn in arns : arn == "*" ? contains(["metrics", "any_asset", "any_data_set"], kind) : can(regex("^arn:", arn))
      ])
    ])
    error_message = "Only metrics, any_asset and any_data_set may be \"*\"; everything else is an ARN."
  }
}

variable "region" {
  description = "The region of the keys, for kms:ViaService."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "Not the name of a region, such as ap-northeast-1."
  }
}

variable "listed_prefixes" {
  description = "Patterns of s3:prefix that a listing may ask for."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "metric_namespace" {
  description = "The one CloudWatch namespace that metrics may go to."
  type        = string
  default     = "datatransit"
}
