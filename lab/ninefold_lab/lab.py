"""The common part of both kinds of lab: verbs, stack, and commands inside the lab's network."""

from __future__ import annotations

import abc
import fcntl
import json
import os
import secrets
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

from .namespace import Namespace
from .nodes import Node, named
from .process import LabError, output_of, run_foreground, wait_for
from .progress import Progress
from .project import Project
from .stack import Stack
from .verify import check


class Lab(abc.ABC):
    """Machines on an isolated network, and a stack that turns them into a cluster."""

    kind: ClassVar[str]
    stack_name: ClassVar[str]
    description: ClassVar[str]

    def __init__(self, project: Project, progress: Progress) -> None:
        self.project = project
        self.progress = progress
        self.folder = project.lab_folder(self.kind)
        self.namespace = Namespace(f"ninefold-{project.id}-{self.kind}")
        self.stack = Stack(project, self.folder, self.stack_name)

    # What each kind of lab implements.

    @property
    @abc.abstractmethod
    def nodes(self) -> tuple[Node, ...]:
        """The cluster's machines that the lab has or, before `create`, that it would create."""

    @abc.abstractmethod
    def create(self, **options: Any) -> None:
        """Creates the machines that are missing, and starts those that are off."""

    @abc.abstractmethod
    def destroy(self) -> None:
        """Removes everything that the lab has created, and checks that nothing is left."""

    @abc.abstractmethod
    def is_running(self, node: Node) -> bool:
        """Whether the machine has power."""

    @abc.abstractmethod
    def power_off(self, node: Node) -> None:
        """Cuts the machine's power: it sends nothing more, and does not shut down."""

    @abc.abstractmethod
    def power_on(self, node: Node) -> None:
        """Starts the machine and waits until it answers ssh."""

    @abc.abstractmethod
    def ssh_command(self, node: Node, command: Sequence[str]) -> list[str]:
        """The ssh client's command line, to be run inside the lab's network."""

    @abc.abstractmethod
    def configuration(self) -> tuple[dict[str, str], dict[str, str]]:
        """The stack's configuration, plain and secret, without the namespace `ninefold:`."""

    # What all kinds share.

    @property
    def description_file(self) -> Path:
        """The description in use: NINEFOLD_DESCRIPTION, or the lab's own."""
        return self.project.root / (os.environ.get("NINEFOLD_DESCRIPTION") or self.description)

    def machines(self) -> tuple[Node, ...]:
        """All machines that a verb accepts."""
        return self.nodes

    def node(self, name: str) -> Node:
        return named(name, self.machines())

    def prepare(self, **options: Any) -> None:
        """Creates what `pulumi up` needs."""
        self.create(**options)

    def deploy(self, *, verify: bool = False, **options: Any) -> int:
        """Creates the machines and the cluster, and prints the stack's outputs. With `verify`, a
        client writes through the virtual address, and reads that back from a replica."""
        with self.progress.phase("machines"):
            self.prepare(**options)
        with self.progress.phase("pulumi up"):
            code = self._up()
        if code == 0:
            if verify:
                with self.progress.phase("writing, and reading back from a replica"):
                    check(self._outputs(), self.namespace, self.folder)
            self._show_outputs()
        self.progress.summary()
        return code

    def pulumi(self, arguments: Sequence[str]) -> None:
        """Replaces this process by Pulumi on the lab's stack."""
        command = self._pulumi(arguments)
        os.chdir(self.project.root)
        os.execvpe(command[0], command, self.stack.environment())

    def run(self, command: Sequence[str]) -> None:
        """Replaces this process by the command, in the caller's folder."""
        self._execute(self._inside(*command))

    def ssh(self, node: Node, command: Sequence[str]) -> None:
        """Replaces this process by an ssh client on the node."""
        self._execute(self._inside(*self.ssh_command(node, command)))

    def status(self) -> list[dict[str, Any]]:
        """Each node with its roles, whether it runs, and whether it is the leader, or None if no
        node reports a leader."""
        nodes = self.nodes
        with ThreadPoolExecutor(len(nodes)) as pool:
            running = list(pool.map(self.is_running, nodes))
        leader = self._leader(
            [n for n, on in zip(nodes, running, strict=True) if on and "postgres" in n.roles]
        )
        return [
            {
                "name": node.name,
                "address": node.address,
                "roles": list(node.roles),
                "running": on,
                "leader": None if leader is None else node.name == leader,
            }
            for node, on in zip(nodes, running, strict=True)
        ]

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Excludes other commands that create, change or destroy the lab."""
        self.project.make_folder(self.folder)
        descriptor = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                self.progress.say("waiting for a different command on this lab to end …")
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _refuse_from_inside(self) -> None:
        if os.getpid() in self.namespace.processes():
            raise LabError("destroy would end the command it was called from: leave `run` first")

    def _end_processes_inside(self) -> None:
        """Kills processes in the lab's network, which `run` or a killed Pulumi may have left."""

        def none_left() -> bool:
            processes = self.namespace.processes()
            for process in processes:
                try:
                    os.kill(process, 9)
                except ProcessLookupError:
                    continue
            return not processes

        wait_for(none_left, "the processes in the lab's network to end", 60)

    def _inside(self, *command: str) -> list[str]:
        """A command line that runs the command inside the lab's network, as the lab's caller."""
        if not self.namespace.exists():
            raise LabError(f"the lab does not exist: run lab/lab {self.kind} create")
        return self.namespace.enter(*self.project.as_caller(*command))

    def _up(self, *options: str) -> int:
        command = self._pulumi(
            ["up", "--yes", "--skip-preview", "--parallel=32", "--suppress-outputs", *options]
        )
        return run_foreground(command, cwd=self.project.root, env=self.stack.environment())

    def _pulumi(self, arguments: Sequence[str]) -> list[str]:
        inside = self._inside(*self.stack.command(arguments))
        with self.locked():
            self.stack.prepare(arguments)
            self.stack.make(*self.configuration())
            self.stack.describe(os.environ.get("NINEFOLD_DESCRIPTION") or self.description)
        return inside

    def _execute(self, command: list[str]) -> None:
        try:
            os.execvp(command[0], command)
        except FileNotFoundError:
            raise LabError(
                f"{command[0]} is not installed: run toolchain/system-packages"
            ) from None

    def _show_outputs(self) -> None:
        command = self._inside(*self.stack.command(["stack", "output"]))
        print(output_of(command, cwd=self.project.root, env=self.stack.environment()), end="")

    def _outputs(self) -> dict[str, Any]:
        outputs: dict[str, Any] = json.loads(
            self._stack_command("output", "--json", "--show-secrets")
        )
        return outputs

    def _stack_command(self, *arguments: str) -> str:
        return output_of(
            self.project.as_caller(*self.stack.command(["stack", *arguments])),
            cwd=self.project.root,
            env=self.stack.environment(),
        )

    def _backup_passphrase(self) -> str:
        """The passphrase is stored outside the stack, so that a new stack can adopt the
        repository."""
        file = self.folder / "backup-passphrase"
        if not file.exists():
            self.project.write(file, secrets.token_urlsafe(32), 0o600)
        return file.read_text()

    def _leader(self, database_nodes: Sequence[Node]) -> str | None:
        """The leader's name by Patroni: the first answer of a database node."""
        if not database_nodes or not self.namespace.exists():
            return None
        with ThreadPoolExecutor(len(database_nodes)) as pool:
            answers = pool.map(self._leader_as_seen_by, database_nodes)
        return next(filter(None, answers), None)

    def _leader_as_seen_by(self, node: Node) -> str | None:
        command = (
            "test -e /etc/patroni/config.d && config=/etc/patroni/config.d"
            " || config=/etc/patroni/config.yml;"
            " sudo timeout 8 patronictl -c $config list -f json 2>/dev/null"
        )
        try:
            listing = output_of(self._inside(*self.ssh_command(node, [command])), timeout=15)
            members = json.loads(listing)
        except (LabError, json.JSONDecodeError):
            return None
        return next((m["Member"] for m in members if "Leader" in m["Role"]), None)
