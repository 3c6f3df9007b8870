# One account for each component. What each may do is in modules/access.

resource "google_service_account" "this" {
  for_each = var.accounts

  project      = var.project_id
  account_id   = each.value.id
  display_name = each.value.id
  description  = "Sluice: ${each.value.says}."
}
