#!/usr/bin/env bash
# clean.sh           Removes what tests left behind: containers of this compose file with what they hold, and their networks.
# clean.sh images    Also the images that were made here, and the cache. A pulled image stays.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh"

engine_runs || exit 0

# Tests run in projects named sluice-test… and, by testcontainers, testcontainers-…; a user's own stack is called sluice.
# A network does not tell which file it was made for, and others use testcontainers too, so it goes only with containers of
# this file. The file names no volumes: those without a name go with their container.
file=label=com.docker.compose.project.config_files=$root/docker-compose.yml
project='{{.Label "com.docker.compose.project"}}'
found=$(docker ps --all --filter "$file" --format "{{.ID}} $project" | awk '$2 ~ /^(sluice-test|testcontainers-)/')
projects=" sluice-test $(awk '{ print $2 }' <<<"$found" | sort -u | tr '\n' ' ')"

awk '{ print $1 }' <<<"$found" | xargs -r docker rm --force --volumes >/dev/null
docker network ls --format "{{.ID}} $project" |
  awk -v projects="$projects" '$2 != "" && index(projects, " " $2 " ") { print $1 }' | xargs -r docker network rm >/dev/null

if [ "${1:-}" = images ]; then
  docker images --quiet --filter "label=$origin_label" | sort -u | xargs -r docker rmi --force >/dev/null
  docker rmi --force sluice sluice-worker >/dev/null 2>&1 || true
  rm -rf "$cache/base.tar.zst" "${cache:?}/bin"
fi
