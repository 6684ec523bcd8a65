"""HAProxy on this balancer: its servers with their states, and its frontends."""

import csv
import socket

from facts_asking import PATIENCE

CONFIGURATION = "/etc/haproxy/haproxy.cfg"
FRONTENDS, SERVERS = 1, 4


def collect(wanted: dict) -> dict:
    fullest = max(clients(), key=lambda row: int(row["scur"]) / int(row["slim"]))
    return {
        "servers": servers(),
        "frontends": [frontend(wanted["address"], port) for port in wanted["ports"]],
        # These are of the port that is nearest to its limit.
        "sessions": int(fullest["scur"]),
        "limit": int(fullest["slim"]),
    }


def described_servers() -> dict[tuple[str, str], str]:
    """Each server's ADDRESS:PORT in the configuration, by backend and name."""
    found, backend = {}, ""
    with open(CONFIGURATION, encoding="utf-8") as file:
        for line in file:
            words = line.split()
            if words and not line[0].isspace():
                backend = words[1] if words[0] == "backend" else ""
            elif words and words[0] == "server" and backend:
                found[backend, words[1]] = words[2]
    return found


def command(text: str) -> str:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(PATIENCE)
        connection.connect("/run/haproxy/admin.sock")
        connection.sendall(f"{text}\n".encode())
        answer = b""
        while part := connection.recv(65536):
            answer += part
    return answer.decode()


def clients() -> list[dict[str, str]]:
    """The statistics of the frontends that clients of PostgreSQL use."""
    return [row for row in statistics(FRONTENDS) if row["pxname"] in ("read-write", "read-only")]


def servers() -> list[dict]:
    return [server(row) for row in statistics(SERVERS)]


def statistics(kind: int) -> list[dict[str, str]]:
    rows = csv.DictReader(command(f"show stat -1 {kind} -1").removeprefix("# ").splitlines())
    return [row for row in rows if row["pxname"]]


def server(row: dict[str, str]) -> dict:
    address, _, port = row["addr"].rpartition(":")
    return {
        "backend": row["pxname"],
        "name": row["svname"],
        "address": address,
        "port": int(port),
        # While checks are about to change a state, it has a count: UP 1/3.
        "status": row["status"].split(" ")[0],
        "check": f"{row['check_status']} {row['last_chk']}".strip(),
        "sessions": int(row["scur"]),
    }


def frontend(address: str, port: int) -> dict:
    try:
        with socket.create_connection((address, port), timeout=PATIENCE):
            return {"port": port, "accepts": True}
    except OSError:
        return {"port": port, "accepts": False}
