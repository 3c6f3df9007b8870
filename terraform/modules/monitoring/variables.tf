variable "environment" {
  type = string
}

variable "email" {
  description = "Where alerts go; null: nowhere."
  type        = string
  default     = null
}

variable "thresholds" {
  description = "Messages, and seconds."
  type = object({
    undelivered_messages = number
    oldest_unacked_age   = number
    sustained            = number
  })
}

variable "topic" {
  type = string
}

variable "subscriptions" {
  type = object({
    pipeline    = string
    tables      = string
    dead_letter = string
  })
}

variable "dataset" {
  type = string
}

variable "bucket" {
  type = string
}

variable "generator" {
  type = string
}

variable "pipeline" {
  type = string
}

variable "table_manager" {
  type = string
}

variable "dataflow_job" {
  description = "Null: there is none."
  type        = string
  default     = null
}

variable "dead_letter_reasons" {
  description = "Why an event may be rejected: REASONS of pipeline/transforms/decode.ts."
  type        = list(string)
  default = [
    "too_large",
    "not_utf8",
    "not_json",
    "not_an_object",
    "empty_object",
    "missing_event_type",
    "unknown_event_type",
    "too_late",
    "too_early",
    "missing_field",
    "wrong_type",
    "invalid_time",
    "invalid_value",
  ]
}

variable "accounts" {
  description = "The e-mail addresses of the accounts whose BigQuery jobs are watched."
  type        = list(string)
}

variable "labels" {
  type = map(string)
}
