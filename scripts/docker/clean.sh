#!/usr/bin/env bash
# clean.sh           Removes what tests left behind: containers, networks and volumes of their Compose projects.
# clean.sh images    Also the images that were made here, and the cache. A pulled image stays.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh"

engine_runs || exit 0

# Tests run in projects named sluice-test… and, by testcontainers, testcontainers-…; a user's own stack is called sluice.
project='{{.Label "com.docker.compose.project"}}'
ours() { awk '$2 ~ /^(sluice-test|testcontainers-)/ { print $1 }'; }
file=label=com.docker.compose.project.config_files=$root/docker-compose.yml

docker ps --all --filter "$file" --format "{{.ID}} $project" | ours | xargs -r docker rm --force --volumes >/dev/null
docker network ls --format "{{.ID}} $project" | ours | xargs -r docker network rm >/dev/null
docker volume ls --format "{{.Name}} $project" | ours | xargs -r docker volume rm >/dev/null

if [ "${1:-}" = images ]; then
  docker images --quiet --filter "label=$origin_label" | sort -u | xargs -r docker rmi --force >/dev/null
  docker rmi --force sluice >/dev/null 2>&1 || true
  rm -rf "$cache/base.tar.zst" "${cache:?}/bin"
fi
