variable "dataset" {
  type = string
}

variable "region" {
  type = string
}

variable "deletion_protection" {
  description = "Refuses to delete a dataset that has tables."
  type        = bool
}

variable "kms_key" {
  type    = string
  default = null
}

variable "labels" {
  type = map(string)
}
