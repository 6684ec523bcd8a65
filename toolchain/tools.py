"""The tools of the toolchain: their names, versions, sources, and where each is installed."""

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


class ToolchainError(Exception):
    """An error that the user can correct; its message says how."""


# The SHA-256 of official releases, by the name of the archive. A release that is not listed is used
# only with `toolchain/build --trust-published`, which prints the line for this table. Compare such
# a line with a second source of the tool's project before you add it. No release of these versions
# has been compared yet.
RELEASES: dict[str, str] = {}


@dataclass(frozen=True)
class Release:
    """An official release: its archive, and the published list of checksums that includes it."""

    archive: str
    checksums: str


@dataclass(frozen=True)
class Registry:
    """An entry of the OpenTofu registry. It contains the archive's address and checksum."""

    entry: str


@dataclass(frozen=True)
class Correction:
    """A defect in a module that a tool is built with: the wrong text, which occurs once in the
    file, and its replacement."""

    module: str
    file: str
    wrong: str
    right: str


@dataclass(frozen=True)
class Module:
    """Go source from the module proxy. The folder named like the tool has its go.mod and go.sum."""

    package: str
    ldflags: str = ""
    correction: Correction | None = None


@dataclass(frozen=True)
class Archive:
    """Go source in an archive in the folder PLUGIN_SOURCES, because no registry serves it.

    The same source can be packed in different ways, so `digest` is that of the unpacked folder: the
    SHA-256 of a list of its files, one line each, sorted by path: SHA-256, two spaces, path.
    """

    file: str
    folder: str
    digest: str
    package: str
    ldflags: str


@dataclass(frozen=True)
class Tool:
    """One executable of the toolchain, and its two sources."""

    name: str
    version: str
    target: Path
    official: Release | Registry
    source: Module | Archive


def put_in_place(target: Path, executable: bytes) -> None:
    """Writes an executable atomically."""
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

# libvirt ends a download with two packets. go-libvirt's reader stops at the first, and delivering
# the second blocks the whole connection, and with it `pulumi up`, forever
# (github.com/digitalocean/go-libvirt, issue 241). A buffered channel takes the second packet.
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
            f"-X github.com/pulumi/pulumi-terraform-bridge/v3/dynamic/version.version=v{_BRIDGE}",
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
