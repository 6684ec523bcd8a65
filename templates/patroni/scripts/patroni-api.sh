# shellcheck shell=bash
# Functions that ask Patroni: over its REST API with this node's certificate, or with patronictl.
source /usr/local/lib/ninefold/lib.sh
# shellcheck source=/dev/null
source /usr/local/lib/ninefold/node.env

# Used by the scripts that source this one.
# shellcheck disable=SC2034
readonly where='patronictl list; journalctl -u patroni, on every postgres node'

# libpq requires that the process behind PostgreSQL's local socket runs as the user postgres.
export PGREQUIREPEER=postgres

# The settings of a superuser's session in a database that an application owns. The database's own settings may prevent
# logins or changes. Above all, its owner may have set a search_path that puts functions and operators of its own before
# PostgreSQL's, so that a superuser would run them.
# shellcheck disable=SC2034
readonly superusers_session='-c search_path=pg_catalog -c session_preload_libraries= -c local_preload_libraries= -c default_transaction_read_only=off -c role=none -c standard_conforming_strings=on -c statement_timeout=0 -c lock_timeout=0 -c idle_in_transaction_session_timeout=0 -c idle_session_timeout=0'

# Prints curl's configuration with the password that changes need: every user of the machine could read curl's
# arguments. A machine that an earlier version set up has no password yet, and its Patroni asks for none.
authentication() {
  awk '$1 == "username:" { user = $2 } $1 == "password:" { gsub("\"", "", $2); password = $2 }
    END { if (password) printf "user = \"%s:%s\"\n", user, password }' /etc/patroni/config.d/15-authentication.yml 2>/dev/null || true
}

# api METHOD HOST:PORT PATH [BODY]
api() {
  local tls=/etc/ninefold/tls/patroni
  local request=(curl --silent --show-error --connect-timeout "$((2 * patience))" --max-time "$((5 * patience))"
    --cacert "$tls/ca.crt" --cert "$tls/node.crt" --key "$tls/node.key" --request "$1" "https://$2$3")
  [[ -z ${4:-} ]] || request+=(--data "$4")
  if [[ $1 == GET ]]; then
    "${request[@]}"
  else
    "${request[@]}" --config <(authentication)
  fi
}

# Starts the next round of members $@ now, instead of after loop_wait: any PATCH does, even one that changes nothing. The
# requests run in parallel, so that a member that is down does not delay the others.
wake() {
  local host waking=()
  for host in "$@"; do
    api PATCH "$host" /config '{"nothing": null}' >/dev/null 2>&1 &
    waking+=($!)
  done
  ((${#waking[@]} == 0)) || wait "${waking[@]}" || true
}
# Prints HOST:PORT of each member's API, as Patroni reports it.
apis() { members 2>/dev/null | jq -r '.[]?.api_url // empty | sub("^https://"; "") | sub("/.*"; "")' 2>/dev/null || true; }
wake_all() {
  # shellcheck disable=SC2046
  wake $(apis)
}
# Runs a command that waits for the members' next rounds, and starts rounds until it ends. A restart of the
# synchronous replica waits until the leader has chosen another one.
with_rounds() {
  local command members_apis
  mapfile -t members_apis < <(apis)
  "$@" &
  command=$!
  # A signal that ends this script also ends the command, which must not continue without the lock.
  trap 'kill "$command" 2>/dev/null; wait "$command"; exit 143' TERM HUP INT
  while kill -0 "$command" 2>/dev/null; do
    wake "${members_apis[@]}"
    sleep "$((patience > 1 ? patience : 0)).5"
  done
  trap - TERM HUP INT
  wait "$command"
}

# Exports etcdctl's settings.
reach_etcd() {
  set -a
  # shellcheck source=/dev/null
  source /etc/ninefold/patroni-etcd.env
  set +a
}
# While the whole cluster is being restored, nothing else may disturb a service.
require_no_restore() {
  local under_way
  under_way=$(etcdctl get --print-value-only "/ninefold/$1/restore") || under_way=''
  [[ -z $under_way ]] || fail 'a restore of the whole cluster is under way; nothing was changed' \
    "finish it: ./ninefold restore --continue, or --go-back; then ${NINEFOLD_AGAIN:-run 'pulumi up' again}"
}
# under_lock SCOPE COMMAND…: runs COMMAND under the cluster's lock, so that no other step disturbs a service meanwhile.
under_lock() {
  require_room_in_etcd
  require_no_restore "$1"
  etcdctl --command-timeout=600s lock "/ninefold/$1/disruption" "${@:2}"
}

ctl() { patronictl -c /etc/patroni/config.d "$@"; }
# Prints HOST:PORT of each database node of the description, a line each.
described() { cat /etc/ninefold/members 2>/dev/null || true; }
# Prints the members of $1, Patroni's /cluster: those of the description or, with `false`, those that it no longer has.
# A removed member runs until its machine's services are stopped.
members_of() {
  jq --arg described "$(described)" --argjson wanted "${2:-true}" '.members | map(select(
    ((.api_url // "" | sub("^https://"; "") | sub("/.*"; "")) as $at |
      $described == "" or ($described | split("\n") | index($at) != null)) == $wanted))' <<<"$1"
}
members() {
  local cluster
  cluster=$(api GET "$PATRONI_ENDPOINT" /cluster) || return
  members_of "$cluster"
}
# Whether the cluster is paused, as the member at $1 reports. Then no step restarts, replaces or switches over a member.
paused() { api GET "$1" /cluster | jq -e '.pause == true' >/dev/null; }
require_no_pause() {
  ! paused "$PATRONI_ENDPOINT" || fail "patroni: the cluster is paused, and $1" \
    "end the pause: ./ninefold resume; then ${NINEFOLD_AGAIN:-run 'pulumi up' again}"
}
# Runs a checkpoint on the leader $1 before a switchover, so that its shutdown checkpoint has little left to write. If
# this fails, the switchover only takes longer.
checkpoint() {
  local host port output tls=/etc/ninefold/tls/postgresql
  read -r host port < <(members | jq -r --arg name "$1" '.[] | select(.name == $name) | "\(.host) \(.port)"') || return 0
  output=$(cd / && timeout $((patience * 300)) runuser -u postgres -- psql -XAtq -c CHECKPOINT \
    "host=$host port=$port user=rewind dbname=postgres connect_timeout=5 sslmode=verify-full sslrootcert=$tls/ca.crt sslcert=$tls/node.crt sslkey=$tls/node.key" 2>&1) ||
    echo "no checkpoint on $1 before the switchover: $(tail -n 1 <<<"$output")"
}
led_by_another() { members | jq -e --arg name "$1" 'any(.role == "leader" and .name != $name)' >/dev/null; }
# Prints the replica that can take over from $1: a synchronous standby if there is one, else the one with the least lag.
candidate() {
  members | jq -r --arg leader "$1" '
    map(select(.name != $leader and (.state == "streaming" or .state == "running"))) |
    (map(select(.role == "sync_standby" or .role == "quorum_standby")) + sort_by(.lag | if type == "number" then . else infinite end)) |
    first.name // empty'
}
# Whether a different member than $1 leads. If not, it asks for a switchover. patronictl exits with 0 even if Patroni
# refuses, so the result is what Patroni reports afterwards.
handed_over() {
  local output to
  ! led_by_another "$1" || return 0
  to=$(candidate "$1")
  [[ -n $to ]] || { echo "no other member is up"; wake_all; false; return; }
  output=$(ctl switchover --leader "$1" --candidate "$to" --force 2>&1) || true
  led_by_another "$1" || { wake_all; grep -v '^[+|]' <<<"$output" | tail -n 3; false; }
}
# Switches over from $1. Retries, because the leader accepts a returned synchronous replica only one round later. If no
# member can take over, the leader restarts in its place: a short outage is better than a missed update.
hand_over() {
  local refused=$stage/refused
  require_no_pause "$1 would have to hand over the leadership"
  checkpoint "$1"
  if (wait_for 60 "patroni: a member other than $1 leads" "$where" handed_over "$1") 2>"$refused"; then
    echo "switched over from $1"
    wait_for 300 'patroni: every member is healthy after the switchover' "$where" all_healthy
  elif may_continue; then
    echo "no member can take over from $1, which restarts as the leader; $(sed -n 's/^ *last answer: //p' "$refused")"
  else
    cat -- "$refused" >&2
    exit 1
  fi
}
# Steps wait behind_grace seconds for a replica in archive recovery to stream. After that, it is enough if its replay has
# advanced within the last behind_limit seconds.
readonly behind_grace=20 behind_limit=120
# Whether the replica $1, whose API is at $2, has been in archive recovery for behind_grace seconds, and its replay
# advances.
catches_up() {
  local first seen moved now file=$stage/behind.$1
  now=$(api GET "$2" /patroni 2>/dev/null |
    jq -r 'select(.replication_state == "in archive recovery").xlog.replayed_location // empty') || now=''
  [[ -n $now ]] || { forget_catching_up "$1"; return 1; }
  [[ -e $file ]] || echo "$EPOCHSECONDS $now 0" >"$file"
  read -r first seen moved <"$file"
  ((now <= seen)) || moved=$EPOCHSECONDS
  echo "$first $now $moved" >"$file"
  ((EPOCHSECONDS - first >= patience * behind_grace && EPOCHSECONDS - moved <= patience * behind_limit))
}
forget_catching_up() { rm -f -- "$stage/behind.$1"; }
# Prints "NAME HOST:PORT" of the members in $1 that are in archive recovery, a line each; with `false`, of the others.
replaying() {
  jq -r --argjson wanted "${2:-true}" '.[] | select((.role != "leader" and .state == "in archive recovery") == $wanted) |
    "\(.name) \(.api_url // "" | sub("^https://"; "") | sub("/.*"; ""))"' <<<"$1"
}
# Whether a member leads and each other member streams. If one replica streams, others may be in archive recovery, as
# long as their replay advances: no step waits for them, and they do not count as copies.
all_healthy() {
  local now name host left=''
  now=$(members) && [[ -n $now ]] || left=all
  jq -e 'def streams: .state == "running" or .state == "streaming";
    any(.role == "leader") and all(streams or (.role != "leader" and .state == "in archive recovery")) and
    (all(streams) or any(.role != "leader" and streams))' <<<"$now" >/dev/null || left=others
  while read -r name _; do
    forget_catching_up "$name"
  done < <(replaying "$now" false)
  while read -r name host; do
    catches_up "$name" "$host" || left+=" $name"
  done < <(replaying "$now")
  [[ -n $left ]] || return 0
  wake_all
  jq -c '.[] | [.name, .role, .state]' <<<"$now"
  false
}
