"""The libvirt that runs the lab's machines: one of the lab's own, or the workstation's."""

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

START_LIMIT = 30  # s
_LONGEST_SOCKET_PATH = 107  # bytes; the kernel's limit


class Libvirt(abc.ABC):
    """A libvirt daemon."""

    uri: str

    @abc.abstractmethod
    def start(self) -> None:
        """Sees to it that the daemon answers."""

    @abc.abstractmethod
    def is_running(self) -> bool:
        """Whether the daemon answers."""

    def virsh(self, *arguments: str, timeout: float = 60) -> str:
        return output_of(["virsh", "-q", "-c", self.uri, *arguments], timeout=timeout)

    def domains(self, *options: str) -> set[str]:
        """The names of its domains; of none, where it doesn't run."""
        return set(self.virsh("list", *options, "--name").split()) if self.is_running() else set()


class WorkstationLibvirt(Libvirt):
    """The daemon that the workstation itself has. It serves others too, and is left as it is."""

    uri = "qemu:///system"

    def start(self) -> None:
        if not self.is_running():
            raise LabError(
                f"the workstation's libvirt ({self.uri}), in which this lab was made, does not"
                " answer any more: systemctl status libvirtd"
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
        wait_for(self._listens, f"libvirt to answer on {self._socket} (see {self.log})", START_LIMIT)
        # Pulumi, which runs as the caller, makes the machines.
        self._project.give_to_owner(self._socket)

    def _listens(self) -> bool:
        return self._socket.exists() and _answers(self.uri)


def workstation_has_libvirt(project: Project) -> bool:
    """Whether a libvirt of the workstation's own works, for the one who will run Pulumi."""
    return _answers(WorkstationLibvirt.uri, project.as_caller())


def _answers(uri: str, prefix: Sequence[str] = ()) -> bool:
    try:
        command = [*prefix, "virsh", "-q", "-c", uri, "uri"]
        return subprocess.run(command, capture_output=True, timeout=10).returncode == 0
    except FileNotFoundError:
        raise LabError("virsh is not installed: run toolchain/system-packages") from None
    except subprocess.TimeoutExpired:
        return False
