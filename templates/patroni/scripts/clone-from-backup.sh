#!/usr/bin/env bash
# clone-from-backup: makes a replica from the newest backup; Patroni then streams the rest. Where there is
# none, or this one was taken before, it fails at once, and Patroni copies the leader instead: behind a gap in
# the archive a restored replica would stand still for ever.
set -euo pipefail
readonly tried=/run/postgresql/cloned-from
# shellcheck source=/dev/null
source /usr/local/lib/ninefold/node.env
newest=$(timeout 20 pgbackrest --stanza="$STANZA" --output=json info | jq -r '[.[].backup[].label] | last // empty')
[[ -n $newest ]]
if [[ $newest == "$(cat -- "$tried" 2>/dev/null)" ]]; then
  echo "clone-from-backup: $newest was taken before" >&2
  exit 1
fi
echo "clone-from-backup: from $newest" >&2
# One that was cut off goes on where it was.
pgbackrest --stanza="$STANZA" --delta --type=standby restore
printf '%s\n' "$newest" >"$tried"
