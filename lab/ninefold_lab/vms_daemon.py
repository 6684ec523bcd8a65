"""The libvirt that runs the lab's machines: the workstation's, or one of the lab's own."""

from __future__ import annotations

import abc
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from .namespace import Namespace
from .process import LabError, output_of, wait_for
from .project import Project

START_TIMEOUT = 30  # s
_LONGEST_SOCKET_PATH = 107  # bytes; the kernel's limit


class Libvirt(abc.ABC):
    """A libvirt daemon."""

    uri: str

    @abc.abstractmethod
    def start(self) -> None:
        """Makes sure that the daemon answers."""

    @abc.abstractmethod
    def is_running(self) -> bool:
        """Whether the daemon answers."""

    def virsh(self, *arguments: str, timeout: float = 60) -> str:
        return output_of(["virsh", "-q", "-c", self.uri, *arguments], timeout=timeout)

    def domains(self, *options: str) -> set[str]:
        """The names of its domains; empty if the daemon does not run."""
        return set(self.virsh("list", *options, "--name").split()) if self.is_running() else set()


class WorkstationLibvirt(Libvirt):
    """The workstation's own daemon. It serves others too, so the lab does not change it."""

    uri = "qemu:///system"

    def start(self) -> None:
        if not self.is_running():
            raise LabError(
                f"the workstation's libvirt ({self.uri}), which has this lab's machines, does not"
                " answer: look at systemctl status libvirtd"
            )

    def is_running(self) -> bool:
        return _answers(self.uri)


class OwnLibvirt(Libvirt):
    """A daemon of the lab's own, in the lab's network, with folders and a socket of its own."""

    def __init__(self, project: Project, folder: Path, namespace: Namespace) -> None:
        self._project = project
        self._folder = folder / "libvirt"
        self._namespace = namespace
        self.uri = f"qemu+unix:///system?socket={self._socket}"

    @property
    def log(self) -> Path:
        return self._folder / "log/libvirtd.log"

    @property
    def _socket(self) -> Path:
        return self._folder / "run/libvirt-sock"

    def is_running(self) -> bool:
        return self._namespace.exists() and self._listens()

    def start(self) -> None:
        if len(os.fsencode(self._socket)) > _LONGEST_SOCKET_PATH:
            raise LabError(
                f"{self._socket}: a socket's path must not exceed {_LONGEST_SOCKET_PATH} bytes:"
                " move the project to a shorter path"
            )
        if self.is_running():
            return
        self._project.make_folder(self._folder)
        if not self._namespace.processes():
            # The host was restarted, so the files of the daemon's last run are no longer valid.
            shutil.rmtree(self._folder / "run", ignore_errors=True)
        script = str(self._project.root / "lab/vms/start-libvirt")
        unshare = ["unshare", "--mount", "--propagation", "private"]
        output_of(self._namespace.enter(*unshare, script, str(self._folder)), timeout=START_TIMEOUT)
        wait_for(
            self._listens, f"libvirt to answer on {self._socket} (see {self.log})", START_TIMEOUT
        )
        # Pulumi creates the machines, and runs as the caller.
        self._project.give_to_owner(self._socket)

    def _listens(self) -> bool:
        return self._socket.exists() and _answers(self.uri)


def workstation_has_libvirt(project: Project) -> bool:
    """Whether the workstation's own libvirt works for the user who will run Pulumi."""
    return _answers(WorkstationLibvirt.uri, project.as_caller())


def _answers(uri: str, prefix: Sequence[str] = ()) -> bool:
    try:
        command = [*prefix, "virsh", "-q", "-c", uri, "uri"]
        return subprocess.run(command, capture_output=True, timeout=10).returncode == 0
    except FileNotFoundError:
        raise LabError("virsh is not installed: run toolchain/system-packages") from None
    except subprocess.TimeoutExpired:
        return False
