output "repository" {
  description = "projects/…/repositories/…"
  value       = google_artifact_registry_repository.images.id
}

output "url" {
  description = "Where images are pushed to, without the image's name."
  value       = "${var.region}-docker.pkg.dev/${var.project_id}/${var.repository}"
}
