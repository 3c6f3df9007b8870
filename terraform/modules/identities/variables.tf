variable "project_id" {
  type = string
}

variable "accounts" {
  description = "What to call each component's account, and what it does."
  type = map(object({
    id   = string
    says = string
  }))
}
