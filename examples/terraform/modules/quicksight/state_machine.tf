# For refreshes longer than the function may run: start, wait, ask again.

resource "aws_sfn_state_machine" "this" {
  count = var.state_machine ? 1 : 0

  name     = var.name
  role_arn = aws_iam_role.state_machine[0].arn
  type     = "STANDARD"
  tags     = var.tags

  # Decoded and encoded again, so that a broken document fails the plan.
  definition = jsonencode(jsondecode(templatefile("${path.module}/refresh.asl.json", {
    partition       = local.partition
    function_arn    = aws_lambda_alias.live.arn
    poll_seconds    = var.poll_seconds
    timeout_seconds = var.state_machine_timeout_seconds
  })))
}

resource "aws_iam_role" "state_machine" {
  count = var.state_machine ? 1 : 0

  name                 = "${var.name}-state-machine"
  description          = "Calls ${var.name} until a refresh has ended"
  permissions_boundary = var.permissions_boundary
  tags                 = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "states.amazonaws.com" }
      Condition = {
        StringEquals = { "aws:SourceAccount" = local.account }
        ArnLike      = { "aws:SourceArn" = "arn:${local.partition}:states:${local.region}:${local.account}:stateMachine:${var.name}" }
      }
    }]
  })
}

resource "aws_iam_role_policy" "state_machine" {
  count = var.state_machine ? 1 : 0

  name = "invoke"
  role = aws_iam_role.state_machine[0].name

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "lambda:InvokeFunction", Resource = aws_lambda_alias.live.arn }]
  })
}
