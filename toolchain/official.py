"""Takes a tool from its official release, verified by the digest that is pinned for it."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import urllib.error
import urllib.request
import zipfile

from tools import RELEASES, Failure, Registry, Release, Tool, put_in_place

_SERVERS = (
    "https://get.pulumi.com/",
    "https://github.com/",
    "https://registry.opentofu.org/",
)
_PROBE_SECONDS = 4
_READ_SECONDS = 60


class Unavailable(Exception):
    """A file can't be had from here."""


def reachable() -> bool:
    """Whether every server that releases come from answers, with whatever status."""
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
    """Puts the released executable in place; returns how it was verified.

    The checksum that is published beside a release says no more than the release: whoever can
    exchange one can exchange the other. It counts only for who asks for that.
    """
    url, published = _locate(tool.official)
    name = url.rsplit("/", 1)[1]
    pinned = RELEASES.get(name)
    if pinned is None and not trust_published:
        raise Unavailable(f"toolchain/tools.py has no digest of {name}")
    expected = pinned or published
    archive = _get(url)
    found = hashlib.sha256(archive).hexdigest()
    if found != expected:
        told = "toolchain/tools.py says" if pinned else "is published"
        raise Failure(
            f"{tool.name} {tool.version}: {url} has the SHA-256 {found}, and not {expected} as {told}."
            " Nothing was installed. Try again; if it stays, the release was changed, or something"
            " between this machine and the server changes files."
        )
    put_in_place(tool.target, _executable_in(archive, url, tool))
    if pinned:
        return "official release, SHA-256 as pinned"
    return f'official release, SHA-256 as published: "{name}": "{found}",'


def _locate(official: Release | Registry) -> tuple[str, str]:
    """The archive's address and its published SHA-256; what has none is not taken."""
    if isinstance(official, Registry):
        entry = json.loads(_get(official.entry))
        return entry["download_url"], entry["shasum"]
    listing = _get(official.checksums).decode()
    digests = {name: digest for digest, name in map(str.split, listing.splitlines())}
    archive = official.archive.rsplit("/", 1)[1]
    if archive not in digests:
        raise Unavailable(f"{official.checksums} has no checksum of {archive}")
    return official.archive, digests[archive]


def _get(url: str) -> bytes:
    try:
        with urllib.request.urlopen(url, timeout=_READ_SECONDS) as answer:
            return answer.read()
    except OSError as cause:
        raise Unavailable(f"{url}: {cause}") from cause


def _executable_in(archive: bytes, url: str, tool: Tool) -> bytes:
    """The archive's file that is called like the tool's executable (or begins like it)."""
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
                if member.isfile() and member.name.rsplit("/", 1)[-1] == wanted:
                    return bundle.extractfile(member).read()
    raise Failure(f"{tool.name} {tool.version}: {url} has no file {wanted} in it.")
