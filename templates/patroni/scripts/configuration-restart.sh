#!/usr/bin/env bash
# configuration-restart SCOPE HOST:PORT…: restarts PostgreSQL on the members that need it, by Patroni's
# APIs at those addresses: replicas come first, then a switchover, then the old leader. Run under the
# cluster's lock.
source /usr/local/lib/ninefold/patroni-api.sh

readonly scope=$1 hosts=("${@:2}")
own=$NODE
readonly own

# The members that need PostgreSQL restarted: with true the leader, with false replicas. This machine
# comes first: of a setting that PostgreSQL refuses, its log can be told here. Each is asked itself: what
# it tells the others by etcd may be a round old.
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
  wait_for 300 "patroni: every member is well after the restart of $1" \
    "journalctl -u patroni on $1; patronictl list" well
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

wait_for 300 'patroni: every member is well before a restart' "$where" well
restart_replicas
leader=$(due true)
if [[ -n $leader ]]; then
  hand_over "$leader"
  restart_replicas
fi
# A lowered limit must be lower on the leader before a replica may follow.
leader=$(due true)
if [[ -n $leader ]]; then
  restart "$leader"
  restart_replicas
fi
# patronictl ends well even where a member refuses.
wait_for 60 'patroni: PostgreSQL runs with its new settings everywhere' "$where" none_due
