#!/usr/bin/env bash
# etcd-join: adds this machine's member to the existing cluster. Runs under the cluster's lock, because a new member must
# be started with the list of members that is valid at that time.
source /usr/local/lib/ninefold/lib.sh
source /usr/local/lib/ninefold/etcd-members.sh

readonly joining=/var/lib/ninefold/etcd.join

# A member that already has this address belongs to a machine that was replaced, or to an interrupted run.
add() {
  local id
  id=$(own_line | cut -d' ' -f1) || return
  [[ -z $id ]] || remove_member "$id" || return
  etcdctl member add "$ETCD_NAME" --peer-urls="$ETCD_INITIAL_ADVERTISE_PEER_URLS" >"$stage/added"
}

# etcd adds no member while another one is down. One that the description no longer lists is removed first.
surplus=$(undescribed)
while read -r id name _ url; do
  [[ -n $id ]] || continue
  ETCDCTL_ENDPOINTS="$url" etcdctl endpoint health >/dev/null 2>&1 ||
    wait_for 120 "etcd: $name, which doesn't answer, is removed from the cluster" "$where" remove_member "$id"
done <<<"$surplus"
# For some seconds after it has added a member, etcd adds no other one.
wait_for 120 'etcd: the members add this one' "$where" add
grep '^ETCD_INITIAL_CLUSTER' "$stage/added" >"$joining"
start
rm -f -- "$joining"
echo 'joined the etcd cluster'
