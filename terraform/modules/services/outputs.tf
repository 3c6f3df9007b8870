output "pubsub_agent" {
  description = "Who Pub/Sub forwards dead letters as, and makes push tokens as."
  value       = local.agents["pubsub"]
}

output "encrypting_agents" {
  description = "Who must be able to use the key, by service."
  value       = local.encrypting_agents
}
