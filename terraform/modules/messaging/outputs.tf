output "topics" {
  description = "The names of the topics."
  value = {
    events      = google_pubsub_topic.events.name
    dead_letter = google_pubsub_topic.dead_letter.name
  }
}

output "subscriptions" {
  description = "The names of the subscriptions; tables is null while nothing is pushed."
  value = {
    pipeline    = google_pubsub_subscription.pipeline.name
    tables      = one(google_pubsub_subscription.tables[*].name)
    dead_letter = google_pubsub_subscription.dead_letter.name
  }
}

output "push" {
  description = "Where messages are pushed to, and for whom the tokens are; null while nothing is pushed."
  value = one([for tables in google_pubsub_subscription.tables : {
    endpoint = tables.push_config[0].push_endpoint
    audience = tables.push_config[0].oidc_token[0].audience
  }])
}
