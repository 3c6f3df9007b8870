# No image has been pushed yet, and no source uploaded.

mock_provider "google" {}
mock_provider "google-beta" {}

variables {
  project_id  = "some-project"
  environment = "dev"
}

run "makes_what_needs_no_image" {
  assert {
    condition     = output.generator.url == null && output.table_manager.url == null
    error_message = "Nothing can run without an image or a source."
  }

  assert {
    condition     = length(module.generator) == 0 && output.pipeline.dataflow_job == null
    error_message = "Nothing can run without an image or a template."
  }

  assert {
    condition     = module.messaging.subscriptions.tables == null
    error_message = "There is nobody to push to."
  }

  assert {
    condition     = output.image_repository == "europe-west1-docker.pkg.dev/some-project/dev-sluice/sluice"
    error_message = "The scripts push the image to another place: ${output.image_repository}"
  }

  assert {
    condition     = output.table_manager.source_bucket == "some-project-dev-function-source"
    error_message = "The scripts upload the source to another place: ${output.table_manager.source_bucket}"
  }
}

run "keeps_raw_files_as_long_as_messages_may_come_again" {
  command = plan

  variables {
    raw_retention_days = 31
  }

  expect_failures = [var.raw_retention_days]
}

run "refuses_an_environment_that_makes_names_too_long" {
  command = plan

  variables {
    environment = "abcdefghijklmnopq"
  }

  expect_failures = [var.environment]
}
