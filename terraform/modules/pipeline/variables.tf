variable "name" {
  type = string
}

variable "dataflow_job" {
  description = "What the Dataflow job is called, if there is one."
  type        = string
}

variable "region" {
  type = string
}

variable "image" {
  description = "Of the first rollout; null: there is no worker pool yet. The scripts that deploy change it afterwards."
  type        = string
  default     = null
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
    instances = number
    cpu       = string
    memory    = string
  })
}

variable "dataflow_template" {
  type = object({
    gcs_path         = string
    temp_location    = string
    machine_type     = string
    max_workers      = number
    streaming_engine = bool
    parameters       = map(string)
  })
  default = null
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
