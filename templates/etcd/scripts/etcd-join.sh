#!/usr/bin/env bash
# etcd-join: makes this machine's member one of the cluster that is there; run under the cluster's lock,
# since a member is told exactly those that are in as it comes.
source /usr/local/lib/ninefold/lib.sh
source /usr/local/lib/ninefold/etcd-members.sh

readonly joining=/var/lib/ninefold/etcd.join

# One of this address is of an earlier life of the machine, or of a run that was cut off.
add() {
  local id
  id=$(listed | cut -d' ' -f1) || return
  [[ -z $id ]] || take_out "$id" || return
  etcdctl member add "$ETCD_NAME" --peer-urls="$ETCD_INITIAL_ADVERTISE_PEER_URLS" >"$stage/added"
}

# etcd takes nobody in while a member is away. One that is to go anyway goes first.
surplus=$(undescribed)
while read -r id name _ url; do
  [[ -n $id ]] || continue
  ETCDCTL_ENDPOINTS="$url" etcdctl endpoint health >/dev/null 2>&1 ||
    wait_for 120 "etcd: $name, which doesn't answer, is taken out" "$where" take_out "$id"
done <<<"$surplus"
# Nor in the first seconds after another came.
wait_for 120 'etcd: the members take this one in' "$where" add
grep '^ETCD_INITIAL_CLUSTER' "$stage/added" >"$joining"
start
rm -f -- "$joining"
echo 'joined the etcd cluster'
