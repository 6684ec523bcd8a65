"""The Debian mirrors of this machine. The nodes' packages come from the same mirrors."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .process import LabError, output_of

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


@dataclass(frozen=True)
class Mirror:
    """The mirrors of one Debian release, and how apt reaches them."""

    sources: tuple[str, ...]
    apt_options: tuple[str, ...]


def mirror_of(suite: str) -> Mirror:
    """This workstation's mirrors and proxies, for the given release of Debian."""
    _check_keyring(suite)
    own = _own_release()
    sources = []
    lines = output_of(
        ["apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE)", "Created-By: Packages"]
    )
    for line in dict.fromkeys(lines.splitlines()):
        uri, release = line.split()
        if release in (own, f"{own}-updates", f"{own}-security"):
            wanted = release.replace(own, suite)
            sources.append(f"deb [signed-by={KEYRING}] {uri} {wanted} main")
    if not sources:
        raise LabError(
            f"the apt sources of this machine contain no mirror of Debian {own}: add one to"
            " /etc/apt/sources.list.d and run apt-get update"
        )
    return Mirror(tuple(sources), _apt_options())


def _apt_options() -> tuple[str, ...]:
    reach = ("Acquire::http::", "Acquire::https::", "Acquire::Check-", "Acquire::Retries")
    lines = output_of(["apt-config", "dump"]).splitlines()
    return tuple(line for line in lines if line.startswith(reach))


def _check_keyring(suite: str) -> None:
    if not Path(f"/usr/share/keyrings/debian-archive-{suite}-stable.gpg").exists():
        raise LabError(
            f"debian-archive-keyring on this machine does not contain the keys of Debian {suite}:"
            " run apt-get install debian-archive-keyring"
        )


def _own_release() -> str:
    for line in Path("/etc/os-release").read_text().splitlines():
        key, _, value = line.partition("=")
        if key == "VERSION_CODENAME":
            return value.strip('"')
    raise LabError("/etc/os-release contains no VERSION_CODENAME: the labs need Debian")
