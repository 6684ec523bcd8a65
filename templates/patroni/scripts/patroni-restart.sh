#!/usr/bin/env bash
# patroni-restart SCOPE CHANGE: restarts Patroni, and PostgreSQL with it, once all members are well and this node
# doesn't lead; run under the cluster's lock. CHANGE is what the member restarts for.
source /usr/local/lib/ninefold/patroni-api.sh

readonly note=/ninefold/$1/patroni.failed change=$2
name=$NODE

# A member that did not become well with this same change does not become well by being waited for.
failed=$(etcdctl get --print-value-only "$note") || failed=''
[[ $failed != *" $change" || $failed == "$name "* ]] || well >/dev/null || fail \
  "patroni: ${failed% *} did not become well with this same change, so nothing was restarted here" \
  "look at: journalctl -u patroni on ${failed% *}; then take the change back, or ${NINEFOLD_AGAIN:-run 'pulumi up' again}"
wait_for 300 'patroni: every member is well before a restart' "$where" well
if members | jq -e --arg name "$name" 'any(.name == $name and .role == "leader")' >/dev/null; then
  hand_over "$name"
fi
etcdctl put "$note" "$name $change" >/dev/null
upgrade patroni
with_rounds unit restart patroni
wait_for 300 'patroni: every member is well after a restart' "$where" well
etcdctl del "$note" >/dev/null
echo 'restarted patroni'
