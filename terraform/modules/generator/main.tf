# The generator's REST API. Nobody may call it but those who are named.

resource "google_cloud_run_v2_service" "generator" {
  name                = var.name
  location            = var.region
  ingress             = "INGRESS_TRAFFIC_ALL"
  deletion_protection = var.deletion_protection
  labels              = var.labels

  template {
    service_account                  = var.service_account
    encryption_key                   = var.kms_key
    max_instance_request_concurrency = 80
    labels                           = var.labels

    # Running tasks live in the instance's memory: two would not know of each other's.
    scaling {
      min_instance_count = var.size.always_on ? 1 : 0
      max_instance_count = 1
    }

    containers {
      image = var.image
      args  = ["generator", "--host", "0.0.0.0", "--port", "8080"]

      ports {
        container_port = 8080
      }

      resources {
        limits = {
          cpu    = var.size.cpu
          memory = var.size.memory
        }
        # A task publishes between requests as well.
        cpu_idle          = false
        startup_cpu_boost = true
      }

      dynamic "env" {
        for_each = var.environment

        content {
          name  = env.key
          value = env.value
        }
      }

      # Not /health, which says whether Pub/Sub answers: a new instance would not mend that.
      startup_probe {
        tcp_socket {
          port = 8080
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
      template[0].containers[0].image,
      template[0].labels,
      template[0].revision,
    ]
  }
}

resource "google_cloud_run_v2_service_iam_member" "invoker" {
  for_each = toset(var.invokers)

  project  = google_cloud_run_v2_service.generator.project
  location = google_cloud_run_v2_service.generator.location
  name     = google_cloud_run_v2_service.generator.name
  role     = "roles/run.invoker"
  member   = each.value
}
