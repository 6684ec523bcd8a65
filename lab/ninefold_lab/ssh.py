"""The lab's ssh keys: one to log in with, and a host key for each node."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from .nodes import Node
from .process import output_of
from .project import Project

ADMIN = "admin"


class Keys:
    """Key pairs in the lab's folder, created once."""

    def __init__(self, project: Project, folder: Path) -> None:
        self._project = project
        self._folder = folder / "keys"

    @property
    def config(self) -> Path:
        """An ssh_config with the name, address and host key of each node."""
        return self._folder / "config"

    def make(self, machines: Sequence[Node]) -> None:
        """Creates the missing pairs, and writes known_hosts and ssh_config."""
        self._project.make_folder(self._folder, 0o700)
        for name in (ADMIN, *(node.name for node in machines)):
            self._make_pair(name)
        self._project.write(self._folder / "known_hosts", self.known_hosts(machines))
        self._project.write(self.config, self._config_text(machines))

    def remove(self, node: Node) -> None:
        """Removes a machine's pair. A later machine with this name gets a new one."""
        for name in (node.name, f"{node.name}.pub"):
            (self._folder / name).unlink(missing_ok=True)

    def private(self, name: str) -> str:
        return (self._folder / name).read_text()

    def public(self, name: str) -> str:
        return (self._folder / f"{name}.pub").read_text()

    def known_hosts(self, machines: Sequence[Node]) -> str:
        """A line for each node: address, type of key, key."""
        return "".join(f"{node.address} {self._bare_public(node)}\n" for node in machines)

    def _bare_public(self, node: Node) -> str:
        return " ".join(self.public(node.name).split()[:2])

    def _make_pair(self, name: str) -> None:
        private = self._folder / name
        if private.exists() and private.with_suffix(".pub").exists():
            return
        private.unlink(missing_ok=True)
        output_of(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(private)])
        self._project.give_to_owner(private)
        self._project.give_to_owner(private.with_suffix(".pub"))

    def _config_text(self, machines: Sequence[Node]) -> str:
        hosts = "".join(f"Host {n.name}\n  HostName {n.address}\n" for n in machines)
        return (
            f"{hosts}Host *\n"
            f"  User {ADMIN}\n"
            f'  IdentityFile "{self._folder / ADMIN}"\n'
            f'  UserKnownHostsFile "{self._folder / "known_hosts"}"\n'
            "  GlobalKnownHostsFile /dev/null\n"
            "  IdentitiesOnly yes\n"
            "  IdentityAgent none\n"
            "  StrictHostKeyChecking yes\n"
            "  PasswordAuthentication no\n"
            "  CheckHostIP no\n"
            "  ConnectTimeout 10\n"
            "  LogLevel ERROR\n"
        )
