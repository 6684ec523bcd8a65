"""Installs a tool from its official release, verified by its pinned SHA-256."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import urllib.error
import urllib.request
import zipfile

from tools import RELEASES, Registry, Release, Tool, ToolchainError, put_in_place

_SERVERS = (
    "https://get.pulumi.com/",
    "https://github.com/",
    "https://registry.opentofu.org/",
)
_PROBE_SECONDS = 4
_READ_SECONDS = 60


class UnavailableError(Exception):
    """A file cannot be downloaded or verified."""


def reachable() -> bool:
    """Whether each server of the releases answers, with any status."""
    for server in _SERVERS:
        try:
            request = urllib.request.Request(server, method="HEAD")
            urllib.request.urlopen(request, timeout=_PROBE_SECONDS).close()
        except urllib.error.HTTPError as answer:
            answer.close()
        except OSError:
            return False
    return True


def install(tool: Tool, trust_published: bool) -> str:
    """Installs the released executable; returns how it was verified.

    A checksum from the release's own server does not protect against a changed release, because an
    attacker can change both. It is accepted only with `trust_published`.
    """
    url, published = _locate(tool.official)
    name = url.rsplit("/", 1)[1]
    pinned = RELEASES.get(name)
    if pinned is None and not trust_published:
        raise UnavailableError(f"toolchain/tools.py has no digest of {name}")
    expected = pinned or published
    archive = _get(url)
    found = hashlib.sha256(archive).hexdigest()
    if found != expected:
        origin = "pinned in toolchain/tools.py" if pinned else "published by its server"
        raise ToolchainError(
            f"{tool.name} {tool.version}: {url} has the SHA-256 {found}, not {expected}, which is"
            f" {origin}. Nothing was installed. Try again. If the error remains, the release was"
            " changed, or something between this machine and the server changes files."
        )
    put_in_place(tool.target, _executable_in(archive, url, tool))
    if pinned:
        return "official release, SHA-256 as pinned"
    return f'official release, SHA-256 as published: "{name}": "{found}",'


def _locate(official: Release | Registry) -> tuple[str, str]:
    """The archive's address and its published SHA-256, which it must have."""
    if isinstance(official, Registry):
        entry = json.loads(_get(official.entry))
        return entry["download_url"], entry["shasum"]
    listing = _get(official.checksums).decode()
    digests = {name: digest for digest, name in map(str.split, listing.splitlines())}
    archive = official.archive.rsplit("/", 1)[1]
    if archive not in digests:
        raise UnavailableError(f"{official.checksums} has no checksum of {archive}")
    return official.archive, digests[archive]


def _get(url: str) -> bytes:
    try:
        with urllib.request.urlopen(url, timeout=_READ_SECONDS) as answer:
            content: bytes = answer.read()
            return content
    except OSError as cause:
        raise UnavailableError(f"{url}: {cause}") from cause


def _executable_in(archive: bytes, url: str, tool: Tool) -> bytes:
    """The file in the archive that has the name of the tool's executable, or in a zip begins with
    it."""
    wanted = tool.target.name
    content = io.BytesIO(archive)
    if url.endswith(".zip"):
        with zipfile.ZipFile(content) as bundle:
            for name in bundle.namelist():
                if name.startswith(wanted):
                    return bundle.read(name)
    else:
        with tarfile.open(fileobj=content) as bundle:
            for member in bundle:
                if member.name.rsplit("/", 1)[-1] == wanted:
                    file = bundle.extractfile(member) if member.isfile() else None
                    if file:
                        return file.read()
    raise ToolchainError(f"{tool.name} {tool.version}: {url} does not contain a file {wanted}.")
