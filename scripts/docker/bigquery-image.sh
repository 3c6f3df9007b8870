#!/usr/bin/env bash
# Packs the real bigquery-emulator under the name of the published image. Building it compiles ZetaSQL, which takes two
# cores and a C++ compiler more than six minutes; the binary is kept. Fails when it takes longer than go-program.sh allows.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh"

image=$(image_of bigquery)
version=v${image##*:}
[ -x "$cache/bin/bigquery-emulator-$version" ] || command -v clang++ >/dev/null || apt_install clang
module=github.com/goccy/bigquery-emulator
program=$(CGO_ENABLED=1 CC=clang CXX=clang++ "$here/go-program.sh" bigquery-emulator $module/cmd/bigquery-emulator $module "$version")

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$program" "$work/bigquery-emulator"
cat >"$work/Dockerfile" <<DOCKER
FROM $(base_image)
COPY bigquery-emulator /bin/bigquery-emulator
WORKDIR /work
ENTRYPOINT ["/bin/bigquery-emulator"]
LABEL $origin_label=real
DOCKER
build "$work" "$image"
