#!/usr/bin/env bash
# pgbackrest [remove [wipe]]: pgBackRest's TLS server, on the repository and on each database node; on the repository
# also the timers.
source /usr/local/lib/ninefold/lib.sh
# shellcheck source=/dev/null
source /usr/local/lib/ninefold/node.env

readonly where='journalctl -u pgbackrest'
readonly timers=(pgbackrest-{full,diff,incr,keep,gaps}.timer ninefold-deliver-wal.timer)
readonly jobs=(pgbackrest-backup@{full,diff,incr}.service pgbackrest-{keep,gaps}.service ninefold-deliver-wal.service)
readonly spool=/var/spool/pgbackrest
readonly units=(pgbackrest "${timers[@]}" "${jobs[@]}")

if [[ ${1:-} == remove ]]; then
  backups=$(placed_for pgbackrest | grep -c 'pgbackrest-full\.timer' || true)
  stop_units "${timers[@]}" "${jobs[@]}" pgbackrest
  [[ ${2:-} != wipe || $backups == 0 ]] || wipe /var/lib/pgbackrest
  [[ ${2:-} != wipe ]] || wipe $spool
  [[ ${2:-} != wipe ]] || find /var/log/pgbackrest -mindepth 1 -delete 2>/dev/null || true
  forget pgbackrest
  reload_unit_files "${units[@]}"
  exit
fi

# Makes systemd check the time of the timer for backups of type $1.
require_valid_time() {
  local timer output when
  timer=$(staged "/etc/systemd/system/pgbackrest-$1.timer")
  [[ -f $timer ]] || return 0
  when=$(sed -n 's/^OnCalendar=//p' "$timer")
  output=$(systemd-analyze calendar "$when" 2>&1) ||
    fail "pgbackrest: systemd does not accept the time '$when'; nothing was changed" "$output" \
      "look at: backup.full, backup.differential and backup.incremental in the description"
}

# Fails if this database node and the repository have different versions of pgBackRest: this node could then neither
# archive nor restore, and only its log would show it. If the repository does not answer, the step continues: WAL waits.
require_same_version() {
  local output here there
  output=$(cd / && timeout $((patience * 30)) runuser -u postgres -- \
    pgbackrest --stanza="$STANZA" --io-timeout=10 repo-ls 2>&1) && return
  read -r here there < <(
    sed -n "s/.*expected value '\([^']*\)' for greeting key 'version' but got '\([^']*\)'.*/\1 \2/p" <<<"$output"
  ) || true
  if [[ -z $there ]]; then
    printf 'pgbackrest: the repository at %s does not serve this node; until it does, WAL waits here:\n%s\n' \
      "$REPOSITORY" "$(tail -n 3 <<<"${output:-no answer within $((patience * 30)) s}")"
    return
  fi
  fail "pgbackrest: this machine has version $here and the repository at $REPOSITORY version $there: they refuse each other" \
    'with two versions this node can neither archive WAL nor be restored from the repository' \
    "give all machines the same version: pgbackrest under packages.versions in the description (here: $(dpkg-query -W -f '${Version}' pgbackrest)); then run 'pulumi up' again"
}

# Prints how much WAL may wait to be archived, in MiB. It may need a fifth of the file system: PostgreSQL's own limits may
# need the other four.
archive_queue() {
  local described size
  described=$(header archive_queue)
  size=$(df -P -m "$(header disk)" | awk 'NR == 2 { print $2 }')
  if [[ -z $described ]]; then
    echo $((size / 5 > 1024 ? size / 5 : 1024))
  elif ((described <= size / 2)); then
    echo "$described"
  else
    fail "pgbackrest: $described MiB of WAL may wait, and the file system of $(header disk) has $size MiB; nothing was changed" \
      'that is more than half of it, and PostgreSQL needs room for more WAL; it stops when the disk is full' \
      'lower backup.archiveQueue in the description, or mount a larger disk there'
  fi
}
# Makes PostgreSQL retry failed archiving at once. By itself, it retries after a minute, or when it reloads its settings.
retry_archiving() {
  [[ -S /run/postgresql/.s.PGSQL.$POSTGRES_PORT ]] || return 0
  (cd / && PGREQUIREPEER=postgres timeout 10 runuser -u postgres -- \
    psql -XAtqw -h /run/postgresql -p "$POSTGRES_PORT" -d postgres -c 'SELECT pg_reload_conf()') >/dev/null 2>&1 || true
}

receive
require_valid_time full
require_valid_time diff
require_valid_time incr
# Incremental backups are optional.
if [[ -e /etc/systemd/system/pgbackrest-incr.timer && ! -e $(staged /etc/systemd/system/pgbackrest-incr.timer) ]]; then
  stop_units pgbackrest-incr.timer
fi
read -r user address port < <(header server)
if [[ $user == postgres ]]; then
  queue=$(archive_queue)
  sed -i "s/@ARCHIVE_QUEUE@/$queue/" "$(staged /etc/pgbackrest/pgbackrest.conf)"
fi
place
listens() { ss -Hltn "src $address and sport = :$port" | grep . || { echo 'nothing listens'; false; }; }
todo=$(pending pgbackrest)
if [[ -n $todo || $(systemctl is-active pgbackrest) != active ]]; then
  reload_unit_files "${units[@]}"
  install -d -o "$user" -g "$user" -m 0750 /var/log/pgbackrest
  if [[ $user == pgbackrest ]]; then
    install -d -o pgbackrest -g pgbackrest -m 0750 /run/pgbackrest
    # Sticky and owned by root, so that the user pgbackrest can't move or replace root's folder `kept`.
    install -d -o root -g pgbackrest -m 1770 /var/lib/pgbackrest
  else
    install -d -o postgres -g postgres -m 0750 $spool
  fi
  unit enable pgbackrest
  if [[ $(systemctl is-active pgbackrest) != active ]]; then
    unit start pgbackrest
  elif needs_restart "$todo"; then
    unit restart pgbackrest
  else
    unit reload pgbackrest
  fi
  present=()
  for timer in "${timers[@]}"; do
    [[ ! -e /etc/systemd/system/$timer ]] || present+=("$timer")
  done
  if ((${#present[@]})); then
    unit enable "${present[@]}"
    unit restart "${present[@]}"
  fi
  wait_for 30 'pgbackrest: its server listens' "$where" listens
  record pgbackrest
fi
if [[ $user != pgbackrest ]]; then
  require_same_version
  [[ -z $todo ]] || retry_archiving
fi
