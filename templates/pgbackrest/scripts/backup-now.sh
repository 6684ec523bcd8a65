#!/usr/bin/env bash
# backup-now TYPE: takes a backup of type full, diff or incr, and shows its progress. If this command is interrupted, the
# backup continues. Runs on the repository.
set -euo pipefail
readonly unit=pgbackrest-backup@$1.service

# A unit that waits for its next attempt is in a different state than `start`.
running=$(systemctl list-units --plain --no-legend --state=start 'pgbackrest-backup@*' | awk '{ print $1 }')
if [[ -n $running ]]; then
  printf '%s: a backup is running already (%s); nothing was changed\n  follow it: journalctl -fu %s\n' \
    "$(hostname)" "$running" "$running" >&2
  exit 4
fi

cursor=$(journalctl --lines=0 --show-cursor --quiet | sed -n 's/^-- cursor: //p')
exec {log}< <(exec journalctl --follow --quiet ${cursor:+"--after-cursor=$cursor"} --unit="$unit" --output=cat)
follower=$!
trap 'kill "$follower" 2>/dev/null || true' EXIT
systemctl start --no-block "$unit"
while read -r -u "$log" line; do
  case $line in
    "$unit: Deactivated successfully.") exit 0 ;;
    "$unit: Failed with result"*)
      printf '%s: the backup failed; it is tried again every 15 min\n  look at: journalctl -u %s; /var/log/pgbackrest\n  to end the attempts: systemctl stop %s\n' \
        "$(hostname)" "$unit" "$unit" >&2
      exit 1
      ;;
    "$unit: "* | "Starting $unit"* | "Finished $unit"*) ;;
    *) printf '%s\n' "$line" ;;
  esac
done
