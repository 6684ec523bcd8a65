#!/usr/bin/env bash
# haproxy-serves PORT SECONDS: whether the HAProxy on this machine answers in that time; for Keepalived.
set -euo pipefail
# Until a change has reached Keepalived, its old configuration calls the new script.
readonly seconds=${2:-1}
exec 3<>"/dev/tcp/127.0.0.1/$1"
printf 'GET / HTTP/1.0\r\n\r\n' >&3
read -r -t "$seconds" answer <&3
[[ $answer == HTTP/1.*\ 200* ]]
