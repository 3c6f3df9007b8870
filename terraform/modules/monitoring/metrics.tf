# Alerts on figures that Google Cloud measures.

locals {
  subscription = "resource.type = \"pubsub_subscription\" AND resource.labels.subscription_id"

  on_metrics = merge(
    {
      undelivered = {
        says      = "more than ${var.thresholds.undelivered_messages} messages wait for the pipeline"
        filter    = "${local.subscription} = \"${var.subscriptions.pipeline}\" AND metric.type = \"pubsub.googleapis.com/subscription/num_undelivered_messages\""
        above     = var.thresholds.undelivered_messages
        sustained = var.thresholds.sustained
        aligner   = "ALIGN_MAX"
        advice    = "The pipeline is down, too slow, or cannot write. Its log says which. Nothing is lost: messages are kept for 7 days."
      }
      oldest = {
        says      = "a message has waited for the pipeline for more than ${var.thresholds.oldest_unacked_age} s"
        filter    = "${local.subscription} = \"${var.subscriptions.pipeline}\" AND metric.type = \"pubsub.googleapis.com/subscription/oldest_unacked_message_age\""
        above     = var.thresholds.oldest_unacked_age
        sustained = 0
        aligner   = "ALIGN_MAX"
        advice    = "With few messages waiting, one raw file's rows are refused again and again: the pipeline logs BigQuery's reason as an error."
      }
      dead-letters = {
        says      = "Pub/Sub gave up pushing messages to the table manager"
        filter    = "${local.subscription} = \"${var.subscriptions.dead_letter}\" AND metric.type = \"pubsub.googleapis.com/subscription/num_undelivered_messages\""
        above     = 0
        sustained = 0
        aligner   = "ALIGN_MAX"
        advice    = "They wait in ${var.subscriptions.dead_letter}, and are with the pipeline as well: only a table may be missing. `sluice provision` makes it; then pull and acknowledge them."
      }
      function-errors = {
        says      = "the table manager answers with errors"
        filter    = "resource.type = \"cloud_run_revision\" AND resource.labels.service_name = \"${var.table_manager}\" AND metric.type = \"run.googleapis.com/request_count\" AND metric.labels.response_code_class = \"5xx\""
        above     = 0
        sustained = 0
        aligner   = "ALIGN_DELTA"
        advice    = "Pub/Sub pushes such a message again, ten times in all. The function's log has the reason."
      }
    },
    var.dataflow_job == null ? {} : {
      dataflow-failed = {
        says      = "the Dataflow job has failed"
        filter    = "resource.type = \"dataflow_job\" AND resource.labels.job_name = \"${var.dataflow_job}\" AND metric.type = \"dataflow.googleapis.com/job/is_failed\""
        above     = 0
        sustained = 0
        aligner   = "ALIGN_MAX"
        advice    = "A failed job does not start again by itself."
      }
    },
  )
}

resource "google_monitoring_alert_policy" "metric" {
  for_each = local.on_metrics

  display_name          = "${local.title}: ${each.value.says}"
  combiner              = "OR"
  notification_channels = local.channels
  user_labels           = var.labels

  conditions {
    display_name = each.value.says

    condition_threshold {
      filter          = each.value.filter
      comparison      = "COMPARISON_GT"
      threshold_value = each.value.above
      duration        = "${each.value.sustained}s"

      aggregations {
        alignment_period     = "60s"
        per_series_aligner   = each.value.aligner
        cross_series_reducer = "REDUCE_SUM"
      }
    }
  }

  alert_strategy {
    auto_close = "1800s"
  }

  documentation {
    mime_type = "text/markdown"
    content   = each.value.advice
  }
}
