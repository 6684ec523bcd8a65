"""The files that a deploy has installed, read from the stack's state for bench/floor."""

from __future__ import annotations

import io
import re
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ninefold_lab.stack import plain

_SCRIPTS = "usr/local/lib/ninefold"


@dataclass(frozen=True)
class PlacedFile:
    """A file on a machine; its path has no leading slash."""

    path: str
    owner: str
    group: str
    mode: int
    content: bytes


@dataclass(frozen=True)
class MachineFiles:
    """All files of one machine, and the headers of its steps."""

    node: str
    files: tuple[PlacedFile, ...]
    headers: dict[str, str]

    def text(self, path: str) -> str:
        return next(file.content.decode() for file in self.files if file.path == path)

    def header_value(self, step: str, word: str) -> str:
        """The value of a keyword in the step's header."""
        lines = self.headers[step].splitlines()
        return next(line.partition(" ")[2] for line in lines if line.startswith(f"{word} "))

    def write_archive(self, archive: Path) -> None:
        with tarfile.open(archive, "w") as tar:
            for file in self.files:
                entry = tarfile.TarInfo(file.path)
                entry.size, entry.mode = len(file.content), file.mode
                # By name, because the numbers depend on the order in which packages are installed.
                entry.uname, entry.gname = file.owner, file.group
                tar.addfile(entry, io.BytesIO(file.content))


def machine_files(resources: list[dict[str, Any]]) -> list[MachineFiles]:
    """The files of each machine, from the stack's resources with their secrets in plain text."""
    files: dict[str, list[PlacedFile]] = {}
    headers: dict[str, dict[str, str]] = {}
    for resource in resources:
        if resource["type"] != "command:remote:Command":
            continue
        node, _, step = resource["urn"].rpartition("::")[2].partition("/")
        text = str(plain(resource["inputs"]["stdin"]))
        headers.setdefault(node, {})
        files.setdefault(node, [])
        if step == "scripts":
            files[node] += _scripts(text)
        else:
            header, *sections = re.split(r"^=== ", text, flags=re.MULTILINE)
            headers[node][step] = header
            files[node] += map(_placed, sections)
    return [MachineFiles(node, tuple(files[node]), headers[node]) for node in files]


def _placed(section: str) -> PlacedFile:
    head, _, content = section.partition("\n")
    path, owner, mode = head.split()
    user, _, group = owner.partition(":")
    # A step on the machine inserts the interface's name, which is the same on all of the lab's
    # machines.
    content = content.replace("@INTERFACE@", "host0")
    return PlacedFile(path.lstrip("/"), user, group, int(mode, 8), content.encode())


def _scripts(text: str) -> Iterator[PlacedFile]:
    for name, script in re.findall(
        r"^script (\S+) <<'ninefold:end'\n(.*?)^ninefold:end$", text, re.MULTILINE | re.DOTALL
    ):
        yield PlacedFile(f"{_SCRIPTS}/{name}", "root", "root", 0o755, script.encode())
