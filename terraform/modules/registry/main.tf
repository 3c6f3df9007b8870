# One repository for the one image, and for what Cloud Functions builds.

resource "google_artifact_registry_repository" "images" {
  project       = var.project_id
  repository_id = var.repository
  location      = var.region
  format        = "DOCKER"
  description   = "The image of generator and pipeline, and the table manager's."
  kms_key_name  = var.kms_key
  labels        = var.labels

  # What is kept wins over what is deleted.
  cleanup_policies {
    id     = "keep-what-may-be-rolled-back-to"
    action = "KEEP"

    most_recent_versions {
      keep_count = 20
    }
  }

  cleanup_policies {
    id     = "delete-old"
    action = "DELETE"

    condition {
      tag_state  = "ANY"
      older_than = "7776000s" # 90 days
    }
  }
}
