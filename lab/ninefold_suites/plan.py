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
# Tags that belong to no suite: all tests of the lab have the first, and bench/run runs the second.
_COMMON_TAGS = {"lab-containers", "bench"}


class Start(Enum):
    """The state of the lab in which a suite starts."""

    CLUSTER = "cluster"
    MACHINES = "machines"


@dataclass(frozen=True)
class Check:
    """A command that needs none of the runner's labs."""

    name: str
    command: tuple[str, ...]
    seconds: int
    group: str = "today"


@dataclass(frozen=True)
class Suite:
    """JUnit tests with common tags, which run in a lab."""

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
    """All checks and suites. `minutes` is the budget of each group."""

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
            raise LabError(f"{file} is not a valid plan: {error!r}") from None
        parts: tuple[Check | Suite, ...] = (*checks, *suites, *soak)
        for part in parts:
            if part.group not in plan["minutes"]:
                raise LabError(
                    f"{file}: {part.name} belongs to the group {part.group}, which has no entry in"
                    " [minutes]"
                )
        return Plan(plan["minutes"], checks, suites, soak)

    def require_suite_for_each_tag(self, root: Path) -> None:
        """Refuses a plan that omits tests: a suite must run each tag of the lab's tests."""
        selected = set(_COMMON_TAGS)
        for suite in (*self.suites, *self.soak):
            selected.update(re.findall(r"[a-z-]+", suite.tags))
        files = sorted((root / _TESTS).glob("*.java"))
        if not files:
            raise LabError(f"{_TESTS} contains no tests: correct it in lab/ninefold_suites/plan.py")
        for file in files:
            for tag in re.findall(r'@Tag\("([^"]+)"\)', file.read_text()):
                if tag not in selected:
                    raise LabError(
                        f"{file.name}: no suite in lab/suites.toml runs tests with the tag {tag}"
                    )

    def parts(self) -> tuple[Check | Suite, ...]:
        return (*self.checks, *self.suites, *self.soak)

    def budget(self) -> int:
        """The seconds for all checks and suites: the sum of their groups' budgets."""
        parts: tuple[Check | Suite, ...] = (*self.checks, *self.suites)
        return 60 * sum(self.minutes[group] for group in {part.group for part in parts})


def _check(name: str, entry: Mapping[str, Any]) -> Check:
    rest = {key: value for key, value in entry.items() if key != "command"}
    return Check(name, tuple(entry["command"]), **rest)


def _suite(name: str, entry: Mapping[str, Any]) -> Suite:
    return Suite(name, **{"tags": name, **entry, "start": Start(entry["start"])})


def named(names: Sequence[str], suites: Iterable[Suite]) -> tuple[Suite, ...]:
    """The suites with these names, in this order; without names, all suites."""
    known = {suite.name: suite for suite in suites}
    for name in names:
        if name not in known:
            raise LabError(f"there is no suite {name}: the suites are {', '.join(known)}")
    return tuple(known[name] for name in names or known)


def longest_first(suites: Iterable[Suite]) -> tuple[Suite, ...]:
    """Sorts the longest suites first, so that the labs finish at about the same time."""
    return tuple(sorted(suites, key=lambda suite: -suite.seconds))
