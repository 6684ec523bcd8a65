#!/usr/bin/env python3
"""haproxy-reload: asks HAProxy's master to start a worker with the new configuration, and fails if it did not start.

`systemctl reload` only reports that the reload has begun; the master's socket reports its result.
"""

import socket
import sys

sys.dont_write_bytecode = True
from facts_haproxy import command, described_servers  # noqa: E402

LIMIT = 60
STATES = "/run/haproxy-servers"
# Columns of `show servers state`.
BACKEND, NAME, ADDRESS, PORT = 1, 3, 4, 18


def main() -> None:
    keep_states()
    with socket.socket(socket.AF_UNIX) as master:
        master.settimeout(LIMIT)
        master.connect("/run/haproxy-master.sock")
        master.sendall(b"reload\n")
        answer = b""
        while part := master.recv(65536):
            answer += part
    first, _, log = answer.decode().partition("\n")
    if first != "Success=1":
        sys.exit(f"{first}\n{log.removeprefix('--').strip()}")


def keep_states() -> None:
    """Saves the servers' states for the new worker, which otherwise considers each server up until it has checked it.
    A worker prefers a saved address to the one in its configuration, so each is saved with its new address."""
    wanted = described_servers()
    lines = []
    for line in command("show servers state").splitlines():
        columns = line.split(" ")
        if len(columns) > PORT and not line.startswith("#"):
            address = wanted.get((columns[BACKEND], columns[NAME]))
            if address is None:
                continue
            columns[ADDRESS], _, columns[PORT] = address.rpartition(":")
        lines.append(" ".join(columns))
    with open(STATES, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
