#!/usr/bin/env bash
# stanza [remove]: creates the stanza, takes the first backup if there is none yet, and checks that WAL arrives. Runs on
# the repository.
source /usr/local/lib/ninefold/lib.sh

if [[ ${1:-} == remove ]]; then
  forget stanza
  exit
fi

receive
place
name=$(header stanza)
readonly name

run() { cd / && runuser -u pgbackrest -- pgbackrest --stanza="$name" --log-level-file=off "$@"; }
# Runs a command, and fails only if the stanza is locked (exit code 50): arriving WAL locks it for a moment.
unlocked() {
  run "$@" >"$stage/output" 2>&1 && echo 0 >"$stage/status" || echo $? >"$stage/status"
  (($(<"$stage/status") != 50)) || { cat "$stage/output"; false; }
}
repository() {
  wait_for 60 "pgbackrest: '$*' gets the stanza's lock" '/var/log/pgbackrest on this machine' unlocked "$@"
  if (($(<"$stage/status") == 0)); then
    cat "$stage/output"
    return
  fi
  [[ $(<"$stage/output") != *'do not match the database'* ]] ||
    fail "pgbackrest: the stanza $name in the repository has backups of a different cluster; this one is not backed up" \
      "$(tail -n 6 "$stage/output")" 'if that cluster was lost: docs/operations/all-databases-lost.md' \
      'to keep its backups and take new ones for this cluster: set a different backup.stanza in the description'
  fail "pgbackrest: '$*' failed" "$(tail -n 6 "$stage/output")" \
    "an existing repository needs its old passphrase: ninefold:backupPassphrase" \
    'look at: /var/log/pgbackrest on this machine, journalctl -u pgbackrest on the postgres nodes'
}

# Whether a backup of the newest timeline exists. A cluster that was created from backups begins a new one.
has_current_backup() {
  python3 -c '
import json, sys
stanza = json.load(sys.stdin)[0]
sys.exit(stanza["backup"][-1]["archive"]["stop"][:8] < (stanza["archive"][-1]["max"] or "")[:8])'
}

if [[ -n $(pending stanza) ]]; then
  repository stanza-create >/dev/null
  if [[ $(repository info --output=json) != *'"type":"full"'* ]]; then
    repository --type=full backup >/dev/null
    echo 'took the first full backup'
  fi
  repository check >/dev/null
  # `check` has archived a segment of the newest timeline.
  if [[ -n $(header bootstrap) ]] && ! repository info --output=json | has_current_backup; then
    repository --type=diff backup >/dev/null
    echo 'took a backup of the timeline that began when the cluster was created from backups'
  fi
  record stanza
fi
