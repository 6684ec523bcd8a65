#!/usr/bin/env bash
# members [remove]: takes the leadership from a member that the description no longer has, while the others still
# reach it. Its machine's services are stopped at the end of the same `up`.
source /usr/local/lib/ninefold/patroni-api.sh

if [[ ${1:-} == remove ]]; then
  forget members
  exit
fi

receive
# The file tells the description that this one takes the place of.
described() { header members | tr ' ' '\n'; }
scope=$(header scope)
readonly scope

# The cluster as the first member tells it that answers.
told() {
  local host answer
  for host in $(described); do
    if answer=$(api GET "$host" /cluster 2>/dev/null) && jq -e .members <<<"$answer" >/dev/null 2>&1; then
      printf '%s\n' "$answer"
      return
    fi
  done
  fail 'patroni: no member tells who leads, which must be known before a member leaves; nothing was changed' \
    "look at: $where"
}

# A machine on which PostgreSQL was not set up yet may ask nobody.
if [[ -n $(pending members) && -e $state/applied/patroni ]]; then
  cluster=$(told)
  departing=$(members_of "$cluster" false)
  leader=$(jq -r 'map(select(.role == "leader"))[0].name // empty' <<<"$departing")
  if [[ -n $leader ]]; then
    require_no_pause "$leader, which the description no longer has, leads"
    reach_etcd
    under_lock "$scope" /usr/local/lib/ninefold/members-hand-over "$leader" "$(described)"
  fi
  jq -r '.[] | "\(.name) is to leave"' <<<"$departing"
fi
record members
