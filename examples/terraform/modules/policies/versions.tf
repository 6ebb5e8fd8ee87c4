terraform {
  # It computes and makes nothing, so it needs no provider.
  required_version = ">= 1.11, < 2.0"
}
