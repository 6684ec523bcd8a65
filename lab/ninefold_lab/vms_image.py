"""The base image of the virtual machines. It is built again only when its recipe changes."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path

from .mirror import mirror_of
from .process import output_of
from .progress import Progress
from .project import Project

SUITE = "trixie"
BUILD_TIMEOUT = 1800  # s; most of it is the download


@dataclass(frozen=True)
class Image:
    """A disk image, with copies of the kernel and initrd inside it."""

    disk: Path

    @property
    def kernel(self) -> Path:
        return self.disk.with_name(self.disk.name + ".vmlinuz")

    @property
    def initrd(self) -> Path:
        return self.disk.with_name(self.disk.name + ".initrd")


def base_image(project: Project, progress: Progress) -> Image:
    """The image for the current recipe."""
    recipe = _Recipe(project.root / "lab")
    cache = project.make_folder(project.cache)
    image = Image(cache / "debian-13.qcow2")
    built_by = cache / "debian-13.recipe"
    if built_by.exists() and built_by.read_text() == recipe.digest():
        return image
    built_by.unlink(missing_ok=True)
    for cut_off in cache.glob(f"{image.disk.name}.*/"):
        shutil.rmtree(cut_off)
    mirror = mirror_of(SUITE)
    sources = cache / "debian-13.sources"
    sources.write_text("\n".join(mirror.sources) + "\n")
    options = cache / "debian-13.apt-options"
    options.write_text("".join(f"{option}\n" for option in mirror.apt_options))
    with progress.phase("base image"):
        unshare = ["unshare", "--mount", "--propagation", "private"]
        files = [recipe.script, image.disk, sources, options, *recipe.package_lists]
        output_of([*unshare, *map(str, files)], timeout=BUILD_TIMEOUT)
    for built in (image.disk, image.kernel, image.initrd):
        project.give_to_owner(built)
    project.write(built_by, recipe.digest())
    return image


class _Recipe:
    """The files that determine the image's content."""

    def __init__(self, lab: Path) -> None:
        self._folder = lab / "vms"
        self.script = self._folder / "build-image"
        self.package_lists = [
            lab / "containers/image/base-packages",
            lab / "containers/image/cluster-packages",
            self._folder / "image/packages",
        ]

    def digest(self) -> str:
        ours = [path for path in (self._folder / "image").rglob("*") if path.is_file()]
        digest = hashlib.sha256()
        for path in sorted({self.script, *self.package_lists, *ours}):
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
        return digest.hexdigest()
