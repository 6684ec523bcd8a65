"""Progress lines with the time since the start of the verb."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Progress:
    """Prints progress to standard error, because standard output is for results."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._phases: list[tuple[str, float]] = []
        self._depth = 0

    def say(self, text: str) -> None:
        print(f"[{self.elapsed():6.1f} s] {text}", file=sys.stderr, flush=True)

    def elapsed(self) -> float:
        return time.monotonic() - self._start

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Measures a phase. `summary` prints the phases that are not part of another phase."""
        begin = time.monotonic()
        self._depth += 1
        self.say(f"{name} …")
        try:
            yield
        finally:
            took = time.monotonic() - begin
            self._depth -= 1
            if self._depth == 0:
                self._phases.append((name, took))
            self.say(f"{name}: {took:.1f} s")

    def summary(self) -> None:
        width = max((len(name) for name, _ in self._phases), default=0)
        for name, took in [*self._phases, ("total", self.elapsed())]:
            print(f"  {name:<{width}}  {took:7.1f} s", file=sys.stderr, flush=True)
