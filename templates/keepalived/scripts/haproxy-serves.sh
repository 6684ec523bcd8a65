#!/usr/bin/env bash
# haproxy-serves PORT SECONDS: a check for Keepalived: whether the HAProxy on this machine answers within that time.
set -euo pipefail
# Until Keepalived has its new configuration, the old one, from an earlier version, calls this script without SECONDS.
readonly seconds=${2:-1}
exec 3<>"/dev/tcp/127.0.0.1/$1"
printf 'GET / HTTP/1.0\r\n\r\n' >&3
read -r -t "$seconds" answer <&3
[[ $answer == HTTP/1.*\ 200* ]]
