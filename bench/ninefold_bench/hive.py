"""Measures the work of several Metastores, through the virtual address and directly on the
leader."""

from __future__ import annotations

import os
import re

from ninefold_lab.process import LabError

from .figures import Figure, Findings
from .stand import Stand

_WAYS = (
    "virtual address, session pool",
    "virtual address, transaction pool",
    "straight to the leader",
)
_LINE = re.compile(
    r"bench: (.+): (\d+) transactions/s, ([\d.]+) ms median, ([\d.]+) ms at 99 %,"
    r" (\d+) client connections, (\d+) on the server"
)
_DATABASES = """
  - {name: bench_session, owner: bench, pooling: session, poolSize: 250, maxClients: 300}
  - {name: bench_transaction, owner: bench, poolSize: 35, maxClients: 300}
"""


def measure(stand: Stand, rounds: int) -> Findings:
    """Runs the JUnit class MetastoreBench, which prints a line for each way."""
    description = stand.folder / "hive.yaml"
    plain = (stand.project.root / stand.lab.description).read_text()
    app = "  - {name: app, owner: app}\n"
    if app not in plain:
        raise LabError(f"{stand.lab.description} does not contain the line {app!r} any longer")
    databases = plain.replace(app, app + _DATABASES.lstrip("\n"))
    stand.project.write(description, f"{databases}\npostgresql: {{maxConnections: 384}}\n")
    stand.need_cluster(str(description))
    stand.build(["./mvnw", "-q", "test-compile"])
    environment = {**os.environ, "NINEFOLD_DESCRIPTION": str(description)}
    found: dict[str, list[list[float]]] = {way: [] for way in _WAYS}
    for number in range(rounds):
        with stand.progress.phase("Metastore-like work"):
            command = ["./mvnw", "-o", "surefire:test", "-Dgroups=bench", "-Dtest=MetastoreBench"]
            command.append(f"-Dbench.round={number}")
            use = stand.inside(stand.project.as_caller(*command), environment, timeout=300.0)
        for way, *figures in _LINE.findall(use.output):
            found[way].append([float(figure) for figure in figures])
    if any(len(lines) != rounds for lines in found.values()):
        raise LabError(f"MetastoreBench did not report every way: {found}\n{use.output[-2000:]}")
    names = ("transactions", "median", "99th percentile", "client connections", "on the server")
    units = ("/s", "ms", "ms", "", "")
    return Findings(
        [
            Figure(f"{way}: {name}", unit, [line[column] for line in lines])
            for way, lines in found.items()
            for column, (name, unit) in enumerate(zip(names, units, strict=True))
        ]
    )
