"""Control groups. Every process of the lab is in one, so that the lab can find and end all of
them."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path

from .process import LabError, wait_for


def hierarchy() -> Path:
    """The mount point of cgroup2 on this host."""
    for line in Path("/proc/self/mounts").read_text().splitlines():
        _, target, kind, *_ = line.split()
        if kind == "cgroup2":
            return Path(target)
    raise LabError(
        "no cgroup2 file system is mounted on this machine: mkdir -p /sys/fs/cgroup/unified &&"
        " mount -t cgroup2 cgroup2 /sys/fs/cgroup/unified"
    )


class Cgroup:
    """A control group, including the groups below it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def child(self, name: str) -> Cgroup:
        return Cgroup(self.path / name)

    def children(self) -> list[Cgroup]:
        if not self.path.is_dir():
            return []
        return [Cgroup(entry) for entry in sorted(self.path.iterdir()) if entry.is_dir()]

    def make(self) -> None:
        self.path.mkdir(parents=True, exist_ok=True)

    def command(self, *command: str) -> list[str]:
        """A command line that runs the command, and all processes that it starts, in this group."""
        return ["sh", "-c", 'echo $$ >"$0/cgroup.procs" && exec "$@"', str(self.path), *command]

    def is_populated(self) -> bool:
        """Whether a process is in this group or in one below it."""
        try:
            return "populated 1" in (self.path / "cgroup.events").read_text()
        except FileNotFoundError:
            return False

    def signal(self, name: str, number: signal.Signals) -> None:
        """Sends a signal to the processes with that name."""
        for folder, _, _ in os.walk(self.path):
            for process in _words(Path(folder) / "cgroup.procs"):
                if _words(Path("/proc") / process / "comm") == [name]:
                    with suppress(ProcessLookupError):
                        os.kill(int(process), number)

    def kill(self) -> None:
        """Kills all its processes at once, then removes the group."""
        if not self.path.is_dir():
            return
        (self.path / "cgroup.kill").write_text("1")
        wait_for(lambda: not self.is_populated(), f"the processes in {self.path} to end", 30)
        wait_for(self._remove, f"the control group {self.path} to be removed", 10)

    def _remove(self) -> bool:
        for folder, _, _ in os.walk(self.path, topdown=False):
            try:
                Path(folder).rmdir()
            except OSError:
                return False
        return True


def _words(file: Path) -> list[str]:
    """The words in one of the kernel's files about a process; none if the process has ended."""
    try:
        return file.read_text().split()
    except OSError:
        return []
