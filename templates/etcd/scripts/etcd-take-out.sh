#!/usr/bin/env bash
# etcd-take-out SCOPE: takes those members out of the cluster that the description names no more; run
# under the cluster's lock. Their machines stop them after that.
source /usr/local/lib/ninefold/lib.sh
source /usr/local/lib/ninefold/etcd-members.sh

surplus=$(undescribed)
while read -r id name _; do
  [[ -n $id ]] || continue
  wait_for 120 "etcd: $name is taken out" "$where" take_out "$id"
  etcdctl del "/ninefold/$1/etcd/$name" >/dev/null
  printf 'took %s out of the etcd cluster\n' "$name"
done <<<"$surplus"
