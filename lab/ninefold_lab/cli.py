"""The command line: `lab/lab KIND VERB`."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from .containers import ContainersLab
from .lab import Lab
from .privileges import become_root
from .process import LabError
from .progress import Progress
from .project import Project
from .vms import VmsLab

if TYPE_CHECKING:
    Verbs: TypeAlias = argparse._SubParsersAction[argparse.ArgumentParser]

_NODE = "a machine of the lab; `status` lists the machines"


def main(arguments: Sequence[str]) -> int:
    """Runs one verb; returns its exit code."""
    parser = argparse.ArgumentParser(
        prog="lab/lab", description="Runs Ninefold on machines in an isolated network."
    )
    kinds = parser.add_subparsers(title="kinds", metavar="KIND", required=True)
    _add_containers(kinds.add_parser("containers", help="systemd-nspawn containers"))
    _add_vms(kinds.add_parser("vms", help="libvirt virtual machines, created by the stack"))
    options = parser.parse_args(arguments)
    os.umask(0o022)
    try:
        become_root(str(Project.of_this_file().root / "lab/lab"), arguments)
        return options.verb(options) or 0
    except LabError as error:
        print(f"lab/lab: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader of the output has ended. Python must not flush the rest at its exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141


def _add_containers(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    _add_common(verbs, ContainersLab)
    for name in ("create", "deploy"):
        verb = verbs.choices[name]
        verb.add_argument(
            "--preinstalled",
            action="store_true",
            help="use an image with the cluster's packages installed",
        )
        verb.add_argument(
            "--fresh", action="store_true", help="start with empty disks and an empty stack"
        )

    add = _verb(
        verbs,
        ContainersLab,
        "add",
        "create and start one more machine of the description (NINEFOLD_DESCRIPTION)",
    )
    add.add_argument("node", metavar="NODE", help="its name in the description")
    _runs(add, ContainersLab, lambda lab, o: lab.add(o.node))

    remove = _verb(
        verbs, ContainersLab, "remove", "remove a machine and its disk, while the others run"
    )
    remove.add_argument("node", metavar="NODE", help=_NODE)
    _runs(remove, ContainersLab, lambda lab, o: lab.remove(lab.node(o.node)))

    freeze = _verb(
        verbs, ContainersLab, "freeze", "stop the cluster, and save its disks, stack and keys"
    )
    freeze.add_argument("folder", metavar="FOLDER", type=Path, help="a folder that does not exist")
    _runs(freeze, ContainersLab, lambda lab, o: lab.freeze(o.folder.absolute()))

    thaw = _verb(
        verbs, ContainersLab, "thaw", "replace machines, stack and keys by a frozen cluster's"
    )
    thaw.add_argument("folder", metavar="FOLDER", type=Path, help="the folder that freeze wrote")
    _runs(thaw, ContainersLab, lambda lab, o: lab.thaw(o.folder.absolute()))

    link = _verb(verbs, ContainersLab, "link", "disconnect a node's network cable, or connect it")
    link.add_argument("node", metavar="NODE", help=_NODE)
    link.add_argument("state", choices=("down", "up"))
    _runs(link, ContainersLab, lambda lab, o: lab.link(lab.node(o.node), up=o.state == "up"))

    cut = _verb(verbs, ContainersLab, "cut", "drop all packets between a node and other nodes")
    cut.add_argument("node", metavar="NODE", help=_NODE)
    cut.add_argument(
        "--from",
        dest="others",
        metavar="NODE",
        nargs="+",
        required=True,
        help="the other nodes; `host` is the lab's host, with the clients and the apt repository",
    )
    _runs(cut, ContainersLab, lambda lab, o: lab.cut(o.node, o.others))

    heal = _verb(verbs, ContainersLab, "heal", "undo all cuts")
    _runs(heal, ContainersLab, lambda lab, o: lab.heal())


def _add_vms(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    _add_common(verbs, VmsLab)
    verbs.choices["create"].add_argument(
        "--prepare",
        action="store_true",
        help="create no machines, only the network, libvirt and the image",
    )


def _add_common(verbs: Verbs, kind: type[Lab]) -> None:
    deploy = _verb(
        verbs, kind, "deploy", "create the machines, run `pulumi up`, print the stack's outputs"
    )
    deploy.add_argument(
        "--verify",
        action="store_true",
        help="also write through the virtual address, and read it back from a replica",
    )
    _runs(deploy, kind, lambda lab, o: lab.deploy(**_create_options(o)))

    create = _verb(verbs, kind, "create", "create and start the machines that are missing or off")
    _runs(create, kind, lambda lab, o: lab.create(**_create_options(o)))

    # All arguments after it are Pulumi's, so this parser must not interpret options.
    pulumi = _verb(
        verbs,
        kind,
        "pulumi",
        "run pulumi on the lab's stack, inside the lab's network",
        prefix_chars="\0",
        add_help=False,
    )
    pulumi.add_argument("arguments", metavar="ARGS", nargs=argparse.REMAINDER)
    _runs(pulumi, kind, lambda lab, o: _pulumi(lab, o.arguments, pulumi))

    run = _verb(verbs, kind, "run", "run a command inside the lab's network, in this folder")
    run.add_argument("command", metavar="CMD", nargs=argparse.REMAINDER)
    _runs(run, kind, lambda lab, o: lab.run(_some(o.command)))

    ssh = _verb(verbs, kind, "ssh", "run a shell or a command on a node, as its administrator")
    ssh.add_argument("node", metavar="NODE", help=_NODE)
    ssh.add_argument("command", metavar="CMD", nargs=argparse.REMAINDER)
    _runs(ssh, kind, lambda lab, o: lab.ssh(lab.node(o.node), o.command))

    off = _verb(
        verbs,
        kind,
        "power-off",
        "cut a node's power; its link goes down first, so it sends nothing",
    )
    off.add_argument("node", metavar="NODE", help=_NODE)
    _runs(off, kind, lambda lab, o: lab.power_off(lab.node(o.node)))

    on = _verb(verbs, kind, "power-on", "start a node and wait until it answers ssh")
    on.add_argument("node", metavar="NODE", help=_NODE)
    _runs(on, kind, lambda lab, o: lab.power_on(lab.node(o.node)))

    status = _verb(verbs, kind, "status", "list the nodes, whether they run, and the leader")
    status.add_argument("--json", action="store_true", help="print JSON, for scripts")
    _runs(status, kind, lambda lab, o: _show_status(lab, o.json))

    destroy = _verb(verbs, kind, "destroy", "remove the whole lab, and check that nothing is left")
    _runs(destroy, kind, lambda lab, o: lab.destroy())


def _verb(
    verbs: Verbs, kind: type[Lab], name: str, text: str, **options: Any
) -> argparse.ArgumentParser:
    description = text[0].upper() + text[1:] + "."
    return verbs.add_parser(name, help=text, description=description, **options)


def _runs(
    parser: argparse.ArgumentParser,
    kind: type[Lab],
    act: Callable[..., int | None],
) -> None:
    parser.set_defaults(verb=lambda options: act(kind(Project.of_this_file(), Progress()), options))


def _create_options(options: argparse.Namespace) -> dict[str, object]:
    return {k: v for k, v in vars(options).items() if k != "verb"}


def _pulumi(lab: Lab, arguments: list[str], parser: argparse.ArgumentParser) -> None:
    if arguments[:1] in (["-h"], ["--help"]):
        parser.print_help()
    else:
        lab.pulumi(arguments)


def _some(command: list[str]) -> list[str]:
    command = command[1:] if command[:1] == ["--"] else command
    if not command:
        raise LabError("run needs a command")
    return command


def _show_status(lab: Lab, as_json: bool) -> None:
    nodes = lab.status()
    if as_json:
        print(json.dumps({"nodes": nodes}))
        return
    for node in nodes:
        power = "running" if node["running"] else "off"
        roles = ", ".join(node["roles"]) + (" (leader)" if node["leader"] else "")
        print(f"{node['name']:<12} {node['address']:<16} {power:<8} {roles}")
