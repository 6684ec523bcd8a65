"""Does the cluster do its job? A write through the virtual address, read back from a replica."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any

from .namespace import Namespace
from .process import LabError, output_of, wait_for

REPLICATION_LIMIT = 30  # s


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
    ask(
        database["uri"],
        "create table if not exists ninefold_lab (word text, at timestamptz default now());"
        f" insert into ninefold_lab (word) values ('{word}')",
    )
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
