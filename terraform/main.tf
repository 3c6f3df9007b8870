module "services" {
  source     = "./modules/services"
  project_id = var.project_id
  encrypted  = var.kms_key != null
  dataflow   = var.dataflow_template != null
}

module "identities" {
  source     = "./modules/identities"
  depends_on = [module.services]
  project_id = var.project_id
  accounts = {
    generator     = { id = local.generator, says = "publishes events" }
    pipeline      = { id = local.pipeline, says = "pulls events, writes rows and raw files" }
    table-manager = { id = local.table_manager, says = "makes and evolves the tables" }
    push          = { id = local.push, says = "is whom Pub/Sub pushes to the table manager as" }
    build         = { id = local.function_build, says = "builds the image and the table manager" }
  }
}

module "encryption" {
  source         = "./modules/encryption"
  depends_on     = [module.services]
  count          = var.kms_key == null ? 0 : 1
  kms_key        = var.kms_key
  service_agents = module.services.encrypting_agents
}

module "messaging" {
  source                   = "./modules/messaging"
  depends_on               = [module.services, module.encryption]
  topic                    = local.topic
  dead_letter_topic        = local.dead_letter_topic
  pipeline_subscription    = local.pipeline_subscription
  tables_subscription      = local.tables_subscription
  dead_letter_subscription = local.dead_letter_subscription
  push                     = local.table_manager_push
  kms_key                  = var.kms_key
  labels                   = local.labels
}

module "warehouse" {
  source              = "./modules/warehouse"
  depends_on          = [module.services, module.encryption]
  dataset             = local.dataset
  region              = var.region
  deletion_protection = var.deletion_protection
  kms_key             = var.kms_key
  labels              = local.labels
}

module "raw_bucket" {
  source              = "./modules/raw-bucket"
  depends_on          = [module.services, module.encryption]
  bucket              = local.bucket
  region              = var.region
  retention_days      = var.raw_retention_days
  soft_delete_days    = var.soft_delete_days
  deletion_protection = var.deletion_protection
  kms_key             = var.kms_key
  labels              = local.labels
}

module "registry" {
  source     = "./modules/registry"
  depends_on = [module.services, module.encryption]
  project_id = var.project_id
  repository = local.registry
  region     = var.region
  kms_key    = var.kms_key
  labels     = local.labels
}

module "access" {
  source               = "./modules/access"
  project_id           = var.project_id
  members              = module.identities.members
  accounts             = module.identities.names
  pubsub_agent         = module.services.pubsub_agent
  topics               = module.messaging.topics
  subscriptions        = module.messaging.subscriptions
  pushes               = var.function_source_object != null
  dataset              = module.warehouse.dataset
  bucket               = module.raw_bucket.bucket
  region               = var.region
  repository           = module.registry.repository
  dataflow_temp_bucket = try(regex("^gs://([^/]+)", var.dataflow_template.temp_location)[0], null)
}

module "generator" {
  source              = "./modules/generator"
  depends_on          = [module.access]
  count               = var.image == null ? 0 : 1
  name                = local.generator
  region              = var.region
  image               = var.image
  service_account     = module.identities.emails["generator"]
  environment         = local.process_environment
  size                = var.generator_size
  invokers            = var.generator_invokers
  private_network     = var.private_network
  kms_key             = var.kms_key
  deletion_protection = var.deletion_protection
  labels              = local.labels
}

module "table_manager" {
  source                = "./modules/table-manager"
  depends_on            = [module.services, module.encryption]
  project_id            = var.project_id
  name                  = local.table_manager
  region                = var.region
  source_bucket         = local.function_source_bucket
  source_object         = var.function_source_object
  repository            = module.registry.repository
  service_account       = module.identities.emails["table-manager"]
  build_service_account = module.identities.names["build"]
  build_member          = module.identities.members["build"]
  push_member           = module.identities.members["push"]
  environment           = local.table_manager_environment
  size                  = var.table_manager_size
  kms_key               = var.kms_key
  deletion_protection   = var.deletion_protection
  labels                = local.labels
}

module "pipeline" {
  source              = "./modules/pipeline"
  depends_on          = [module.access]
  name                = local.pipeline
  dataflow_job        = local.dataflow_job
  region              = var.region
  image               = var.image
  service_account     = module.identities.emails["pipeline"]
  environment         = local.process_environment
  size                = var.pipeline_size
  dataflow_template   = var.dataflow_template
  private_network     = var.private_network
  kms_key             = var.kms_key
  deletion_protection = var.deletion_protection
  labels              = local.labels
}

module "monitoring" {
  source        = "./modules/monitoring"
  depends_on    = [module.services]
  environment   = var.environment
  email         = var.alert_email
  thresholds    = var.alert_thresholds
  topic         = local.topic
  subscriptions = local.subscription_names
  dataset       = local.dataset
  bucket        = local.bucket
  generator     = local.generator
  pipeline      = local.pipeline
  table_manager = local.table_manager
  dataflow_job  = var.dataflow_template == null ? null : local.dataflow_job
  accounts      = [for component in ["pipeline", "table-manager"] : module.identities.emails[component]]
  labels        = local.labels
}

locals {
  process_environment = {
    SLUICE_BACKEND = "gcp"
    SLUICE_PROJECT = var.project_id
    SLUICE_ENV     = var.environment
  }
  table_manager_environment = merge(
    local.process_environment,
    var.partition_days == null ? {} : { SLUICE_PARTITION_DAYS = tostring(var.partition_days) },
  )

  subscription_names = {
    pipeline    = local.pipeline_subscription
    tables      = local.tables_subscription
    dead_letter = local.dead_letter_subscription
  }

  # The Functions Framework reads the topic from the path; Cloud Run wants its own address, without one, as the audience.
  table_manager_push = var.function_source_object == null ? null : {
    endpoint        = "${module.table_manager.url}/projects/${var.project_id}/topics/${local.topic}"
    audience        = module.table_manager.url
    service_account = module.identities.emails["push"]
  }
}
