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
answers() {
  timeout $((4 * patience)) python3 - "$address" "$port" <<'PYTHON'
import socket, struct, sys
with socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=3) as connection:
    connection.sendall(struct.pack("!ii", 8, 80877104))
    sys.exit(0 if connection.recv(1) == b"N" else "the connection was closed: no server is up")
PYTHON
}
wait_for "$limit" "balancer: a client gets through to the leader at $address:$port" \
  'journalctl -u haproxy -u keepalived on the balancers; patronictl list on a postgres node' answers
record balancer-ready
