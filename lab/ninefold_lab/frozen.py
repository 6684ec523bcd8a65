"""A cluster that was stopped and saved: its machines' disks, its stack, and the lab's keys."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from .container import Container, Image
from .nodes import Node, from_json
from .process import LabError
from .project import Project

# The files of a lab's folder that belong to the cluster. The last one marks the stack as complete.
_OF_THE_CLUSTER = (
    "keys",
    "nodes.json",
    "stack",
    "state",
    "passphrase",
    "backup-passphrase",
    "stack-is-ready",
)


@dataclass(frozen=True)
class FrozenCluster:
    """A folder with a frozen cluster. Any lab on this machine can start from it, because all labs
    have the same addresses, and the cluster includes its keys. Thawing only reads the folder."""

    project: Project
    folder: Path

    def require_room(self, lab_folder: Path) -> None:
        """Fails if the folder exists already, or disks cannot be moved to it."""
        if self.folder.exists():
            raise LabError(f"{self.folder} exists already: remove it, or name a different folder")
        parent = self.project.make_folder(self.folder.parent)
        if parent.stat().st_dev != lab_folder.stat().st_dev:
            raise LabError(
                f"{parent} is not on the file system of {lab_folder}: name a different folder"
            )

    def keep(self, lab_folder: Path, containers: Iterable[Container]) -> None:
        """Moves the disks of the machines, which must be off, and copies the cluster's other
        files."""
        partial = self.folder.with_name(self.folder.name + ".partial")
        if partial.exists():
            shutil.rmtree(partial)
        self.project.make_folder(partial)
        for name in _OF_THE_CLUSTER:
            self._copy(lab_folder / name, partial / name)
        (partial / "disks").mkdir()
        for container in containers:
            image = container.image_or_fail()
            (partial / f"{container.node.name}.image").write_text(image.to_text())
            container.freeze_disk(partial / "disks" / container.node.name)
        partial.rename(self.folder)

    def nodes(self) -> tuple[Node, ...]:
        file = self.folder / "nodes.json"
        if not file.exists():
            raise LabError(
                f"{self.folder} is not a frozen cluster: lab/lab containers freeze creates one"
            )
        return from_json(file.read_text())

    def bring_to(self, lab_folder: Path) -> None:
        """Copies everything but the disks to a lab's folder."""
        for name in _OF_THE_CLUSTER:
            self._copy(self.folder / name, lab_folder / name)

    def thaw_disk(self, container: Container) -> None:
        name = container.node.name
        container.thaw_disk(self._image(name), self.folder / "disks" / name)

    def repository(self) -> Path:
        """The apt repository whose key the machines trust."""
        return self._image(self.nodes()[0].name).repository

    def _image(self, name: str) -> Image:
        return Image.from_text((self.folder / f"{name}.image").read_text())

    def _copy(self, source: Path, target: Path) -> None:
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True)
        else:
            shutil.copy2(source, target)
        for path in (target, *target.rglob("*")):
            self.project.give_to_owner(path)
