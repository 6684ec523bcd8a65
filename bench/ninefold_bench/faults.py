"""The longest gap between two acknowledged writes, as a client meets it, fault by fault."""

from __future__ import annotations

import os
import re

from ninefold_lab.process import LabError

from .figures import Figure, Findings
from .stand import Stand

# Seconds that no round may exceed under `failover: fast`.
_AIMS = {"switchover": 2.0, "kill -9 of the postmaster": 5.0, "power cut of the leader": 25.0}


def measure(stand: Stand, rounds: int) -> Findings:
    """Runs the JUnit class FailoverBench, which prints a line for each round of each fault."""
    description = stand.folder / "fast.yaml"
    plain = (stand.project.root / stand.lab.description).read_text()
    stand.project.write(description, f"{plain}\nfailover: fast\n")
    stand.need_cluster(str(description))
    environment = {**os.environ, "NINEFOLD_DESCRIPTION": str(description)}
    stand.build(["./mvnw", "-q", "test-compile"])
    with stand.progress.phase(f"faults, {rounds} rounds"):
        use = stand.inside(
            stand.project.as_caller(
                "./mvnw",
                "-o",
                "surefire:test",
                "-Dgroups=bench",
                "-Dtest=FailoverBench",
                f"-Dbench.rounds={rounds}",
            ),
            environment,
            limit=300.0 + 180 * rounds,
        )
    gaps: dict[str, list[float]] = {}
    for fault, millis in re.findall(r"^.*bench: (.+): (\d+) ms$", use.output, re.MULTILINE):
        gaps.setdefault(fault, []).append(int(millis) / 1000)
    if set(gaps) != set(_AIMS) or any(len(found) != rounds for found in gaps.values()):
        raise LabError(f"FailoverBench told not all rounds: {gaps}\n{use.output[-2000:]}")
    return Findings(
        [
            Figure(f"{fault}: longest write gap", "s", gaps[fault], aim, worst=True)
            for fault, aim in _AIMS.items()
        ]
    )
