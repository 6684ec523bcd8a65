#!/usr/bin/env bash
# pgbouncer-answers ADDRESS PORT SECONDS: whether a PgBouncer answers at that address, directly or behind a balancer. This
# sends PostgreSQL's GSSENCRequest: its length, 8 bytes (00000008), then the code 80877104 (04d21630). PgBouncer declines
# GSS encryption with the letter N, and logs nothing. A PgBouncer that hangs accepts the connection and sends nothing; a
# balancer without a server closes it.
set -euo pipefail

status=0
# shellcheck disable=SC2016
timeout "$3" bash -c '
  exec 3<>"/dev/tcp/$1/$2" || exit 1
  printf "\x00\x00\x00\x08\x04\xd2\x16\x30" >&3
  read -r -N 1 answer <&3 || { echo "the connection was closed; if a balancer closed it, no server is up"; exit 1; }
  [[ $answer == N ]] || { echo "unexpected answer: $answer"; exit 1; }' -- "$1" "$2" || status=$?
((status != 124)) || echo "no answer within $3 s"
exit "$status"
