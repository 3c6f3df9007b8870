#!/usr/bin/env bash
# Builds the real fake-gcs-server under the name of the published image. Fails where there is no Go, or no way to its
# sources.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh"

image=$(image_of storage)
module=github.com/fsouza/fake-gcs-server
program=$(CGO_ENABLED=0 "$here/go-program.sh" fake-gcs-server $module $module "v${image##*:}")

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$program" "$work/fake-gcs-server"
# The published image is an Alpine: what is used of it here is busybox's wget.
cat >"$work/Dockerfile" <<DOCKER
FROM $(base_image)
RUN apt-get update -qq && apt-get install -qq -y --no-install-recommends busybox >/dev/null && rm -rf /var/lib/apt/lists/* && ln -s /bin/busybox /usr/bin/wget
COPY fake-gcs-server /bin/fake-gcs-server
EXPOSE 4443
ENTRYPOINT ["/bin/fake-gcs-server", "-data", "/data"]
LABEL $origin_label=real
DOCKER
build "$work" "$image"
