"""Programs that the runner starts, and can end with all that they have started."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO


class Interrupted(Exception):
    """The run is being ended: nothing is started any longer."""


class Programs:
    """Runs programs from several threads; `end` stops them all, and no other starts."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
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
        with self._lock:
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
        try:
            return program.wait()
        finally:
            with self._lock:
                self._running.discard(program)

    def end(self) -> None:
        """Ends all that runs. Programs that are run to clean up come after `begin_clean_up`."""
        with self._lock:
            self._ended = True
            for program in self._running:
                os.killpg(program.pid, signal.SIGTERM)

    def begin_clean_up(self) -> None:
        with self._lock:
            self._ended = False
