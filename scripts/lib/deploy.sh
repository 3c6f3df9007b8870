# shellcheck shell=bash
# What the scripts for Google Cloud share: arguments, running or printing a command, and what to do when one fails.
#
# A script sets `usage` (its help) and `summary`, may define take_option, and then calls parse_arguments "$@". That sets
# project, environment, region and dry_run. Exit codes: 1 something on Google Cloud is not as it should be, 2 a mistake
# in the call. It keeps to what bash 3.2 knows, since that is what macOS has.
set -euo pipefail

script=$(basename "$0")
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root"
# npm brings the Node that the sources need.
PATH="$root/node_modules/.bin:$PATH"

project='' environment='' region=europe-west1 dry_run=''

say() { printf '%s\n' "$*" >&2; }

mistake() {
  say "$script: $*"
  say "(--help tells how it is called)"
  exit 2
}

# A script of its own options: set `taken` to how many of the words it used, or fail.
take_option() { return 1; }

# The value of the option that take_option was called with; sets `taken`.
option_value() {
  # What looks like an option was hardly meant as a value: `--tag --dry-run` would else deploy for real.
  case ${2:-} in '' | -*) mistake "$1 needs a value" ;; esac
  taken=2
  value=$2
}

parse_arguments() {
  local words=()
  while [ $# -gt 0 ]; do
    case $1 in
      --help | -h)
        printf '%s\n' "$usage"
        exit 0
        ;;
      --dry-run) dry_run=yes ;;
      --*=*)
        set -- "${1%%=*}" "${1#*=}" "${@:2}"
        continue
        ;;
      -*)
        taken=1
        take_option "$@" || mistake "there is no option $1"
        shift "$taken"
        continue
        ;;
      *) words+=("$1") ;;
    esac
    shift
  done
  [ ${#words[@]} -ge 2 ] || mistake 'PROJECT and ENV are missing'
  [ ${#words[@]} -le 3 ] || mistake "nothing is meant by ${words[3]}"
  project=${words[0]} environment=${words[1]} region=${words[2]:-$region}
  [[ $project =~ ^[a-z][a-z0-9-]{4,28}[a-z0-9]$ ]] ||
    mistake "$project is not a project id (6 to 30 of a-z, 0-9 and -, a letter first)"
  case $environment in
    dev | staging | prod) ;;
    *) mistake "$environment is not an environment: dev, staging or prod" ;;
  esac
  [[ $region =~ ^[a-z]+-[a-z]+[0-9]+$ ]] || mistake "$region is not a region, such as europe-west1"
  [ -n "$dry_run" ] || needs gcloud 'https://cloud.google.com/sdk/docs/install'
}

# Stops unless a program is there: needs PROGRAM WHERE_IT_COMES_FROM
needs() {
  command -v "$1" >/dev/null || mistake "$1 is not installed: $2"
}

service_account() { printf '%s-%s@%s.iam.gserviceaccount.com' "$environment" "$1" "$project"; }

# Terraform has labels of its own, and leaves these alone.
labels() { printf 'environment=%s,component=%s' "$environment" "$1"; }

settings() { printf 'SLUICE_BACKEND=gcp,SLUICE_PROJECT=%s,SLUICE_ENV=%s' "$project" "$environment"; }

# --- printing -------------------------------------------------------------------------------------------------------

# A word as a shell reads it. @{NAME} stands for what a dry run cannot know: the output that capture put into NAME.
quoted() {
  local word=$1 apostrophe="'\\''"
  if [[ $word == *@\{* ]]; then
    word=$(printf '%s' "$word" | sed -e 's/[\\"`$]/\\&/g' -e 's/@{\([A-Z_]*\)}/${\1}/g')
    printf '"%s"' "$word"
  elif [[ $word =~ ^[A-Za-z0-9_@%+=:,./-]+$ ]]; then
    printf '%s' "$word"
  else
    printf "'%s'" "${word//\'/$apostrophe}"
  fi
}

command_line() {
  local word line=''
  for word in "$@"; do line="$line${line:+ }$(quoted "$word")"; done
  printf '%s' "$line"
}

# --- running --------------------------------------------------------------------------------------------------------

complaints=''
trap '[ -z "$complaints" ] || rm -f "$complaints"' EXIT

# Runs a command; what it complains of is shown, and kept in the file $complaints.
attempt() {
  [ -n "$complaints" ] || complaints=$(mktemp)
  { "$@" 2>&1 1>&3 3>&- | tee "$complaints" >&2; } 3>&1
}

# The same without a sound: for a question whose answer may be no.
ask() {
  [ -n "$complaints" ] || complaints=$(mktemp)
  "$@" 2>"$complaints" >/dev/null
}

not_found() { grep -qiE 'not[ _]?found|does not exist|cannot find|could not be found' "$complaints"; }

# Runs a command, or prints it in a dry run. Stops with what to do about it when the command fails.
run() {
  if [ -n "$dry_run" ]; then
    command_line "$@"
    echo
    return
  fi
  say "+ $(command_line "$@")"
  attempt "$@" || give_up "$@"
}

# Puts what a command prints into a variable: capture NAME COMMAND…
capture() {
  local name=$1 output
  shift
  if [ -n "$dry_run" ]; then
    printf '%s=$(%s)\n' "$name" "$(command_line "$@")"
    printf -v "$name" '@{%s}' "$name"
    return
  fi
  say "+ $(command_line "$@")"
  output=$(attempt "$@") || give_up "$@"
  [ -n "$output" ] || {
    say "$script: that printed nothing, but $name is needed."
    exit 1
  }
  printf -v "$name" '%s' "$output"
}

# Whether a command finds what it asks for. Stops when it fails for another reason.
found() {
  if ask "$@"; then return 0; fi
  not_found && return 1
  cat "$complaints" >&2
  give_up "$@"
}

# Runs one of two commands: either QUESTION… -- COMMAND WHEN FOUND… -- COMMAND WHEN NOT FOUND…
either() {
  local question=() yes=() no=()
  while [ "$1" != -- ]; do
    question+=("$1")
    shift
  done
  shift
  while [ "$1" != -- ]; do
    yes+=("$1")
    shift
  done
  shift
  no=("$@")
  if [ -n "$dry_run" ]; then
    printf 'if %s\nthen %s\nelse %s\nfi\n' \
      "$(command_line "${question[@]}")" "$(command_line "${yes[@]}")" "$(command_line "${no[@]}")"
  elif found "${question[@]}"; then
    run "${yes[@]}"
  else
    run "${no[@]}"
  fi
}

give_up() {
  say "$script: this failed: $(command_line "$@")"
  remedy >&2
  exit 1
}

# What to do about the last complaint, as far as it is known.
remedy() {
  local api permission
  api=$(grep -oE '[a-z]+\.googleapis\.com' "$complaints" | grep -vE '^(www|oauth2)\.' | head -n 1 || true)
  permission=$(grep -oE "'?[a-z]+\.[a-zA-Z]+\.[a-zA-Z]+'? denied|[Pp]ermission '?[a-z]+\.[a-zA-Z]+\.[a-zA-Z]+" "$complaints" |
    grep -oE '[a-z]+\.[a-zA-Z]+\.[a-zA-Z]+' | head -n 1 || true)
  if grep -qiE 'SERVICE_DISABLED|has not been used in project|is not enabled|it is disabled' "$complaints"; then
    echo "An API is off. \`terraform apply\` enables all that Sluice needs; this one alone:"
    echo "  gcloud services enable ${api:-API.googleapis.com} --project=$project"
  elif grep -qiE 'billing' "$complaints"; then
    echo "The project has no open billing account:"
    echo "  gcloud billing projects link $project --billing-account=ACCOUNT_ID"
  elif grep -qiE 'active account|auth login|Reauthentication|invalid_grant|UNAUTHENTICATED' "$complaints"; then
    echo 'Nobody is logged in, or no longer:'
    echo '  gcloud auth login'
  elif grep -qiE 'PERMISSION_DENIED|does not have permission|denied|forbidden|\b403\b' "$complaints"; then
    echo "Whoever runs this lacks ${permission:-a permission} on $project."
    echo 'docs/security.md lists the roles of whoever deploys; an owner of the project can grant them.'
  elif not_found; then
    echo "Something that \`terraform apply\` makes is missing: docs/deployment-guide.md, \"The infrastructure\"."
  fi
}

# --- the image ------------------------------------------------------------------------------------------------------

allow_dirty='' image_tag='' image_only=''
# Its name in the registry, and how Cloud Build makes it.
image_name=sluice image_build=scripts/image-build.yaml

# The options of every script that deploys the image.
take_image_option() {
  case $1 in
    --allow-dirty) allow_dirty=yes ;;
    --image-only) image_only=yes ;;
    --tag)
      option_value "$@"
      image_tag=$value
      ;;
    *) return 1 ;;
  esac
}

# The commit that is deployed; sets `commit`. A dirty tree would be deployed under the name of a commit that it is not.
# Nothing of terraform/ is deployed, and its settings are changed between two deployments.
find_commit() {
  commit=$(git rev-parse --short HEAD 2>/dev/null) || mistake 'this is no git checkout, so nothing can be named after its commit'
  [ -z "$(git status --porcelain -- . ':(exclude)terraform')" ] && return
  [ -n "$allow_dirty" ] || mistake 'there are uncommitted changes: commit them, or add --allow-dirty'
  commit=$commit-dirty
}

# Makes sure that the image is in the registry; sets `image`. Ends the script when no more was asked for.
ensure_image() {
  local repository="$region-docker.pkg.dev/$project/$environment-sluice/$image_name"
  [ -n "$image_tag" ] || find_commit
  image=$repository:${image_tag:-$commit}
  local look=(gcloud artifacts docker images describe "$image" "--project=$project" '--format=value(image_summary.digest)')
  local bucket="gs://$project-$environment-function-source"
  # Not as the project's default account, which need not be there and may do more than build.
  local build=(
    gcloud builds submit . "--config=$image_build" "--substitutions=_IMAGE=$image"
    "--service-account=projects/$project/serviceAccounts/$(service_account build)"
    "--gcs-source-staging-dir=$bucket/image" "--project=$project" "--region=$region" --quiet
  )
  # gcloud would make a missing bucket, elsewhere and with other settings, and so be in Terraform's way.
  [ -n "$image_tag" ] || run gcloud storage buckets describe "$bucket" "--project=$project" --format=none
  case $image in
    *:"$image_tag") run "${look[@]}" ;;
    # A dirty tree may have changed since its last image.
    *-dirty) run "${build[@]}" ;;
    *) either "${look[@]}" -- echo "$image is there" -- "${build[@]}" ;;
  esac
  [ -z "$image_only" ] || {
    echo "image = \"$image\""
    exit 0
  }
}
