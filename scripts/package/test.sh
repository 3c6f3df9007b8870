#!/usr/bin/env bash
# What `npm run test:package` runs: builds and packs the npm package, installs it in a project of its own, cuts the network off
# and runs tests/package/ there. Where npm can reach neither a registry nor a cache that has everything it says so, and
# nothing has failed: exit code 0, but 1 with SLUICE_REQUIRE_PACKAGE=1.
set -euo pipefail
cd "$(dirname "$0")/../.."
rm -f .sluice/package-tests.json # of an earlier run

skip() {
  if [ "${SLUICE_REQUIRE_PACKAGE:-}" = 1 ]; then
    echo "FAILED, since SLUICE_REQUIRE_PACKAGE=1 lets nothing be skipped: $1" >&2
    exit 1
  fi
  echo "skipped: $1" >&2
  exit 0
}

# A namespace of its own has no network but loopback.
offline() {
  if unshare --net true 2>/dev/null && command -v ip >/dev/null; then
    unshare --net -- bash -c 'ip link set lo up && exec "$@"' offline "$@"
  else
    echo "(the network cannot be cut off here; running all the same: $*)"
    "$@"
  fi
}

# As a user's shell has it: without the Node that npm installed here, and without npm's word for where it runs.
as_a_user() {
  env -u npm_config_local_prefix -u INIT_CWD PATH="$(tr ':' '\n' <<<"$PATH" | grep -v '/node_modules/' | paste -sd:)" "$@"
}

project=$(mktemp -d)
trap 'rm -rf "$project"' EXIT

npm run --silent build
tarball=$project/$(npm pack ./dist --silent --pack-destination "$project")
echo '{ "name": "user", "private": true, "type": "module" }' >"$project/package.json"
cp tests/package/user/* "$project"

version() { node -p "require('./package-lock.json').packages['node_modules/$1'].version"; }
# The project has some packages at other versions than the package asks for: each has to get its own.
packages=(@grpc/grpc-js@1.13.4 bson@6.10.0 protobufjs@7.4.0 uuid@8.3.2 zod@3.25.0)
for name in vitest msw typescript @types/node; do packages+=("$name@$(version "$name")"); done
began=$SECONDS
if ! as_a_user npm install --prefix "$project" --prefer-offline --no-audit --no-fund --loglevel error --save-exact \
  "$tarball" "${packages[@]}" >"$project/npm.log" 2>&1; then
  cat "$project/npm.log" >&2
  grep -qE 'code (E(AI_AGAIN|CONN|NOTFOUND|TIMEDOUT|NETUNREACH|HOSTUNREACH)|ENOTCACHED|ERR_SOCKET_TIMEOUT)' "$project/npm.log" ||
    exit 1
  skip 'npm reaches no registry, and its cache lacks some package'
fi
size() { du -sm "$1" | cut -f1; }
echo "installed in $((SECONDS - began)) s: a tarball of $(($(wc -c <"$tarball") / 1000)) kB, $(size "$project/node_modules") MB with all" \
  "that it needs, of which $(size "$project/node_modules/sluice") are its own"

export SLUICE_PACKAGE_PROJECT=$project
timeout 900 bash -c "$(declare -f offline); offline \"\$@\"" _ \
  npx --no-install vitest run --config vitest.package.config.ts \
  --reporter=default --reporter=json --outputFile.json=.sluice/package-tests.json "$@"
