#!/usr/bin/env bash
# Publishes one event of each type, and waits for its table and its row.
# shellcheck source-path=SCRIPTDIR source=lib/deploy.sh
. "$(dirname "$0")/lib/deploy.sh"

usage="Usage: scripts/test-table-creation.sh PROJECT ENV [REGION] [options]

Publishes one sample event of each type in the catalogue, under an event_id of its own, and waits until its table is
there as the catalogue says (the table manager's work) and has its row, once (the pipeline's work). ENV is dev, staging
or prod. The events stay where they arrive.

  --dry-run      print the commands and run none
  --timeout S    how many seconds to wait for all of it: 180 unless given
  --every S      how many seconds lie between two looks: 5 unless given
  --id TEXT      what the event ids begin with: a unique text unless given
  --help

Exit code 1 when a table or a row is missing, wrong, or there twice."

timeout=180 every=5 id=table-test-$(date +%Y%m%d%H%M%S)-$RANDOM
take_option() {
  case $1 in
    --timeout | --every)
      option_value "$@"
      [[ $value =~ ^[1-9][0-9]*$ ]] || mistake "$1 is a number of seconds, not $value"
      if [ "$1" = --timeout ]; then timeout=$value; else every=$value; fi
      ;;
    --id)
      option_value "$@"
      [[ $value =~ ^[A-Za-z0-9_-]+$ ]] || mistake "--id is made of letters, digits, _ and -, not $value"
      id=$value
      ;;
    *) return 1 ;;
  esac
}
parse_arguments "$@"
[ -n "$dry_run" ] || needs bq 'it comes with the Google Cloud CLI'

dataset=${environment}_events_dataset
listing=$(node scripts/table-creation.ts samples)
types=() tables=() samples=()
while read -r type table sample; do types+=("$type") tables+=("$table") samples+=("$sample"); done <<<"$listing"

show=() query=()
# The two looks at a table; sets `show` and `query`.
looks_at() {
  local type=$1 table=$2
  show=(bq "--project_id=$project" --format=json show "$project:$dataset.$table")
  query=(bq "--project_id=$project" --format=csv --quiet query --nouse_legacy_sql "--parameter=event_id::$id-$type"
    "SELECT COUNT(*) AS found FROM \`$project.$dataset.$table\` WHERE event_id = @event_id")
}

# bq tells what is wrong on standard output.
look() {
  [ -n "$complaints" ] || complaints=$(mktemp)
  output=$("$@" 2>"$complaints") && return
  printf '%s\n' "$output" >>"$complaints"
  not_found && return 1
  cat "$complaints" >&2
  give_up "$@"
}

# Says how a type is doing in one line, and fails until it has arrived. Stops on what no waiting mends.
arrived() {
  local type=$1 table=$2 output='' differences found
  looks_at "$type" "$table"
  look "${show[@]}" || {
    state="there is no table $table"
    return 1
  }
  differences=$(node scripts/table-creation.ts check "$type" <<<"$output") || {
    state="$table is not as the catalogue says: $differences"
    return 1
  }
  look "${query[@]}" || {
    state="there is no table $table"
    return 1
  }
  found=$(tail -n 1 <<<"$output")
  case $found in
    0)
      state="$table is as it should be, but the row is not there"
      return 1
      ;;
    1) state="$table is as it should be, and has the row" ;;
    *)
      state="$table has the row $found times"
      return 1
      ;;
  esac
}

for i in "${!types[@]}"; do
  type=${types[i]}
  run gcloud pubsub topics publish "$environment-backend-events-topic" "--project=$project" \
    "--message=${samples[i]}" "--attribute=event_id=$id-$type,event_type=$type"
done

if [ -n "$dry_run" ]; then
  for i in "${!types[@]}"; do
    looks_at "${types[i]}" "${tables[i]}"
    run "${show[@]}"
    run "${query[@]}"
  done
  exit 0
fi

waiting=("${!types[@]}") states=() failed=0
while :; do
  still=()
  for i in "${waiting[@]}"; do
    if arrived "${types[i]}" "${tables[i]}"; then
      say "✔ ${types[i]}: $state, after $SECONDS s"
    else
      still+=("$i") states[i]=$state
    fi
  done
  [ ${#still[@]} -gt 0 ] || break
  waiting=("${still[@]}")
  if [ "$SECONDS" -ge "$timeout" ]; then
    for i in "${waiting[@]}"; do say "✘ ${types[i]}: after $SECONDS s ${states[i]}"; done
    say 'docs/deployment-guide.md, "Troubleshooting", says where to look.'
    failed=1
    break
  fi
  sleep "$every"
done
exit "$failed"
