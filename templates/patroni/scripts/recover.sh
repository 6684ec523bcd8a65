#!/usr/bin/env bash
# recover VERB [ARGUMENT…]: one stage of a restore of the whole cluster, on this database node. `./ninefold restore`
# calls them in order; each can be repeated. `state` prints the restore that is under way, from etcd, as JSON.
source /usr/local/lib/ninefold/patroni-api.sh

readonly scope=$CLUSTER_NAME key=/ninefold/$CLUSTER_NAME/restore mark=/var/lib/ninefold/restoring
readonly metastore=/$PATRONI_NAMESPACE/$CLUSTER_NAME

as_postgres() { (cd / && PGREQUIREPEER=postgres runuser -u postgres -- "$@"); }
data() { as_postgres /usr/local/lib/ninefold/restore-data "$@"; }

state() {
  etcdctl get --print-value-only "$key" ||
    fail 'etcd: it does not answer whether a restore is under way' 'look at: journalctl -u etcd, on every etcd member'
}
# begin STATE: notes a restore, so that no other change starts. Runs under the cluster's lock.
begin() {
  local known
  known=$(state)
  [[ -z $known || $(jq -r .id <<<"$known") == $(jq -r .id <<<"$1") ]] ||
    fail "a restore to $(jq -r .target <<<"$known") is under way; nothing was changed" './ninefold restore --continue, or --go-back'
  etcdctl put "$key" -- "$1" >/dev/null
}
locked_begin() {
  local holder
  holder=$(etcdctl get --prefix --keys-only "/ninefold/$scope/disruption/")
  [[ -z $holder ]] || fail "another change holds the cluster's lock ($(xargs <<<"$holder")); nothing was changed" \
    'wait until that change has ended, then run the command again'
  etcdctl --command-timeout=60s lock "/ninefold/$scope/disruption" /usr/local/lib/ninefold/recover begin-under-lock "$1"
}
# replace ID STATE: notes a different restore in place of the one that is under way.
replace() {
  [[ $(state | jq -r .id) == "$1" ]] || fail 'etcd: the restore that was to end is no longer under way; nothing was changed' './ninefold status'
  etcdctl put "$key" -- "$2" >/dev/null
}
# change FILTER [jq's options…]: changes the note of the restore.
change() {
  local known
  known=$(state)
  [[ $known ]] || fail 'etcd: no restore is under way; nothing was changed' './ninefold status'
  etcdctl put "$key" -- "$(jq -c "${@:2}" "$1" <<<"$known")" >/dev/null
}

# Whether the cluster's members of the names $@ are gone in Patroni, or a name is not gone.
require_gone() {
  local member
  for member in "$@"; do
    [[ -z $(etcdctl get --keys-only "$metastore/members/$member") ]] ||
      fail "$member can't be reached, but its Patroni is alive; nothing was changed" \
        'a restore has to stop PostgreSQL on every node' "bring $member back, or switch the machine off"
  done
}

# The target may be later than the last commit. PostgreSQL ends a recovery to a time only at a later commit, so this
# writes one. No commit may wait here for a replica.
archive_everything() {
  as_postgres psql -XAtq -v ON_ERROR_STOP=1 -p "$POSTGRES_PORT" -d postgres >/dev/null <<'SQL'
SET synchronous_commit = local;
SELECT pg_current_xact_id();
SELECT pg_switch_wal();
CHECKPOINT;
SQL
  wait_for 300 'pgbackrest: all WAL is archived' 'journalctl -u patroni on the leader, journalctl -u pgbackrest on the repository' archived
  echo 'all WAL is archived'
}
archived() {
  local waiting
  waiting=$(find "$POSTGRES_DATA/pg_wal/archive_status" -name '*.ready' -printf '%f ')
  [[ -z $waiting ]] || { echo "not yet archived: $waiting"; false; }
}

# A unit that is only stopped would start again when the machine boots.
stop_clients() {
  write_atomically "$mark" <<<"$1"
  stop_units pgbouncer-watch pgbouncer
  echo 'clients are disconnected'
}
stop_database() {
  write_atomically "$mark" <<<"$1"
  stop_units patroni
  ! as_postgres "$(binaries)/pg_ctl" -D "$POSTGRES_DATA" status >/dev/null || fail 'patroni: PostgreSQL still runs here' 'look at: journalctl -u patroni'
  data deliver
  echo 'PostgreSQL has stopped'
}
binaries() { echo "/usr/lib/postgresql/$(<"$POSTGRES_DATA/PG_VERSION")/bin"; }

# in_unit NAME COMMAND…: runs COMMAND as postgres in a unit of its own, which a lost ssh session does not end, and prints
# its journal. If the unit is already running or has succeeded, it only follows it.
in_unit() {
  local name=$1 now=$EPOCHSECONDS
  case $(systemctl show --property=ActiveState --value "$name") in
    activating | active) ;;
    *)
      systemctl reset-failed "$name" 2>/dev/null || true
      systemd-run --quiet --no-block --unit="$name" --service-type=oneshot --remain-after-exit \
        --property=User=postgres --property=Group=postgres --property=RuntimeDirectory="$name" \
        --property=RuntimeDirectoryMode=0700 --property=LogRateLimitIntervalSec=0 \
        --setenv=PYTHONUNBUFFERED=1 --setenv=LC_ALL=C.UTF-8 "${@:2}"
      ;;
  esac
  while show_journal "$name" "$now"; [[ $(systemctl show --property=ActiveState --value "$name") == activating ]]; do
    may_continue || fail "$name: gave up following it, because the ssh session has ended; it continues" './ninefold restore --continue'
    sleep 1
  done
  show_journal "$name" "$now"
  [[ $(systemctl show --property=ActiveState --value "$name") == active ]] ||
    fail "the restore of this node's data failed" "$(journalctl --unit="$name" -n 12 --no-pager -o cat 2>&1)" \
      "look at: journalctl -u $name; then ./ninefold restore --continue, or --go-back"
}
shown=0
show_journal() {
  journalctl --unit="$1" --since="@$2" --identifier=restore-data --no-pager -o cat 2>/dev/null | tail -n "+$((shown + 1))" >"$stage/journal" || true
  shown=$((shown + $(wc -l <"$stage/journal")))
  cat -- "$stage/journal"
}

# lead: starts Patroni on this node, which alone has the restored data. Patroni's notes of the old cluster go: they would
# make it wait for members and positions that no longer exist.
lead() {
  local name
  if [[ $(systemctl is-active patroni) != active ]]; then
    for name in leader status sync failsafe failover history optime/leader; do
      etcdctl del "$metastore/$name" >/dev/null
    done
  fi
  start_patroni
  wait_for 86400 'patroni: this node leads' 'journalctl -u patroni' leads
  systemctl stop 'ninefold-restore-*' 2>/dev/null || true
  echo "this node leads, on timeline $(api GET "$PATRONI_ENDPOINT" /patroni | jq .timeline)"
}
leads() {
  local now
  wake "$PATRONI_ENDPOINT"
  now=$(api GET "$PATRONI_ENDPOINT" /patroni)
  jq -e '.role == "primary" and .state == "running"' <<<"$now" >/dev/null || { jq -c '{role, state}' <<<"$now"; false; }
}
start_patroni() {
  unit enable patroni
  unit start patroni
}
follow() {
  start_patroni
  wait_for 86400 'patroni: this node streams' 'journalctl -u patroni' streams
  systemctl stop 'ninefold-restore-*' 2>/dev/null || true
  echo 'this node streams from the leader'
}
streams() {
  local now
  wake_all
  now=$(api GET "$PATRONI_ENDPOINT" /patroni)
  jq -e '.role == "replica" and .replication_state == "streaming"' <<<"$now" >/dev/null || { jq -c '{role, state, replication_state}' <<<"$now"; false; }
}
any_leads() { wake "$PATRONI_ENDPOINT"; members | jq -e 'any(.role == "leader")' >/dev/null; }
start_clients() {
  unit enable pgbouncer pgbouncer-watch
  unit start pgbouncer pgbouncer-watch
  rm -f -- "$mark"
  echo 'clients can connect'
}

reach_etcd
# jq's variables are not the shell's.
# shellcheck disable=SC2016
case $1 in
  state) state ;;
  plan) data plan "${@:2}" ;;
  require-gone) require_gone "${@:2}" ;;
  archive) archive_everything ;;
  begin) locked_begin "$2" ;;
  begin-under-lock) begin "$2" ;;
  replace) replace "$2" "$3" ;;
  advance) change '.stage = $stage' --arg stage "$2" ;;
  stop-clients) stop_clients "$2" ;;
  stop-database) stop_database "$2" ;;
  # restore ID TARGET TIMELINE LABEL…
  restore) in_unit "ninefold-restore-$2" /usr/local/lib/ninefold/restore-data restore "${@:3}" ;;
  lead) lead ;;
  # replica ID
  replica)
    if [[ $(systemctl is-active patroni) != active ]]; then
      in_unit "ninefold-restore-$2" /usr/local/lib/ninefold/restore-data replica
    fi
    follow
    ;;
  # start-database leader|replica: with the data that this node has.
  start-database) start_patroni ;;
  await-leader) wait_for 300 'patroni: the cluster has a leader' "$where" any_leads ;;
  start-clients) start_clients ;;
  end) etcdctl del "$key" >/dev/null ;;
  *) fail "recover: it does not know $1" ;;
esac
