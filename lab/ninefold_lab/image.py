"""The image of a containers node, and the repository from which it installs packages.

Both are created once, and stored in the cache under a digest of their recipe.
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from .cgroup import Cgroup
from .mirror import Mirror, mirror_of
from .process import output_of
from .progress import Progress
from .project import Project

SUITE = "trixie"

_REPOSITORY = ("make-repository", "sign-repository")


class Images:
    """Creates the images of nodes and their apt repository."""

    def __init__(self, project: Project, progress: Progress, cgroup: Cgroup) -> None:
        self._project = project
        self._progress = progress
        self._cgroup = cgroup
        self._recipe = project.root / "lab/containers/image"
        self._architecture = output_of(["dpkg", "--print-architecture"]).strip()

    def base(self) -> Path:
        """A plain Debian, without any of the cluster's packages."""
        return self._cached("image", self._digest("base-packages", "customize"), self._make_base)

    def repository(self) -> Path:
        """A signed apt repository with the cluster's packages that the base image does not have."""
        digest = self._digest("base-packages", "customize", "cluster-packages", *_REPOSITORY)
        return self._cached("repository", digest, self._make_repository)

    def packages(self) -> Path:
        """A layer over the base image with the cluster's packages; no service is enabled."""
        digest = self._digest(
            "base-packages", "customize", "cluster-packages", *_REPOSITORY, "install-packages"
        )
        return self._cached("packages", digest, self._make_packages)

    def _digest(self, *files: str) -> str:
        digest = hashlib.sha256(f"{SUITE} {self._architecture}".encode())
        for file in files:
            digest.update((self._recipe / file).read_bytes())
        return digest.hexdigest()[:12]

    def _cached(self, what: str, digest: str, make: Callable[[Path], None]) -> Path:
        """Creates the folder unless it exists. An incomplete one is never used."""
        folder = self._project.cache / f"containers-{what}-{digest}"
        if folder.is_dir():
            return folder
        self._project.make_folder(self._project.cache)
        # Copies of the project share the cache, and may need the same folder at the same time.
        lock = folder.with_name(folder.name + ".lock")
        with lock.open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if not folder.is_dir():
                self._make_cached(folder, what, digest, make)
        return folder

    def _make_cached(
        self, folder: Path, what: str, digest: str, make: Callable[[Path], None]
    ) -> None:
        self._cgroup.kill()  # a run that was killed may have left processes
        partial = folder.with_name(folder.name + ".partial")
        if partial.exists():
            shutil.rmtree(partial)
        with self._progress.phase(f"creating {what} {digest} in .build/cache"):
            partial.mkdir()
            make(partial)
            self._cgroup.kill()
        partial.rename(folder)

    def _make_base(self, folder: Path) -> None:
        mirror = mirror_of(SUITE)
        self._run(
            "mmdebstrap",
            "--mode=root",
            "--variant=minbase",
            f"--include={','.join(self._names('base-packages'))}",
            *(f"--aptopt={option}" for option in mirror.apt_options),
            f"--customize-hook='{self._recipe / 'customize'}' \"$1\"",
            SUITE,
            str(folder),
            *mirror.sources,
        )

    def _make_repository(self, folder: Path) -> None:
        base = self.base()
        with tempfile.TemporaryDirectory(prefix="apt-", dir=self._project.cache) as work:
            _write_apt_root(Path(work), base, mirror_of(SUITE), self._architecture)
            self._run(
                str(self._recipe / "make-repository"),
                work,
                str(folder),
                SUITE,
                self._architecture,
                *self._names("cluster-packages"),
            )

    def _make_packages(self, folder: Path) -> None:
        base, repository = self.base(), self.repository()
        self._run(
            "unshare",
            "--mount",
            str(self._recipe / "install-packages"),
            str(base),
            str(folder),
            str(repository),
            SUITE,
            *self._names("cluster-packages"),
        )

    def _run(self, *command: str) -> None:
        self._cgroup.make()
        output_of(self._cgroup.command(*command), timeout=1800)

    def _names(self, file: str) -> list[str]:
        lines = (self._recipe / file).read_text().splitlines()
        return [line for line in lines if line and not line.startswith("#")]


_APT_FOLDERS = (
    "etc/apt.conf.d",
    "etc/sources.list.d",
    "etc/preferences.d",
    "etc/trusted.gpg.d",
    "state/lists/partial",
    "cache/archives/partial",
)


def _write_apt_root(root: Path, base: Path, mirror: Mirror, architecture: str) -> None:
    """Writes a configuration of apt that knows the image's packages and this machine's mirrors."""
    for folder in _APT_FOLDERS:
        (root / folder).mkdir(parents=True)
    settings = (
        f'Dir "{root}/";',
        'Dir::Etc "etc/";',
        'Dir::State "state/";',
        f'Dir::State::status "{base}/var/lib/dpkg/status";',
        'Dir::Cache "cache/";',
        f'APT::Architecture "{architecture}";',
        f'APT::Architectures "{architecture}";',
        'APT::Sandbox::User "root";',
        'Acquire::Languages "none";',
        'Debug::NoLocking "true";',
        *mirror.apt_options,
    )
    (root / "apt.conf").write_text("\n".join(settings) + "\n")
    (root / "etc/sources.list").write_text("\n".join(mirror.sources) + "\n")
