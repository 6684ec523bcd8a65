"""The frozen cluster that a run starts from."""

from __future__ import annotations

import datetime
import hashlib
import shutil
from collections.abc import Iterable
from pathlib import Path

# The files that determine the lab's machines, and what `pulumi up` does with them.
_BUILT_FROM = (
    "Pulumi.yaml",
    "lab/containers/image",
    "lab/ninefold_lab",
    "pom.xml",
    "src/main",
    "templates",
    "toolchain",
)


def frozen_cluster(root: Path, description: Path) -> Path:
    """The cluster's folder, which may not exist yet. Removes clusters that were built from other
    files."""
    folder = root / ".build/frozen"
    folder.mkdir(parents=True, exist_ok=True)
    frozen = folder / _digest(root, description)
    for other in folder.iterdir():
        if other != frozen and not _is_in_use(root, other):
            shutil.rmtree(other)
    return frozen


def _is_in_use(root: Path, frozen: Path) -> bool:
    """Whether the project's own lab was thawed from it."""
    notes = (root / ".build/labs/containers/nodes").glob("*/thawed-from")
    return any(note.read_text().startswith(f"{frozen}/") for note in notes)


def _digest(root: Path, description: Path) -> str:
    # After a thaw on the next day, a cluster would run the backups that it has missed.
    digest = hashlib.sha256(datetime.date.today().isoformat().encode())
    for file in (description, *_files(root)):
        digest.update(f"{file}\0".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def _files(root: Path) -> Iterable[Path]:
    for path in (root / name for name in _BUILT_FROM):
        if path.is_file():
            yield path
        else:
            yield from sorted(file for file in path.rglob("*") if file.is_file())
