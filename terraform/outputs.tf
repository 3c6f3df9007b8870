output "project_id" {
  value = var.project_id
}

output "region" {
  value = var.region
}

output "environment" {
  value = var.environment
}

output "image_repository" {
  description = "Where the image is pushed to; a tag is still missing."
  value       = "${module.registry.url}/sluice"
}

output "generator" {
  description = "The Cloud Run service; its URL once there is one."
  value = {
    service = local.generator
    url     = one(module.generator[*].url)
  }
}

output "pipeline" {
  description = "The Cloud Run worker pool, and the Dataflow job if there is one."
  value = {
    worker_pool  = local.pipeline
    dataflow_job = module.pipeline.dataflow_job
  }
}

output "table_manager" {
  description = "The function, the bucket that its source goes to, and its URL once there is one."
  value = {
    function      = local.table_manager
    source_bucket = module.table_manager.source_bucket
    url           = module.table_manager.url
  }
}

output "service_accounts" {
  description = "The e-mail address of each component's account."
  value       = module.identities.emails
}

output "resources" {
  description = "What src/settings.ts calls the same things."
  value = {
    topic                 = local.topic
    dead_letter_topic     = local.dead_letter_topic
    pipeline_subscription = local.pipeline_subscription
    tables_subscription   = local.tables_subscription
    dataset               = local.dataset
    bucket                = local.bucket
  }
}

output "dead_letter_subscription" {
  description = "Keeps what Pub/Sub gave up pushing, for somebody to look at."
  value       = local.dead_letter_subscription
}

output "dashboard" {
  value = module.monitoring.dashboard
}
