#!/usr/bin/env python3
"""haproxy-effective PORT…: checks that HAProxy runs with the servers of its configuration, and accepts connections on
these ports. Prints each difference."""

import sys

sys.dont_write_bytecode = True
from facts_haproxy import described_servers, frontend, servers  # noqa: E402


def main() -> None:
    effective = {
        (server["backend"], server["name"]): f"{server['address']}:{server['port']}"
        for server in servers()
    }
    wrong = [
        f"server {name} of {backend} is at {effective.get((backend, name))}, not at {address}"
        for (backend, name), address in described_servers().items()
        if effective.get((backend, name)) != address
    ]
    closed = [port for port in map(int, sys.argv[1:]) if not frontend("127.0.0.1", port)["accepts"]]
    wrong += [f"nothing accepts connections on port {port}" for port in closed]
    if wrong:
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main()
