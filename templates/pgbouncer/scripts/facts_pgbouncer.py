"""PgBouncer on this node, from its console."""

import csv

from facts_asking import as_user

MARK = "---"
SHOWN = ("CONFIG", "DATABASES", "POOLS")


def collect(wanted: dict) -> dict:
    config, databases, pools = console(wanted["port"])
    return {
        "answers": True,
        "config": {row["key"]: row["value"] for row in config},
        "databases": [database(row) for row in databases if row["host"]],
        "pools": [pool(row) for row in pools if row["database"] != "pgbouncer"],
    }


def console(port: int) -> list[list[dict[str, str]]]:
    """The rows of each SHOW."""
    commands = [part for what in SHOWN for part in ("-c", f"SHOW {what}", "-c", f"\\echo {MARK}")]
    here = f"host=/run/pgbouncer port={port} dbname=pgbouncer requirepeer=pgbouncer"
    psql = ("psql", "--csv", "-Xq", "-d", here)
    printed = as_user("pgbouncer", *psql, *commands)
    return [list(csv.DictReader(part.splitlines())) for part in printed.split(f"{MARK}\n")[: len(SHOWN)]]


def database(row: dict[str, str]) -> dict:
    return {
        "name": row["name"],
        "host": row["host"],
        "port": int(row["port"]),
        "pool_size": int(row["pool_size"]),
        "pool_mode": row["pool_mode"],
        "max_db_client_connections": int(row["max_client_connections"]),
    }


def pool(row: dict[str, str]) -> dict:
    return {
        "database": row["database"],
        "user": row["user"],
        "waiting": int(row["cl_waiting"]),
        "longest": int(row["maxwait"]),
    }
