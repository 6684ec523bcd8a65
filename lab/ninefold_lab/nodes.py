"""The machines of a lab: the nodes of a description, and one that belongs to no cluster."""

from __future__ import annotations

import ipaddress
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .process import LabError

NETWORK = ipaddress.IPv4Network("192.168.100.0/24")
HOST_ADDRESS = "192.168.100.254"
PREFIX_LENGTH = NETWORK.prefixlen

# A node's interface on the switch is called vb-NAME, and Linux allows 15 characters for it.
_LONGEST_NAME = 12


@dataclass(frozen=True)
class Node:
    """One machine of the lab."""

    name: str
    address: str
    roles: tuple[str, ...]


# Names with a meaning in the lab: the host in a cut, and files in the folder of the machines' keys.
_RESERVED = ("host", "admin", "config", "known_hosts")

# A machine on the same network that is not part of the cluster. Attacks start there. It is off
# until a test needs it.
OUTSIDER = Node("outsider", "192.168.100.66", ())


def described(description: Path) -> tuple[Node, ...]:
    """The nodes of a description. The program checks everything else in it."""
    import yaml  # here, because the import takes longer than most verbs, and few need it

    try:
        text = description.read_text()
    except OSError as error:
        raise LabError(f"the description {description} cannot be read: {error.strerror}") from None
    try:
        nodes = [_node(entry) for entry in yaml.safe_load(text)["nodes"]]
    except (yaml.YAMLError, KeyError, TypeError) as error:
        raise LabError(f"the lab finds no machines in {description}: {error!r}") from None
    if not nodes:
        raise LabError(f"{description} has no nodes: the lab has nothing to create")
    return tuple(nodes)


def check_fit(nodes: Sequence[Node]) -> None:
    """Refuses machines that do not fit into the lab's network."""
    problems = [problem for node in nodes for problem in _problems(node)]
    for key in ("name", "address"):
        used = Counter(getattr(node, key) for node in (*nodes, OUTSIDER))
        problems += [f"{value} is the {key} of {n} machines" for value, n in used.items() if n > 1]
    if problems:
        raise LabError("the lab cannot create these machines: " + "; ".join(problems))


def named(name: str, nodes: Iterable[Node]) -> Node:
    nodes = tuple(nodes)
    for node in nodes:
        if node.name == name:
            return node
    names = ", ".join(node.name for node in nodes)
    raise LabError(f"no node is called {name}: it must be one of {names}")


def to_json(nodes: Iterable[Node]) -> str:
    return json.dumps([asdict(node) for node in nodes], indent=2) + "\n"


def from_json(text: str) -> tuple[Node, ...]:
    return tuple(_node(entry) for entry in json.loads(text))


def _node(entry: dict[str, Any]) -> Node:
    return Node(str(entry["name"]), str(entry["address"]), tuple(entry["roles"]))


def _problems(node: Node) -> list[str]:
    problems = []
    if len(node.name) > _LONGEST_NAME:
        problems.append(f"{node.name} has more than {_LONGEST_NAME} characters")
    if node.name in _RESERVED:
        problems.append(f"{node.name} is a name that the lab reserves")
    try:
        address = ipaddress.IPv4Address(node.address)
    except ValueError:
        return [*problems, f"{node.name} has the address {node.address}, which is not IPv4"]
    if address not in NETWORK or address in (
        NETWORK.network_address,
        NETWORK.broadcast_address,
        ipaddress.IPv4Address(HOST_ADDRESS),
    ):
        problems.append(
            f"{node.name} has the address {node.address}: the lab's network is {NETWORK},"
            f" and {HOST_ADDRESS} is the lab's host"
        )
    return problems
