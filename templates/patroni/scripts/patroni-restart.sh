#!/usr/bin/env bash
# patroni-restart SCOPE CHANGE: restarts Patroni, and PostgreSQL with it. First it waits until all members are healthy,
# and switches over if this node leads. Runs under the cluster's lock. CHANGE is the digest of the new unit.
source /usr/local/lib/ninefold/patroni-api.sh

readonly note=/ninefold/$1/patroni.failed change=$2
name=$NODE

# If a member did not become healthy with the same change, waiting for it would be in vain.
failed=$(etcdctl get --print-value-only "$note") || failed=''
[[ $failed != *" $change" || $failed == "$name "* ]] || all_healthy >/dev/null || fail \
  "patroni: ${failed% *} did not become healthy with this same change, so nothing was restarted here" \
  "look at: journalctl -u patroni on ${failed% *}; then revert the change, or ${NINEFOLD_AGAIN:-run 'pulumi up' again}"
wait_for 300 'patroni: every member is healthy before a restart' "$where" all_healthy
if members | jq -e --arg name "$name" 'any(.name == $name and .role == "leader")' >/dev/null; then
  hand_over "$name"
fi
etcdctl put "$note" "$name $change" >/dev/null
upgrade patroni
with_rounds unit restart patroni
wait_for 300 'patroni: every member is healthy after a restart' "$where" all_healthy
etcdctl del "$note" >/dev/null
echo 'restarted patroni'
