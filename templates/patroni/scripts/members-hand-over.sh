#!/usr/bin/env bash
# members-hand-over LEADER DESCRIBED: switches over from LEADER to a member that stays. Runs under the cluster's lock.
# DESCRIBED contains HOST:PORT of each member that stays, one per line.
source /usr/local/lib/ninefold/patroni-api.sh

readonly leader=$1 staying=$2
described() { printf '%s\n' "$staying"; }

wait_for 60 "patroni: a remaining member leads instead of $leader; nothing was changed" "$where" handed_over "$leader"
echo "switched over from $leader"
wait_for 300 'patroni: every remaining member is healthy after the switchover' "$where" all_healthy
