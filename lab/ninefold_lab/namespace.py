"""The network namespace of a lab. It keeps the lab's traffic off other networks."""

from __future__ import annotations

import ctypes
import os
import socket
import threading
from dataclasses import dataclass
from pathlib import Path

from .process import LabError, output_of

_FOLDER = Path("/run/netns")
_CLONE_NEWNET = 0x40000000
_KEEPALIVE = (
    "net.ipv4.tcp_keepalive_time=10",
    "net.ipv4.tcp_keepalive_intvl=3",
    "net.ipv4.tcp_keepalive_probes=3",
)


@dataclass(frozen=True)
class Namespace:
    """A named network namespace (`ip netns`) with its loopback up."""

    name: str

    @property
    def path(self) -> Path:
        return _FOLDER / self.name

    def exists(self) -> bool:
        """Whether the namespace is complete. An interrupted `make` leaves a file that is
        not a mount."""
        return os.path.ismount(self.path)

    def make(self) -> None:
        if not self.exists():
            self.path.unlink(missing_ok=True)
            output_of(["ip", "netns", "add", self.name])
        output_of(self.enter("ip", "link", "set", "lo", "up"))
        # With these times from docs/hive.md, clients on the lab's host notice a silent balancer.
        output_of(self.enter("sysctl", "--quiet", "--write", *_KEEPALIVE))

    def enter(self, *command: str) -> list[str]:
        """A command line that runs the command inside. (`ip netns exec` would hide
        /sys/fs/cgroup.)"""
        return ["nsenter", f"--net={self.path}", "--", *command]

    def connect(self, address: str, port: int, timeout: float) -> socket.socket:
        """Opens a TCP connection from inside. Raises OSError if that fails within `timeout`
        seconds."""
        result: list[socket.socket | OSError] = []

        def from_inside() -> None:
            # setns changes the namespace of this thread only, and the thread ends right afterwards.
            try:
                _set_network_namespace(self.path)
                result.append(socket.create_connection((address, port), timeout))
            except OSError as error:
                result.append(error)

        thread = threading.Thread(target=from_inside)
        thread.start()
        thread.join()
        if isinstance(result[0], OSError):
            raise result[0]
        return result[0]

    def processes(self) -> set[int]:
        """The ids of all processes inside."""
        if not self.exists():
            return set()
        return {int(pid) for pid in output_of(["ip", "netns", "pids", self.name]).split()}

    def remove(self) -> None:
        if self.exists():
            output_of(["ip", "netns", "delete", self.name])
        self.path.unlink(missing_ok=True)
        _remove_folder_if_unused()


@dataclass(frozen=True)
class HostNetwork(Namespace):
    """The workstation's own network, through which the lab reaches the machines of its libvirt."""

    name: str = "host"

    def exists(self) -> bool:
        return True

    def make(self) -> None:
        """Does nothing: the network exists."""

    def enter(self, *command: str) -> list[str]:
        return list(command)

    def connect(self, address: str, port: int, timeout: float) -> socket.socket:
        return socket.create_connection((address, port), timeout)

    def processes(self) -> set[int]:
        """Returns no ids, because the processes there do not belong to the lab."""
        return set()

    def remove(self) -> None:
        """Does nothing: the network stays."""


def _set_network_namespace(path: Path) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        if libc.setns(descriptor, _CLONE_NEWNET) != 0:
            number = ctypes.get_errno()
            raise OSError(number, f"cannot enter {path}: {os.strerror(number)}")
    finally:
        os.close(descriptor)


def _remove_folder_if_unused() -> None:
    """Removes the mount that `ip netns add` leaves on its folder, if no namespace remains."""
    if not _FOLDER.is_dir() or any(_FOLDER.iterdir()):
        return
    if _FOLDER.is_mount():
        try:
            output_of(["umount", str(_FOLDER)])
        except LabError:
            return  # a namespace was created in between
    try:
        _FOLDER.rmdir()
    except OSError:
        return
