environment = "staging"

pipeline_size = {
  instances = 1
  cpu       = "2"
  memory    = "2Gi"
}

partition_days = 90
