# Alerts on what was logged: BigQuery's metrics leave out jobs that fail, and only the pipeline knows its own faults.

locals {
  accounts = join(" OR ", [for account in var.accounts : "\"${account}\""])

  on_logs = {
    bigquery-jobs = {
      says   = "BigQuery jobs fail"
      filter = <<-EOT
        protoPayload.serviceName="bigquery.googleapis.com"
        protoPayload.authenticationInfo.principalEmail=(${local.accounts})
        protoPayload.metadata.jobChange.after="DONE"
        protoPayload.metadata.jobChange.job.jobStatus.errorResult.message:*
      EOT
      advice = "The entry has the query and BigQuery's reason."
    }
    pipeline-errors = {
      says   = "the pipeline cannot go on with some messages"
      filter = <<-EOT
        resource.type="cloud_run_worker_pool"
        resource.labels.worker_pool_name="${var.pipeline}"
        severity>=ERROR
      EOT
      advice = "Rows that BigQuery refuses are tried again without end (docs/decisions/0003): mend the table, and they go through by themselves."
    }
    rejected-events = {
      says   = "the pipeline made dead letters of events"
      filter = <<-EOT
        resource.type="cloud_run_worker_pool"
        resource.labels.worker_pool_name="${var.pipeline}"
        (${join(" OR ", [for reason in var.dead_letter_reasons : "jsonPayload.deadLetters.${reason}>0"])})
      EOT
      advice = "They are in the table ${var.dataset}.dead_letters, each with its reason; docs/queries/dead-letters-by-reason.sql counts them."
    }
  }
}

resource "google_monitoring_alert_policy" "log" {
  for_each = local.on_logs

  display_name          = "${local.title}: ${each.value.says}"
  combiner              = "OR"
  notification_channels = local.channels
  user_labels           = var.labels

  conditions {
    display_name = each.value.says

    condition_matched_log {
      filter = each.value.filter
    }
  }

  alert_strategy {
    auto_close = "1800s"

    notification_rate_limit {
      period = "300s"
    }
  }

  documentation {
    mime_type = "text/markdown"
    content   = each.value.advice
  }
}
