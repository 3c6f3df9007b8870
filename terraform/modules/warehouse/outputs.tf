output "dataset" {
  value = google_bigquery_dataset.events.dataset_id
}
