#!/usr/bin/env bash
# step SCRIPT [ARGUMENT…]: runs one of the scripts in this folder. Only one runs on a machine at a time: an interrupted
# one may still be running, and then the next step waits for it here. The file `limit` contains the timeout in seconds.
set -euo pipefail

# Stacks that an earlier version built pass the timeout as the first argument.
[[ $1 != [0-9]* ]] || shift
limit=$(<"${0%/*}/limit")
script=$1
shift
# Every user who can open a lock file can hold the lock, so it is in a folder that only root can enter.
install -d -m 0700 /run/ninefold
exec 9>/run/ninefold/lock
if ! flock -w "$limit" 9; then
  echo "$(hostname): an earlier step is still running after $limit s (process $(fuser /run/ninefold/lock 2>/dev/null || echo unknown)). End it, or wait; then run the command again." >&2
  exit 1
fi
# A killed step leaves its bundle there, which may contain keys.
rm -rf -- /run/ninefold.??????
# The time that a restore takes depends on the size of the data. It shows its progress, and its user can end it.
patience=$(((limit + 899) / 900))
[[ $script != recover && $script != restore-backup ]] || limit=2592000
# Waits inside the step end a little earlier, so that they can report what they waited for.
export NINEFOLD_DEADLINE=$((EPOCHSECONDS + limit - 5))
# A timeout above the default of 900 s is for slow machines. Waits grow by the same factor, at most by ten.
export NINEFOLD_PATIENCE=$((patience < 10 ? patience : 10))
# The remedy in error messages. An operator's command is not part of an `up`.
again="run 'pulumi up' again"
[[ $script != operate ]] || again='run the command again'
restore='./ninefold restore --continue, or --go-back'
case $script in
  recover | restore-backup) again=$restore ;;
  *)
    # Any step might start PostgreSQL with the old data, or change a cluster that is about to be replaced.
    if [[ -e /var/lib/ninefold/restoring && ${1:-} != remove ]]; then
      echo "$(hostname): a restore of the whole cluster is under way, so '$script' was not run; nothing was changed. Finish the restore: $restore; then $again." >&2
      exit 1
    fi
    ;;
esac
export NINEFOLD_AGAIN=$again
# The sshd process of this step's session. Waits end when it ends, because then nobody reads the result.
caller=$PPID
until ((caller == 1)) || [[ $(<"/proc/$caller/comm") == sshd* ]]; do
  caller=$(awk '/^PPid:/ { print $2 }' "/proc/$caller/status")
done
export NINEFOLD_CALLER=$caller
result=0
timeout --kill-after=10 "$limit" "/usr/local/lib/ninefold/$script" "$@" || result=$?
if ((result == 124 || result == 137)); then
  echo "$(hostname): step '$script' did not end within $limit s (access.stepTimeout in the description). Look at: journalctl -b -n 100; then $again." >&2
fi
if ((result)); then
  full=$(df -P -x squashfs -x iso9660 | awk 'NR > 1 && $5 == "100%" { print $6 }' | paste -sd' ')
  [[ -z $full ]] || echo "$(hostname): full: $full. Make room (docs/operations/full-disk.md), then $again." >&2
fi
exit "$result"
