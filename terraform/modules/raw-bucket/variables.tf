variable "bucket" {
  type = string
}

variable "region" {
  type = string
}

variable "retention_days" {
  description = "After how many days a file is deleted."
  type        = number
}

variable "soft_delete_days" {
  description = "For how many days a deleted file can be restored; 0: not at all."
  type        = number
}

variable "deletion_protection" {
  description = "Refuses to delete a bucket that has files."
  type        = bool
}

variable "kms_key" {
  type    = string
  default = null
}

variable "labels" {
  type = map(string)
}
