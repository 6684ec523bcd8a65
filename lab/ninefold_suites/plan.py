"""What there is to run, and how long it may take: lab/suites.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

from ninefold_lab.process import LabError


class Start(Enum):
    """What a suite starts from."""

    CLUSTER = "cluster"
    MACHINES = "machines"


@dataclass(frozen=True)
class Check:
    """A command that needs no lab of the runner's."""

    name: str
    command: tuple[str, ...]
    seconds: int
    group: str = "today"


@dataclass(frozen=True)
class Suite:
    """JUnit tests with common tags, in a lab."""

    name: str
    start: Start
    seconds: int
    tags: str
    group: str = "today"
    append: str = ""
    needs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    minutes: Mapping[str, int]
    checks: tuple[Check, ...]
    suites: tuple[Suite, ...]
    soak: tuple[Suite, ...]

    @staticmethod
    def read(file: Path) -> Plan:
        plan = tomllib.loads(file.read_text())
        checks = tuple(_check(name, entry) for name, entry in plan["checks"].items())
        suites = tuple(_suite(name, entry) for name, entry in plan["suites"].items())
        soak = tuple(_suite(name, entry) for name, entry in plan["soak"].items())
        for part in (*checks, *suites, *soak):
            if part.group not in plan["minutes"]:
                raise LabError(f"{file}: {part.name} is of the group {part.group}, without minutes")
        return Plan(plan["minutes"], checks, suites, soak)

    def budget(self) -> int:
        """Seconds that everything together may take: the minutes of the groups that have parts."""
        groups = {part.group for part in (*self.checks, *self.suites)}
        return 60 * sum(self.minutes[group] for group in groups)


def _check(name: str, entry: dict[str, Any]) -> Check:
    return Check(name, tuple(entry.pop("command")), **entry)


def _suite(name: str, entry: dict[str, Any]) -> Suite:
    start = Start(entry.pop("start"))
    return Suite(name, start, tags=entry.pop("tags", name), **entry)


def named(names: Sequence[str], suites: Iterable[Suite]) -> tuple[Suite, ...]:
    """The suites of these names, in this order; all of them if no name is given."""
    known = {suite.name: suite for suite in suites}
    for name in names:
        if name not in known:
            raise LabError(f"no suite is called {name}: it must be one of {', '.join(known)}")
    return tuple(known[name] for name in names or known)


def longest_first(suites: Iterable[Suite]) -> tuple[Suite, ...]:
    """An order in which no long suite is left for the end, when only one lab is busy."""
    return tuple(sorted(suites, key=lambda suite: -suite.seconds))
