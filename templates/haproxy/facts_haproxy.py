"""HAProxy on this balancer: its servers as it sees them, and its frontends."""

import csv
import socket

from facts_asking import PATIENCE

CONFIGURATION = "/etc/haproxy/haproxy.cfg"
SERVERS = 4


def collect(wanted: dict) -> dict:
    info = dict(line.partition(": ")[::2] for line in command("show info").splitlines() if line)
    return {
        "servers": servers(),
        "frontends": [frontend(wanted["address"], port) for port in wanted["ports"]],
        "sessions": int(info["CurrConns"]),
        "limit": int(info["Maxconn"]),
    }


def described_servers() -> dict[tuple[str, str], str]:
    """Each server's address and port by its backend and name, as the configuration has them."""
    found, backend = {}, ""
    with open(CONFIGURATION, encoding="utf-8") as file:
        for line in file:
            words = line.split()
            if words and not line[0].isspace():
                backend = words[1] if words[0] == "backend" else ""
            elif words and words[0] == "server" and backend:
                found[backend, words[1]] = words[2]
    return found


def command(words: str) -> str:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(PATIENCE)
        connection.connect("/run/haproxy/admin.sock")
        connection.sendall(f"{words}\n".encode())
        said = b""
        while part := connection.recv(65536):
            said += part
    return said.decode()


def servers() -> list[dict]:
    rows = csv.DictReader(command(f"show stat -1 {SERVERS} -1").removeprefix("# ").splitlines())
    return [server(row) for row in rows if row["pxname"]]


def server(row: dict[str, str]) -> dict:
    address, _, port = row["addr"].rpartition(":")
    return {
        "backend": row["pxname"],
        "name": row["svname"],
        "address": address,
        "port": int(port),
        # A state that is about to change comes with a count: UP 1/3.
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
