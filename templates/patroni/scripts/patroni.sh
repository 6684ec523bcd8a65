#!/usr/bin/env bash
# patroni [remove [wipe]]: PostgreSQL under Patroni on this machine. What Patroni can reload is
# reloaded; PostgreSQL's own restarts are for the step 'configuration', which knows their order.
source /usr/local/lib/ninefold/patroni-api.sh

# Below /var/lib/postgresql any folder may be a link that PostgreSQL's user put there. What that user deletes is its own.
wipe_as_postgres() {
  [[ -d $1 ]] || return 0
  (cd / && runuser -u postgres -- find "$1" -mindepth 1 -delete)
  mountpoint -q -- "$1" || (cd / && runuser -u postgres -- rmdir -- "$1") || echo "$1 is empty, and stays"
}

if [[ ${1:-} == remove ]]; then
  # A cluster of Debian's that was here before lies beside it, and is nobody's business.
  stop_units patroni ninefold-softdog
  # What is not forgotten yet is known to the next try, should this one fail.
  [[ ${2:-} != wipe || ! -e /etc/patroni/config.d/10-patroni.yml ]] || wipe_as_postgres "$POSTGRES_DATA"
  forget patroni
  reload_unit_files patroni ninefold-softdog
  exit
fi

receive
require_unchanged patroni "$(header born)" \
  'namespace, version, port and addresses stay as they are: build a second cluster and move the data'

# MiB of an amount as PostgreSQL writes it; 0 of one that is no limit, or too small to matter.
mebibytes() {
  [[ $1 =~ ^([0-9]{1,9})' '*(MB|GB|TB)?$ ]] || { echo 0; return; }
  case ${BASH_REMATCH[2]} in
    GB) echo $((BASH_REMATCH[1] << 10)) ;;
    TB) echo $((BASH_REMATCH[1] << 20)) ;;
    *) echo "${BASH_REMATCH[1]}" ;;
  esac
}
# PostgreSQL stops once its disk is full, and so does whoever takes over on a disk of that size.
wal_fits() {
  local size most
  most=$(($(mebibytes "$(header max_wal_size)") + $(mebibytes "$(header max_slot_wal_keep_size)")))
  size=$(df -P -m "$(header disk)" | awk 'NR == 2 { print $2 }')
  ((most <= size * 8 / 10)) || fail \
    "patroni: WAL may take $most MiB, and the file system of $(header disk) has $size MiB; nothing was changed" \
    'that is more than 80 % of it; PostgreSQL stops where it is full' \
    'mount a larger disk there, or lower max_wal_size and max_slot_wal_keep_size by postgresql.parameters'
}
# Prints the locales and extensions that the databases need and this machine lacks. A replica replays a database
# without checking them, and then fails the clients once it leads.
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
databases_fit() {
  local lacks
  lacks=$(lacking)
  [[ -z $lacks ]] || fail 'patroni: this machine lacks what databases of the description need; nothing was changed' "$lacks" \
    'every database node needs them: a replica would stream without them, and fail its clients once it leads' \
    'install them here: a locale by its line in /etc/locale.gen and locale-gen (package locales), an extension by its package' \
    'or change databases[].locale or databases[].extensions'
}
wal_fits
databases_fit
place
others=$(header members)
scope=$(header scope)
unit=$(header unit)
# Seconds after which a node that gets nothing is given up.
readonly self=$PATRONI_ENDPOINT own=$NODE others scope unit still_limit=300 certificate=/etc/ninefold/tls/patroni/node.crt

# A replica that streams from a leader of another timeline does not follow this one.
running() {
  local answer leading
  answer=$(api GET "$self" /patroni)
  leading=$(members | jq 'first(.[] | select(.role == "leader") | .timeline) // 0')
  jq -e --argjson leading "${leading:-0}" \
    'if .role == "replica" then .replication_state == "streaming" and .timeline == $leading
     else .role == "primary" and .state == "running" end' <<<"$answer" >/dev/null && return
  # A member that was set up before may catch up from the archive. If it can't, that is found below.
  if [[ -e $state/applied/patroni ]] && catches_up "$own" "$self"; then
    return
  fi
  ! is_stalled "$answer" || return 0
  # The leader gives a new replica its slot in its next round.
  # shellcheck disable=SC2086
  wake $others
  printf '%s\n' "$answer"
  false
}
# Under which unit each member runs is written down in etcd, by its name.
unit_of() { etcdctl get --print-value-only "/ninefold/$scope/patroni/$1"; }
leads() { api GET "$self" /patroni | jq -e '.role == "primary"' >/dev/null; }
none_behind() {
  local member behind=()
  for member in $(members | jq -r '.[].name'); do
    [[ $member == "$own" || $(unit_of "$member") == "$unit" ]] || behind+=("$member")
  done
  ((${#behind[@]} == 0)) || { echo "still to restart: ${behind[*]}"; false; }
}
# Whether nothing has arrived here for so long that it will not: neither WAL nor, of a clone, data.
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
  ((EPOCHSECONDS - since >= patience * still_limit)) || return 1
  printf '%s\n' "$1" >"$stage/still"
}
has_read() {
  wake "$self"
  (cd / && runuser -u postgres -- psql -XAtq -p "$POSTGRES_PORT" -d postgres -c "SELECT pg_conf_load_time() > to_timestamp($began)") |
    grep -qx t
}
# Patroni overlooks a new certificate if its configuration has changed too. The next reload finds the configuration
# unchanged, and then takes the certificate.
shows_certificate() {
  local shown due
  due=$(openssl x509 -noout -serial <$certificate)
  shown=$(timeout $((patience * 5)) openssl s_client -connect "$self" </dev/null 2>/dev/null | openssl x509 -noout -serial) || true
  [[ $shown != "$due" ]] || return 0
  unit reload patroni
  wake "$self"
  echo "it shows the certificate ${shown:-none}, not $due"
  false
}
restart_alone() {
  require_no_pause "Patroni on $own has to be restarted, and PostgreSQL with it"
  reach_etcd
  # Members wait for each other here. Until then each knows a new password, so that they take each other's calls.
  (unit reload patroni) 2>/dev/null || true
  # PostgreSQL may be down because of its version. Until it is up, no member counts as well, so nothing would install
  # another one. Patroni itself starts PostgreSQL with the new version.
  (wait_for 30 'patroni: this node leads, or streams from the leader' "$where" running) >/dev/null 2>&1 || upgrade patroni
  rm -f -- "$stage/position"
  # One that is off must not keep the leader from it for ever: it would cost a switchover more.
  ! leads || (wait_for 120 'patroni: the replicas have restarted before the leader' "$where" none_behind) ||
    echo 'not all replicas have restarted: the leader goes on'
  under_lock "$scope" /usr/local/lib/ninefold/patroni-restart "$scope" "$unit"
}

# A member that the description no longer has would stay the synchronous standby for as long as its connection
# lasts: it gets no new one, by the rules that this step places.
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
# Without its library, pgaudit's event triggers refuse every DDL. So the extension is dropped while the library is still
# loaded: before the step 'configuration' restarts anything.
drop_audit_extension() {
  local names name said further=
  [[ $(header audited) != true ]] || return 0
  [[ $(superuser postgres 'SHOW shared_preload_libraries' 2>/dev/null) == *pgaudit* ]] || return 0
  leads || return 0
  # PostgreSQL has it from 17 on.
  [[ $(superuser postgres "SELECT current_setting('transaction_timeout', true) IS NOT NULL") != t ]] ||
    further=' -c transaction_timeout=0'
  names=$(superuser postgres 'SELECT datname FROM pg_database WHERE datallowconn AND NOT datistemplate')
  while read -r name; do
    said=$(superuser "$name" 'DROP EXTENSION IF EXISTS pgaudit' 2>&1) ||
      fail "patroni: extension pgaudit can't be dropped in database $name" "$said" \
        'without its library, no DDL would work there: drop what depends on it, or leave postgresql.audit on'
  done <<<"$names"
}

# A member that starts while the cluster is paused gets no data.
require_no_pause_elsewhere() {
  local other
  for other in $others; do
    if paused "$other" 2>/dev/null; then
      fail "patroni: the cluster is paused, and PostgreSQL is to start here" "end the pause: ./ninefold resume; then run 'pulumi up' again"
    fi
  done
}

# If this node has no data and etcd knows no cluster, Patroni makes an empty cluster. Clients would take it for the lost
# cluster whose backups the repository holds.
require_no_lost_cluster() {
  local known said newest why
  [[ ! -e $POSTGRES_DATA/PG_VERSION ]] || return 0
  reach_etcd
  known=$(etcdctl get --keys-only "/$PATRONI_NAMESPACE/$scope/initialize") ||
    fail 'etcd: it does not tell whether the cluster is there; PostgreSQL was not started' 'look at: journalctl -u etcd'
  [[ -z $known ]] || return 0
  said=$(cd / && timeout $((patience * 20)) runuser -u postgres -- \
    pgbackrest --stanza="$STANZA" --output=json info 2>"$stage/unasked") || said=''
  newest=$(jq -r '[.[].backup[].label] | last // empty' <<<"$said" 2>/dev/null) || newest=''
  [[ -z $newest ]] || refuse_new_cluster "backups of $STANZA, the newest is $newest"
  # With these codes the stanza does not exist yet, or has no backup.
  why=$(jq -r '.[0].status | select(.code | IN(0, 1, 2, 3) | not).message' <<<"${said:-[]}" 2>&1) || true
  [[ $said ]] || why=$(tail -n 2 "$stage/unasked")
  [[ $why != *CryptoError* ]] || refuse_new_cluster "a stanza $STANZA that the passphrase of this stack does not open"
  [[ $said && -z $why ]] || echo "the repository could not be asked for backups of $STANZA: ${why:-no answer in time}"
}
refuse_new_cluster() {
  fail "patroni: the repository holds $1; PostgreSQL was not started" \
    'this node has no data and etcd knows no cluster: Patroni would make an empty cluster beside these backups' \
    'to restore the data: docs/operations/backup-and-restore.md, "A new cluster from the backups of a lost one"' \
    'where another node still has the data: docs/operations/etcd.md, "All data is lost"' \
    'to begin with an empty cluster: set another backup.stanza in the description; the old backups stay'
}

ill=''
todo=$(pending patroni)
if [[ -n $todo || $(systemctl is-active patroni) != active ]]; then
  reload_unit_files patroni ninefold-softdog
  # This comes before Patroni is enabled, because then it would start with the machine.
  [[ $(systemctl is-active patroni) == active ]] || require_no_lost_cluster
  # Also where it runs already: a run that was cut off starts it, and the next one's step `packages` disables what is
  # not on record.
  unit enable patroni ninefold-softdog
  /usr/local/lib/ninefold/load-softdog
  if systemctl --quiet is-active systemd-udevd; then
    udevadm control --reload
    # By name: /dev/watchdog is of another subsystem than /dev/watchdog0.
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
    running >/dev/null || ill=yes
    began=$EPOCHREALTIME
    unit reload patroni
    echo 'reloaded patroni'
    # Patroni reads its files at its next round, and has PostgreSQL read them then.
    [[ -n $ill ]] || wait_for 60 'patroni: it and PostgreSQL have read their files anew' "$where" has_read
  fi
  if [[ -n $ill ]]; then
    # A setting may keep it down, and the step 'configuration' is what takes that back.
    echo 'this node neither led nor streamed before: the step does not wait for it'
  else
    # A large clone takes its time: only the step's own limit ends it.
    wait_for 86400 'patroni: this node leads, or streams from the leader' "$where" running
    [[ ! -e $stage/still ]] || fail \
      "patroni: this node neither leads nor streams from the leader, and nothing has arrived for $((patience * still_limit)) s" \
      "last answer: $(<"$stage/still")" 'last lines of its log:' "$(last_log_lines)" \
      'where WAL that it needs is lost, clone it: ./ninefold reinit NODE' "look at: $where"
  fi
  [[ -n $ill ]] || end_removed_members_replication
  reach_etcd
  etcdctl put "/ninefold/$scope/patroni/$own" "$unit" >/dev/null || { require_room_in_etcd; exit 1; }
  record patroni
  # The step 'configuration' runs whenever this one says something new.
  echo "in place at $EPOCHREALTIME"
fi
wait_for 60 "patroni: its REST API shows the certificate of $certificate" "$where" shows_certificate
