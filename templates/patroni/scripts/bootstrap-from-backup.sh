#!/usr/bin/env bash
# bootstrap-from-backup STANZA OPTION…: creates the data of a new cluster from the backups of a stanza. Patroni runs it on
# the node that creates the cluster. The OPTIONs of `pgbackrest restore` name the target of the recovery.
#
# The recovery runs here and not under Patroni, which would give every user of the machine access to PostgreSQL meanwhile
# and would hide why a recovery failed. After a failure, the file `failed` makes further attempts end at once, until the
# step `patroni` has reported it.
set -euo pipefail
# shellcheck source=/dev/null
source /usr/local/lib/ninefold/node.env
readonly stanza=$1 failed=/run/postgresql/bootstrap.failed
shift
readonly target="${*//--target-action=promote/}"
[[ ! -e $failed ]] || exit 1
scratch=$(mktemp --directory)
version=''
# Patroni ends this script when it is stopped. PostgreSQL must not continue then.
trap '[[ ! -e $POSTGRES_DATA/postmaster.pid ]] || pg_ctl -s -D "$POSTGRES_DATA" -m immediate stop || true; rm -rf -- "$scratch"' EXIT
trap 'exit 143' TERM INT HUP

give_up() {
  printf '%s\n' "$@" | tee "$failed" >&2
  exit 1
}
pg_ctl() { "/usr/lib/postgresql/$version/bin/pg_ctl" "$@"; }
# Prints PostgreSQL's settings. Those of the backup may not suit this machine, and would archive to the lost cluster's
# stanza. An empty archive_command keeps new WAL until Patroni's settings archive it.
settings() {
  cat <<SETTINGS
data_directory = '$POSTGRES_DATA'
hba_file = '$scratch/pg_hba.conf'
listen_addresses = ''
unix_socket_directories = '$scratch'
hot_standby = off
archive_mode = on
archive_command = ''
max_wal_size = 4GB
log_timezone = 'UTC'
shared_buffers = $(awk '$1 == "MemTotal:" { print int($2 / 8192) }' /proc/meminfo)MB
SETTINGS
  # Recovery needs at least these settings of the lost cluster.
  "/usr/lib/postgresql/$version/bin/pg_controldata" "$POSTGRES_DATA" |
    sed -nE 's/_xacts( setting:)/_transactions\1/; s/_per_xact( setting:)/_per_transaction\1/
      s/^(wal_level|max_[a-z_]+|track_commit_timestamp) setting: +/\1 = /p'
}
restore() {
  local output
  # Patroni renames the data of an attempt that failed.
  if [[ -e $POSTGRES_DATA.failed/PG_VERSION && ! -e $POSTGRES_DATA ]]; then
    mv -- "$POSTGRES_DATA.failed" "$POSTGRES_DATA"
  fi
  echo "bootstrap-from-backup: restoring $stanza ($*)" >&2
  # The path is an argument, so that the restore_command contains it: the configuration has none for a different stanza.
  # --delta continues an interrupted restore.
  output=$(pgbackrest --stanza="$stanza" --pg1-path="$POSTGRES_DATA" --delta restore "$@" 2>&1) ||
    give_up "the backups of $stanza could not be restored ($*):" "$(tail -n 5 <<<"$output")"
  version=$(<"$POSTGRES_DATA/PG_VERSION")
}
# Recovers to the target, and ends PostgreSQL again. PostgreSQL accepts no connection meanwhile.
recover() {
  settings >"$scratch/postgresql.conf"
  echo 'local all all reject' >"$scratch/pg_hba.conf"
  echo "bootstrap-from-backup: recovering ($target)" >&2
  pg_ctl -s -D "$POSTGRES_DATA" -w -t 3600 -l "$scratch/log" -o "-c config_file=$scratch/postgresql.conf" start || return
  # pg_ctl returns when the recovery has begun. The eighth line of this file is `ready` when it has ended.
  until [[ $(sed -n 8p "$POSTGRES_DATA/postmaster.pid" 2>/dev/null) == ready* ]]; do
    [[ -e $POSTGRES_DATA/postmaster.pid ]] || return 1
    sleep 0.2
  done
  pg_ctl -s -D "$POSTGRES_DATA" -w -t 3600 -m fast stop
}
# Prints the labels of the backups, the newest first.
labels() { timeout 60 pgbackrest --stanza="$stanza" --output=json info | jq -r '[.[].backup[].label] | reverse | .[]'; }

case $* in
  *--type=xid* | *--type=name*)
    # pgBackRest cannot tell which backup precedes a transaction or a restore point.
    for label in $(labels); do
      restore --set="$label" "$@"
      ! recover || exit 0
      echo "bootstrap-from-backup: $label does not lead to the target: $(grep FATAL "$scratch/log" | tail -n 1)" >&2
    done
    give_up "no backup of $stanza leads to the target ($target); the last lines of PostgreSQL's log:" "$(tail -n 5 "$scratch/log")"
    ;;
esac
restore "$@"
recover || give_up "the recovery from the backups of $stanza failed ($target); the last lines of PostgreSQL's log:" \
  "$(grep -E 'FATAL|PANIC|ERROR' "$scratch/log" | tail -n 3)" "$(tail -n 3 "$scratch/log")"
