variable "name" {
  type = string
}

variable "region" {
  type = string
}

variable "image" {
  description = "Of the first rollout. The scripts that deploy change it afterwards."
  type        = string
}

variable "service_account" {
  type = string
}

variable "environment" {
  description = "The environment variables of the process."
  type        = map(string)
}

variable "size" {
  type = object({
    always_on = bool
    cpu       = string
    memory    = string
  })
}

variable "invokers" {
  description = "Who may call it."
  type        = list(string)
}

variable "private_network" {
  type = object({
    network    = string
    subnetwork = string
  })
  default = null
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
