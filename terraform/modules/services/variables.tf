variable "project_id" {
  type = string
}

variable "encrypted" {
  description = "Whether a key of Cloud KMS is used, and so the agents that have to use it must be there."
  type        = bool
}

variable "dataflow" {
  description = "Whether there is a Dataflow job."
  type        = bool
}
