"""Checks that the cluster works: writes through the virtual address, and reads from a replica."""

from __future__ import annotations

import os
import secrets
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .namespace import Namespace
from .process import LabError, output_of, wait_for

REPLICATION_TIMEOUT = 30  # s
SERVES_TIMEOUT = 60  # s; a failover on a slow machine is not an error
CONNECT_TIMEOUT = 20  # s; TLS is slow on an emulated machine


def check(outputs: dict[str, Any], namespace: Namespace, folder: Path) -> None:
    """Raises a LabError with the part that does not work."""
    authority = folder / "authority.crt"
    authority.write_text(outputs["authorityCertificate"])
    database = outputs["databases"][0]
    environment = {**os.environ, "PGPASSWORD": outputs["passwords"][database["user"]]}

    def ask(uri: str, sql: str) -> str:
        here = uri.replace("sslrootcert=authority.crt", f"sslrootcert={authority}").replace(
            "connect_timeout=5", f"connect_timeout={CONNECT_TIMEOUT}"
        )
        psql = ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", here, "-c", sql]
        return output_of(namespace.enter(*psql), env=environment, timeout=60).strip()

    def answer(uri: str, sql: str) -> str:
        return _in_the_end(lambda: ask(uri, sql))

    word = secrets.token_hex(8)
    answer(
        database["uri"],
        "create table if not exists ninefold_lab (word text, at timestamptz default now());"
        f" insert into ninefold_lab (word) values ('{word}')",
    )
    if answer(database["readOnlyUri"], "select pg_is_in_recovery()") != "t":
        raise LabError(
            f"{outputs['readOnlyEndpoint']}: the leader answered instead of a replica:"
            " run lab/lab KIND status to see which nodes run"
        )
    wait_for(
        lambda: answer(
            database["readOnlyUri"], f"select word from ninefold_lab where word = '{word}'"
        ),
        "the write to arrive on a replica",
        REPLICATION_TIMEOUT,
        pause=0.2,
    )
    answer(database["uri"], "drop table if exists ninefold_lab")


def _in_the_end(question: Callable[[], str]) -> str:
    """Asks again until there is an answer or SERVES_TIMEOUT has passed; prints each new error."""
    deadline = time.monotonic() + SERVES_TIMEOUT
    last = ""
    while True:
        try:
            return question()
        except LabError as e:
            if time.monotonic() > deadline:
                raise
            if str(e) != last:
                last = str(e)
                print(f"not yet: {last}", file=sys.stderr)
            time.sleep(1)
