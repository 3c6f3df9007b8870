#!/usr/bin/env bash
# Deploys the event generator's REST API to Cloud Run.
# shellcheck source-path=SCRIPTDIR source=lib/deploy.sh
. "$(dirname "$0")/lib/deploy.sh"

usage='Usage: scripts/deploy-generator.sh PROJECT ENV [REGION] [options]

Builds the image of this commit, unless the registry has it, brings it to the Cloud Run service ENV-generator, and asks
the service for its health. A service that is there gets the image and keeps everything else; a missing one is made. ENV
is dev, staging or prod; REGION is europe-west1 unless given. May be run again.

Only callers with the role run.invoker reach the service. A task of the generator lives in one instance, so there is
at most one.

  --dry-run          print the commands and run none
  --image-only       only build the image, and print its name as Terraform wants it
  --tag TAG          deploy an image that is there, and build none
  --allow-dirty      build although there are uncommitted changes; the tag ends in -dirty
  --min-instances N  of a new service: 0 unless given, so that an idle instance ends, and a running task with it; 1
                     keeps one, and costs as much as an instance that is always on
  --ingress VALUE    of a new service: all (the default), internal, or internal-and-cloud-load-balancing
  --help'

min_instances=0 ingress=all
take_option() {
  case $1 in
    --min-instances)
      option_value "$@"
      case $value in
        0 | 1) min_instances=$value ;;
        *) mistake "--min-instances is 0 or 1, not $value" ;;
      esac
      ;;
    --ingress)
      option_value "$@"
      case $value in
        all | internal | internal-and-cloud-load-balancing) ingress=$value ;;
        *) mistake "--ingress is all, internal or internal-and-cloud-load-balancing, not $value" ;;
      esac
      ;;
    *) take_image_option "$@" ;;
  esac
}
parse_arguments "$@"
service=$environment-generator

at=("--project=$project" "--region=$region")

ensure_image
# A task goes on when the request that started it has been answered: hence no CPU throttling.
either gcloud run services describe "$service" "${at[@]}" '--format=value(status.url)' -- \
  gcloud run services update "$service" "${at[@]}" "--image=$image" --quiet -- \
  gcloud run deploy "$service" "${at[@]}" \
  "--image=$image" \
  "--service-account=$(service_account generator)" \
  --args=generator,--host,0.0.0.0,--port,8080 \
  --port=8080 \
  "--set-env-vars=$(settings)" \
  --no-allow-unauthenticated \
  "--ingress=$ingress" \
  --cpu=1 \
  --memory=512Mi \
  --no-cpu-throttling \
  "--min-instances=$min_instances" \
  --max-instances=1 \
  "--labels=$(labels generator)" \
  --quiet

capture URL gcloud run services describe "$service" "${at[@]}" '--format=value(status.url)'
if [ "$ingress" != all ]; then
  say "Its health was not asked for: with --ingress $ingress it cannot be reached from here."
  exit 0
fi

# A user's token is good for any service; a service account's names the one that it is for.
ask_token=(gcloud auth print-identity-token)
if [ -z "$dry_run" ]; then
  account=${CLOUDSDK_AUTH_IMPERSONATE_SERVICE_ACCOUNT:-$(gcloud config get account 2>/dev/null)}
  case $account in *.gserviceaccount.com) ask_token+=("--audiences=$URL") ;; esac
fi
capture TOKEN "${ask_token[@]}"
# The token comes on standard input: whoever is on this machine may read the arguments of a process.
health=(curl --silent --show-error --fail --max-time 60 --retry 3 --header @- "$URL/health")
if [ -n "$dry_run" ]; then
  printf '%s | %s\n' "$(command_line echo "Authorization: Bearer $TOKEN")" "$(command_line "${health[@]}")"
  exit 0
fi
say "+ $(command_line "${health[@]}")"
attempt "${health[@]}" <<<"Authorization: Bearer $TOKEN" || {
  say "$script: $URL/health does not answer as it should."
  if grep -qE '\b(401|403)\b' "$complaints"; then
    say 'You may not call it. An owner of the project lets you:'
    say "  gcloud run services add-iam-policy-binding $service --project=$project --region=$region --member=user:YOU --role=roles/run.invoker"
  else
    say "Its log: gcloud run services logs read $service --project=$project --region=$region"
  fi
  exit 1
}
say ''
say "The generator answers at $URL"
