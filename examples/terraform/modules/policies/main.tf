# One table says which API calls each binary makes; the policies of all modules are
# made of it. The repository's tests hold it against recorded runs of the binaries.

locals {
  calls = jsondecode(file("${path.module}/calls.json"))

  # A resource that the caller gave no ARNs for is not used, and gets no statement.
  used = [
    for entry in local.calls[var.binary] : entry
    if length(lookup(var.resources, entry.resource, [])) > 0
  ]

  services = "${var.region}.amazonaws.com"

  # What narrows a statement beyond its ARNs. Of one shape, for HCL wants one.
  conditions = {
    secret_key = { StringEquals = { "kms:ViaService" = ["secretsmanager.${local.services}"] } }
    object_key = { StringEquals = { "kms:ViaService" = ["s3.${local.services}"] } }
    topic_key  = { StringEquals = { "kms:ViaService" = ["sns.${local.services}"] } }
    metrics    = { StringEquals = { "cloudwatch:namespace" = [var.metric_namespace] } }
    listing    = { StringLike = { "s3:prefix" = var.listed_prefixes } }
    # A request for one object carries no prefix; a listing does, and is held to these.
    absence = { StringLikeIfExists = { "s3:prefix" = var.listed_prefixes } }
  }

  statements = [
    for entry in local.used : merge(
      {
        Sid      = replace(title(replace(entry.resource, "_", " ")), " ", "")
        Effect   = "Allow"
        Action   = entry.actions
        Resource = var.resources[entry.resource]
      },
      contains(keys(local.conditions), entry.resource) ? { Condition = local.conditions[entry.resource] } : {},
    )
  ]
}
