#!/usr/bin/env bash
# What `npm run test:flink` runs: the pipeline on Flink, in tests/flink/. Where Java or the jars of scripts/fetch-flink.sh
# are not there it says so, and nothing has failed: exit code 0, but 1 with SLUICE_REQUIRE_FLINK=1.
set -euo pipefail
cd "$(dirname "$0")/../.."
rm -f .sluice/flink-tests.json # of an earlier run

skip() {
  if [ "${SLUICE_REQUIRE_FLINK:-}" = 1 ]; then
    echo "FAILED, since SLUICE_REQUIRE_FLINK=1 lets nothing be skipped: $1" >&2
    exit 1
  fi
  echo "skipped: $1" >&2
  exit 0
}

version=$(sed -n 's|^  <version>\(.*\)</version>$|\1|p' scripts/flink/pom.xml)
jars=${SLUICE_FLINK_JARS:-${XDG_CACHE_HOME:-$HOME/.cache}/sluice/flink/$version}

java -version 2>/dev/null || skip 'Java is not there'
[ -d "$jars" ] || skip "$jars is not there: scripts/fetch-flink.sh makes it"
scripts/fetch-flink.sh "$jars"

SLUICE_FLINK_JARS=$jars timeout 900 npx --no-install vitest run --config vitest.flink.config.ts \
  --reporter=default --reporter=json --outputFile.json=.sluice/flink-tests.json "$@"
