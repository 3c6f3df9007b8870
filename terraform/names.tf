# What src/settings.ts calls the same things; tests/terraform/names.test.ts compares the two.
locals {
  topic                 = "${var.environment}-backend-events-topic"
  dead_letter_topic     = "${var.environment}-backend-events-dead-letter"
  pipeline_subscription = "${var.environment}-backend-events-pipeline"
  tables_subscription   = "${var.environment}-backend-events-tables"
  dataset               = "${var.environment}_events_dataset"
  bucket                = "${var.project_id}-${var.environment}-raw-events"
}

# What only Google Cloud has. The scripts that roll out images and sources know these names.
locals {
  dead_letter_subscription = "${var.environment}-backend-events-dead-letter-inspect"
  registry                 = "${var.environment}-sluice"
  generator                = "${var.environment}-generator"
  pipeline                 = "${var.environment}-pipeline"
  dataflow_job             = "${var.environment}-pipeline-dataflow"
  table_manager            = "${var.environment}-table-manager"
  push                     = "${var.environment}-push"
  function_build           = "${var.environment}-build"
  function_source_bucket   = "${var.project_id}-${var.environment}-function-source"

  labels = merge(var.labels, {
    managed-by  = "terraform"
    environment = var.environment
  })
}
