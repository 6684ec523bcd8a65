"""Finds the frozen cluster that a run starts from."""

from __future__ import annotations

import datetime
import hashlib
import shutil
from collections.abc import Iterable
from pathlib import Path

# The files that decide what the lab's machines are, and what `pulumi up` makes of them.
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
    """Returns the cluster's folder, which may not exist yet, and removes clusters that were built
    from other files."""
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
    # A cluster that was frozen before midnight would run its missed backups after the thaw.
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
