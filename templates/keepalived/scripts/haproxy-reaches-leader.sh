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

# A pool behind the peer declines GSS encryption, by one letter.
reaches_pool() {
  # shellcheck disable=SC2016
  timeout "$seconds" bash -c '
    exec 3<>"/dev/tcp/$1/$2"
    printf "\x00\x00\x00\x08\x04\xd2\x16\x30" >&3
    read -r -N 1 answer <&3
    [[ $answer == N ]]' -- "$1" "$clients"
}

has_leader 2>/dev/null && exit
for peer in "$@"; do
  if reaches_pool "$peer" 2>/dev/null; then
    echo "no leader is reached from here, but from $peer"
    exit 1
  fi
done
