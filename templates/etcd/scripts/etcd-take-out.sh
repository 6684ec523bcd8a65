#!/usr/bin/env bash
# etcd-take-out SCOPE: removes the members that the description no longer lists from the cluster. Runs under the
# cluster's lock. Their machines stop their services later.
source /usr/local/lib/ninefold/lib.sh
source /usr/local/lib/ninefold/etcd-members.sh

surplus=$(undescribed)
while read -r id name _; do
  [[ -n $id ]] || continue
  wait_for 120 "etcd: $name is removed from the cluster" "$where" remove_member "$id"
  etcdctl del "/ninefold/$1/etcd/$name" >/dev/null
  printf 'removed %s from the etcd cluster\n' "$name"
done <<<"$surplus"
