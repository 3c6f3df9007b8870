resource "google_monitoring_notification_channel" "email" {
  count = var.email == null ? 0 : 1

  display_name = "Sluice ${var.environment}"
  type         = "email"
  user_labels  = var.labels

  labels = {
    email_address = var.email
  }
}

locals {
  channels = google_monitoring_notification_channel.email[*].id
  title    = "Sluice ${var.environment}"
}
