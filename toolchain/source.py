"""Builds a tool from source: from the Go module proxy, or from an archive in PLUGIN_SOURCES."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from tools import (
    ARCHITECTURE,
    HERE,
    ROOT,
    TOOLCHAIN,
    Archive,
    Correction,
    Module,
    Tool,
    ToolchainError,
)

_ENVIRONMENT = os.environ | {"CGO_ENABLED": "0", "GOWORK": "off"}


def check_go() -> None:
    """Raises an error unless there is a Go that is new enough for all tools."""
    needed = max((_needed(file) for file in HERE.glob("*/go.mod")), key=_numbers)
    advice = (
        f"Building the toolchain from source needs Go {needed} or newer. Install it with:\n"
        f"  curl -fsSLO https://go.dev/dl/go{needed}.linux-{ARCHITECTURE}.tar.gz\n"
        f"  sudo rm -rf /usr/local/go && sudo tar -C /usr/local -xzf go{needed}.linux-*.tar.gz\n"
        "  export PATH=/usr/local/go/bin:$PATH"
    )
    if not shutil.which("go"):
        raise ToolchainError(f"There is no `go` in the PATH. {advice}")
    asked = subprocess.run(["go", "env", "GOVERSION"], capture_output=True, text=True, cwd=ROOT)
    found = asked.stdout.strip().removeprefix("go")
    if asked.returncode or _numbers(found) < _numbers(needed):
        raise ToolchainError(f"{shutil.which('go')} is version {found or 'unknown'}. {advice}")


def has_go() -> bool:
    """Whether this machine can build the tools."""
    try:
        check_go()
    except ToolchainError:
        return False
    return True


def build(tool: Tool) -> str:
    """Builds and installs the tool; returns where its source came from."""
    source = tool.source
    if isinstance(source, Module):
        with tempfile.TemporaryDirectory(dir=TOOLCHAIN) as corrected:
            options = _corrected(tool, source.correction, Path(corrected))
            _compile(tool, HERE / tool.name, source, *options)
        return "built from the Go module proxy" + (", corrected" if options else "")
    archive = _find(tool, source)
    with tempfile.TemporaryDirectory(dir=TOOLCHAIN) as unpacked:
        _compile(tool, _unpacked(tool, source, archive, Path(unpacked)), source)
    return f"built from {archive}"


def _unpacked(tool: Tool, source: Archive, archive: Path, into: Path) -> Path:
    """Unpacks the archive and verifies its digest; returns the folder to build."""
    unpack = ["tar", "-xzf", str(archive), "-C", str(into), source.folder]
    run = subprocess.run(unpack, capture_output=True, text=True)
    if run.returncode:
        raise ToolchainError(f"{tool.name} {tool.version}: {archive}: {run.stderr.strip()}")
    folder = into / source.folder
    found = digest_of(folder)
    if found != source.digest:
        raise ToolchainError(
            f"{tool.name} {tool.version}: {source.folder} in {archive} has the digest {found}, not"
            f" {source.digest}, which is pinned in toolchain/tools.py. Nothing was built. Take the"
            f" plugin's source at the tag v{tool.version}. If the error remains, compare the two."
        )
    return folder


def digest_of(folder: Path) -> str:
    """A digest of the files in a folder, independent of how they were packed."""
    found = (file for file in folder.rglob("*") if file.is_symlink() or not file.is_dir())
    files = {file.relative_to(folder).as_posix(): file for file in found}
    lines = (f"{_sha256(files[path])}  {path}\n" for path in sorted(files))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _sha256(file: Path) -> str:
    # Path.readlink would normalize the target.
    content = os.readlink(file).encode() if file.is_symlink() else file.read_bytes()  # noqa: PTH115
    return hashlib.sha256(content).hexdigest()


def _corrected(tool: Tool, correction: Correction | None, folder: Path) -> list[str]:
    """Writes a corrected copy of the module; returns the options of `go build` that make it use
    it."""
    if not correction:
        return []
    own = HERE / tool.name
    download = ["go", "mod", "download", "-json", correction.module]
    run = subprocess.run(download, cwd=own, env=_ENVIRONMENT, capture_output=True, text=True)
    answer = json.loads(run.stdout or "{}")
    if run.returncode:
        raise ToolchainError(
            f"{tool.name} {tool.version}: {correction.module}:"
            f" {answer.get('Error') or run.stderr.strip()}\n"
            "If a download failed, run the same command again: tools that were built are kept."
        )
    copy = folder / "module"
    shutil.copytree(answer["Dir"], copy, copy_function=shutil.copyfile)
    file = copy / correction.file
    published = file.read_text()
    if published.count(correction.wrong) != 1:
        raise ToolchainError(
            f"{tool.name} {tool.version}: {correction.file} of {correction.module} does not contain"
            " the known defect exactly once. Review the correction in toolchain/tools.py."
        )
    file.write_text(published.replace(correction.wrong, correction.right))
    module = folder / "go.mod"
    replacement = f"\nreplace {correction.module} => {json.dumps(str(copy))}\n"
    module.write_text((own / "go.mod").read_text() + replacement)
    shutil.copyfile(own / "go.sum", folder / "go.sum")
    return [f"-modfile={module}"]


def _compile(tool: Tool, folder: Path, source: Module | Archive, *options: str) -> None:
    partial = tool.target.with_name(f"{tool.target.name}.partial")
    partial.parent.mkdir(parents=True, exist_ok=True)
    flags = ["-trimpath", "-buildvcs=false", "-ldflags", f"-s -w {source.ldflags}".strip()]
    command = ["go", "build", *flags, *options, "-o", str(partial), source.package]
    run = subprocess.run(command, cwd=folder, env=_ENVIRONMENT, capture_output=True, text=True)
    if run.returncode:
        last = "\n".join(run.stderr.strip().splitlines()[-15:])
        raise ToolchainError(
            f"{tool.name} {tool.version} could not be built in {folder}:\n{last}\n"
            "If a download failed, run the same command again: tools that were built are kept."
        )
    partial.replace(tool.target)


def _find(tool: Tool, source: Archive) -> Path:
    """The archive in the folder PLUGIN_SOURCES. Without that variable, in a folder `plugins` of one
    of the folders beside the project."""
    named = os.environ.get("PLUGIN_SOURCES")
    folders = [Path(named)] if named else sorted(ROOT.parent.glob("*/plugins"))
    for folder in folders:
        if (folder / source.file).is_file():
            return folder / source.file
    looked = ", ".join(map(str, folders)) or "nowhere (PLUGIN_SOURCES is not set)"
    raise ToolchainError(
        f"{tool.name} {tool.version}: no package registry has its source, and its official"
        f" release is not used. Looked for {source.file} in: {looked}.\n"
        "Name the folder that has it: export PLUGIN_SOURCES=FOLDER"
    )


def _needed(file: Path) -> str:
    """The version of Go that a go.mod requires."""
    line = re.search(r"^go (\S+)", file.read_text(), re.MULTILINE)
    if not line:
        raise ToolchainError(f"{file} does not name a version of Go")
    return line[1]


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", version)[:3]))
