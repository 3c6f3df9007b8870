#!/usr/bin/env bash
# What `npm run test:docker` runs: the stack in containers, first with the third-party emulators, then with Sluice's own;
# an end-to-end run against each; and the tests in tests/docker/. It brings an engine and the images where it can, says
# what each image is, and removes all that it started. Where no engine can be had it says so, and nothing has failed:
# exit code 0, but 1 with SLUICE_REQUIRE_DOCKER=1.
# shellcheck disable=SC2317  # functions are called by step and trap
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh"
cd "$root"

export COMPOSE_PROJECT_NAME=sluice-test
export GENERATOR_PORT=0 TABLE_MANAGER_PORT=0 PIPELINE_PORT=0
export PUBSUB_PORT=0 STORAGE_PORT=0 BIGQUERY_PORT=0 BIGQUERY_GRPC_PORT=0
events=${SLUICE_TEST_EVENTS:-500}
began=$SECONDS
summary=()
failed=0

skip() {
  [ "${SLUICE_REQUIRE_DOCKER:-}" != 1 ] || fail "FAILED, since SLUICE_REQUIRE_DOCKER=1 lets nothing be skipped: $1"
  say "skipped: $1"
  exit 0
}

# step TITLE COMMAND…   A step that fails does not keep the others from running.
step() {
  local title=$1 start=$SECONDS outcome=ok
  shift
  say
  say "== $title"
  "$@" || outcome=FAILED failed=1
  summary+=("$(printf '%-7s %4d s  %s' "$outcome" $((SECONDS - start)) "$title")")
}

finish() {
  local code=$?
  npm run --silent sluice -- down >/dev/null 2>&1 || true
  "$here/clean.sh" || true
  if [ -n "${engine_is_ours:-}" ]; then "$here/engine.sh" stop; fi
  exit "$code"
}

up() {
  # Docker needs seconds for all of it; what hangs is to be told, not waited for.
  places=$(timeout 300 npm run --silent sluice -- up --docker --json "$@") || return
  # shellcheck disable=SC2016
  eval "$(node -e '
    for (const [name, value] of Object.entries(JSON.parse(process.argv[1]).variables)) console.log(`export ${name}=${value}`)
  ' "$places")"
}

e2e() { timeout 240 npm run --silent e2e -- --events "$events"; }

# The published bigquery-emulator may keep the rows of an append that it refuses, and then has them twice
# (docs/fidelity.md): one more run, with events of its own, tells that from a fault of ours.
third_party_e2e() { e2e || { say 'once more:'; e2e; }; }

down() { npm run --silent sluice -- down >/dev/null; }

# As a runner with containers starts it, but for a runner.
worker_image() {
  docker build --quiet --target worker --tag sluice-worker . >/dev/null &&
    docker run --rm sluice-worker --help | grep -q -- --provision_endpoint
}

if ! engine_runs; then
  reason=$("$here/engine.sh" start 2>&1) || skip "$reason"
  engine_is_ours=yes
fi
trap finish EXIT
trap 'exit 130' INT TERM
reason=$("$here/compose-plugin.sh" 2>&1) || skip "$reason"
use_plugins

step 'images' "$here/images.sh"
[ "$failed" = 0 ] || exit 1
step 'image of the workers of Beam runners' worker_image
step 'stack on third-party emulators' up
step 'end-to-end run on third-party emulators' third_party_e2e
step 'end of that stack' down
step 'stack on the embedded emulators' up --embedded
step 'end-to-end run on the embedded emulators' e2e
step 'end of that stack' down
step 'tests in tests/docker' timeout 420 npx --no-install vitest run --config vitest.docker.config.ts \
  --reporter=default --reporter=json --outputFile.json=.sluice/docker-tests.json

say
"$here/show-images.sh"
echo
printf '%s\n' "${summary[@]}"
echo "$([ "$failed" = 0 ] && echo passed || echo FAILED) in $((SECONDS - began)) s"
exit "$failed"
