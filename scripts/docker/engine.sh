#!/usr/bin/env bash
# engine.sh start   Sees to it that a Docker engine runs: installs and starts one where it can (Debian, root).
# engine.sh stop    Stops the engine that this script started, and no other.
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh"

started=$cache/dockerd.pid
log=$cache/dockerd.log

is_dockerd() { [ "$(cat "/proc/$1/comm" 2>/dev/null)" = "$2" ]; }

# A daemon that was killed leaves these behind, and the next one waits for a process that is no more.
remove_stale() {
  local file=$1 program=$2 pid
  [ -f "$file" ] || return 0
  pid=$(cat "$file")
  is_dockerd "$pid" "$program" || rm -f "$file"
}

start() {
  if engine_runs; then return; fi
  if [ "$(uname -s)" != Linux ] || [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    fail "No Docker engine runs here, and this user cannot start one: start Docker Desktop, or \`sudo systemctl start docker\`."
  fi
  command -v dockerd >/dev/null || apt_install docker.io iptables
  remove_stale /var/run/docker.pid dockerd
  remove_stale /var/run/docker/containerd/containerd.pid containerd
  say "  starting dockerd, log $log"
  setsid dockerd >"$log" 2>&1 </dev/null &
  local pid=$!
  for _ in $(seq 60); do
    if engine_runs; then
      cat /var/run/docker.pid >"$started"
      return
    fi
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.5
  done
  tail -n 5 "$log" >&2
  fail "dockerd did not start."
}

stop() {
  [ -f "$started" ] || return 0
  local pid
  pid=$(cat "$started")
  if is_dockerd "$pid" dockerd; then
    kill "$pid"
    for _ in $(seq 40); do
      kill -0 "$pid" 2>/dev/null || break
      sleep 0.25
    done
  fi
  rm -f "$started"
}

case ${1:-} in
  start | stop) "$1" ;;
  *) fail "usage: engine.sh start|stop" ;;
esac
