"""The lab's switch: a bridge in its namespace, with links that can be set down or cut."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from .namespace import Namespace
from .nodes import HOST_ADDRESS, PREFIX_LENGTH, Node
from .process import LabError, output_of, wait_for

BRIDGE = "br0"
HOST = "host"

# Packets are dropped by port, not by address, so a cut includes ARP and the virtual address, if the
# node has it. Packets of the lab's own host do not pass the forward hook.
_RULES = """
table bridge cuts {
  set pairs { type ifname . ifname; }
  set host { type ifname; }
  chain forward { type filter hook forward priority 0; iifname . oifname @pairs drop; }
  chain input { type filter hook input priority 0; iifname @host drop; }
  chain output { type filter hook output priority 0; oifname @host drop; }
}
"""


def port(node: str) -> str:
    """The node's interface on the switch, as systemd-nspawn names it."""
    return f"vb-{node}"


class Switch:
    """Connects the nodes and the lab's host."""

    def __init__(self, namespace: Namespace) -> None:
        self._namespace = namespace

    def make(self) -> None:
        if BRIDGE not in self._links():
            self._ip(f"link add {BRIDGE} type bridge forward_delay 0 mcast_snooping 0")
            self._ip(f"address add {HOST_ADDRESS}/{PREFIX_LENGTH} dev {BRIDGE}")
        self._ip(f"link set {BRIDGE} up")
        if "cuts" not in self._nft("list tables bridge"):
            self._nft(_RULES)

    def has(self, node: Node) -> bool:
        return port(node.name) in self._links()

    def link_down(self, node: Node) -> None:
        """Sets the node's link down. The node loses its carrier."""
        self._ip(f"link set {port(node.name)} down")

    def link_up(self, node: Node) -> None:
        self._ip(f"link set {port(node.name)} up")

    def remove_port(self, node: Node) -> None:
        """Removes a dead container's interface, which can remain and would make its next boot
        fail."""
        if self.has(node):
            with suppress(LabError):  # the kernel may remove it first
                self._ip(f"link delete {port(node.name)}")
        wait_for(lambda: not self.has(node), f"{port(node.name)} to be removed", 20)

    def cut(self, node: str, others: Iterable[str]) -> None:
        """Drops all packets between the node and each of the others, in both directions."""
        for other in others:
            self._change("add", node, other)

    def heal(self) -> None:
        """Undoes all cuts."""
        self._nft("flush set bridge cuts pairs\nflush set bridge cuts host")

    def _change(self, verb: str, node: str, other: str) -> None:
        if HOST in (node, other):
            end = port(other if node == HOST else node)
            self._nft(f'{verb} element bridge cuts host {{ "{end}" }}')
            return
        a, b = port(node), port(other)
        self._nft(f'{verb} element bridge cuts pairs {{ "{a}" . "{b}", "{b}" . "{a}" }}')

    def _links(self) -> set[str]:
        if not self._namespace.exists():
            return set()
        lines = output_of(self._namespace.enter("ip", "-oneline", "link")).splitlines()
        return {line.split()[1].rstrip(":").split("@")[0] for line in lines}

    def _ip(self, arguments: str) -> None:
        output_of(self._namespace.enter("ip", *arguments.split()))

    def _nft(self, rules: str) -> str:
        return output_of(self._namespace.enter("nft", "-f", "-"), stdin=rules)
