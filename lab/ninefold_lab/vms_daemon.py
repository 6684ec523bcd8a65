"""The libvirt that runs the lab's machines: one of the lab's own, or the workstation's."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from .namespace import Namespace
from .process import LabError, output_of, wait_for
from .project import Project

START_LIMIT = 30  # s
_LONGEST_SOCKET_PATH = 107  # bytes; the kernel's limit


class Libvirt:
    """A daemon of the lab's own, in the lab's network, with folders and a socket of its own."""

    def __init__(self, project: Project, folder: Path, namespace: Namespace) -> None:
        self._project = project
        self._folder = folder / "libvirt"
        self._namespace = namespace

    @property
    def uri(self) -> str:
        return f"qemu+unix:///system?socket={self._socket}"

    @property
    def log(self) -> Path:
        return self._folder / "log/libvirtd.log"

    @property
    def _socket(self) -> Path:
        return self._folder / "run/libvirt-sock"

    def is_running(self) -> bool:
        return self._namespace.exists() and self._answers()

    def start(self) -> None:
        if len(os.fsencode(self._socket)) > _LONGEST_SOCKET_PATH:
            raise LabError(
                f"{self._socket}: longer than a socket's path may be ({_LONGEST_SOCKET_PATH}"
                " bytes): move the project to a shorter path"
            )
        if self.is_running():
            return
        self._project.make_folder(self._folder)
        if not self._namespace.processes():
            # The host was restarted: what the daemon noted of its last run is no more.
            shutil.rmtree(self._folder / "run", ignore_errors=True)
        script = str(self._project.root / "lab/vms/start-libvirt")
        unshare = ["unshare", "--mount", "--propagation", "private"]
        output_of(
            self._namespace.enter(*unshare, script, str(self._folder)), timeout=START_LIMIT
        )
        wait_for(self._answers, f"libvirt to answer on {self._socket} (see {self.log})", START_LIMIT)
        # Pulumi, which runs as the caller, makes the machines.
        self._project.give_to_owner(self._socket)

    def virsh(self, *arguments: str, timeout: float = 60) -> str:
        return output_of(["virsh", "-q", "-c", self.uri, *arguments], timeout=timeout)

    def domain_of(self, node: str) -> str | None:
        """The name of the node's domain: the stack's name comes before it."""
        if not self.is_running():
            return None
        names = self.virsh("list", "--all", "--name").split()
        return next((name for name in names if name.endswith(f"-{node}")), None)

    def _answers(self) -> bool:
        if not self._socket.exists():
            return False
        command = ["virsh", "-q", "-c", self.uri, "uri"]
        try:
            return subprocess.run(command, capture_output=True, timeout=10).returncode == 0
        except FileNotFoundError:
            raise LabError("virsh is not installed: run toolchain/system-packages") from None
        except subprocess.TimeoutExpired:
            return False
