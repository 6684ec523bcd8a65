"""Runs a command and measures its time, processor time, memory and connections."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ninefold_lab.cgroup import Cgroup
from ninefold_lab.process import LabError

_ESTABLISHED = "01"
_SSH = 22


@dataclass(frozen=True)
class Use:
    """The usage of one run of a command. Times are in seconds; `cpu` is user and system time."""

    began: float
    wall: float
    cpu: tuple[float, float]
    output: str


@dataclass
class Watch:
    """The peaks of a run: memory in bytes (the proportional set size), in total and by the name of
    the process; connections to sshd, by the machine's address and in total."""

    memory: int = 0
    memory_by_name: dict[str, int] = field(default_factory=dict)
    connections: dict[str, int] = field(default_factory=dict)
    all_connections: int = 0


class Runner:
    """Runs commands in a control group, so that their child processes are measured too."""

    def __init__(self, cgroup: Cgroup, folder: Path) -> None:
        self._cgroup = cgroup
        self._folder = folder

    def run(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        *,
        timeout: float = 1200,
        watch: Watch | None = None,
    ) -> Use:
        """Runs the command to its end.

        Raises LabError if it fails, with the last lines of its output, or if it takes longer than
        `timeout` seconds.
        """
        self._cgroup.kill()
        self._cgroup.make()
        began, start = time.time(), time.monotonic()
        process = subprocess.Popen(
            self._cgroup.command(*command),
            cwd=self._folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            with _Watching(self._cgroup, process.pid, watch):
                output, _ = process.communicate(timeout=timeout)
            wall = time.monotonic() - start
            cpu = self._cpu()
        except subprocess.TimeoutExpired:
            raise LabError(f"still running after {timeout:.0f} s: {' '.join(command)}") from None
        finally:
            self._cgroup.kill()
            process.wait()
        if process.returncode != 0:
            last = "\n  ".join(output.strip().splitlines()[-25:])
            raise LabError(f"exit code {process.returncode} of: {' '.join(command)}\n  {last}")
        return Use(began, wall, cpu, output)

    def _cpu(self) -> tuple[float, float]:
        lines = (self._cgroup.path / "cpu.stat").read_text().splitlines()
        used = {name: int(value) / 1e6 for name, value in (line.split() for line in lines)}
        return used["user_usec"], used["system_usec"]


class _Watching(threading.Thread):
    """Samples the processes of a control group several times per second."""

    _PAUSE = 0.1  # s

    def __init__(self, cgroup: Cgroup, first: int, watch: Watch | None) -> None:
        super().__init__(daemon=True)
        self._cgroup = cgroup
        self._first = first
        self._watch = watch
        self._ended = threading.Event()

    def __enter__(self) -> None:
        if self._watch:
            self.start()

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        if self._watch:
            self.join()

    def run(self) -> None:
        assert self._watch
        while not self._ended.wait(self._PAUSE):
            self._take_memory(self._watch)
            self._take_connections(self._watch)

    def _take_memory(self, watch: Watch) -> None:
        by_name: dict[str, int] = {}
        for pid in (self._cgroup.path / "cgroup.procs").read_text().split():
            try:
                name = Path(f"/proc/{pid}/comm").read_text().strip()
                by_name[name] = by_name.get(name, 0) + _proportional(pid)
            except (FileNotFoundError, ProcessLookupError):
                continue
        if sum(by_name.values()) > watch.memory:
            watch.memory, watch.memory_by_name = sum(by_name.values()), by_name

    def _take_connections(self, watch: Watch) -> None:
        """Reads the kernel's table of the network namespace in which the command runs."""
        try:
            lines = Path(f"/proc/{self._first}/net/tcp").read_text().splitlines()[1:]
        except OSError:
            return
        now: dict[str, int] = {}
        for line in lines:
            _, _, remote, state = line.split()[:4]
            address, port = remote.split(":")
            if state == _ESTABLISHED and int(port, 16) == _SSH:
                now[address] = now.get(address, 0) + 1
        for address, number in now.items():
            watch.connections[address] = max(watch.connections.get(address, 0), number)
        watch.all_connections = max(watch.all_connections, sum(now.values()))


def _proportional(pid: str) -> int:
    """The proportional set size of a process: memory that several processes map is divided."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0
