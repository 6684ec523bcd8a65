"""The plan of a run: checks, suites and budgets, from lab/suites.toml."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

from ninefold_lab.process import LabError

_TESTS = "src/lab/java/ninefold/lab"
# Tags that choose no suite: all tests of the lab have the first, and bench/run runs the second.
_COMMON_TAGS = {"lab-containers", "bench"}


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
    checkpoints: bool = False
    timed: bool = False
    needs: Mapping[str, str] = field(default_factory=dict)
    sets: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """All that can be run. `minutes` has the budget of each group of suites."""

    minutes: Mapping[str, int]
    checks: tuple[Check, ...]
    suites: tuple[Suite, ...]
    soak: tuple[Suite, ...]

    @staticmethod
    def read(file: Path) -> Plan:
        plan = tomllib.loads(file.read_text())
        try:
            checks = tuple(_check(name, entry) for name, entry in plan["checks"].items())
            suites = tuple(_suite(name, entry) for name, entry in plan["suites"].items())
            soak = tuple(_suite(name, entry) for name, entry in plan["soak"].items())
        except (KeyError, TypeError, ValueError) as error:
            raise LabError(f"{file} is not a plan: {error!r}") from None
        for part in (*checks, *suites, *soak):
            if part.group not in plan["minutes"]:
                raise LabError(
                    f"{file}: {part.name} belongs to the group {part.group}, which has no entry in"
                    " [minutes]"
                )
        return Plan(plan["minutes"], checks, suites, soak)

    def check_covers(self, root: Path) -> None:
        """Refuses a plan that leaves tests out: each tag of the lab's tests chooses some suite."""
        chosen = set(_COMMON_TAGS)
        for suite in (*self.suites, *self.soak):
            chosen.update(re.findall(r"[a-z-]+", suite.tags))
        for file in sorted((root / _TESTS).glob("*.java")):
            for tag in re.findall(r'@Tag\("([^"]+)"\)', file.read_text()):
                if tag not in chosen:
                    raise LabError(
                        f"{file.name}: no suite in lab/suites.toml runs the tests with the tag {tag}"
                    )

    def parts(self) -> tuple[Check | Suite, ...]:
        return (*self.checks, *self.suites, *self.soak)

    def budget(self) -> int:
        """Seconds for everything: the minutes of the groups that have parts."""
        groups = {part.group for part in (*self.checks, *self.suites)}
        return 60 * sum(self.minutes[group] for group in groups)


def _check(name: str, entry: Mapping[str, Any]) -> Check:
    rest = {key: value for key, value in entry.items() if key != "command"}
    return Check(name, tuple(entry["command"]), **rest)


def _suite(name: str, entry: Mapping[str, Any]) -> Suite:
    return Suite(name, **{"tags": name, **entry, "start": Start(entry["start"])})


def named(names: Sequence[str], suites: Iterable[Suite]) -> tuple[Suite, ...]:
    """The suites of these names, in this order; all of them if no name is given."""
    known = {suite.name: suite for suite in suites}
    for name in names:
        if name not in known:
            raise LabError(f"no suite is called {name}: it must be one of {', '.join(known)}")
    return tuple(known[name] for name in names or known)


def longest_first(suites: Iterable[Suite]) -> tuple[Suite, ...]:
    """Puts the longest suites first, so that no lab runs one while the others are idle."""
    return tuple(sorted(suites, key=lambda suite: -suite.seconds))
