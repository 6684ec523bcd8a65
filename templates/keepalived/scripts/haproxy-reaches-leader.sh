#!/usr/bin/env bash
# haproxy-reaches-leader PORT CLIENTS SECONDS [PEER…]: fails only where the HAProxy on this machine has no leader
# and that of a peer has one; for Keepalived. Where nobody has one, the address stays where it is.
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
    echo "no leader is reached from here, but from $peer"
    exit 1
  fi
done
