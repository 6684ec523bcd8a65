"""What a measurement yields: figures with all their values, and tables beside them."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Figure:
    """One quantity, a value for each round.

    `aim` is what no value may exceed where `worst` is set, and the median where it is not.
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
        return (max(self.values) if self.worst else self.median) <= self.aim


@dataclass(frozen=True)
class Table:
    """What a measurement shows beside its figures."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass
class Findings:
    """All that one measurement found."""

    figures: list[Figure] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_json(tree: dict[str, Any]) -> Findings:
        return Findings(
            [Figure(**figure) for figure in tree["figures"]],
            [Table(**table) for table in tree["tables"]],
        )
