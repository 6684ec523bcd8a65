#!/usr/bin/env bash
# patroni [remove [wipe]]: PostgreSQL under Patroni on this machine. This step reloads what Patroni can reload. The step
# 'configuration' restarts PostgreSQL where necessary, because it knows the order.
source /usr/local/lib/ninefold/patroni-api.sh

# Any folder below /var/lib/postgresql may be a link that PostgreSQL's user has created. As that user, `find` can delete
# only that user's files.
wipe_as_postgres() {
  [[ -d $1 ]] || return 0
  (cd / && runuser -u postgres -- find "$1" -mindepth 1 -delete)
  mountpoint -q -- "$1" || (cd / && runuser -u postgres -- rmdir -- "$1") || echo "$1 is empty, and stays"
}

if [[ ${1:-} == remove ]]; then
  # A cluster that Debian's tools have created in /var/lib/postgresql is not touched.
  stop_units patroni ninefold-softdog ninefold-copy
  wipe_as_postgres /var/lib/postgresql/ninefold-copy
  # Forgets the files last: if the wipe fails, the next run still knows them.
  [[ ${2:-} != wipe || ! -e /etc/patroni/config.d/10-patroni.yml ]] || wipe_as_postgres "$POSTGRES_DATA"
  forget patroni
  reload_unit_files patroni ninefold-softdog
  exit
fi

receive
require_unchanged patroni "$(header born)" \
  'namespace, version, port and addresses cannot change: build a second cluster and move the data'

# Converts a size in PostgreSQL's notation to MiB. Prints 0 for no limit, and for sizes too small to matter.
mebibytes() {
  [[ $1 =~ ^([0-9]{1,9})' '*(MB|GB|TB)?$ ]] || { echo 0; return; }
  case ${BASH_REMATCH[2]} in
    GB) echo $((BASH_REMATCH[1] << 10)) ;;
    TB) echo $((BASH_REMATCH[1] << 20)) ;;
    *) echo "${BASH_REMATCH[1]}" ;;
  esac
}
# PostgreSQL stops when its disk is full. After a failover, the next leader's disk would fill up in the same way.
require_space_for_wal() {
  local size most
  most=$(($(mebibytes "$(header max_wal_size)") + $(mebibytes "$(header max_slot_wal_keep_size)")))
  size=$(df -P -m "$(header disk)" | awk 'NR == 2 { print $2 }')
  ((most <= size * 8 / 10)) || fail \
    "patroni: WAL may take $most MiB, and the file system of $(header disk) has $size MiB; nothing was changed" \
    'that is more than 80 % of it; PostgreSQL stops when it is full' \
    'mount a larger disk there, or lower max_wal_size and max_slot_wal_keep_size in postgresql.parameters'
}
# Prints the locales and extensions that the databases need and this machine lacks. A replica does not check them while
# it replays WAL; after a failover, its clients would get errors.
lacking() {
  local folder name locales=() extensions=()
  read -r -a locales < <(header locales) || true
  python3 - "${locales[@]}" <<'PYTHON'
import locale, sys
for name in sys.argv[1:]:
    try:
        locale.setlocale(locale.LC_COLLATE, name)
        locale.setlocale(locale.LC_CTYPE, name)
    except locale.Error:
        print(f"locale {name}")
PYTHON
  read -r folder name < <(header extensions) || true
  read -r -a extensions <<<"${name:-}"
  for name in "${extensions[@]}"; do
    [[ -e $folder/$name.control ]] || echo "extension $name (there is no $folder/$name.control)"
  done
}
require_locales_and_extensions() {
  local lacks
  lacks=$(lacking)
  [[ -z $lacks ]] || fail 'patroni: this machine lacks what databases of the description need; nothing was changed' "$lacks" \
    'every database node needs them: a replica would stream without them, but clients would get errors once it leads' \
    'install them here: a locale by its line in /etc/locale.gen and locale-gen (package locales), an extension by its package' \
    'or change databases[].locale or databases[].extensions'
}
require_space_for_wal
require_locales_and_extensions
place
others=$(header members)
scope=$(header scope)
unit=$(header unit)
from=$(header bootstrap)
# After stall_limit seconds without any progress, the step no longer waits for this node.
readonly self=$PATRONI_ENDPOINT own=$NODE others scope unit from stall_limit=300
readonly bootstrap_failed=/run/postgresql/bootstrap.failed certificate=/etc/ninefold/tls/patroni/node.crt

# Whether this node leads or streams. A replica on a different timeline than the leader's does not follow it.
running() {
  local answer leading
  answer=$(api GET "$self" /patroni)
  leading=$(members | jq 'first(.[] | select(.role == "leader") | .timeline) // 0')
  jq -e --argjson leading "${leading:-0}" \
    'if .role == "replica" then .replication_state == "streaming" and .timeline == $leading
     else .role == "primary" and .state == "running" end' <<<"$answer" >/dev/null && return
  [[ ! -e $bootstrap_failed ]] || return 0
  if is_bootstrapping; then
    echo 'a node restores the data of the cluster from backups'
    false
    return
  fi
  # A member that was set up before may catch up from the archive. is_stalled notices if it can't.
  if [[ -e $state/applied/patroni ]] && catches_up "$own" "$self"; then
    return
  fi
  ! is_stalled "$answer" || return 0
  # The leader creates the slot of a new replica in its next round.
  # shellcheck disable=SC2086
  wake $others
  printf '%s\n' "$answer"
  false
}
# Whether a node restores the data of a new cluster. Until it has, the key has no value.
is_bootstrapping() {
  local key=/$PATRONI_NAMESPACE/$scope/initialize
  [[ -n $from ]] && [[ $(reach_etcd && etcdctl get "$key" 2>/dev/null) == "$key" ]]
}
# Prints the digest of the unit that member $1 runs with. Each member writes it to etcd, under its name.
unit_of() { etcdctl get --print-value-only "/ninefold/$scope/patroni/$1"; }
leads() { api GET "$self" /patroni | jq -e '.role == "primary"' >/dev/null; }
none_behind() {
  local member behind=()
  for member in $(members | jq -r '.[].name'); do
    [[ $member == "$own" || $(unit_of "$member") == "$unit" ]] || behind+=("$member")
  done
  ((${#behind[@]} == 0)) || { echo "still to restart: ${behind[*]}"; false; }
}
# Whether neither WAL nor, during a clone, data has arrived here for stall_limit seconds.
is_stalled() {
  local position seen since
  position=$(jq -r 'if .xlog then .xlog | "\(.received_location) \(.replayed_location)" else empty end' <<<"$1")
  position=${position:-$(df --output=used /var/lib/postgresql | tail -n 1)}
  [[ -e $stage/position ]] || echo 0 >"$stage/position"
  read -r since seen <"$stage/position"
  if [[ $seen != "$position" ]]; then
    echo "$EPOCHSECONDS $position" >"$stage/position"
    return 1
  fi
  ((EPOCHSECONDS - since >= patience * stall_limit)) || return 1
  printf '%s\n' "$1" >"$stage/stalled"
}
has_read() {
  wake "$self"
  (cd / && runuser -u postgres -- psql -XAtq -p "$POSTGRES_PORT" -d postgres -c "SELECT pg_conf_load_time() > to_timestamp($began)") |
    grep -qx t
}
# If its configuration has changed too, Patroni does not load a new certificate. A second reload finds the configuration
# unchanged, and loads the certificate.
presents_certificate() {
  local shown due
  due=$(openssl x509 -noout -serial <$certificate)
  shown=$(timeout $((patience * 5)) openssl s_client -connect "$self" </dev/null 2>/dev/null | openssl x509 -noout -serial) || true
  [[ $shown != "$due" ]] || return 0
  unit reload patroni
  wake "$self"
  echo "the REST API presents the certificate ${shown:-none}, not $due"
  false
}
restart_alone() {
  require_no_pause "Patroni on $own has to be restarted, and PostgreSQL with it"
  reach_etcd
  # The members wait for each other below. A new password must be loaded before, so that they accept each other's calls.
  (unit reload patroni) 2>/dev/null || true
  # PostgreSQL may be down because of a defective version. While it is down, all_healthy fails, so patroni-restart would
  # never install the new version. So it is installed here; Patroni starts PostgreSQL with it.
  (wait_for 30 'patroni: this node leads, or streams from the leader' "$where" running) >/dev/null 2>&1 || upgrade patroni
  rm -f -- "$stage/position"
  # A replica that is down must not block the leader forever. Without it, the leader restarts after one more switchover.
  ! leads || (wait_for 120 'patroni: the replicas have restarted before the leader' "$where" none_behind) ||
    echo 'not all replicas have restarted: the leader continues without them'
  under_lock "$scope" /usr/local/lib/ninefold/patroni-restart "$scope" "$unit"
}

# The new pg_hba rules give a removed member no new connection. But while its old connection lasts, it could remain the
# synchronous standby.
end_removed_members_replication() {
  local names
  names=$(members_of "$(api GET "$self" /cluster)" false | jq -r '[.[].name] | join(",")')
  [[ -n $names ]] || return 0
  (cd / && runuser -u postgres -- psql -XAtq -p "$POSTGRES_PORT" -d postgres -v names="$names" <<'end'
WITH departed AS MATERIALIZED (
  SELECT pid, application_name FROM pg_catalog.pg_stat_replication
  WHERE application_name = ANY (pg_catalog.string_to_array(:'names', ',')))
SELECT 'ended the replication to ' || application_name FROM departed WHERE pg_catalog.pg_terminate_backend(pid)
end
  )
}

superuser() { (cd / && PGOPTIONS="$superusers_session${further:-}" runuser -u postgres -- psql -XAtq -v ON_ERROR_STOP=1 -p "$POSTGRES_PORT" -d "$1" -c "$2"); }
# Without its library, pgaudit's event triggers reject every DDL statement. So the extension is dropped while the library
# is still loaded: before the step 'configuration' restarts PostgreSQL.
drop_audit_extension() {
  local names name output further=
  [[ $(header audited) != true ]] || return 0
  [[ $(superuser postgres 'SHOW shared_preload_libraries' 2>/dev/null) == *pgaudit* ]] || return 0
  leads || return 0
  # PostgreSQL has this parameter from version 17 on.
  [[ $(superuser postgres "SELECT current_setting('transaction_timeout', true) IS NOT NULL") != t ]] ||
    further=' -c transaction_timeout=0'
  names=$(superuser postgres 'SELECT datname FROM pg_database WHERE datallowconn AND NOT datistemplate')
  while read -r name; do
    output=$(superuser "$name" 'DROP EXTENSION IF EXISTS pgaudit' 2>&1) ||
      fail "patroni: extension pgaudit can't be dropped in database $name" "$output" \
        'without its library, no DDL would work there: drop what depends on it, or set postgresql.audit: true again'
  done <<<"$names"
}

# Patroni does not clone a new member while the cluster is paused.
require_no_pause_elsewhere() {
  local other
  for other in $others; do
    if paused "$other" 2>/dev/null; then
      fail "patroni: the cluster is paused, and PostgreSQL is to start here" "end the pause: ./ninefold resume; then run 'pulumi up' again"
    fi
  done
}

# If this node has no data and etcd knows no cluster, Patroni creates an empty cluster. Clients would take it for the
# lost cluster whose backups are in the repository.
require_no_lost_cluster() {
  local known info newest why
  [[ ! -e $POSTGRES_DATA/PG_VERSION ]] || return 0
  reach_etcd
  known=$(etcdctl get --keys-only "/$PATRONI_NAMESPACE/$scope/initialize") ||
    fail 'etcd: it does not answer whether the cluster exists; PostgreSQL was not started' \
      "look at: journalctl -u etcd, on every etcd member; then run 'pulumi up' again"
  [[ -z $known ]] || return 0
  if [[ -n $from ]]; then
    require_backups
    [[ $from != "$STANZA" ]] || return 0
  fi
  ask_for_backups "$STANZA"
  [[ -z $newest ]] || refuse_new_cluster "backups of $STANZA, the newest is $newest"
  [[ $why != *CryptoError* ]] || refuse_new_cluster "a stanza $STANZA that the passphrase of this stack does not open"
  [[ $info && -z $why ]] || echo "the repository could not be asked for backups of $STANZA: ${why:-no answer in time}"
}
# Sets info, newest and why: the answer of the repository about stanza $1, the label of the newest backup, and why it
# could not be asked.
ask_for_backups() {
  info=$(cd / && timeout $((patience * 20)) runuser -u postgres -- \
    pgbackrest --stanza="$1" --output=json info 2>"$stage/info-error") || info=''
  newest=$(jq -r '[.[].backup[].label] | last // empty' <<<"$info" 2>/dev/null) || newest=''
  # With these codes the stanza does not exist yet, or has no backup.
  why=$(jq -r '.[0].status | select(.code | IN(0, 1, 2, 3) | not).message' <<<"${info:-[]}" 2>&1) || true
  [[ $info ]] || why=$(tail -n 2 "$stage/info-error")
}
# Patroni runs in vain if there is nothing to restore.
require_backups() {
  ask_for_backups "$from"
  rm -f -- "$bootstrap_failed"
  [[ -n $newest ]] || fail \
    "patroni: the cluster is to be created from backups of $from, and the repository has none; PostgreSQL was not started" \
    "its answer: ${why:-$(jq -r '.[0].status.message // "no stanza"' <<<"${info:-[]}" 2>/dev/null)}" \
    'look at: bootstrap.from in the description; the passphrase must be that of these backups (ninefold:backupPassphrase)' \
    'how: docs/operations/all-databases-lost.md'
  echo "creating the cluster from backups of $from; the newest is $newest"
}
# Stops Patroni, which would only report the same failure again.
give_up_bootstrap() {
  stop_units patroni
  fail "patroni: the cluster could not be created from backups of $from; Patroni is stopped on this node" \
    "$(<"$bootstrap_failed")" 'last lines of its log:' "$(last_log_lines)" \
    "correct the cause, or bootstrap.to in the description, and run 'pulumi up' again: docs/operations/all-databases-lost.md"
}
refuse_new_cluster() {
  fail "patroni: the repository holds $1; PostgreSQL was not started" \
    'this node has no data and etcd knows no cluster: Patroni would create an empty cluster next to these backups' \
    "to restore the data: set bootstrap: {from: $STANZA} in the description, and run 'pulumi up' again (docs/operations/all-databases-lost.md)" \
    'if a different node still has the data: docs/operations/etcd.md, "All data is lost"' \
    'to begin with an empty cluster: set a different backup.stanza in the description; the old backups stay'
}

unhealthy=''
todo=$(pending patroni)
if [[ -n $todo || $(systemctl is-active patroni) != active ]]; then
  reload_unit_files patroni ninefold-softdog
  # This check comes before `enable`: an enabled Patroni would start when the machine boots.
  [[ $(systemctl is-active patroni) == active ]] || require_no_lost_cluster
  # Even if it already runs: after an interrupted run, the step `packages` disables each service that is not recorded.
  unit enable patroni ninefold-softdog
  /usr/local/lib/ninefold/load-softdog
  if systemctl --quiet is-active systemd-udevd; then
    udevadm control --reload
    # By name, because /dev/watchdog and /dev/watchdog0 belong to different subsystems.
    udevadm trigger --settle --sysname-match='watchdog*'
  fi
  [[ $(systemctl is-active patroni) != active ]] || drop_audit_extension
  if [[ $(systemctl is-active patroni) != active ]]; then
    require_no_pause_elsewhere
    install -d -o postgres -g postgres /var/lib/postgresql
    upgrade patroni
    unit start patroni
    echo 'started patroni'
  elif needs_restart "$todo"; then
    restart_alone
  else
    running >/dev/null || is_bootstrapping || unhealthy=yes
    began=$EPOCHREALTIME
    unit reload patroni
    echo 'reloaded patroni'
    # Patroni reads its files in its next round, and then makes PostgreSQL read its own.
    [[ -n $unhealthy ]] || wait_for 60 'patroni: it and PostgreSQL have reloaded their files' "$where" has_read
  fi
  if [[ -n $unhealthy ]]; then
    # The cause may be a setting, which the step 'configuration' corrects later.
    echo 'this node neither led nor streamed before: the step does not wait for it'
  else
    # A clone of a large database takes long, so only the step's own timeout ends this wait.
    wait_for 86400 'patroni: this node leads, or streams from the leader' "$where" running
    [[ ! -e $bootstrap_failed ]] || give_up_bootstrap
    [[ ! -e $stage/stalled ]] || fail \
      "patroni: this node neither leads nor streams from the leader, and nothing has arrived for $((patience * stall_limit)) s" \
      "last answer: $(<"$stage/stalled")" 'last lines of its log:' "$(last_log_lines)" \
      'if WAL that it needs is lost, clone the leader again: ./ninefold reinit NODE' "look at: $where"
  fi
  [[ -n $unhealthy ]] || end_removed_members_replication
  reach_etcd
  etcdctl put "/ninefold/$scope/patroni/$own" "$unit" >/dev/null || { require_room_in_etcd; exit 1; }
  record patroni
  # The step 'configuration' depends on this output: it runs again whenever the output changes.
  echo "in place at $EPOCHREALTIME"
fi
wait_for 60 "patroni: its REST API presents the certificate of $certificate" "$where" presents_certificate
