# shellcheck shell=bash
# What the scripts of this folder share; they source it.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
# Binaries and images that take long to make are kept here; it may be deleted at any time.
cache=${SLUICE_DOCKER_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/sluice/docker}
mkdir -p "$cache"

# Compose and buildx, where this machine's Docker has none (compose-plugin.sh puts them there).
plugins=$cache/config
use_plugins() {
  if [ -x "$plugins/cli-plugins/docker-compose" ]; then export DOCKER_CONFIG=$plugins; fi
}
use_plugins

# The emulators of docker-compose.yml that others have made.
# shellcheck disable=SC2034
third_party=(pubsub storage bigquery)
# On every image that was not pulled: `real` is the published program, built or packed here; `stand-in` is something else.
# shellcheck disable=SC2034
origin_label=sluice.origin

say() { printf '%s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

engine_runs() { timeout 10 docker version --format '{{.Server.Version}}' >/dev/null 2>&1; }
has_image() { docker image inspect "$1" >/dev/null 2>&1; }

# origin IMAGE: real or stand-in, if it was made here; missing; else published.
origin() {
  local label
  label=$(docker image inspect --format "{{index .Config.Labels \"$origin_label\"}}" "$1" 2>/dev/null) || label=missing
  echo "${label:-published}"
}

# A registry that does not answer costs seconds; one that does may take minutes for the image.
pull() {
  timeout 20 docker manifest inspect "$1" >/dev/null 2>&1 || return 1
  say "  pulling $1"
  timeout 600 docker pull --quiet "$1" >/dev/null
}

# image_of SERVICE: its image, as docker-compose.yml has it.
image_of() {
  awk -v service="  $1:" '$0 == service { found = 1 } found && $1 == "image:" { print $2; exit }' \
    "$root/docker-compose.yml"
}

# The base image of the Dockerfile.
base_image() { awk '$1 == "FROM" { print $2; exit }' "$root/Dockerfile"; }

# build FOLDER IMAGE
build() {
  local log
  log=$(mktemp)
  if ! docker build --quiet --tag "$2" "$1" >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    fail "  $2 could not be built"
  fi
  rm -f "$log"
}

# Debian's packages are needed as root only.
apt_install() {
  [ "$(id -u)" = 0 ] || fail "This needs root for: apt-get install $*"
  say "  installing $*"
  if ! DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$@" >/dev/null 2>&1; then
    apt-get update -qq >/dev/null
    DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$@" >/dev/null
  fi
}
