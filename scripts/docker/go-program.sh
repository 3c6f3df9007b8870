#!/usr/bin/env bash
# go-program.sh NAME PACKAGE MODULE VERSION   Prints the path of a Go program: the one in the cache, or built now.
#
# A module of its own names the version, so nothing asks the module proxy which versions there are.
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
  nice -n 19 go build -mod=mod -trimpath -ldflags='-s -w' -o "$program.new" "$package" >&2
  mv "$program.new" "$program"
fi
echo "$program"
