#!/usr/bin/env bash
# go-program.sh NAME PACKAGE MODULE VERSION   Prints the path of a Go program: the one in the cache, or built now.
#
# A module of its own names the version, so nothing asks the module proxy which versions there are. Gives up after
# SLUICE_GO_BUILD_SECONDS, 600 unless told otherwise; what was compiled by then is kept by Go for the next time.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh"

name=$1 package=$2 module=$3 version=$4
program=$cache/bin/$name-$version
if [ ! -x "$program" ]; then
  command -v go >/dev/null || fail "  Go is missing, so $name cannot be built."
  say "  building $name $version"
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  cd "$work"
  printf 'module build\n\ngo 1.23\n\nrequire %s %s\n' "$module" "$version" >go.mod
  mkdir -p "$cache/bin"
  limit=${SLUICE_GO_BUILD_SECONDS:-600}
  nice -n 19 timeout "$limit" go build -mod=mod -trimpath -ldflags='-s -w' -o "$program.new" "$package" >&2 ||
    fail "  $name $version could not be built within $limit s."
  mv "$program.new" "$program"
fi
echo "$program"
