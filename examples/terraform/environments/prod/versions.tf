terraform {
  required_version = ">= 1.11, < 2.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.66"
    }
  }

  # `terraform init -backend-config=backend.hcl`, see backend.hcl.example.
  backend "s3" {}
}

provider "aws" {
  region = var.region
  # Refuses to work on another account by mistake.
  allowed_account_ids = [var.account_id]

  default_tags {
    tags = merge({ Environment = "prod", ManagedBy = "terraform", Project = "datatransit" }, var.tags)
  }
}
