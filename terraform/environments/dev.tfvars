environment         = "dev"
deletion_protection = false
soft_delete_days    = 0
partition_days      = 30
