#!/usr/bin/env bash
# operate VERB [MEMBER…]: an operator's command: `switchover LEADER CANDIDATE`, `restart MEMBER…`, `reinit MEMBER`,
# `pause`, `resume`; `reload`, for this machine's own member; `history`, as JSON. It ends when the running cluster
# confirms the change. Commands that may disturb a service run under the cluster's lock.
source /usr/local/lib/ninefold/patroni-api.sh
# Progress goes to descriptor 3, because wait_for captures the output of its command.
exec 3>&1

readonly scope=$CLUSTER_NAME

api_of() {
  members | jq -e -r --arg name "$1" \
    'map(select(.name == $name))[0].api_url // empty | sub("^https://"; "") | sub("/.*"; "")' ||
    fail "patroni: it has no member $1; nothing was changed" "look at: $where"
}
# Prints a line of progress, unless it is the same as the previous one.
progress() {
  [[ -e $stage/progress && $1 == "$(<"$stage/progress")" ]] || printf '%s\n' "$1" | tee "$stage/progress" >&3
}

# Prints the number of members that lead or stream, and whether one of them is synchronous.
standing() {
  members | jq -c '[(map(select(.state == "running" or .state == "streaming")) | length),
    any(.role == "sync_standby" or .role == "quorum_standby")]'
}
# Whether the cluster has a leader, and at least as many streaming and synchronous members as before the change ($1).
settled() {
  local now
  now=$(members)
  jq -e --argjson before "$1" --argjson now "$(standing)" \
    'any(.role == "leader") and $now[0] >= $before[0] and ($now[1] or ($before[1] | not))' <<<"$now" >/dev/null ||
    { wake_all; jq -c '.[] | [.name, .role, .state]' <<<"$now"; false; }
}
settle() { wait_for 300 "patroni: the cluster is as complete after the $1 as before" "$where" settled "$2"; }

leads() { members | jq -e --arg name "$1" 'any(.role == "leader" and .name == $name)' >/dev/null; }
# Whether the candidate leads. If not, it asks for a switchover. wait_for repeats this, because the leader accepts a
# returned synchronous replica only one round later.
switched() {
  local output
  ! leads "$2" || return 0
  output=$(ctl switchover --leader "$1" --candidate "$2" --force 2>&1) || true
  leads "$2" || { wake_all; grep -v '^[+|]' <<<"$output" | tail -n 3; false; }
}
switch_over() {
  local before
  leads "$1" || fail "patroni: $1 is no longer the leader; nothing was changed" "look at: $where"
  before=$(standing)
  checkpoint "$1"
  echo "asking Patroni to switch over from $1 to $2"
  wait_for 60 "patroni: $2 leads" "$where" switched "$1" "$2"
  echo "$2 leads; waiting for the others to follow"
  settle switchover "$before"
}

started() { api GET "$1" /patroni | jq -r '.postmaster_start_time // empty'; }
replication_state() { api GET "$1" /patroni | jq -r '.replication_state // "none"'; }
# Whether PostgreSQL of member $1, whose API is at $2, has a start time other than $3, and leads or streams, or is again
# in the replication state $4 that it had before.
is_back() {
  local now
  now=$(api GET "$2" /patroni) || { progress "$1: Patroni does not answer"; false; }
  progress "$1: $(jq -r '.replication_state // .state' <<<"$now")"
  jq -e --arg before "$3" --arg was "$4" '.postmaster_start_time and .postmaster_start_time != $before and
    (if .role == "replica" then (.replication_state == "streaming" or .replication_state == $was) else .state == "running" end)' \
    <<<"$now" >/dev/null && return
  wake_all
  jq -c '{role, state, replication_state, postmaster_start_time}' <<<"$now"
  false
}
restart() {
  local member address began before was
  for member in "$@"; do
    address=$(api_of "$member")
    before=$(standing)
    began=$(started "$address") || fail "patroni: the member $member does not answer" "look at: $where"
    was=$(replication_state "$address") || was=none
    echo "restarting PostgreSQL on $member"
    with_rounds ctl restart --force "$scope" "$member" >"$stage/output" 2>&1 || true
    ! grep -q '^Failed' "$stage/output" || fail "patroni: $member refuses to restart" "$(<"$stage/output")" "look at: $where"
    wait_for 300 "patroni: $member is back after its restart" "journalctl -u patroni on $member; patronictl list" \
      is_back "$member" "$address" "$began" "$was"
    settle restart "$before"
  done
}

reinit() {
  local address began before answer
  ! leads "$1" || fail "patroni: $1 is the leader now; nothing was changed" "look at: $where"
  address=$(api_of "$1")
  before=$(standing)
  began=$(started "$address") || fail "patroni: the member $1 does not answer; nothing was changed" "look at: $where"
  echo "removing the data of $1, and cloning it again from a backup or from the leader"
  answer=$(api POST "$address" /reinitialize '{"force": true}')
  [[ $answer == 'reinitialize started' ]] || fail "patroni: $1 refuses to reinitialize" "$answer" "look at: journalctl -u patroni on $1"
  # A clone of a large database takes long: only the step's own timeout ends this wait, and Patroni continues after it.
  wait_for 86400 "patroni: $1 streams again; the clone is still running, and continues by itself" \
    "./ninefold status; journalctl -u patroni on $1" is_back "$1" "$address" "$began" streaming
  settle reinit "$before"
}

has_read() {
  wake "$PATRONI_ENDPOINT"
  (cd / && runuser -u postgres -- psql -XAtq -p "$POSTGRES_PORT" -d postgres -c "SELECT pg_conf_load_time() > to_timestamp($1)") |
    grep -x t >/dev/null
}
reload() {
  local began=$EPOCHREALTIME
  api POST "$PATRONI_ENDPOINT" /reload >/dev/null
  wait_for 60 'patroni: it and PostgreSQL have reloaded their files' "$where" has_read "$began"
  echo "$NODE has reloaded its files"
}

pause_is() {
  local host differ=()
  for host in $(apis); do
    api GET "$host" /patroni | jq -e --argjson wanted "$1" '(.pause // false) == $wanted' >/dev/null || differ+=("$host")
  done
  ((${#differ[@]} == 0)) || { wake_all; echo "not yet, or no answer: ${differ[*]}"; false; }
}
pause() {
  local value=$1
  # `null` removes the key, so that the settings are again those of the description.
  [[ $1 == true ]] || value=null
  api PATCH "$PATRONI_ENDPOINT" /config "{\"pause\": $value}" >/dev/null
  wait_for 60 "patroni: every member reports that the cluster is $2" "$where" pause_is "$1"
  echo "the cluster is $2"
}

readonly lock=/ninefold/$scope/disruption
locked() {
  local holder
  reach_etcd
  holder=$(etcdctl get --prefix --keys-only "$lock/") || fail 'etcd: it does not answer; nothing was changed' "$holder" \
    'look at: journalctl -u etcd, on every etcd member'
  [[ -z $holder ]] || fail "another change holds the cluster's lock ($(xargs <<<"$holder")); nothing was changed" \
    'wait until that change has ended, then run the command again'
  under_lock "$scope" /usr/local/lib/ninefold/operate "under-lock" "$@"
}

case $1 in
  history) api GET "$PATRONI_ENDPOINT" /history ;;
  reload) reload ;;
  under-lock)
    case $2 in
      switchover) switch_over "$3" "$4" ;;
      restart) restart "${@:3}" ;;
      reinit) reinit "$3" ;;
      pause) pause true paused ;;
      resume) pause false 'no longer paused' ;;
    esac
    ;;
  *) locked "$@" ;;
esac
