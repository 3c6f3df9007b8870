#!/usr/bin/env bash
# Deploys the table manager as a Cloud Function, and lets its push subscription push there.
# shellcheck source-path=SCRIPTDIR source=lib/deploy.sh
. "$(dirname "$0")/lib/deploy.sh"

usage='Usage: scripts/deploy-table-manager.sh PROJECT ENV [REGION] [options]

Makes the source archive of the function from this commit, uploads it, brings it to the function ENV-table-manager (2nd
generation, HTTP), lets the identity ENV-push call that, and points the subscription ENV-backend-events-tables to it. A
function that is there gets the source and keeps everything else; what is missing is made. ENV is dev, staging or prod;
REGION is europe-west1 unless given. May be run again.

  --dry-run      print the commands and run none
  --source-only  only upload the archive, and print its name as Terraform wants it
  --allow-dirty  deploy although there are uncommitted changes; the archive is named -dirty
  --help'

source_only=''
take_option() {
  case $1 in
    --allow-dirty) allow_dirty=yes ;;
    --source-only) source_only=yes ;;
    *) return 1 ;;
  esac
}
parse_arguments "$@"
function=$environment-table-manager
subscription=$environment-backend-events-tables
topic=$environment-backend-events-topic
push=$(service_account push)
on=("--project=$project")
at=("${on[@]}" "--region=$region")

find_commit
archive=.sluice/table-manager-$commit.zip
object=table-manager/$commit.zip
source=gs://$project-$environment-function-source/$object
run node scripts/function-source.ts "$archive"
run gcloud storage cp "$archive" "$source" "${on[@]}"
[ -z "$source_only" ] || {
  echo "function_source_object = \"$object\""
  exit 0
}

# The runtime strips the types itself, so nothing is built; `main` in the archive's package.json names the file. Pushes
# of this project's subscriptions count as internal traffic.
new=(gcloud functions deploy "$function" --gen2 "${at[@]}" "--source=$source" --runtime=nodejs24 --entry-point=manageTable)
either gcloud functions describe "$function" --gen2 "${at[@]}" '--format=value(serviceConfig.uri)' -- \
  "${new[@]}" --quiet -- \
  "${new[@]}" \
  --trigger-http \
  --no-allow-unauthenticated \
  --ingress-settings=internal-only \
  "--service-account=$(service_account table-manager)" \
  "--build-service-account=projects/$project/serviceAccounts/$(service_account build)" \
  "--docker-repository=projects/$project/locations/$region/repositories/$environment-sluice" \
  "--set-env-vars=$(settings)" \
  --memory=512Mi \
  --timeout=60s \
  --max-instances=3 \
  "--update-labels=$(labels table-manager)" \
  --quiet

capture URL gcloud functions describe "$function" --gen2 "${at[@]}" '--format=value(serviceConfig.uri)'
run gcloud functions add-invoker-policy-binding "$function" "${at[@]}" "--member=serviceAccount:$push"

# The Functions Framework reads the topic off the path. The token is for the service, whatever the path.
endpoint=(
  "--push-endpoint=$URL/projects/$project/topics/$topic"
  "--push-auth-service-account=$push"
  "--push-auth-token-audience=$URL"
)
# A push is a hint that a table may be missing, so ten attempts are enough: as src/resources.ts has it.
either gcloud pubsub subscriptions describe "$subscription" "${on[@]}" '--format=value(name)' -- \
  gcloud pubsub subscriptions modify-push-config "$subscription" "${on[@]}" "${endpoint[@]}" -- \
  gcloud pubsub subscriptions create "$subscription" "${on[@]}" \
  "--topic=$topic" \
  "${endpoint[@]}" \
  --ack-deadline=60 \
  --expiration-period=never \
  --min-retry-delay=1s \
  --max-retry-delay=600s \
  "--dead-letter-topic=$environment-backend-events-dead-letter" \
  --max-delivery-attempts=10 \
  "--labels=$(labels table-manager)"
# Pub/Sub acknowledges here what it moves to the dead letter topic.
capture NUMBER gcloud projects describe "$project" '--format=value(projectNumber)'
run gcloud pubsub subscriptions add-iam-policy-binding "$subscription" "${on[@]}" \
  "--member=serviceAccount:service-$NUMBER@gcp-sa-pubsub.iam.gserviceaccount.com" \
  --role=roles/pubsub.subscriber

[ -n "$dry_run" ] || say "scripts/test-table-creation.sh $project $environment shows whether tables appear."
