#!/usr/bin/env bash
# Sees to it that `docker compose` is there, version 2. Debian 12 has none, so it comes from Debian 13, into a
# DOCKER_CONFIG of its own, which common.sh exports from then on. Nothing of the system is changed.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh"

if docker compose version >/dev/null 2>&1; then exit; fi

command -v apt-get >/dev/null ||
  fail "Docker Compose version 2 is missing: https://docs.docker.com/compose/install/ tells how to get it."
say "  fetching Docker Compose and buildx from Debian 13"
apt=$(mktemp -d)
trap 'rm -rf "$apt"' EXIT
mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/etc"
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian trixie main" >"$apt/etc/sources.list"
options=(
  -o "Dir::Etc::SourceList=$apt/etc/sources.list" -o Dir::Etc::SourceParts=- -o "Dir::State::Lists=$apt/lists"
  -o "Dir::Cache=$apt/cache" -o APT::Sandbox::User=root -qq
)
apt-get "${options[@]}" update
(cd "$apt" && apt-get "${options[@]}" download docker-compose docker-buildx)
mkdir -p "$plugins/cli-plugins"
for package in "$apt"/*.deb; do
  dpkg -x "$package" "$apt/unpacked"
done
find "$apt/unpacked" -path '*/cli-plugins/*' -type f -exec cp {} "$plugins/cli-plugins/" \;
DOCKER_CONFIG=$plugins docker compose version >/dev/null || fail "Docker Compose could not be brought here."
