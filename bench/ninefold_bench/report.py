"""Reports findings: in the terminal, as JSON, and as Markdown for docs/performance.md."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ninefold_lab.process import output_of
from ninefold_lab.project import Project

from .figures import Figure, Findings, Table

_HEAD = ("figure", "median", "least to most", "rounds", "aim", "met")


class Report:
    """The results of all measurements, in a file. A repeated measurement replaces its old
    results."""

    def __init__(self, project: Project, folder: Path) -> None:
        self._project = project
        self.json = folder / "results.json"
        self.markdown = folder / "results.md"
        self._results: dict[str, Any] = {}
        if self.json.exists():
            self._results = json.loads(self.json.read_text())

    def take(self, measurement: str, findings: Findings) -> None:
        """Prints the findings and writes both files."""
        self._results[measurement] = {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "commit": self._commit(),
            "load": os.getloadavg()[0],
            "machine": _machine(),
            **findings.as_json(),
        }
        self._project.write(self.json, json.dumps(self._results, indent=2) + "\n")
        self._project.write(self.markdown, self._as_markdown())
        if findings.figures:
            print(_aligned(Table(measurement, _HEAD, [_row(f) for f in findings.figures])))
        for table in findings.tables:
            print(_aligned(table))

    def _commit(self) -> str:
        command = self._project.as_caller("git", "describe", "--always", "--dirty")
        return output_of(command, cwd=self._project.root).strip()

    def _as_markdown(self) -> str:
        parts = []
        for measurement, result in self._results.items():
            findings = Findings.from_json({key: result[key] for key in ("figures", "tables")})
            parts.append(
                f"`bench/run {measurement}`: {result['machine']}, load {result['load']:.1f} at its"
                f" end, commit {result['commit']}, {result['at']}\n"
            )
            if findings.figures:
                parts.append(_markdown(_HEAD, [_row(f) for f in findings.figures]))
            for table in findings.tables:
                parts.append(f"{table.title}\n\n{_markdown(table.head, table.rows)}")
        return "\n".join(parts)


def _machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} processors, {memory:.0f} GiB, Linux {platform.release()}"


def _row(figure: Figure) -> tuple[str, ...]:
    def written(value: float) -> str:
        return f"{value:.0f}" if figure.unit in ("MiB", "") else f"{value:.2f}"

    unit = f" {figure.unit}" if figure.unit else ""
    aim = met = ""
    if figure.aim is not None:
        aim = f"{figure.aim:g}{unit}" + (" at worst" if figure.worst else "")
        met = "yes" if figure.met else "no"
    spread = f"{written(min(figure.values))} to {written(max(figure.values))}"
    return figure.name, written(figure.median) + unit, spread, str(len(figure.values)), aim, met


def _aligned(table: Table) -> str:
    rows = [table.head, *table.rows]
    widths = [max(len(row[column]) for row in rows) for column in range(len(table.head))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return f"\n{table.title}\n\n" + "\n".join(lines) + "\n"


def _markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows)]
    return "\n".join(lines) + "\n"
