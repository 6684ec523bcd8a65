#!/usr/bin/env bash
# step SCRIPT [ARGUMENT…]: runs one of the scripts beside it, alone on this machine, for as many seconds at most
# as the file `limit` says. A run that was cut off may still be at work: its successor waits for it here.
set -euo pipefail

# Commands of stacks that an earlier version built begin with a limit.
[[ $1 != [0-9]* ]] || shift
limit=$(<"${0%/*}/limit")
script=$1
shift
# Whoever may open a lock may hold it: this one lies where root alone looks.
install -d -m 0700 /run/ninefold
exec 9>/run/ninefold/lock
if ! flock -w "$limit" 9; then
  echo "$(hostname): an earlier step is still running after $limit s (its process: $(fuser /run/ninefold/lock 2>/dev/null || echo unknown)). End it, or wait, and run the same again." >&2
  exit 1
fi
# What a step that was killed has left holds what it was told, keys too.
rm -rf -- /run/ninefold.??????
# What waits inside the step gives up a little earlier: it can tell what it waited for.
export NINEFOLD_DEADLINE=$((EPOCHSECONDS + limit - 5))
# A limit beyond the usual 900 s is for slow machines: whatever a step waits for may take as much
# longer, ten times at most.
patience=$(((limit + 899) / 900))
export NINEFOLD_PATIENCE=$((patience < 10 ? patience : 10))
# How a failure is put right, in messages: an operator's command is no part of an `up`.
again="run 'pulumi up' again"
[[ $script != operate ]] || again='run the command again'
export NINEFOLD_AGAIN=$again
# Nobody reads on once the ssh session has ended that this step came by: its waits end with it.
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
