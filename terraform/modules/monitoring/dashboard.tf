locals {
  pubsub   = "resource.type=\"pubsub_subscription\""
  backlogs = "resource.labels.subscription_id=monitoring.regex.full_match(\"${join("|", values(var.subscriptions))}\")"
  run      = "resource.type=\"cloud_run_revision\" resource.labels.service_name"
  pool     = "resource.type=\"cloud_run_worker_pool\" resource.labels.worker_pool_name=\"${var.pipeline}\""

  # Title, unit of the axis, and the lines: each a metric with its filter, how it is aligned, and what tells the lines apart.
  charts = concat(
    [
      {
        title = "Messages waiting"
        axis  = "messages"
        lines = [{ filter = "metric.type=\"pubsub.googleapis.com/subscription/num_undelivered_messages\" ${local.pubsub} ${local.backlogs}", aligner = "ALIGN_MAX", by = "resource.label.subscription_id" }]
      },
      {
        title = "Age of the oldest message waiting"
        axis  = "seconds"
        lines = [{ filter = "metric.type=\"pubsub.googleapis.com/subscription/oldest_unacked_message_age\" ${local.pubsub} ${local.backlogs}", aligner = "ALIGN_MAX", by = "resource.label.subscription_id" }]
      },
      {
        title = "Published"
        axis  = "messages/s"
        lines = [{ filter = "metric.type=\"pubsub.googleapis.com/topic/send_message_operation_count\" resource.type=\"pubsub_topic\" resource.labels.topic_id=\"${var.topic}\"", aligner = "ALIGN_RATE", by = "resource.label.topic_id" }]
      },
      {
        title = "Acknowledged by the pipeline"
        axis  = "messages/s"
        lines = [{ filter = "metric.type=\"pubsub.googleapis.com/subscription/ack_message_count\" ${local.pubsub} resource.labels.subscription_id=\"${var.subscriptions.pipeline}\"", aligner = "ALIGN_RATE", by = "metric.label.delivery_type" }]
      },
      {
        title = "Pushed to the table manager, by answer"
        axis  = "requests/s"
        lines = [{ filter = "metric.type=\"pubsub.googleapis.com/subscription/push_request_count\" ${local.pubsub} resource.labels.subscription_id=\"${var.subscriptions.tables}\"", aligner = "ALIGN_RATE", by = "metric.label.response_class" }]
      },
      {
        title = "Forwarded to the dead-letter topic"
        axis  = "messages"
        lines = [{ filter = "metric.type=\"pubsub.googleapis.com/subscription/dead_letter_message_count\" ${local.pubsub} resource.labels.subscription_id=\"${var.subscriptions.tables}\"", aligner = "ALIGN_DELTA", by = "resource.label.subscription_id" }]
      },
      {
        title = "Rows written, by table"
        axis  = "rows"
        lines = [{ filter = "metric.type=\"bigquery.googleapis.com/storage/uploaded_row_count\" resource.type=\"bigquery_dataset\" resource.labels.dataset_id=\"${var.dataset}\"", aligner = "ALIGN_DELTA", by = "metric.label.table" }]
      },
      {
        title = "Requests to the raw bucket, by answer"
        axis  = "requests/s"
        lines = [{ filter = "metric.type=\"storage.googleapis.com/api/request_count\" resource.type=\"gcs_bucket\" resource.labels.bucket_name=\"${var.bucket}\"", aligner = "ALIGN_RATE", by = "metric.label.response_code" }]
      },
      {
        title = "Requests to generator and table manager, by answer"
        axis  = "requests/s"
        lines = [for service in [var.generator, var.table_manager] : { filter = "metric.type=\"run.googleapis.com/request_count\" ${local.run}=\"${service}\"", aligner = "ALIGN_RATE", by = "metric.label.response_code_class" }]
      },
      {
        title = "CPU of the pipeline"
        axis  = "of one instance"
        lines = [{ filter = "metric.type=\"run.googleapis.com/container/cpu/utilizations\" ${local.pool}", aligner = "ALIGN_PERCENTILE_99", by = "resource.label.worker_pool_name" }]
      },
      {
        title = "Memory of the pipeline"
        axis  = "of one instance"
        lines = [{ filter = "metric.type=\"run.googleapis.com/container/memory/utilizations\" ${local.pool}", aligner = "ALIGN_PERCENTILE_99", by = "resource.label.worker_pool_name" }]
      },
    ],
    var.dataflow_job == null ? [] : [
      {
        title = "System lag of the Dataflow job"
        axis  = "seconds"
        lines = [{ filter = "metric.type=\"dataflow.googleapis.com/job/system_lag\" resource.type=\"dataflow_job\" resource.labels.job_name=\"${var.dataflow_job}\"", aligner = "ALIGN_MAX", by = "resource.label.job_name" }]
      },
    ],
  )

  chart_widgets = [
    for chart in local.charts : {
      title = chart.title
      xyChart = {
        yAxis = { label = chart.axis, scale = "LINEAR" }
        dataSets = [
          for line in chart.lines : {
            plotType   = "LINE"
            targetAxis = "Y1"
            timeSeriesQuery = {
              timeSeriesFilter = {
                filter = line.filter
                aggregation = {
                  alignmentPeriod    = "60s"
                  perSeriesAligner   = line.aligner
                  crossSeriesReducer = line.aligner == "ALIGN_MAX" || line.aligner == "ALIGN_PERCENTILE_99" ? "REDUCE_MAX" : "REDUCE_SUM"
                  groupByFields      = [line.by]
                }
              }
            }
          }
        ]
      }
    }
  ]

  log_widget = {
    title = "Errors"
    logsPanel = {
      filter = <<-EOT
        severity>=ERROR
        (resource.labels.worker_pool_name="${var.pipeline}" OR resource.labels.service_name=("${var.generator}" OR "${var.table_manager}"))
      EOT
    }
  }
}

resource "google_monitoring_dashboard" "this" {
  dashboard_json = jsonencode({
    displayName = local.title
    labels      = { for key, value in var.labels : "${key}_${value}" => "" }
    mosaicLayout = {
      columns = 48
      tiles = concat(
        [for index, widget in local.chart_widgets : {
          xPos   = (index % 2) * 24
          yPos   = floor(index / 2) * 16
          width  = 24
          height = 16
          widget = widget
        }],
        [{
          xPos   = 0
          yPos   = ceil(length(local.chart_widgets) / 2) * 16
          width  = 48
          height = 16
          widget = local.log_widget
        }],
      )
    }
  })
}
