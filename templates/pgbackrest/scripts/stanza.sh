#!/usr/bin/env bash
# stanza [remove]: makes the stanza, proves that WAL arrives, and takes the first backup if there is
# none yet. Runs on the repository.
source /usr/local/lib/ninefold/lib.sh

if [[ ${1:-} == remove ]]; then
  forget stanza
  exit
fi

receive
place
name=$(header stanza)
readonly name

ask() { cd / && runuser -u pgbackrest -- pgbackrest --stanza="$name" --log-level-file=off "$@"; }
# WAL that arrives holds the stanza's lock for a moment (error 50).
unlocked() {
  ask "$@" >"$stage/said" 2>&1 && echo 0 >"$stage/status" || echo $? >"$stage/status"
  (($(<"$stage/status") != 50)) || { cat "$stage/said"; false; }
}
repository() {
  wait_for 60 "pgbackrest: '$*' gets the stanza's lock" '/var/log/pgbackrest on this machine' unlocked "$@"
  if (($(<"$stage/status") == 0)); then
    cat "$stage/said"
    return
  fi
  [[ $(<"$stage/said") != *'do not match the database'* ]] ||
    fail "pgbackrest: the repository holds backups of another cluster under the stanza $name; this one is not backed up" \
      "$(tail -n 6 "$stage/said")" 'if that cluster was lost: docs/operations/backup-and-restore.md' \
      'to keep its backups and make new ones for this cluster: set another backup.stanza in the description'
  fail "pgbackrest: '$*' failed" "$(tail -n 6 "$stage/said")" \
    "a repository that was there before opens with its old passphrase only: ninefold:backupPassphrase" \
    'look at: /var/log/pgbackrest on this machine, journalctl -u pgbackrest on the postgres nodes'
}

if [[ -n $(pending stanza) ]]; then
  repository stanza-create >/dev/null
  if [[ $(repository info --output=json) != *'"type":"full"'* ]]; then
    repository --type=full backup >/dev/null
    echo 'took the first full backup'
  fi
  repository check >/dev/null
  record stanza
fi
