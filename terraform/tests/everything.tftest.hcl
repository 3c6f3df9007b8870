# Image, source and template are there, and every option is taken.

mock_provider "google" {
  mock_resource "google_cloudfunctions2_function" {
    defaults = {
      service_config = { uri = "https://tables.example.run.app" }
    }
  }
}

mock_provider "google-beta" {
  mock_resource "google_project_service_identity" {
    defaults = {
      member = "serviceAccount:agent@gcp-sa.example.com"
    }
  }
}

variables {
  project_id             = "some-project"
  environment            = "prod"
  image                  = "europe-west1-docker.pkg.dev/some-project/prod-sluice/sluice:1"
  function_source_object = "table-manager-1.zip"
  alert_email            = "team@example.com"
  generator_invokers     = ["group:team@example.com"]
  kms_key                = "projects/keys/locations/europe-west1/keyRings/ring/cryptoKeys/sluice"
  partition_days         = 30

  private_network = {
    network    = "projects/nets/global/networks/net"
    subnetwork = "projects/nets/regions/europe-west1/subnetworks/sub"
  }

  dataflow_template = {
    gcs_path      = "gs://some-templates/sluice"
    temp_location = "gs://some-templates/temp"
  }
}

run "makes_everything" {
  assert {
    condition     = length(module.generator) == 1 && module.messaging.subscriptions.tables == "prod-backend-events-tables"
    error_message = "Generator or push subscription are missing."
  }

  assert {
    condition     = module.messaging.push.endpoint == "https://tables.example.run.app/projects/some-project/topics/prod-backend-events-topic"
    error_message = "The framework reads the topic from the path: ${module.messaging.push.endpoint}"
  }

  assert {
    condition     = output.pipeline.dataflow_job != null
    error_message = "There is no Dataflow job."
  }

  assert {
    condition     = length(output.service_accounts) == 5
    error_message = "Each component has an account of its own."
  }
}

run "alerts_on_what_it_should" {
  command = plan

  module {
    source = "./modules/monitoring"
  }

  variables {
    email         = "team@example.com"
    thresholds    = { undelivered_messages = 100, oldest_unacked_age = 300, sustained = 300 }
    topic         = "t"
    subscriptions = { pipeline = "p", tables = "t", dead_letter = "d" }
    dataset       = "d"
    bucket        = "b"
    generator     = "g"
    pipeline      = "prod-pipeline"
    table_manager = "m"
    dataflow_job  = "j"
    accounts      = ["a@example.com"]
    labels        = { environment = "prod" }
  }

  assert {
    condition     = toset(keys(google_monitoring_alert_policy.metric)) == toset(["dataflow-failed", "dead-letters", "function-errors", "oldest", "undelivered"])
    error_message = "An alert on a metric is missing."
  }

  assert {
    condition     = toset(keys(google_monitoring_alert_policy.log)) == toset(["bigquery-jobs", "pipeline-errors", "rejected-events"])
    error_message = "An alert on the log is missing."
  }

  assert {
    condition     = google_monitoring_alert_policy.metric["undelivered"].conditions[0].condition_threshold[0].threshold_value == 100
    error_message = "The threshold is not passed on."
  }

  assert {
    condition     = alltrue([for policy in google_monitoring_alert_policy.metric : strcontains(policy.conditions[0].condition_threshold[0].filter, "resource.type = ")])
    error_message = "Cloud Monitoring refuses a condition without a type of resource."
  }

  assert {
    condition     = alltrue([for tile in jsondecode(google_monitoring_dashboard.this.dashboard_json).mosaicLayout.tiles : tile.xPos + tile.width <= 48])
    error_message = "A tile of the dashboard does not fit."
  }
}
