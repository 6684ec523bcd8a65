"""Which frozen cluster a run starts from: one of today's, built from the files as they are."""

from __future__ import annotations

import datetime
import hashlib
import os
import shutil
from pathlib import Path

# All that decides what `pulumi up` makes of the lab's machines.
_BUILT_FROM = (
    "Pulumi.yaml",
    "lab/containers/image",
    "pom.xml",
    "src/main",
    "stacks/containers.yaml",
    "templates",
)


def frozen_cluster(root: Path) -> Path:
    """Where the cluster is, or where it is to be kept. Others, of older files, are removed: no lab
    runs on them when a run begins."""
    folder = root / ".build/frozen"
    folder.mkdir(parents=True, exist_ok=True)
    frozen = folder / _digest(root)
    for other in folder.iterdir():
        if other != frozen:
            shutil.rmtree(other)
    return frozen


def _digest(root: Path) -> str:
    # A cluster from before midnight would do last night's backups when it is thawed.
    digest = hashlib.sha256(datetime.date.today().isoformat().encode())
    digest.update(os.environ.get("NINEFOLD_DESCRIPTION", "").encode())
    for name in _BUILT_FROM:
        for file in sorted(path for path in _files(root / name)):
            digest.update(f"{file.relative_to(root)}\0".encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def _files(path: Path) -> list[Path]:
    return [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
