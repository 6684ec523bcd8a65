#!/usr/bin/env bash
# balancer-ready [remove]: waits until a client can reach the leader: a balancer holds the virtual address, HAProxy finds
# the leader, and its PgBouncer answers.
source /usr/local/lib/ninefold/lib.sh

if [[ ${1:-} == remove ]]; then
  forget balancer-ready
  exit
fi

receive
place
read -r address port limit < <(header through)
answers() { /usr/local/lib/ninefold/pgbouncer-answers "$address" "$port" $((4 * patience)); }
wait_for "$limit" "balancer: a client reaches the leader through $address:$port" \
  'journalctl -u haproxy -u keepalived on the balancers; patronictl list on a postgres node' answers
record balancer-ready
