#!/usr/bin/env bash
# Fetches what `sluice pipeline --runner flink` runs on: Beam's Flink runner, its Pub/Sub source and Flink itself, about
# 220 MB, from where mvn gets its artifacts. Takes exactly the jars of scripts/flink/jars.sha256, no more and no fewer.
#
#   scripts/fetch-flink.sh [FOLDER]   the folder is ~/.cache/sluice/flink/<version> unless told otherwise
#
# Exit code 3: what is there, or was fetched, is something else; 1: it cannot be fetched.
set -euo pipefail

here=$(cd "$(dirname "$0")/flink" && pwd)
version=$(sed -n 's|^  <version>\(.*\)</version>$|\1|p' "$here/pom.xml")
folder=${1:-${XDG_CACHE_HOME:-$HOME/.cache}/sluice/flink/$version}

sha256() {
  if command -v sha256sum >/dev/null; then sha256sum "$@"; else shasum -a 256 "$@"; fi
}

# What differs from jars.sha256: `<` is missing or not as it should be, `>` is there instead.
differences() {
  { diff "$here/jars.sha256" <(cd "$1" && sha256 -- * 2>&1 | LC_ALL=C sort -k 2) || true; } | grep '^[<>]'
}

if [ -n "$(ls -A "$folder" 2>/dev/null)" ]; then
  if found=$(differences "$folder"); then
    echo "$folder holds something other than the jars of $version: remove it, or name another folder." >&2
    echo "$found" >&2
    exit 3
  fi
  exit 0
fi

if ! command -v mvn >/dev/null; then
  echo 'mvn is not there: install Maven (such as the package maven).' >&2
  exit 1
fi

mkdir -p "$(dirname "$folder")"
fetched=$(mktemp -d "$folder.XXXXXX")
trap 'rm -rf "$fetched"' EXIT
echo "Fetching Beam and Flink ($version) into $folder ..."
mvn --quiet --batch-mode --file "$here/pom.xml" dependency:copy-dependencies \
  -DincludeScope=runtime -DoutputDirectory="$fetched" >&2

if found=$(differences "$fetched"); then
  echo 'What was fetched is not what it should be; nothing was kept.' >&2
  echo "$found" >&2
  exit 3
fi
chmod 755 "$fetched"
rmdir "$folder" 2>/dev/null || true # empty, or not there
mv "$fetched" "$folder"
