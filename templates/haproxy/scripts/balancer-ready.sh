#!/usr/bin/env bash
# balancer-ready [remove]: waits until a client gets through: the virtual address is held, the
# read-write port leads to a leader, and a pool answers there.
source /usr/local/lib/ninefold/lib.sh

if [[ ${1:-} == remove ]]; then
  forget balancer-ready
  exit
fi

receive
place
read -r address port limit < <(header through)
answers() { /usr/local/lib/ninefold/pgbouncer-answers "$address" "$port" $((4 * patience)); }
wait_for "$limit" "balancer: a client gets through to the leader at $address:$port" \
  'journalctl -u haproxy -u keepalived on the balancers; patronictl list on a postgres node' answers
record balancer-ready
