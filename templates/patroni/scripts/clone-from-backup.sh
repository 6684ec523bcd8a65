#!/usr/bin/env bash
# clone-from-backup: creates a replica from the newest backup; it then streams the rest. If there is no backup, or this
# node has already restored the newest one, it fails at once and Patroni copies the leader instead: if the archive has a
# gap after the backup, a restored replica could never catch up.
set -euo pipefail
readonly tried=/run/postgresql/cloned-from
# shellcheck source=/dev/null
source /usr/local/lib/ninefold/node.env
newest=$(timeout 20 pgbackrest --stanza="$STANZA" --output=json info | jq -r '[.[].backup[].label] | last // empty')
[[ -n $newest ]]
if [[ $newest == "$(cat -- "$tried" 2>/dev/null)" ]]; then
  echo "clone-from-backup: this node has already restored $newest" >&2
  exit 1
fi
echo "clone-from-backup: from $newest" >&2
# --delta continues an interrupted restore.
pgbackrest --stanza="$STANZA" --delta --type=standby restore
printf '%s\n' "$newest" >"$tried"
