"""The VMs lab: its machines are libvirt domains, which the stack itself creates."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .lab import Lab
from .namespace import HostNetwork
from .nodes import Node, described
from .process import LabError, output_of, run_foreground, wait_for
from .progress import Progress
from .project import Project
from .ssh import ADMIN
from .stack import plain
from .vms_daemon import OwnLibvirt, WorkstationLibvirt, workstation_has_libvirt
from .vms_domain_type import domain_type
from .vms_image import base_image

# Without KVM, nine emulated guests share the host's few cores.
BOOT_TIMEOUT = 600  # s
ANSWER_TIMEOUT = 45  # s

# The resources of the stack that are machines, by the types in their URNs.
_MACHINES = ("**::ninefold:cluster:PostgresCluster::*", "**$ninefold:machine:**")


class VmsLab(Lab):
    """Virtual machines on the workstation's libvirt. If that does not work, on a libvirt of the
    lab's own, inside a network namespace."""

    kind = "vms"
    stack_name = "dev"
    description = "stacks/dev.yaml"

    def __init__(self, project: Project, progress: Progress) -> None:
        super().__init__(project, progress)
        self._libvirt: WorkstationLibvirt | OwnLibvirt
        if self._is_of_the_workstation():
            self._libvirt, self.namespace = WorkstationLibvirt(), HostNetwork()
        else:
            self._libvirt = OwnLibvirt(project, self.folder, self.namespace)
        self._keys_lock = threading.Lock()

    @property
    def nodes(self) -> tuple[Node, ...]:
        return described(self.description_file)

    def create(self, *, prepare: bool = False, **_: Any) -> None:
        """Creates the stack's machines without services; with `prepare`, only what machines
        need."""
        self.prepare()
        if prepare:
            return
        with self.progress.phase("pulumi up, machines only"):
            code = self._up(*(f"--target={part}" for part in _MACHINES))
        if code != 0:
            raise LabError(
                f"pulumi up ended with exit code {code}, for the reason above."
                " Correct it, and run lab/lab vms create again"
            )
        with self.progress.phase("waiting for ssh on all machines"):
            for node in self.nodes:
                self._await_greeting(node)

    def prepare(self, **_: Any) -> None:
        """Prepares what `pulumi up` needs for the machines: network, libvirt, image,
        configuration."""
        with self.locked():
            image = base_image(self.project, self.progress)
            kind = domain_type(self.project, self.progress, image)
            self.namespace.make()
            self._libvirt.start()
            self.project.write(
                self.folder / "machines.json",
                json.dumps(
                    {
                        "libvirtUri": self._libvirt.uri,
                        "domainType": kind,
                        "baseImage": str(image.disk),
                    }
                ),
            )
        self._start_machines_that_are_off()

    def is_running(self, node: Node) -> bool:
        domain = self._domain_of(node)
        return domain is not None and self._state(domain) == "running"

    def power_off(self, node: Node) -> None:
        domain = self._domain(node)
        if self._state(domain) != "running":
            return
        for line in self._libvirt.virsh("domiflist", domain).splitlines():
            self._libvirt.virsh("domif-setlink", domain, line.split()[0], "down")
        self._libvirt.virsh("destroy", domain)

    def power_on(self, node: Node) -> None:
        domain = self._domain(node)
        if self._state(domain) != "running":
            self._libvirt.virsh("start", domain)
        self._await_greeting(node)

    def ssh_command(self, node: Node, command: Sequence[str]) -> list[str]:
        keys = self._keys()
        options = {
            "User": ADMIN,
            "UserKnownHostsFile": keys / "known_hosts",
            "GlobalKnownHostsFile": "/dev/null",
            "IdentitiesOnly": "yes",
            "IdentityAgent": "none",
            "StrictHostKeyChecking": "yes",
            "PasswordAuthentication": "no",
            "ConnectTimeout": "20",
            "LogLevel": "ERROR",
        }
        flags = [word for name, value in options.items() for word in ("-o", f'{name}="{value}"')]
        for key in sorted(keys.glob(f"{ADMIN}*")):
            flags += ["-i", str(key)]
        return ["ssh", "-F", "none", *flags, node.address, *command]

    def configuration(self) -> tuple[dict[str, str], dict[str, str]]:
        machines = self.folder / "machines.json"
        if not machines.exists():
            raise LabError("the lab does not exist: run lab/lab vms create")
        return (
            {"cluster": self.description, **json.loads(machines.read_text())},
            {"backupPassphrase": self._backup_passphrase()},
        )

    def destroy(self) -> None:
        self._refuse_from_inside()
        with self.locked():
            if isinstance(self._libvirt, WorkstationLibvirt):
                self._destroy_machines()
            self._end_processes_inside()  # they include the machines and the lab's own libvirt
            self.namespace.remove()
            shutil.rmtree(self.folder)
        if self.namespace.path.exists() or self.folder.exists():
            raise LabError(f"destroy left {self.namespace.path} or {self.folder} behind")

    def _is_of_the_workstation(self) -> bool:
        """Whether the lab uses the workstation's libvirt. An existing lab keeps the one it has."""
        machines = self.folder / "machines.json"
        if machines.exists():
            return bool(json.loads(machines.read_text())["libvirtUri"] == WorkstationLibvirt.uri)
        return workstation_has_libvirt(self.project)

    def _destroy_machines(self) -> None:
        """Removes exactly what the stack has created, because others use this libvirt too."""
        if self.stack.state_file.exists():
            self._libvirt.start()
            command = self.stack.command(["destroy", "--yes", "--skip-preview"])
            code = run_foreground(
                self.project.as_caller(*command),
                cwd=self.project.root,
                env=self.stack.environment(),
            )
            if code != 0:
                raise LabError(
                    f"pulumi destroy ended with exit code {code}, for the reason above."
                    " Correct it, and run lab/lab vms destroy again"
                )
        if left := set(self._created("libvirt:index/domain:Domain").values()):
            raise LabError(
                f"these domains still exist, for the reason above: {', '.join(sorted(left))}."
                " Run lab/lab vms destroy again"
            )

    def _leader_as_seen_by(self, node: Node) -> str | None:
        """Asks PostgreSQL, because patronictl is too slow on an emulated machine."""
        ask = "sudo -u postgres psql -X -A -t -c 'select pg_is_in_recovery()'"
        try:
            answer = output_of(self._inside(*self.ssh_command(node, [ask])), timeout=ANSWER_TIMEOUT)
        except LabError:
            return None
        return node.name if answer.strip() == "f" else None

    def _start_machines_that_are_off(self) -> None:
        """Starts existing machines. `pulumi up` creates and starts the missing ones."""
        off = set(self._libvirt.virsh("net-list", "--inactive", "--name").split())
        for network in off.intersection(self._created("libvirt:index/network:Network").values()):
            self._libvirt.virsh("net-start", network)
        off = self._libvirt.domains("--inactive")
        for domain in off.intersection(self._created("libvirt:index/domain:Domain").values()):
            self._libvirt.virsh("start", domain)

    def _domain(self, node: Node) -> str:
        domain = self._domain_of(node)
        if domain is None:
            raise LabError(f"{node.name} does not exist: run lab/lab vms create")
        return domain

    def _domain_of(self, node: Node) -> str | None:
        name = self._created("libvirt:index/domain:Domain").get(node.name)
        return name if name in self._libvirt.domains("--all") else None

    def _created(self, kind: str) -> dict[str, str]:
        """The stack's resources of a type: libvirt's names, by the first parts of the stack's
        names."""
        if not self.stack.state_file.exists():
            return {}
        state = json.loads(self.stack.state_file.read_text())
        resources = (state["checkpoint"].get("latest") or {}).get("resources", [])
        return {
            resource["urn"].rpartition("::")[2].partition("/")[0]: resource["outputs"]["name"]
            for resource in resources
            if resource["type"] == kind and "outputs" in resource
        }

    def _state(self, domain: str) -> str:
        return self._libvirt.virsh("domstate", domain).strip()

    def _await_greeting(self, node: Node) -> None:
        wait_for(
            lambda: self._greets(node),
            f"{node.name} ({node.address}) to answer ssh",
            BOOT_TIMEOUT,
            pause=0.5,
        )

    def _greets(self, node: Node) -> bool:
        try:
            with self.namespace.connect(node.address, 22, 2) as connection:
                return connection.recv(4) == b"SSH-"
        except OSError:
            return False

    def _keys(self) -> Path:
        """The folder with the current ssh keys and host keys of the stack."""
        with self._keys_lock:
            self._refresh_keys()
        return self.folder / "keys"

    def _refresh_keys(self) -> None:
        folder = self.folder / "keys"
        state = self.stack.state_file
        read = folder / "read"
        if not state.exists():
            raise LabError("the stack has no machines: run lab/lab vms create")
        if read.exists() and read.stat().st_mtime > state.stat().st_mtime:
            return
        pairs = self._key_pairs()
        administrators = [name for name in pairs if name.startswith("administrator")]
        if not administrators:
            raise LabError("the stack has no ssh key: run lab/lab vms create")
        lines = [
            f"{node.address} {key['publicKeyOpenssh'].strip()}\n"
            for node in self.nodes
            for name, key in pairs.items()
            if name.startswith(f"{node.name}/host-key")
        ]
        self.project.make_folder(folder, 0o700)
        self.project.write(folder / "known_hosts", "".join(lines))
        # During a key rotation there are two keys, and ssh tries both.
        files = {folder / name.replace("administrator", ADMIN): name for name in administrators}
        for file, name in files.items():
            self.project.write(file, pairs[name]["privateKeyOpenssh"], 0o600)
        for old in {*folder.glob(f"{ADMIN}*")} - files.keys():
            old.unlink()
        self.project.write(read, "")

    def _key_pairs(self) -> dict[str, dict[str, str]]:
        """The key pairs in the stack's state. The outputs contain them only after a complete
        `up`."""
        exported = json.loads(self._stack_command("export", "--show-secrets"))
        return {
            resource["urn"].rpartition("::")[2]: {
                name: plain(resource["outputs"][name])
                for name in ("privateKeyOpenssh", "publicKeyOpenssh")
            }
            for resource in exported["deployment"].get("resources", [])
            if resource["type"] == "tls:index/privateKey:PrivateKey" and "outputs" in resource
        }
