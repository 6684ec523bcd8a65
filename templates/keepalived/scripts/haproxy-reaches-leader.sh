#!/usr/bin/env bash
# haproxy-reaches-leader PORT CLIENTS SECONDS [PEER…]: a check for Keepalived. It fails only if the HAProxy on this
# machine does not reach the leader and a peer's does. If none does, the virtual address stays where it is.
set -euo pipefail
readonly port=$1 clients=$2 seconds=$3
shift 3

has_leader() {
  local answer=
  exec 3<>"/dev/tcp/127.0.0.1/$port" &&
    printf 'GET /leader HTTP/1.0\r\n\r\n' >&3 &&
    read -r -t "$seconds" answer <&3
  [[ $answer == HTTP/1.*\ 200* ]]
}

reaches_pool() { /usr/local/lib/ninefold/pgbouncer-answers "$1" "$clients" "$seconds"; }

has_leader 2>/dev/null && exit
for peer in "$@"; do
  if reaches_pool "$peer" >/dev/null 2>&1; then
    echo "this balancer does not reach the leader, but $peer does"
    exit 1
  fi
done
