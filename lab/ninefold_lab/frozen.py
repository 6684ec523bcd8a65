"""A cluster that was stopped and kept: its machines' disks, its stack, and the lab's keys."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from .container import Container, Image
from .nodes import Node, from_json
from .process import LabError
from .project import Project

# What belongs to the cluster among the files of a lab's folder.
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
    """A folder with a frozen cluster. Any lab on this machine can begin from it: all labs have the
    same addresses, and the cluster brings its keys along. It is only ever read."""

    project: Project
    folder: Path

    def require_absent(self) -> None:
        if self.folder.exists():
            raise LabError(f"{self.folder} is there already: remove it, or name another folder")

    def keep(self, lab_folder: Path, containers: Iterable[Container]) -> None:
        """Takes the disks of machines that are off, and copies what else belongs to them."""
        partial = self.folder.with_name(self.folder.name + ".partial")
        if partial.exists():
            shutil.rmtree(partial)
        self.project.make_folder(partial)
        for name in _OF_THE_CLUSTER:
            self._copy(lab_folder / name, partial / name)
        (partial / "disks").mkdir()
        for container in containers:
            image = container.image_or_fail()
            lines = "\n".join(map(str, (image.repository, *image.layers)))
            (partial / f"{container.node.name}.image").write_text(lines + "\n")
            container.freeze_disk(partial / "disks" / container.node.name)
        partial.rename(self.folder)

    def nodes(self) -> tuple[Node, ...]:
        file = self.folder / "nodes.json"
        if not file.exists():
            raise LabError(f"{self.folder} is no frozen cluster: lab/lab containers freeze keeps one")
        return from_json(file.read_text())

    def bring_to(self, lab_folder: Path) -> None:
        """Copies everything but the disks to a lab's folder."""
        for name in _OF_THE_CLUSTER:
            self._copy(self.folder / name, lab_folder / name)

    def thaw_disk(self, container: Container) -> None:
        lines = (self.folder / f"{container.node.name}.image").read_text().splitlines()
        repository, *layers = map(Path, lines)
        container.thaw_disk(Image(tuple(layers), repository), self._disk(container.node))

    def repository(self) -> Path:
        """The apt repository that the machines know."""
        first = self.nodes()[0].name
        return Path((self.folder / f"{first}.image").read_text().splitlines()[0])

    def _disk(self, node: Node) -> Path:
        return self.folder / "disks" / node.name

    def _copy(self, source: Path, target: Path) -> None:
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True)
        else:
            shutil.copy2(source, target)
        for path in (target, *target.rglob("*")):
            self.project.give_to_owner(path)
