#!/usr/bin/env bash
# Packs Google's own Pub/Sub emulator, from an installed gcloud SDK, under the name of the published image. A shim takes
# the command line that the published image takes. Fails where no SDK with the emulator is installed.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh"

command -v gcloud >/dev/null || fail "  no gcloud SDK is installed"
emulator=$(gcloud info --format='value(installation.sdk_root)' 2>/dev/null)/platform/pubsub-emulator
[ -d "$emulator/lib" ] || fail "  the gcloud SDK is installed without its Pub/Sub emulator"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$emulator"/lib/*.jar "$work/emulator.jar"
cat >"$work/gcloud" <<'SHIM'
#!/bin/bash
# gcloud beta emulators pubsub start --host-port=HOST:PORT [--project=ID]
for word; do
  case $word in
    --host-port=*) at=${word#*=} ;;
    beta | emulators | pubsub | start | --project=*) ;;
    *) echo "gcloud: unsupported here: $word" >&2; exit 2 ;;
  esac
done
exec java -jar /emulator.jar --host="${at%:*}" --port="${at##*:}"
SHIM
chmod 755 "$work/gcloud"
cat >"$work/Dockerfile" <<DOCKER
FROM $(base_image)
RUN apt-get update -qq && apt-get install -qq -y --no-install-recommends openjdk-17-jre-headless >/dev/null && rm -rf /var/lib/apt/lists/*
COPY gcloud /usr/bin/gcloud
COPY emulator.jar /emulator.jar
ENTRYPOINT []
LABEL $origin_label=real
DOCKER
build "$work" "$(image_of pubsub)"
