variable "project_id" {
  type = string
}

variable "members" {
  description = "serviceAccount:… of each component."
  type        = map(string)
}

variable "accounts" {
  description = "projects/…/serviceAccounts/… of each component."
  type        = map(string)
}

variable "pubsub_agent" {
  description = "Pub/Sub's own account in this project."
  type        = string
}

variable "topics" {
  type = object({
    events      = string
    dead_letter = string
  })
}

variable "subscriptions" {
  type = object({
    pipeline    = string
    tables      = string
    dead_letter = string
  })
}

variable "pushes" {
  description = "Whether there is a push subscription."
  type        = bool
}

variable "dataset" {
  type = string
}

variable "bucket" {
  type = string
}

variable "dataflow_temp_bucket" {
  description = "Where a Dataflow job keeps temporary files; null: there is no such job."
  type        = string
  default     = null
}

variable "region" {
  type = string
}

variable "repository" {
  description = "Of images, which Dataflow's workers fetch as themselves."
  type        = string
}
