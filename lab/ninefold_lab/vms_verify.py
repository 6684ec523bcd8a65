"""Does the cluster do its job? A write through the virtual address, read back from a replica."""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path
from typing import Any

from .namespace import Namespace
from .process import LabError, output_of, wait_for

REPLICATION_LIMIT = 30  # s
SERVES_LIMIT = 60  # s; a failover in a slow moment is no fault


def check(outputs: dict[str, Any], namespace: Namespace, folder: Path) -> None:
    """Raises a LabError that says which part of the way does not work."""
    authority = folder / "authority.crt"
    authority.write_text(outputs["authorityCertificate"])
    database = outputs["databases"][0]
    environment = {
        **os.environ,
        "PGPASSWORD": outputs["passwords"][database["user"]],
        "PGSSLROOTCERT": str(authority),
        "PGCONNECT_TIMEOUT": "20",
    }

    def ask(uri: str, sql: str) -> str:
        here = uri.replace("sslrootcert=authority.crt", f"sslrootcert={authority}")
        psql = ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", here, "-c", sql]
        return output_of(namespace.enter(*psql), env=environment, timeout=60).strip()

    word = secrets.token_hex(8)
    refused: list[str] = []

    def written() -> bool:
        try:
            ask(
                database["uri"],
                "create table if not exists ninefold_lab (word text, at timestamptz default now());"
                f" insert into ninefold_lab (word) values ('{word}')",
            )
        except LabError as e:
            refused.append(str(e))
            print(f"not yet: {e}", file=sys.stderr)
            return False
        return True

    try:
        wait_for(written, "a write to be accepted", SERVES_LIMIT, pause=1)
    except LabError as e:
        raise LabError(f"{e}: {refused[-1]}") from None
    if ask(database["readOnlyUri"], "select pg_is_in_recovery()") != "t":
        raise LabError(
            f"{outputs['readOnlyEndpoint']}: the leader answered, no replica did:"
            " lab/lab vms status shows which nodes run"
        )
    wait_for(
        lambda: ask(
            database["readOnlyUri"], f"select word from ninefold_lab where word = '{word}'"
        ),
        "the write to arrive on a replica",
        REPLICATION_LIMIT,
        pause=0.2,
    )
    ask(database["uri"], "drop table ninefold_lab")
