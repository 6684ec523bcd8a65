#!/usr/bin/env bash
# configuration-restart SCOPE HOST:PORT…: restarts PostgreSQL on the members that need it; HOST:PORT is a member's REST
# API. The replicas come first, then a switchover, then the old leader. Runs under the cluster's lock.
source /usr/local/lib/ninefold/patroni-api.sh

readonly scope=$1 hosts=("${@:2}")
own=$NODE
readonly own

# Prints the members whose PostgreSQL needs a restart: with `true` the leader, with `false` replicas. This machine comes
# first, because if PostgreSQL refuses a setting, the error can show its log. Each member is asked directly: its entry in
# etcd may be one round old.
due() {
  local host
  for host in "${hosts[@]}"; do
    api GET "$host" /patroni || true
  done | jq -s -r --argjson leading "$1" --arg own "$own" \
    'sort_by(.patroni.name != $own)[] | select(.pending_restart and (.role == "primary") == $leading) | .patroni.name'
}
restart() {
  require_no_pause "PostgreSQL on $1 must be restarted for this change"
  with_rounds ctl restart --pending --force "$scope" "$1" >/dev/null
  wait_for 300 "patroni: every member is healthy after the restart of $1" \
    "journalctl -u patroni on $1; patronictl list" all_healthy
  printf 'restarted PostgreSQL on %s\n' "$1"
}
none_due() {
  local host left=()
  for host in "${hosts[@]}"; do
    api GET "$host" /patroni | jq -e '.patroni.name and (.pending_restart | not)' >/dev/null || left+=("$host")
  done
  ((${#left[@]} == 0)) || { echo "not yet, or no answer: ${left[*]}"; false; }
}
restart_replicas() {
  local member
  for member in $(due false); do
    restart "$member"
  done
}

wait_for 300 'patroni: every member is healthy before a restart' "$where" all_healthy
restart_replicas
leader=$(due true)
if [[ -n $leader ]]; then
  hand_over "$leader"
  restart_replicas
fi
# A replica refuses to start with a lower limit than the leader's, so a lowered one needs the leader to restart first.
leader=$(due true)
if [[ -n $leader ]]; then
  restart "$leader"
  restart_replicas
fi
# patronictl exits with 0 even if a member refuses.
wait_for 60 'patroni: PostgreSQL runs with its new settings everywhere' "$where" none_due
