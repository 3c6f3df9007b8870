variable "project_id" {
  type = string
}

variable "repository" {
  type = string
}

variable "region" {
  type = string
}

variable "kms_key" {
  type    = string
  default = null
}

variable "labels" {
  type = map(string)
}
