#!/usr/bin/env bash
# restore-backup: takes a backup on the repository, after the whole cluster was restored. Replicas are created from it:
# they could not follow the new timeline from a later backup of the old one.
source /usr/local/lib/ninefold/lib.sh

readonly name=pgbackrest-backup@diff.service
property() { systemctl show --property="$1" --value "$name"; }

# A failed backup waits there for its next attempt.
systemctl stop "$name" 2>/dev/null || true
systemctl reset-failed "$name" 2>/dev/null || true
systemctl start --no-block "$name"
while [[ $(property ActiveState) == activating && $(property SubState) == start* ]]; do
  may_continue || fail "$name: gave up waiting for it, because the ssh session has ended" './ninefold restore --continue'
  sleep 1
done
[[ $(property Result) == success ]] || fail "the backup failed" "$(journalctl --unit="$name" -n 8 --no-pager -o cat)" \
  "look at: journalctl -u $name; then ./ninefold restore --continue"
echo 'took a backup'
