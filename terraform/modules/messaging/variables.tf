variable "topic" {
  type = string
}

variable "dead_letter_topic" {
  type = string
}

variable "pipeline_subscription" {
  type = string
}

variable "tables_subscription" {
  type = string
}

variable "dead_letter_subscription" {
  type = string
}

variable "push" {
  description = "Where the table manager is, and who pushes to it; null while there is none."
  type = object({
    endpoint        = string
    audience        = string
    service_account = string
  })
  default = null
}

variable "kms_key" {
  type    = string
  default = null
}

variable "labels" {
  type = map(string)
}
