#!/usr/bin/env bash
# stand-in-image.sh SERVICE   Packs Sluice's own emulator under the name, flags and ports of a third-party image. What
# runs against it says nothing about the third party's emulator: the image is labelled as a stand-in.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh"

service=$1
case $service in
  pubsub) program=/usr/bin/gcloud entrypoint='[]' ;;
  storage) program=/bin/fake-gcs-server entrypoint='["/bin/fake-gcs-server"]' ;;
  bigquery) program=/bin/bigquery-emulator entrypoint='["/bin/bigquery-emulator"]' ;;
  *) fail "usage: stand-in-image.sh pubsub|storage|bigquery" ;;
esac

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# All three run, each where the compose file looks for it: a stand-in needs no other flags than those it ignores.
cat >"$work/program" <<'SHIM'
#!/bin/sh
exec node /sluice/src/cli/main.ts emulators --host 0.0.0.0 --bigquery-grpc-port 9060
SHIM
# Of the published fake-gcs-server, an Alpine, busybox's wget is used.
cat >"$work/wget" <<'SHIM'
#!/bin/sh
for url; do :; done
exec node -e 'fetch(process.argv[1]).then(() => {}, () => process.exit(1))' "$url"
SHIM
chmod 755 "$work/program" "$work/wget"
cat >"$work/Dockerfile" <<DOCKER
FROM sluice
USER root
COPY program $program
COPY wget /usr/bin/wget
HEALTHCHECK NONE
ENTRYPOINT $entrypoint
LABEL $origin_label=stand-in
DOCKER
build "$work" "$(image_of "$service")"
