# Lets each service that keeps something use the key. The key itself is made elsewhere: it must outlive everything here.

resource "google_kms_crypto_key_iam_member" "service_agent" {
  for_each = var.service_agents

  crypto_key_id = var.kms_key
  role          = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
  member        = each.value
}
