output "url" {
  description = "Its address as a Cloud Run service, which is the audience of tokens; null while there is no function."
  value       = one(google_cloudfunctions2_function.table_manager[*].service_config[0].uri)
}

output "source_bucket" {
  value = google_storage_bucket.source.name
}
