#!/usr/bin/env python3
"""haproxy-reload: has HAProxy's master start a worker with the new configuration, and says whether it did.

systemd is told of a reload that was begun; the master's socket tells how it ended.
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
        said = b""
        while part := master.recv(65536):
            said += part
    first, _, log = said.decode().partition("\n")
    if first != "Success=1":
        sys.exit(f"{first}\n{log.removeprefix('--').strip()}")


def keep_states() -> None:
    """Without its servers' states a new worker takes each for up until it has checked it. A worker believes
    the states more than its configuration, so each is written with the address that is described now."""
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
