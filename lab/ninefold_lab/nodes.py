"""The nine nodes, the same in both labs, and a machine that is none of them."""

from __future__ import annotations

from dataclasses import dataclass

from .process import LabError

NETWORK = "192.168.100.0/24"
HOST_ADDRESS = "192.168.100.254"
PREFIX_LENGTH = 24


@dataclass(frozen=True)
class Node:
    """One machine of the lab."""

    name: str
    address: str
    roles: tuple[str, ...]


NODES = (
    Node("postgres1", "192.168.100.1", ("postgres",)),
    Node("postgres2", "192.168.100.2", ("postgres",)),
    Node("postgres3", "192.168.100.3", ("postgres",)),
    Node("etcd1", "192.168.100.4", ("etcd",)),
    Node("haproxy1", "192.168.100.5", ("balancer",)),
    Node("haproxy2", "192.168.100.6", ("balancer",)),
    Node("etcd2", "192.168.100.7", ("etcd",)),
    Node("etcd3", "192.168.100.8", ("etcd",)),
    Node("repository", "192.168.100.9", ("repository",)),
)

# On the same network, and not of the cluster: from here it is attacked. It is off until it is wanted.
OUTSIDER = Node("outsider", "192.168.100.66", ())
MACHINES = (*NODES, OUTSIDER)


def node_named(name: str) -> Node:
    for node in MACHINES:
        if node.name == name:
            return node
    names = ", ".join(node.name for node in MACHINES)
    raise LabError(f"no node is called {name}: it must be one of {names}")
