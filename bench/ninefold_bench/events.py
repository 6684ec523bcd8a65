"""Follows Pulumi's event log, to record when each resource was started and done."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .figures import Table

# The types of resources that phases consist of. A step on a machine belongs to the phase of its
# name.
_STEP = "command:remote:Command"
_CREDENTIALS = ("tls:", "random:")


@dataclass(frozen=True)
class Span:
    """The start and end of the work on a resource, in seconds from the start of the run."""

    urn: str
    start: float
    end: float

    @property
    def name(self) -> str:
        return self.urn.rpartition("::")[2]

    @property
    def phase(self) -> str | None:
        kind = self.urn.split("::")[2].rpartition("$")[2]
        if kind == _STEP:
            return self.name.partition("/")[2]
        return "credentials" if kind.startswith(_CREDENTIALS) else None


class EventLog:
    """Follows the log. Its timestamps are whole seconds, so this uses the time at which a line
    appears."""

    _PAUSE = 0.01  # s

    def __init__(self, file: Path) -> None:
        self._file = file
        self._started: dict[str, float] = {}
        self._done: dict[str, float] = {}
        self._ended = threading.Event()
        file.unlink(missing_ok=True)
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()

    def spans(self, began: float) -> list[Span]:
        """The finished resources, sorted by their start. Call it when the run has ended."""
        self._ended.set()
        self._thread.join()
        self._file.unlink(missing_ok=True)
        spans = [
            Span(urn, start - began, self._done[urn] - began)
            for urn, start in self._started.items()
            if urn in self._done
        ]
        return sorted(spans, key=lambda span: span.start)

    def _follow(self) -> None:
        rest, position = b"", 0
        while True:
            last = self._ended.is_set()
            if self._file.exists():
                with self._file.open("rb") as log:
                    log.seek(position)
                    new = log.read()
                position += len(new)
                *lines, rest = (rest + new).split(b"\n")
                now = time.time()
                for line in lines:
                    self._take(line, now)
            if last:
                return
            time.sleep(self._PAUSE)

    def _take(self, line: bytes, now: float) -> None:
        # Most lines are debug messages. Parsing them would take too long.
        if b'"resourcePreEvent"' in line:
            self._started.setdefault(_urn(json.loads(line)["resourcePreEvent"]), now)
        elif b'"resOutputsEvent"' in line:
            self._done[_urn(json.loads(line)["resOutputsEvent"])] = now


def _urn(event: dict[str, Any]) -> str:
    return str(event["metadata"]["urn"])


def phases(spans: Iterable[Span], wall: float, title: str) -> Table:
    """The start and end of each phase over all machines, and its longest step."""
    by_phase: dict[str, list[Span]] = {}
    for span in spans:
        if span.phase:
            by_phase.setdefault(span.phase, []).append(span)
    rows = [("program starts", "0.0", _s(min(s.start for s in spans)), "", "")]
    for phase, of_phase in sorted(by_phase.items(), key=lambda item: _begins(item[1])):
        longest = max(of_phase, key=lambda span: span.end - span.start)
        rows.append(
            (
                phase,
                _s(_begins(of_phase)),
                _s(max(span.end for span in of_phase)),
                str(len(of_phase)),
                f"{longest.end - longest.start:.1f} s, {longest.name}",
            )
        )
    rows.append(("state and outputs", _s(max(s.end for s in spans)), _s(wall), "", ""))
    return Table(title, ("phase", "from s", "to s", "resources", "longest"), rows)


def critical_path(
    spans: Sequence[Span], resources: Sequence[dict[str, Any]], wall: float, title: str
) -> Table:
    """The chain of resources that determined the end of the run: each waited for the one before."""
    by_urn = {span.urn: span for span in spans}
    needs = {resource["urn"]: resource.get("dependencies", []) for resource in resources}
    at: Span | None = max((span for span in spans if span.phase), key=lambda span: span.end)
    chain: list[Span] = []
    while at:
        chain.append(at)
        before = [by_urn[urn] for urn in needs.get(at.urn, []) if urn in by_urn]
        at = max(before, key=lambda span: span.end, default=None)
    rows, ended = [], 0.0
    for span in reversed(chain):
        # The time between two steps is Pulumi's own work, or the wait for a parallel slot.
        rows.append((span.name, _s(span.start - ended), _s(span.end - span.start), _s(span.end)))
        ended = span.end
    rows.append(("(end)", _s(wall - ended), "", _s(wall)))
    return Table(title, ("step", "waited s", "took s", "done at s"), rows)


def _begins(spans: Iterable[Span]) -> float:
    return min(span.start for span in spans)


def _s(seconds: float) -> str:
    return f"{seconds:.1f}"
