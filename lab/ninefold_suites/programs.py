"""Programs that the runner starts, and can end with all that they have started."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO


class Interrupted(Exception):
    """The run is being ended: nothing is started any longer."""


class Programs:
    """Runs programs from several threads; `end` stops them all, and no other starts."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[bytes]] = set()
        self._ended = False

    def run(
        self,
        command: Sequence[str],
        folder: Path,
        log: IO[bytes],
        environment: Mapping[str, str] | None = None,
    ) -> int:
        """Runs a command to its end, and returns its exit code."""
        if self._ended:
            raise Interrupted
        program = subprocess.Popen(
            # Where the runner itself is killed, its programs go too.
            ["setpriv", "--pdeathsig", "TERM", "--", *command],
            cwd=folder,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._running.add(program)
        if self._ended:  # meanwhile: it was not among those that were ended
            os.killpg(program.pid, signal.SIGTERM)
        try:
            code = program.wait()
        finally:
            self._running.discard(program)
        if self._ended:
            raise Interrupted
        return code

    def end(self, *_: object) -> None:
        """Ends all that runs, and starts nothing else; it can be a handler of signals."""
        self._ended = True
        for program in tuple(self._running):
            with suppress(ProcessLookupError):
                os.killpg(program.pid, signal.SIGTERM)

    def has_ended(self) -> bool:
        return self._ended

    def begin_clean_up(self) -> None:
        """Programs can be run again: those that take away what is left."""
        self._ended = False
