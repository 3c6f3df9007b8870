# The dataset alone. Its tables are the table manager's: they follow the catalogue of events, not Terraform.

resource "google_bigquery_dataset" "events" {
  dataset_id                 = var.dataset
  location                   = var.region
  description                = "Events, one table for each type, and dead letters."
  delete_contents_on_destroy = !var.deletion_protection
  labels                     = var.labels

  dynamic "default_encryption_configuration" {
    for_each = var.kms_key[*]

    content {
      kms_key_name = default_encryption_configuration.value
    }
  }
}
