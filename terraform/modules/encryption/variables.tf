variable "kms_key" {
  type = string
}

variable "service_agents" {
  description = "Who is to use the key, by service."
  type        = map(string)
}
