# The table manager, and the bucket that its source comes from. The bucket is there first: an archive has to be put into
# it, by the script that deploys, before there can be a function.

resource "google_storage_bucket" "source" {
  name                        = var.source_bucket
  location                    = upper(var.region)
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = !var.deletion_protection
  labels                      = var.labels

  lifecycle_rule {
    condition {
      age = 365
    }

    action {
      type = "Delete"
    }
  }

  dynamic "encryption" {
    for_each = var.kms_key[*]

    content {
      default_kms_key_name = encryption.value
    }
  }
}

resource "google_cloudfunctions2_function" "table_manager" {
  count = var.source_object == null ? 0 : 1

  name         = var.name
  location     = var.region
  description  = "Makes and evolves the table of each event's type."
  kms_key_name = var.kms_key
  labels       = var.labels

  build_config {
    runtime           = "nodejs24"
    entry_point       = "manageTable" # FUNCTION_NAME in src/tables/function.ts
    docker_repository = var.repository
    service_account   = var.build_service_account

    source {
      storage_source {
        bucket = google_storage_bucket.source.name
        object = var.source_object
      }
    }
  }

  service_config {
    service_account_email            = var.service_account
    environment_variables            = var.environment
    available_cpu                    = var.size.cpu
    available_memory                 = var.size.memory
    max_instance_count               = var.size.max_instances
    max_instance_request_concurrency = 80
    timeout_seconds                  = 60
    all_traffic_on_latest_revision   = true

    # Pub/Sub of this project counts as internal.
    ingress_settings = "ALLOW_INTERNAL_ONLY"
  }

  # What a rollout of another source changes.
  lifecycle {
    ignore_changes = [
      build_config[0].source,
      labels,
    ]
  }

  depends_on = [
    google_artifact_registry_repository_iam_member.build_pushes,
    google_project_iam_member.build_logs,
    google_project_iam_member.build_reads,
    google_storage_bucket_iam_member.build_reads,
  ]
}

# A function of the second generation is a Cloud Run service of the same name.
resource "google_cloud_run_v2_service_iam_member" "push_invokes" {
  count = var.source_object == null ? 0 : 1

  project  = google_cloudfunctions2_function.table_manager[0].project
  location = google_cloudfunctions2_function.table_manager[0].location
  name     = google_cloudfunctions2_function.table_manager[0].name
  role     = "roles/run.invoker"
  member   = var.push_member
}

# What builds the function, and before it the image (scripts/lib/deploy.sh), in place of the account that may do nearly everything in the project.

resource "google_artifact_registry_repository_iam_member" "build_pushes" {
  project    = var.project_id
  location   = var.region
  repository = var.repository
  role       = "roles/artifactregistry.writer"
  member     = var.build_member
}

resource "google_storage_bucket_iam_member" "build_reads" {
  bucket = google_storage_bucket.source.name
  role   = "roles/storage.objectViewer"
  member = var.build_member
}

# Cloud Functions copies a source into a bucket of its own, which is there only after the first function.
resource "google_project_iam_member" "build_reads" {
  project = var.project_id
  role    = "roles/storage.objectViewer"
  member  = var.build_member

  condition {
    title      = "sources of functions"
    expression = "resource.name.startsWith(\"projects/_/buckets/gcf-v2-\")"
  }
}

resource "google_project_iam_member" "build_logs" {
  project = var.project_id
  role    = "roles/logging.logWriter"
  member  = var.build_member
}
