#!/usr/bin/env bash
# members-hand-over LEADER DESCRIBED: has a member that stays take over from LEADER; run under the cluster's lock.
# DESCRIBED has HOST:PORT of each that stays, a line each.
source /usr/local/lib/ninefold/patroni-api.sh

readonly leader=$1 staying=$2
described() { printf '%s\n' "$staying"; }

wait_for 60 "patroni: a member that stays leads instead of $leader; nothing was changed" "$where" handed_over "$leader"
echo "switched over from $leader"
wait_for 300 'patroni: every member that stays is well after the switchover' "$where" well
