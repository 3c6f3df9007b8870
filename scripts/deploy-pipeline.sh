#!/usr/bin/env bash
# Deploys the pipeline to a Cloud Run worker pool, or submits it to Dataflow.
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
  --runner RUNNER  local (the default), or dataflow
  --help

With --runner dataflow the image is that of Dataflow's workers, and 'sluice pipeline --runner dataflow' submits the job
ENV-pipeline-dataflow. It costs as long as it runs, so these are not guessed:

  --machine-type TYPE       of a worker, such as n2-standard-2
  --max-workers N           how many workers there may be
  --temp-location gs://…    a folder of a bucket in the region
  --update                  replace the job that runs under this name"

runner=local job=() update=''

take_option() {
  case $1 in
    --runner)
      option_value "$@"
      case $value in
        local) ;;
        dataflow) image_name=worker image_build=scripts/worker-build.yaml ;;
        *) mistake "--runner is local or dataflow, not $value" ;;
      esac
      runner=$value
      ;;
    --machine-type | --max-workers | --temp-location)
      option_value "$@"
      job+=("$1=$value")
      ;;
    --update) update=--update ;;
    *) take_image_option "$@" ;;
  esac
}
parse_arguments "$@"
pool=$environment-pipeline

if [ "$runner" = local ]; then
  [ -z "${job[*]-}$update" ] ||
    mistake '--machine-type, --max-workers, --temp-location and --update are for --runner dataflow'
elif [ -z "$image_only" ]; then
  [ ${#job[@]} -eq 3 ] || mistake '--runner dataflow needs --machine-type, --max-workers and --temp-location'
fi

at=("--project=$project" "--region=$region")

ensure_image

if [ "$runner" = dataflow ]; then
  IFS=, read -r -a variables <<<"$(settings),SLUICE_REGION=$region"
  # shellcheck disable=SC2086 # no word where there is no --update
  run env "${variables[@]}" node src/cli/main.ts pipeline --runner=dataflow "--image=$image" "${job[@]}" $update
  exit 0
fi

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
