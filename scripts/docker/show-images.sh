#!/usr/bin/env bash
# Prints for every image of the stack whether it is published (pulled), the real program (built or packed here) or a
# stand-in (something else under that name).
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh"

said() {
  case $(origin "$1") in
    real) echo 'real program, built or packed here' ;;
    stand-in) echo "STAND-IN: $2" ;;
    *) origin "$1" ;;
  esac
}

row() { printf '%-64s %7s  %s\n' "$1" "$(size "$1")" "$2"; }
size() { docker image inspect --format '{{.Size}}' "$1" 2>/dev/null | awk '{ printf "%d MB", $1 / 1e6 }'; }

for service in "${third_party[@]}"; do
  image=$(image_of "$service")
  row "$image" "$(said "$image" "Sluice's own emulator")"
done
base=$(base_image)
row "$base" "$(said "$base" 'Debian 12 with Node 24 from npm')"
row sluice "built from the Dockerfile"
