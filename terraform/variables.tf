variable "project_id" {
  description = "The Google Cloud project."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project_id))
    error_message = "A project id has 6 to 30 of a-z, 0-9 and -, a letter first."
  }
}

variable "environment" {
  description = "dev, staging or prod: the first part of every name, and SLUICE_ENV of every process."
  type        = string

  # As src/settings.ts has it, but shorter: an account's name has at most 30 characters.
  validation {
    condition     = can(regex("^[a-z][a-z0-9]{0,15}$", var.environment))
    error_message = "An environment has 1 to 16 of a-z and 0-9, a letter first."
  }
}

variable "region" {
  description = "Where everything runs and is kept."
  type        = string
  default     = "europe-west1"
}

variable "labels" {
  description = "Labels of everything that can have them, besides managed-by and environment."
  type        = map(string)
  default     = {}
}

# What is deployed. The scripts that deploy change images and sources afterwards, and Terraform leaves those alone.

variable "image" {
  description = "The image of generator and pipeline. Null until one has been pushed: then neither is made. Afterwards any image that is there."
  type        = string
  default     = null
}

variable "function_source_object" {
  description = "The table manager's source archive in the function source bucket. Null until one is there: then there is no function, and no push subscription."
  type        = string
  default     = null
}

variable "dataflow_template" {
  description = <<-EOT
    A template of the pipeline, as `sluice pipeline --runner dataflow --template gs://…` writes it, which then runs as a
    Dataflow job besides the worker pool.
  EOT
  type = object({
    gcs_path         = string
    temp_location    = string
    machine_type     = optional(string, "n2-standard-2")
    max_workers      = optional(number, 3)
    streaming_engine = optional(bool, true)
    parameters       = optional(map(string), {})
  })
  default = null
}

# How large.

variable "pipeline_size" {
  description = "How many instances run the pipeline, and how large each is."
  type = object({
    instances = optional(number, 1)
    cpu       = optional(string, "1")
    memory    = optional(string, "1Gi")
  })
  default = {}
}

variable "generator_size" {
  description = "How large the generator's instance is. There is one at most: it keeps its tasks in memory."
  type = object({
    always_on = optional(bool, false)
    cpu       = optional(string, "1")
    memory    = optional(string, "512Mi")
  })
  default = {}
}

variable "table_manager_size" {
  description = "How many instances the table manager may have, and how large each is."
  type = object({
    max_instances = optional(number, 3)
    cpu           = optional(string, "1")
    memory        = optional(string, "512Mi")
  })
  default = {}
}

# What is kept, and for how long.

variable "raw_retention_days" {
  description = "How long raw files are kept."
  type        = number
  default     = 90

  # docs/decisions/0003-the-raw-file-is-the-ledger.md
  validation {
    condition     = var.raw_retention_days > 31
    error_message = "Raw files are the pipeline's ledger as long as Pub/Sub may deliver again, which is 31 days: keep them longer."
  }
}

variable "soft_delete_days" {
  description = "How long a deleted raw file can be restored: 0, or 7 to 90."
  type        = number
  default     = 7

  validation {
    condition     = var.soft_delete_days == 0 || (var.soft_delete_days >= 7 && var.soft_delete_days <= 90)
    error_message = "Cloud Storage keeps deleted objects for 7 to 90 days, or not at all (0)."
  }
}

variable "partition_days" {
  description = "How long a table keeps a day's partition, counted from that day; null: for ever. SLUICE_PARTITION_DAYS of the table manager."
  type        = number
  default     = null
}

variable "deletion_protection" {
  description = "Refuses to delete what holds data or serves traffic, even when it is not empty."
  type        = bool
  default     = true
}

# Who may reach it, and how it is kept apart.

variable "generator_invokers" {
  description = "Who may call the generator's API, such as group:team@example.com."
  type        = list(string)
  default     = []
}

variable "kms_key" {
  description = "A key of Cloud KMS in the region (projects/…/cryptoKeys/…) that encrypts everything; null: Google's own keys. Choose before the first apply."
  type        = string
  default     = null
}

variable "private_network" {
  description = "A subnetwork with Private Google Access through which generator, pipeline and Dataflow's workers reach everything, without public addresses; null: through the internet."
  type = object({
    network    = string
    subnetwork = string
  })
  default = null
}

# Who is told what.

variable "alert_email" {
  description = "Where alerts go; null: they are only shown in Cloud Monitoring."
  type        = string
  default     = null
}

variable "alert_thresholds" {
  description = "From where on there is an alert."
  type = object({
    undelivered_messages = optional(number, 100)
    oldest_unacked_age   = optional(number, 300)
    sustained            = optional(number, 300)
  })
  default = {}
}
