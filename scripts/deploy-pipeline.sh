#!/usr/bin/env bash
# Deploys the pipeline to a Cloud Run worker pool.
# shellcheck source-path=SCRIPTDIR source=lib/deploy.sh
. "$(dirname "$0")/lib/deploy.sh"

usage="Usage: scripts/deploy-pipeline.sh PROJECT ENV [REGION] [options]

Builds the image of this commit, unless the registry has it, and brings it to the Cloud Run worker pool ENV-pipeline,
which runs 'sluice pipeline'. A pool that is there gets the image and keeps everything else; a missing one is made, with
one instance. ENV is dev, staging or prod; REGION is europe-west1 unless given. May be run again.

  --dry-run        print the commands and run none
  --image-only     only build the image, and print its name as Terraform wants it
  --tag TAG        deploy an image that is there, and build none
  --allow-dirty    build although there are uncommitted changes; the tag ends in -dirty
  --runner RUNNER  local (the default); dataflow is not there yet
  --help"

take_option() {
  case $1 in
    --runner)
      option_value "$@"
      case $value in
        local) ;;
        dataflow)
          mistake 'the pipeline does not run on Dataflow yet: leave --runner out, and it runs in a Cloud Run worker pool'
          ;;
        *) mistake "--runner is local, not $value" ;;
      esac
      ;;
    *) take_image_option "$@" ;;
  esac
}
parse_arguments "$@"
pool=$environment-pipeline

at=("--project=$project" "--region=$region")

ensure_image
# The beta command is in every gcloud that knows worker pools, the other one only in newer ones. The flag for the number
# of instances was renamed meanwhile; without it a new pool has one.
either gcloud beta run worker-pools describe "$pool" "${at[@]}" '--format=value(name)' -- \
  gcloud beta run worker-pools update "$pool" "${at[@]}" "--image=$image" --quiet -- \
  gcloud beta run worker-pools deploy "$pool" "${at[@]}" \
  "--image=$image" \
  "--service-account=$(service_account pipeline)" \
  --args=pipeline,--bundle-seconds,5 \
  "--set-env-vars=$(settings)" \
  --cpu=1 \
  --memory=1Gi \
  "--labels=$(labels pipeline)" \
  --quiet

# Not `worker-pools logs`, which is alpha.
[ -n "$dry_run" ] || {
  say 'It logs a line for each bundle:'
  say "  gcloud logging read resource.labels.worker_pool_name=$pool --project=$project --limit=20"
}
