# The pipeline under its local runner, which several instances may run side by side
# (docs/decisions/0003-the-raw-file-is-the-ledger.md).
resource "google_cloud_run_v2_worker_pool" "pipeline" {
  count = var.image == null ? 0 : 1

  name                = var.name
  location            = var.region
  deletion_protection = var.deletion_protection
  labels              = var.labels

  scaling {
    manual_instance_count = var.size.instances
  }

  template {
    service_account = var.service_account
    encryption_key  = var.kms_key
    labels          = var.labels

    containers {
      image = var.image
      args  = ["pipeline", "--bundle-seconds", "5"]

      resources {
        limits = {
          cpu    = var.size.cpu
          memory = var.size.memory
        }
      }

      dynamic "env" {
        for_each = var.environment

        content {
          name  = env.key
          value = env.value
        }
      }
    }

    dynamic "vpc_access" {
      for_each = var.private_network[*]

      content {
        egress = "ALL_TRAFFIC"

        network_interfaces {
          network    = vpc_access.value.network
          subnetwork = vpc_access.value.subnetwork
        }
      }
    }
  }

  # What a rollout of another image changes.
  lifecycle {
    ignore_changes = [
      client,
      client_version,
      labels,
      launch_stage,
      template[0].containers[0].image,
      template[0].labels,
      template[0].revision,
    ]
  }
}

# Only where there is a template (`sluice pipeline --runner dataflow --template`). It pulls from the same subscription, so each message goes to one of the two.
resource "google_dataflow_job" "pipeline" {
  count = var.dataflow_template == null ? 0 : 1

  name                    = var.dataflow_job
  region                  = var.region
  template_gcs_path       = var.dataflow_template.gcs_path
  temp_gcs_location       = var.dataflow_template.temp_location
  parameters              = var.dataflow_template.parameters
  machine_type            = var.dataflow_template.machine_type
  max_workers             = var.dataflow_template.max_workers
  enable_streaming_engine = var.dataflow_template.streaming_engine
  service_account_email   = var.service_account
  kms_key_name            = var.kms_key
  ip_configuration        = var.private_network == null ? "WORKER_IP_PUBLIC" : "WORKER_IP_PRIVATE"
  network                 = try(var.private_network.network, null)
  subnetwork              = try("regions/${var.region}/subnetworks/${reverse(split("/", var.private_network.subnetwork))[0]}", null)
  labels                  = var.labels

  # What it has pulled is finished before it ends.
  on_delete = "drain"
}
