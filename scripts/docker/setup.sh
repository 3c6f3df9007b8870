#!/usr/bin/env bash
# Brings what `sluice up --docker` and the tests in tests/docker/ need: an engine, Compose, and every image. Prints what
# to put into the shell: eval "$(scripts/docker/setup.sh)"
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh"

"$here/engine.sh" start
"$here/compose-plugin.sh"
use_plugins
"$here/images.sh" >&2
echo "export DOCKER_CONFIG=${DOCKER_CONFIG:-$HOME/.docker}"
