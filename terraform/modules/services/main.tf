# The APIs that the rest needs, and the accounts of Google's own services in this project.

resource "google_project_service" "this" {
  for_each = toset(concat(local.services, var.dataflow ? ["compute.googleapis.com", "dataflow.googleapis.com"] : []))

  project = var.project_id
  service = each.value

  # Others may use the same API in this project.
  disable_on_destroy = false
}

# Enabling an API does not make its service agent, and nothing can be granted to one that is not there.
resource "google_project_service_identity" "this" {
  for_each = toset(concat(["pubsub"], var.encrypted ? ["artifactregistry", "cloudfunctions", "run"] : []))
  provider = google-beta

  project = var.project_id
  service = google_project_service.this["${each.value}.googleapis.com"].service
}

data "google_project" "this" {
  count = var.encrypted && var.dataflow ? 1 : 0

  project_id = var.project_id
  depends_on = [google_project_service.this]
}

data "google_storage_project_service_account" "this" {
  count = var.encrypted ? 1 : 0

  project    = var.project_id
  depends_on = [google_project_service.this]
}

data "google_bigquery_default_service_account" "this" {
  count = var.encrypted ? 1 : 0

  project    = var.project_id
  depends_on = [google_project_service.this]
}

locals {
  services = [
    "artifactregistry.googleapis.com",
    "bigquery.googleapis.com",
    "bigquerystorage.googleapis.com",
    "cloudbuild.googleapis.com",
    "cloudfunctions.googleapis.com",
    "cloudresourcemanager.googleapis.com", # grants on the project
    "iam.googleapis.com",
    "logging.googleapis.com",
    "monitoring.googleapis.com",
    "pubsub.googleapis.com",
    "run.googleapis.com",
    "storage.googleapis.com",
  ]

  agents = { for service, identity in google_project_service_identity.this : service => identity.member }

  # Compute Engine's agent encrypts the disks of Dataflow's workers.
  dataflow_agents = !var.encrypted || !var.dataflow ? {} : {
    compute  = "serviceAccount:service-${data.google_project.this[0].number}@compute-system.iam.gserviceaccount.com"
    dataflow = "serviceAccount:service-${data.google_project.this[0].number}@dataflow-service-producer-prod.iam.gserviceaccount.com"
  }

  encrypting_agents = !var.encrypted ? {} : merge(local.agents, local.dataflow_agents, {
    storage  = data.google_storage_project_service_account.this[0].member
    bigquery = "serviceAccount:${data.google_bigquery_default_service_account.this[0].email}"
  })
}
