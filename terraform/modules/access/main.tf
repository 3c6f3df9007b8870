# Who may do what: on one resource wherever its API has grants of its own, on the project where it has none.

locals {
  on_topics = {
    # The generator's health check asks for the topic.
    generator-publishes = { topic = "events", role = "roles/pubsub.publisher", member = var.members["generator"] }
    generator-looks     = { topic = "events", role = "roles/pubsub.viewer", member = var.members["generator"] }

    # Pub/Sub itself forwards what it gave up pushing.
    agent-forwards = { topic = "dead_letter", role = "roles/pubsub.publisher", member = var.pubsub_agent }
  }

  on_subscriptions = merge(
    {
      # The pipeline asks for its subscription before it starts.
      pipeline-pulls = { subscription = "pipeline", role = "roles/pubsub.subscriber", member = var.members["pipeline"] }
      pipeline-looks = { subscription = "pipeline", role = "roles/pubsub.viewer", member = var.members["pipeline"] }
    },
    # Forwarding ends with an acknowledgement on the subscription that it came from.
    var.pushes ? {
      agent-acknowledges = { subscription = "tables", role = "roles/pubsub.subscriber", member = var.pubsub_agent }
    } : {},
  )

  # Both need bigquery.tables.get. The pipeline appends rows (tables.updateData) and asks which of a file's rows are
  # there (tables.getData); the table manager makes and evolves tables (tables.create, tables.update). BigQuery has no
  # smaller predefined role for either.
  edit_the_dataset = toset(["pipeline", "table-manager"])
}

resource "google_pubsub_topic_iam_member" "this" {
  for_each = local.on_topics

  project = var.project_id
  topic   = var.topics[each.value.topic]
  role    = each.value.role
  member  = each.value.member
}

resource "google_pubsub_subscription_iam_member" "this" {
  for_each = local.on_subscriptions

  project      = var.project_id
  subscription = var.subscriptions[each.value.subscription]
  role         = each.value.role
  member       = each.value.member
}

resource "google_bigquery_dataset_iam_member" "edits" {
  for_each = local.edit_the_dataset

  project    = var.project_id
  dataset_id = var.dataset
  role       = "roles/bigquery.dataEditor"
  member     = var.members[each.value]
}

# Queries belong to a project. They read only what the dataset's grant lets them read.
resource "google_project_iam_member" "pipeline_queries" {
  project = var.project_id
  role    = "roles/bigquery.jobUser"
  member  = var.members["pipeline"]
}

# It writes files, reads them again, and changes their metadata when a file's rows need another write stream.
resource "google_storage_bucket_iam_member" "pipeline_files" {
  bucket = var.bucket
  role   = "roles/storage.objectUser"
  member = var.members["pipeline"]
}

# Pub/Sub makes the token of each push in the name of this account.
resource "google_service_account_iam_member" "agent_makes_tokens" {
  service_account_id = var.accounts["push"]
  role               = "roles/iam.serviceAccountTokenCreator"
  member             = var.pubsub_agent
}

resource "google_project_iam_member" "pipeline_on_dataflow" {
  count = var.dataflow_temp_bucket == null ? 0 : 1

  project = var.project_id
  role    = "roles/dataflow.worker"
  member  = var.members["pipeline"]
}

resource "google_storage_bucket_iam_member" "pipeline_on_dataflow" {
  count = var.dataflow_temp_bucket == null ? 0 : 1

  bucket = var.dataflow_temp_bucket
  role   = "roles/storage.objectAdmin"
  member = var.members["pipeline"]
}

# Dataflow's workers fetch their image as themselves, and not, as Cloud Run does, by an agent of Google's.
resource "google_artifact_registry_repository_iam_member" "pipeline_on_dataflow" {
  count = var.dataflow_temp_bucket == null ? 0 : 1

  project    = var.project_id
  location   = var.region
  repository = var.repository
  role       = "roles/artifactregistry.reader"
  member     = var.members["pipeline"]
}
