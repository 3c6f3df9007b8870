#!/usr/bin/env bash
# Sees to it that the base image of the Dockerfile is there. Where no registry answers, an equal of it is made: Debian
# 12 by mmdebstrap, Node 24 and npm from npm's registry. Made once, then loaded from the cache.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh"

image=$(base_image)
kept=$cache/base.tar.zst

if has_image "$image" || pull "$image"; then exit; fi
[ "$(uname -s)" = Linux ] || fail "$image cannot be pulled, and its equal is made on Linux only."
command -v zstd >/dev/null || apt_install zstd
if [ -f "$kept" ]; then
  zstd -dcq "$kept" | docker load --quiet >/dev/null
  if has_image "$image"; then exit; fi
fi

say "  making an equal of $image"
command -v mmdebstrap >/dev/null || apt_install mmdebstrap
arch=$(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/')
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

node=$root/node_modules/node-linux-$arch/bin/node
if [ ! -x "$node" ]; then
  tar -xzf "$work/$(cd "$work" && npm pack --silent "node-linux-$arch@24")" -C "$work"
  node=$work/package/bin/node
fi
mkdir "$work/npm"
tar -xzf "$work/$(cd "$work" && npm pack --silent npm@11)" -C "$work/npm" --strip-components 1

cat >"$work/docker-entrypoint.sh" <<'ENTRY'
#!/bin/sh
set -e
# An option, or no program on the path: it is for node.
if [ "${1#-}" != "$1" ] || [ -z "$(command -v "$1")" ]; then set -- node "$@"; fi
exec "$@"
ENTRY
# Where a local authority signs all outgoing TLS again, npm inside a build would trust nobody without its certificate.
echo "cafile=/etc/ssl/certs/host.crt" >"$work/npmrc"

# shellcheck disable=SC2016  # mmdebstrap sets $1
mmdebstrap --quiet --variant=minbase --include=ca-certificates \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
  --dpkgopt='path-exclude=/usr/share/man/*' \
  --customize-hook="install -m 755 '$node' \"\$1/usr/local/bin/node\"" \
  --customize-hook="mkdir -p \"\$1/usr/local/lib/node_modules\" \"\$1/usr/local/etc\" \"\$1/usr/share/man/man1\"" \
  --customize-hook="cp -r '$work/npm' \"\$1/usr/local/lib/node_modules/npm\"" \
  --customize-hook='ln -s ../lib/node_modules/npm/bin/npm-cli.js "$1/usr/local/bin/npm"' \
  --customize-hook='ln -s ../lib/node_modules/npm/bin/npx-cli.js "$1/usr/local/bin/npx"' \
  --customize-hook="install -m 755 '$work/docker-entrypoint.sh' \"\$1/usr/local/bin/docker-entrypoint.sh\"" \
  --customize-hook="install -m 644 /etc/ssl/certs/ca-certificates.crt \"\$1/etc/ssl/certs/host.crt\"" \
  --customize-hook="install -m 644 '$work/npmrc' \"\$1/usr/local/etc/npmrc\"" \
  --customize-hook='chroot "$1" useradd --uid 1000 --user-group --create-home --shell /bin/bash node' \
  bookworm - |
  docker import --change "LABEL $origin_label=stand-in" --change 'CMD ["node"]' \
    --change 'ENTRYPOINT ["docker-entrypoint.sh"]' \
    --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' \
    - "$image" >/dev/null
docker save "$image" | zstd -q -f -o "$kept"
