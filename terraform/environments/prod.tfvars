environment = "prod"

pipeline_size = {
  instances = 2
  cpu       = "2"
  memory    = "2Gi"
}

generator_size = {
  always_on = false
  cpu       = "1"
  memory    = "1Gi"
}

table_manager_size = {
  max_instances = 10
  cpu           = "1"
  memory        = "512Mi"
}

soft_delete_days = 30

# Options. The key must be in the region; the subnetwork needs Private Google Access.
#
# kms_key = "projects/KEYS/locations/europe-west1/keyRings/RING/cryptoKeys/sluice"
#
# private_network = {
#   network    = "projects/NETWORKS/global/networks/NETWORK"
#   subnetwork = "projects/NETWORKS/regions/europe-west1/subnetworks/SUBNETWORK"
# }
#
# dataflow_template = {
#   gcs_path      = "gs://BUCKET/templates/sluice"
#   temp_location = "gs://BUCKET/temp"
#   machine_type  = "n2-standard-4"
#   max_workers   = 10
# }
