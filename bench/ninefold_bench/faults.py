"""Measures the longest gap between two acknowledged writes of a client, for each fault."""

from __future__ import annotations

import os
import re

from ninefold_lab.process import LabError

from .figures import Figure, Findings
from .stand import Stand

_PROFILES = ("normal", "fast")
# The tests of FailoverBench.
_FAULTS = 6

_LINE = re.compile(r"^.*bench: (\w+): (.+): (\d+) ms of (\d+) ms$", re.MULTILINE)


def measure(stand: Stand, rounds: int) -> Findings:
    """Runs FailoverBench with each profile. It prints the gaps and the aims."""
    figures: list[Figure] = []
    for profile in _PROFILES:
        figures += _figures(profile, rounds, _output(stand, profile, rounds))
    return Findings(figures)


def _output(stand: Stand, profile: str, rounds: int) -> str:
    """Runs the JUnit class FailoverBench, which prints a line for each round of each fault."""
    description = stand.folder / f"{profile}.yaml"
    plain = (stand.project.root / stand.lab.description).read_text()
    stand.project.write(description, f"{plain}\nfailover: {profile}\n")
    stand.need_cluster(str(description))
    environment = {**os.environ, "NINEFOLD_DESCRIPTION": str(description)}
    stand.build(["./mvnw", "-q", "test-compile"])
    command = ["./mvnw", "-o", "surefire:test", "-Dgroups=bench", "-Dtest=FailoverBench"]
    command += [f"-Dbench.rounds={rounds}", "-Dwrites.rate=200"]
    with stand.progress.phase(f"faults under {profile}, {rounds} rounds"):
        use = stand.inside(
            stand.project.as_caller(*command), environment, timeout=300.0 + 240 * rounds
        )
    return use.output


def _figures(profile: str, rounds: int, output: str) -> list[Figure]:
    """A figure for each fault in the output."""
    gaps: dict[tuple[str, float], list[float]] = {}
    for name, fault, gap, aim in _LINE.findall(output):
        if name == profile:
            gaps.setdefault((fault, int(aim) / 1000), []).append(int(gap) / 1000)
    if len(gaps) != _FAULTS or any(len(found) != rounds for found in gaps.values()):
        raise LabError(f"FailoverBench did not report every round: {gaps}\n{output[-2000:]}")
    return [
        Figure(f"{profile}: {fault}: longest write gap", "s", found, aim, worst=True)
        for (fault, aim), found in gaps.items()
    ]
