#!/usr/bin/env bash
# bootstrap-from-backup STANZA OPTION…: restores the data of a new cluster from the backups of a stanza. Patroni runs it
# on the node that creates the cluster, and then starts PostgreSQL, which recovers to the target that the OPTIONs of
# `pgbackrest restore` name. If the recovery fails, Patroni renames the data to *.failed, ends, and runs this again.
#
# pgBackRest selects the backup for a time and an LSN. It cannot tell to which backup a transaction or a restore point
# belongs, so for these each run takes the next older backup. The file `failed` tells the step `patroni` to give up.
set -euo pipefail
# shellcheck source=/dev/null
source /usr/local/lib/ninefold/node.env
readonly stanza=$1 tried=/run/postgresql/bootstrap.tried failed=/run/postgresql/bootstrap.failed
shift

give_up() {
  printf '%s\n' "$@" | tee "$failed" >&2
  exit 1
}
# Prints the labels of the backups, the newest first.
labels() { timeout 60 pgbackrest --stanza="$stanza" --output=json info | jq -r '[.[].backup[].label] | reverse | .[]'; }
# Prints the newest backup that was not tried yet.
untried() { labels | grep -vxFf <(cat -- "$tried" 2>/dev/null) | head -n 1; }

options=("$@")
case $* in
  *--type=xid* | *--type=name*)
    label=$(untried) || true
    [[ -n $label ]] || give_up "no backup of $stanza leads to the target (${*//--target-action=promote/}); tried: $(paste -sd' ' "$tried" 2>/dev/null)"
    options+=(--set="$label")
    ;;
  *)
    label='the backup that suits the target'
    [[ ! -e $tried ]] || give_up "a backup of $stanza was restored, but the recovery failed (${*//--target-action=promote/})"
    ;;
esac
# The next attempt uses what is equal. pgBackRest's --delta accepts a folder with data of PostgreSQL only.
if [[ -e $POSTGRES_DATA.failed/PG_VERSION && ! -e $POSTGRES_DATA ]]; then
  mv -- "$POSTGRES_DATA.failed" "$POSTGRES_DATA"
fi
echo "bootstrap-from-backup: restoring $label of $stanza" >&2
# The path is an argument so that the restore_command, which pgBackRest writes, contains it: the configuration knows no
# path for the stanza of another cluster.
output=$(pgbackrest --stanza="$stanza" --pg1-path="$POSTGRES_DATA" --delta restore "${options[@]}" 2>&1) ||
  give_up "$label of $stanza could not be restored:" "$(tail -n 5 <<<"$output")"
printf '%s\n' "$label" >>"$tried"
