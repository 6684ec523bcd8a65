"""One node as a systemd-nspawn container."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import uuid
from dataclasses import dataclass
from pathlib import Path

from .cgroup import Cgroup
from .namespace import Namespace
from .nodes import HOST_ADDRESS, PREFIX_LENGTH, Node
from .process import LabError, wait_for
from .project import Project
from .switch import BRIDGE, Switch

REPOSITORY_PORT = 8080
_ADMIN = 1000


@dataclass(frozen=True)
class Image:
    """What a node is created from: the layers of its disk, topmost first, and its apt
    repository."""

    layers: tuple[Path, ...]
    repository: Path

    def to_text(self) -> str:
        return "".join(f"{path}\n" for path in (self.repository, *self.layers))

    @staticmethod
    def from_text(text: str) -> Image:
        repository, *layers = map(Path, text.splitlines())
        return Image(tuple(layers), repository)


@dataclass(frozen=True)
class Identity:
    """What distinguishes a node: its host key, and the key that its administrator logs in with."""

    host_key: str
    host_key_public: str
    admin_key_public: str


class Container:
    """Boots and kills one node; its disk is an overlay over the image."""

    def __init__(
        self, project: Project, namespace: Namespace, switch: Switch, cgroup: Cgroup, node: Node
    ) -> None:
        self._project = project
        self._namespace = namespace
        self._switch = switch
        self._cgroup = cgroup
        self._folder = project.lab_folder("containers") / "nodes" / node.name
        self._made_from = self._folder / "made-from"
        self._thawed_from = self._folder / "thawed-from"
        self.node = node

    @property
    def console(self) -> Path:
        return self._folder / "console.log"

    def is_running(self) -> bool:
        return any(boot.is_populated() for boot in self._boots())

    def image(self) -> Image | None:
        """What the disk was created from; None if there is no disk, or it is incomplete."""
        if not self._made_from.exists():
            return None
        return Image.from_text(self._made_from.read_text())

    def image_or_fail(self) -> Image:
        """What the disk was created from; an error if there is no disk."""
        image = self.image()
        if image is None:
            raise LabError(f"{self.node.name} does not exist: run lab/lab containers create")
        return image

    def make_disk(self, image: Image, identity: Identity) -> None:
        """Creates a disk that contains only the node's identity."""
        upper = self._make_folders()
        for file, mode, content in _identity_files(self.node, image, identity):
            path = upper / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=mode)
            path.write_bytes(content)
        _give_home_to_admin(upper)
        self._mark_complete(image)

    def thaw_disk(self, image: Image, frozen: Path) -> None:
        """Creates a disk over the frozen one, which becomes a lower layer and is never changed."""
        self._make_folders()
        self._thawed_from.write_text(f"{frozen}\n")
        self._mark_complete(image)

    def is_thawed(self) -> bool:
        return self._thawed_from.exists()

    def freeze_disk(self, frozen: Path) -> None:
        """Moves the disk to a folder. Afterwards the node has no disk."""
        self._require_off()
        (self._folder / "upper").rename(frozen)
        self.remove_disk()

    def remove_disk(self) -> None:
        self._require_off()
        if self._folder.exists():
            shutil.rmtree(self._folder)

    def _make_folders(self) -> Path:
        self.remove_disk()
        upper = self._folder / "upper"
        for folder in (upper, self._folder / "work", self._folder / "root"):
            folder.mkdir(parents=True)
        return upper

    def _mark_complete(self, image: Image) -> None:
        """Must be called last: a disk without this file is incomplete."""
        self._made_from.write_text(image.to_text())

    def _layers(self) -> str:
        """The disk's lower layers, the topmost first."""
        layers = [*self.image_or_fail().layers]
        if self._thawed_from.exists():
            layers.insert(0, Path(self._thawed_from.read_text().strip()))
        for layer in layers:
            if not layer.is_dir():
                raise LabError(
                    f"{self.node.name} cannot start: {layer}, a layer of its disk, was removed."
                    " Create new machines: lab/lab containers create --fresh"
                )
        return ":".join(map(str, layers))

    def _require_off(self) -> None:
        if self.is_running():
            raise LabError(
                f"{self.node.name} is running, so its disk cannot be moved or removed:"
                f" run lab/lab containers power-off {self.node.name} first"
            )

    def boot(self) -> None:
        """Starts the node, and returns before it has booted."""
        layers = self._layers()
        # A control group that was killed once also kills processes that start in it later, so each
        # boot has a new one.
        cgroup = self._cgroup.child(f"{self.node.name}.{uuid.uuid4().hex[:8]}")
        cgroup.make()
        self._switch.remove_port(self.node)
        with self.console.open("ab") as console:
            subprocess.Popen(
                self._namespace.enter(
                    "unshare",
                    "--mount",
                    "--propagation=slave",
                    str(self._project.root / "lab/containers/boot"),
                    self.node.name,
                    str(cgroup.path),
                    layers,
                    str(self._folder),
                    BRIDGE,
                ),
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                cwd="/",
                start_new_session=True,
            )

    def wait_for_ssh(self, timeout: float = 60) -> None:
        """Waits until sshd answers. After `timeout` seconds, raises an error with the last lines of
        the console."""
        try:
            wait_for(self._greets, f"{self.node.name} ({self.node.address}) to answer ssh", timeout)
        except LabError as error:
            last = self.console.read_text(errors="replace").splitlines()[-15:]
            raise LabError("\n  ".join([f"{error}; its console:", *last])) from None

    def cut_power(self) -> None:
        """Sets the link down, so that the node sends nothing more, then kills all its processes."""
        if self._switch.has(self.node):
            self._switch.link_down(self.node)
        for boot in self._boots():
            boot.kill()
        self._switch.remove_port(self.node)

    def shut_down(self, timeout: float = 90) -> None:
        """Shuts the node down in order, as its power button does, within `timeout` seconds."""
        for boot in self._boots():
            # nspawn asks the node's systemd to shut down.
            boot.signal("systemd-nspawn", signal.SIGTERM)
        wait_for(lambda: not self.is_running(), f"{self.node.name} to shut down", timeout)
        self._switch.remove_port(self.node)

    def _greets(self) -> bool:
        try:
            with self._namespace.connect(self.node.address, 22, 1) as connection:
                return connection.recv(4) == b"SSH-"
        except OSError:
            return False

    def _boots(self) -> list[Cgroup]:
        prefix = f"{self.node.name}."
        return [c for c in self._cgroup.children() if c.path.name.startswith(prefix)]


def _identity_files(node: Node, image: Image, identity: Identity) -> list[tuple[str, int, bytes]]:
    def text(*lines: str) -> bytes:
        return ("\n".join(lines) + "\n").encode()

    return [
        ("etc/hostname", 0o644, text(node.name)),
        (
            "etc/hosts",
            0o644,
            text("127.0.0.1 localhost", "::1 localhost", f"127.0.1.1 {node.name}"),
        ),
        ("etc/machine-id", 0o444, text(uuid.uuid4().hex)),
        (
            "etc/systemd/network/10-host0.network",
            0o644,
            text(
                "[Match]",
                "Name=host0",
                "[Network]",
                f"Address={node.address}/{PREFIX_LENGTH}",
                "LinkLocalAddressing=no",
                "IPv6AcceptRA=no",
                "# A pulled cable takes no address away.",
                "ConfigureWithoutCarrier=yes",
            ),
        ),
        ("etc/ssh/ssh_host_ed25519_key", 0o600, identity.host_key.encode()),
        ("etc/ssh/ssh_host_ed25519_key.pub", 0o644, identity.host_key_public.encode()),
        ("home/admin/.ssh/authorized_keys", 0o600, identity.admin_key_public.encode()),
        (
            "etc/apt/keyrings/ninefold-lab.gpg",
            0o644,
            (image.repository / "keyring.gpg").read_bytes(),
        ),
        (
            "etc/apt/sources.list.d/ninefold-lab.sources",
            0o644,
            text(
                "Types: deb",
                f"URIs: http://{HOST_ADDRESS}:{REPOSITORY_PORT}",
                "Suites: trixie",
                "Components: main",
                "Signed-By: /etc/apt/keyrings/ninefold-lab.gpg",
            ),
        ),
    ]


def _give_home_to_admin(upper: Path) -> None:
    for path, mode in (("home/admin", 0o700), ("home/admin/.ssh", 0o700)):
        (upper / path).chmod(mode)
    for path in ("home/admin", "home/admin/.ssh", "home/admin/.ssh/authorized_keys"):
        os.chown(upper / path, _ADMIN, _ADMIN)
