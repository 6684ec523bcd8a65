"""Measures the program and Pulumi's engine with descriptions much larger than nine machines.

It previews a stack that does not exist. That needs no machines and contacts none.
"""

from __future__ import annotations

import base64
import ipaddress
import os
import re
import secrets
import struct

from ninefold_lab.process import LabError, output_of

from .figures import Findings, Table
from .processes import Use, Watch
from .stand import Stand

_NODES = (9, 30, 100, 300)
_ETCD = 3
_BALANCERS = 2


def measure(stand: Stand, rounds: int) -> Findings:
    stand.build(["make", "--no-print-directory", "jar"])
    rows = []
    for nodes in _NODES:
        with stand.progress.phase(f"preview of {nodes} machines, {rounds} rounds"):
            tries = [_preview(stand, nodes) for _ in range(rounds)]
        resources = re.search(r"\+ (\d+) to create", tries[0][0].output)
        if not resources:
            raise LabError(
                "the preview did not print a number of resources:\n" + tries[0][0].output[-2000:]
            )
        use, watch = sorted(tries, key=lambda each: each[0].wall)[rounds // 2]
        rows.append(
            (
                str(nodes),
                resources[1],
                f"{use.wall:.1f}",
                f"{sum(use.cpu):.1f}",
                f"{watch.memory / 2**20:.0f}",
                f"{watch.memory_by_name.get('java', 0) / 2**20:.0f}",
            )
        )
    head = ("machines", "resources", "wall s", "processor s", "peak MiB", "of it the program")
    return Findings(tables=[Table("Preview of large descriptions (middle round)", head, rows)])


def _preview(stand: Stand, nodes: int) -> tuple[Use, Watch]:
    with stand.private_folder("graph") as folder:
        stack = folder / "stack"
        for name in ("state", "stack"):
            (folder / name).mkdir()
        (folder / "description.yaml").write_text(_description(nodes))
        (folder / "passphrase").write_text(secrets.token_hex(32))
        (stack / "Pulumi.yaml").write_text("name: ninefold\nruntime: java\n")
        stand.give_to_caller(folder)
        environment = {
            **os.environ,
            "PULUMI_BACKEND_URL": f"file://{folder / 'state'}?metadata=skip",
            "PULUMI_CONFIG_PASSPHRASE_FILE": str(folder / "passphrase"),
        }

        def prepare(*arguments: str, stdin: str = "") -> None:
            command = stand.project.as_caller(*_pulumi("--cwd", str(stack), *arguments))
            output_of(command, stdin=stdin, cwd=stand.project.root, env=environment)

        prepare("stack", "init", "graph")
        prepare("config", "set", "ninefold:cluster", stdin=str(folder / "description.yaml"))
        # A preview contacts no machine, so any value works as a key.
        prepare("config", "set", "--secret", "ninefold:sshPrivateKey", stdin="none")
        watch = Watch()
        configuration = str(stack / "Pulumi.graph.yaml")
        preview = _pulumi("preview", "--stack", "graph", "--config-file", configuration)
        return stand.outside(preview, environment, watch), watch


def _pulumi(*arguments: str) -> list[str]:
    return ["bash", "-c", '. toolchain/env && exec pulumi "$@"', "pulumi", *arguments]


def _description(nodes: int) -> str:
    network = ipaddress.ip_network("10.40.0.0/16")
    roles = [*["etcd"] * _ETCD, *["balancer"] * _BALANCERS, "repository"]
    roles += ["postgres"] * (nodes - len(roles))
    lines = [
        "name: large",
        f"network: {{cidr: {network}, virtualAddress: {network[10]}}}",
        "databases: [{name: app, owner: app}]",
        "machines: {kind: given}",
        # Each node may have a connection to every other node.
        f"postgresql: {{parameters: {{max_wal_senders: '{nodes + 10}'}}}}",
        "nodes:",
    ]
    for number, role in enumerate(roles, 1):
        lines.append(
            f"  - {{name: {role}{number}, address: {network[100 + number]}, roles: [{role}],"
            f" memory: 4GiB, hostKey: {_host_key()}}}"
        )
    return "\n".join(lines) + "\n"


def _host_key() -> str:
    """A well-formed public key without a private key."""
    kind = b"ssh-ed25519"
    body = struct.pack(">I", len(kind)) + kind + struct.pack(">I", 32) + secrets.token_bytes(32)
    return f"{kind.decode()} {base64.b64encode(body).decode()}"
