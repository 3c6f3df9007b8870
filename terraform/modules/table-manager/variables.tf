variable "project_id" {
  type = string
}

variable "name" {
  type = string
}

variable "region" {
  type = string
}

variable "source_bucket" {
  type = string
}

variable "source_object" {
  description = "The archive of the first rollout; null: there is no function yet."
  type        = string
  default     = null
}

variable "repository" {
  description = "Where its image is kept: projects/…/repositories/…"
  type        = string
}

variable "service_account" {
  type = string
}

variable "build_service_account" {
  description = "projects/…/serviceAccounts/…"
  type        = string
}

variable "build_member" {
  description = "serviceAccount:… of the same."
  type        = string
}

variable "push_member" {
  description = "Whom Pub/Sub pushes as."
  type        = string
}

variable "environment" {
  description = "The environment variables of the process."
  type        = map(string)
}

variable "size" {
  type = object({
    max_instances = number
    cpu           = string
    memory        = string
  })
}

variable "kms_key" {
  type    = string
  default = null
}

variable "deletion_protection" {
  type = bool
}

variable "labels" {
  type = map(string)
}
