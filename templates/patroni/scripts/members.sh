#!/usr/bin/env bash
# members [remove]: switches over from a leader that the description no longer has, while the other members still reach
# it. Later, the same `up` stops the services on its machine.
source /usr/local/lib/ninefold/patroni-api.sh

if [[ ${1:-} == remove ]]; then
  forget members
  exit
fi

receive
# /etc/ninefold/members is still that of the previous description, so this reads the header.
described() { header members | tr ' ' '\n'; }
scope=$(header scope)
readonly scope

# Prints Patroni's /cluster, as the first member that answers returns it.
cluster() {
  local host answer
  for host in $(described); do
    if answer=$(api GET "$host" /cluster 2>/dev/null) && jq -e .members <<<"$answer" >/dev/null 2>&1; then
      printf '%s\n' "$answer"
      return
    fi
  done
  fail 'members: no Patroni answers, so the leader is not known; nothing was changed' \
    "look at: $where; then run 'pulumi up' again"
}

# Before its first Patroni step, a machine has no certificate with which to ask the others.
if [[ -n $(pending members) && -e $state/applied/patroni ]]; then
  cluster=$(cluster)
  departing=$(members_of "$cluster" false)
  leader=$(jq -r 'map(select(.role == "leader"))[0].name // empty' <<<"$departing")
  if [[ -n $leader ]]; then
    require_no_pause "its leader $leader is no longer in the description"
    reach_etcd
    under_lock "$scope" /usr/local/lib/ninefold/members-hand-over "$leader" "$(described)"
  fi
  jq -r '.[] | "\(.name) is to leave"' <<<"$departing"
fi
record members
