"""The results of a measurement: figures with all their values, and tables."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Figure:
    """One quantity, with a value for each round.

    The median must not exceed `aim`; with `worst`, no value may.
    """

    name: str
    unit: str
    values: Sequence[float]
    aim: float | None = None
    worst: bool = False

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def met(self) -> bool | None:
        if self.aim is None:
            return None
        return self._judged <= self.aim

    @property
    def verdict(self) -> str:
        """The result and the aim."""
        return f"{self.name}: {self._judged:.2f} {self.unit}, the aim is {self.aim:g} {self.unit}"

    @property
    def _judged(self) -> float:
        return max(self.values) if self.worst else self.median


@dataclass(frozen=True)
class Table:
    """A table that a measurement prints in addition to its figures."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass
class Findings:
    """The results of one measurement."""

    figures: list[Figure] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)

    def missed(self) -> list[str]:
        """The aims that were missed."""
        return [figure.verdict for figure in self.figures if figure.met is False]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_json(tree: dict[str, Any]) -> Findings:
        return Findings(
            [Figure(**figure) for figure in tree["figures"]],
            [Table(**table) for table in tree["tables"]],
        )
