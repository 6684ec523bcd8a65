"""Programs that the runner starts, and can end together with their child processes."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO


class Interrupted(Exception):
    """The run is ending, so no program may start."""


class Programs:
    """Runs programs from several threads. `end` stops them all, and prevents new ones."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[bytes]] = set()
        self._ended = False
        self._cleaning_up = False

    def run(
        self,
        command: Sequence[str],
        folder: Path,
        log: IO[bytes],
        environment: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> int:
        """Runs a command; returns its exit code, or 124 if it had to be ended after `timeout`
        seconds."""
        self._check()
        program = subprocess.Popen(
            # If the runner is killed, its programs receive SIGTERM.
            ["setpriv", "--pdeathsig", "TERM", "--", *command],
            cwd=folder,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._running.add(program)
        if self._ended and not self._cleaning_up:  # `end` ran just before this, and missed it
            _end(program)
        try:
            code = program.wait(timeout)
        except subprocess.TimeoutExpired:
            _end(program)
            program.wait()
            log.write(f"\nended after its timeout of {timeout:.0f} s\n".encode())
            code = 124
        finally:
            self._running.discard(program)
        self._check()
        return code

    def end(self, *_: object) -> None:
        """Ends all programs, except during the clean-up. Can be used as a signal handler."""
        self._ended = True
        if not self._cleaning_up:
            for program in tuple(self._running):
                _end(program)

    def has_ended(self) -> bool:
        return self._ended

    def begin_clean_up(self) -> None:
        """Allows programs again, for the clean-up."""
        self._cleaning_up = True

    def _check(self) -> None:
        if self._ended and not self._cleaning_up:
            raise Interrupted


def _end(program: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(program.pid, signal.SIGTERM)
