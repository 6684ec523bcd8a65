"""The outcomes of a run's parts, and their table."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path


class Verdict(StrEnum):
    PASSED = "passed"
    FAILED = "FAILED"
    NOT_RUN = "NOT RUN"


@dataclass(frozen=True)
class Outcome:
    """How a check or suite ended, and its time and budget in seconds."""

    name: str
    verdict: Verdict
    took: float
    budget: int


@dataclass(frozen=True)
class Run:
    """The outcomes from the first check to the last suite, and the time and budget in seconds."""

    outcomes: tuple[Outcome, ...]
    took: float
    budget: int

    def named(self, verdict: Verdict) -> list[str]:
        return [outcome.name for outcome in self.outcomes if outcome.verdict == verdict]

    def table(self) -> str:
        lines = [_row("", "time", "budget", "")]
        for outcome in self.outcomes:
            lines.append(_line(outcome.name, outcome.took, outcome.budget, outcome.verdict.value))
        lines.append(_line("from first to last", self.took, self.budget, ""))
        return "\n".join(lines)

    def write(self, file: Path) -> None:
        file.write_text(json.dumps(asdict(self), indent=2) + "\n")

    @staticmethod
    def read(file: Path) -> Run:
        run = json.loads(file.read_text())
        outcomes = (
            Outcome(o["name"], Verdict(o["verdict"]), o["took"], o["budget"])
            for o in run["outcomes"]
        )
        return Run(tuple(outcomes), run["took"], run["budget"])


def in_order(outcomes: Iterable[Outcome], names: Iterable[str]) -> tuple[Outcome, ...]:
    """Sorts outcomes into the order of the names."""
    place = {name: number for number, name in enumerate(names)}
    return tuple(sorted(outcomes, key=lambda outcome: place[outcome.name]))


def _line(name: str, took: float, budget: int, verdict: str) -> str:
    over = f"{took / budget - 1:.0%} over its budget" if took > budget else ""
    return _row(name, f"{took:.0f} s", f"{budget} s", ", ".join(filter(None, (verdict, over))))


def _row(name: str, took: str, budget: str, remark: str) -> str:
    return f"{name:<20}{took:>9}{budget:>9}  {remark}".rstrip()
