#!/usr/bin/env bash
# Sees to it that every image of docker-compose.yml is there: pulled where a registry answers; else the real program,
# built or packed here; else a stand-in. Then says which is which.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh"

"$here/base-image.sh"
say "  building sluice"
build "$root" sluice
for service in "${third_party[@]}"; do
  image=$(image_of "$service")
  if has_image "$image" || pull "$image"; then continue; fi
  "$here/$service-image.sh" || "$here/stand-in-image.sh" "$service"
done
"$here/show-images.sh"
