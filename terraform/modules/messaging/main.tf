# The topic, what reads it, and where Pub/Sub puts what it gave up pushing. The settings of the subscriptions are those
# of src/resources.ts, which makes the same ones on emulators; tests/terraform/ compares them.

resource "google_pubsub_topic" "events" {
  name         = var.topic
  kms_key_name = var.kms_key
  labels       = var.labels
}

resource "google_pubsub_topic" "dead_letter" {
  name         = var.dead_letter_topic
  kms_key_name = var.kms_key
  labels       = var.labels
}

# No dead-letter policy: the pipeline itself makes a dead letter of what can never succeed, with its reason. Whatever else
# fails is transient, and a limit of attempts would take messages away in the middle of an outage. No exactly-once delivery:
# the pipeline stands every redelivery, and pays for it only then (docs/decisions/0009-exactly-once-from-end-to-end.md).
resource "google_pubsub_subscription" "pipeline" {
  name                 = var.pipeline_subscription
  topic                = google_pubsub_topic.events.id
  ack_deadline_seconds = 60
  labels               = var.labels

  expiration_policy {
    ttl = "" # never
  }

  retry_policy {
    minimum_backoff = "1s"
    maximum_backoff = "60s"
  }
}

# A push is a hint that a table may be missing, so ten attempts are enough: the message itself is safe in the pipeline's
# subscription.
resource "google_pubsub_subscription" "tables" {
  count = var.push == null ? 0 : 1

  name                 = var.tables_subscription
  topic                = google_pubsub_topic.events.id
  ack_deadline_seconds = 60
  labels               = var.labels

  expiration_policy {
    ttl = "" # never
  }

  retry_policy {
    minimum_backoff = "1s"
    maximum_backoff = "600s"
  }

  dead_letter_policy {
    dead_letter_topic     = google_pubsub_topic.dead_letter.id
    max_delivery_attempts = 10
  }

  push_config {
    push_endpoint = var.push.endpoint

    oidc_token {
      service_account_email = var.push.service_account
      audience              = var.push.audience
    }
  }
}

# A topic without a subscription keeps nothing.
resource "google_pubsub_subscription" "dead_letter" {
  name                       = var.dead_letter_subscription
  topic                      = google_pubsub_topic.dead_letter.id
  ack_deadline_seconds       = 60
  message_retention_duration = "2678400s" # 31 days, the longest
  labels                     = var.labels

  expiration_policy {
    ttl = "" # never
  }
}
