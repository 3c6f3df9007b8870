output "dataflow_job" {
  description = "The id of the Dataflow job; null: there is none."
  value       = one(google_dataflow_job.pipeline[*].job_id)
}
