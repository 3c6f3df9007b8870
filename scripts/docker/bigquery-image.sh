#!/usr/bin/env bash
# Packs the real bigquery-emulator under the name of the published image. Building it compiles ZetaSQL, which takes two
# cores and a C++ compiler more than six minutes: only where its binary is kept already, or when
# SLUICE_BUILD_BIGQUERY_EMULATOR=1 asks for it. Fails otherwise.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh"

image=$(image_of bigquery)
version=v${image##*:}
if [ ! -x "$cache/bin/bigquery-emulator-$version" ]; then
  [ -n "${SLUICE_BUILD_BIGQUERY_EMULATOR:-}" ] ||
    fail "  bigquery-emulator $version is not in $cache/bin; SLUICE_BUILD_BIGQUERY_EMULATOR=1 builds it in some minutes"
  command -v clang++ >/dev/null || apt_install clang
fi
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
