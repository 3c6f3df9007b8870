output "emails" {
  value = { for component, account in google_service_account.this : component => account.email }
}

output "members" {
  description = "As a grant names them: serviceAccount:…"
  value       = { for component, account in google_service_account.this : component => account.member }
}

output "names" {
  description = "As other APIs name them: projects/…/serviceAccounts/…"
  value       = { for component, account in google_service_account.this : component => account.name }
}
