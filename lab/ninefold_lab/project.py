"""The project's folders, and the owner of its files."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Project:
    """One copy of the project on this machine."""

    root: Path

    @staticmethod
    def of_this_file() -> Project:
        return Project(Path(__file__).resolve().parents[2])

    @property
    def id(self) -> str:
        """Six characters that distinguish this copy from others on the same machine."""
        return hashlib.sha256(str(self.root).encode()).hexdigest()[:6]

    @property
    def cache(self) -> Path:
        # Copies of the project share it, and its paths must stay valid when a copy is removed.
        return (self.root / ".build/cache").resolve()

    def lab_folder(self, kind: str) -> Path:
        return self.root / ".build/labs" / kind

    def give_to_owner(self, path: Path) -> None:
        """Gives a file that root has created to the owner of the project."""
        owner = self.root.stat()
        os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)

    def as_caller(self, *command: str) -> list[str]:
        """A command line that runs the command as the lab's caller, if sudo made the caller
        root."""
        caller = os.environ.get("NINEFOLD_LAB_CALLER")
        if not caller:
            return list(command)
        user, group = caller.split(":")
        return ["setpriv", f"--reuid={user}", f"--regid={group}", "--init-groups", "--", *command]

    def make_folder(self, path: Path, mode: int = 0o755) -> Path:
        """Creates the folder and its missing parents. An existing folder is not changed."""
        if not path.is_dir():
            self.make_folder(path.parent)
            path.mkdir(mode=mode, exist_ok=True)
            self.give_to_owner(path)
        return path

    def write(self, path: Path, text: str, mode: int = 0o644) -> None:
        """Writes the file atomically. Its mode is never wider than the given one."""
        partial = path.with_name(path.name + ".new")
        partial.unlink(missing_ok=True)
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
        self.give_to_owner(partial)
        partial.rename(path)
