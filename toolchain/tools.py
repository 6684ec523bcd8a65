"""What the toolchain consists of: names, versions, and where each part lies once it is there."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
TOOLCHAIN = ROOT / ".build" / "toolchain"
BIN = TOOLCHAIN / "bin"
HOME = TOOLCHAIN / "home"

ARCHITECTURE = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), "")


class Failure(Exception):
    """Something the user has to know, with what to do about it."""


# SHA-256 of official releases, by the name of the archive: only with its digest here is one taken without being
# asked for. `toolchain/build --trust-published` prints the lines for it, to be compared with what the project
# of the tool says elsewhere. Nobody has done so yet for these versions.
RELEASES: dict[str, str] = {}


@dataclass(frozen=True)
class Release:
    """An official release: an archive, and the published list of checksums that covers it."""

    archive: str
    checksums: str


@dataclass(frozen=True)
class Registry:
    """An entry of the OpenTofu registry, which names archive and checksum itself."""

    entry: str


@dataclass(frozen=True)
class Correction:
    """A defect of a module that a tool is built with: what stands there once, and what should."""

    module: str
    file: str
    wrong: str
    right: str


@dataclass(frozen=True)
class Module:
    """Go source from the module proxy; go.mod and go.sum lie in the folder named like the tool."""

    package: str
    ldflags: str = ""
    correction: Correction | None = None


@dataclass(frozen=True)
class Archive:
    """Go source in a file that PLUGIN_SOURCES must have, because no registry serves it.

    Whoever makes such a file decides how it is packed, so the digest is that of the folder: the SHA-256 of one
    line a file, sorted by path: its SHA-256, two spaces, its path in the folder.
    """

    file: str
    folder: str
    digest: str
    package: str
    ldflags: str


@dataclass(frozen=True)
class Tool:
    """One executable of the toolchain, and its two ways to come here."""

    name: str
    version: str
    target: Path
    official: Release | Registry
    source: Module | Archive


def put_in_place(target: Path, executable: bytes) -> None:
    """Writes an executable so that nobody ever sees half of it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f"{target.name}.partial")
    partial.write_bytes(executable)
    partial.chmod(0o755)
    partial.replace(target)


def _cli(version: str) -> Tool:
    releases = "https://get.pulumi.com/releases/sdk"
    cpu = {"amd64": "x64", "arm64": "arm64"}.get(ARCHITECTURE, "")
    return Tool(
        "pulumi",
        version,
        BIN / "pulumi",
        Release(
            f"{releases}/pulumi-v{version}-linux-{cpu}.tar.gz",
            f"{releases}/pulumi-{version}-checksums.txt",
        ),
        Module(
            "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
            f"-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v{version}",
        ),
    )


def _release(repository: str, executable: str, version: str) -> Release:
    base = f"https://github.com/pulumi/{repository}/releases/download/v{version}"
    return Release(
        f"{base}/{executable}-v{version}-linux-{ARCHITECTURE}.tar.gz",
        f"{base}/{repository}_{version}_checksums.txt",
    )


def _plugin(name: str, version: str, source: Module | Archive) -> Tool:
    executable = f"pulumi-resource-{name}"
    folder = HOME / "plugins" / f"resource-{name}-v{version}"
    official = _release(f"pulumi-{name}", executable, version)
    return Tool(name, version, folder / executable, official, source)


def _provider(
    owner: str, name: str, version: str, package: str, correction: Correction | None = None
) -> Tool:
    registry = HOME / "dynamic_tf_plugins" / "registry.opentofu.org"
    folder = registry / owner / name / version / f"linux_{ARCHITECTURE}"
    executable = f"terraform-provider-{name}"
    return Tool(
        executable,
        version,
        folder / f"{executable}_v{version}",
        Registry(
            f"https://registry.opentofu.org/v1/providers/{owner}/{name}/{version}"
            f"/download/linux/{ARCHITECTURE}"
        ),
        Module(package, correction=correction),
    )


def _vale(version: str) -> Tool:
    releases = f"https://github.com/errata-ai/vale/releases/download/v{version}"
    cpu = {"amd64": "64-bit", "arm64": "arm64"}.get(ARCHITECTURE, "")
    return Tool(
        "vale",
        version,
        BIN / "vale",
        Release(
            f"{releases}/vale_{version}_Linux_{cpu}.tar.gz",
            f"{releases}/vale_{version}_checksums.txt",
        ),
        Module("github.com/errata-ai/vale/v2/cmd/vale", f"-X main.version=v{version}"),
    )


_LANGUAGE = "1.34.0"
_COMMAND = "1.2.1"
_BRIDGE = "1.2.0"

# Libvirt ends a download by two packets. Whoever reads it goes at the first one; handing over the
# second to nobody blocks the whole connection, and `pulumi up` for ever
# (github.com/digitalocean/go-libvirt, issue 241). A channel with room takes it.
_NO_DEADLOCK = Correction(
    "github.com/digitalocean/go-libvirt",
    "rpc.go",
    "c := make(chan response)\n",
    "c := make(chan response, 8)\n",
)

TOOLS = (
    _cli("3.259.0"),
    Tool(
        "pulumi-language-java",
        _LANGUAGE,
        BIN / "pulumi-language-java",
        _release("pulumi-java", "pulumi-language-java", _LANGUAGE),
        Module(
            "github.com/pulumi/pulumi-java/pkg/cmd/pulumi-language-java",
            f"-X github.com/pulumi/pulumi-java/pkg/version.Version=v{_LANGUAGE}",
        ),
    ),
    _plugin(
        "terraform-provider",
        _BRIDGE,
        Module(
            "github.com/pulumi/pulumi-terraform-bridge/v3/dynamic",
            "-X github.com/pulumi/pulumi-terraform-bridge/v3/dynamic/version.version="
            f"v{_BRIDGE}",
        ),
    ),
    _plugin(
        "command",
        _COMMAND,
        Archive(
            f"pulumi-command-{_COMMAND}.tar.gz",
            f"pulumi-command-{_COMMAND}/provider",
            "746b9f957dbe785927dc859c53f2971601c69bb4711cd34e303aa8368f5f6767",
            "./cmd/pulumi-resource-command",
            f"-X github.com/pulumi/pulumi-command/provider/pkg/version.Version={_COMMAND}",
        ),
    ),
    _provider(
        "dmacvicar",
        "libvirt",
        "0.8.3",
        "github.com/dmacvicar/terraform-provider-libvirt",
        _NO_DEADLOCK,
    ),
    _provider("hashicorp", "tls", "4.0.4", "github.com/hashicorp/terraform-provider-tls"),
    _provider(
        "hashicorp", "random", "3.6.0", "github.com/terraform-providers/terraform-provider-random"
    ),
    _vale("2.30.0"),
)
