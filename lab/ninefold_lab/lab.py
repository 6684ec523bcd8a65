"""What both labs have in common: their verbs, their stack, and how commands enter them."""

from __future__ import annotations

import abc
import fcntl
import json
import os
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
    """Machines on an isolated network, and a stack that makes a cluster of them."""

    kind: ClassVar[str]
    stack_name: ClassVar[str]
    description: ClassVar[str]

    def __init__(self, project: Project, progress: Progress) -> None:
        self.project = project
        self.progress = progress
        self.folder = project.lab_folder(self.kind)
        self.namespace = Namespace(f"ninefold-{project.id}-{self.kind}")
        self.stack = Stack(project, self.folder, self.stack_name)

    # What a kind of lab supplies.

    @property
    @abc.abstractmethod
    def nodes(self) -> tuple[Node, ...]:
        """The machines of the cluster that the lab has, or would create."""

    @abc.abstractmethod
    def create(self, **options: Any) -> None:
        """Makes the machines that are missing and starts those that are off."""

    @abc.abstractmethod
    def destroy(self) -> None:
        """Takes away everything that the lab has made, and checks that it is gone."""

    @abc.abstractmethod
    def is_running(self, node: Node) -> bool:
        """Whether the machine has power."""

    @abc.abstractmethod
    def power_off(self, node: Node) -> None:
        """Cuts the machine's power: nothing more is sent, nothing is shut down."""

    @abc.abstractmethod
    def power_on(self, node: Node) -> None:
        """Starts the machine and waits until it answers ssh."""

    @abc.abstractmethod
    def ssh_command(self, node: Node, command: Sequence[str]) -> list[str]:
        """The ssh client's command line, to be run inside the lab's network."""

    @abc.abstractmethod
    def configuration(self) -> tuple[dict[str, str], dict[str, str]]:
        """The stack's configuration, plain and secret, without the namespace `ninefold:`."""

    # What is the same for all.

    @property
    def description_file(self) -> Path:
        """The description in use: NINEFOLD_DESCRIPTION, or the lab's own."""
        return self.project.root / (os.environ.get("NINEFOLD_DESCRIPTION") or self.description)

    def machines(self) -> tuple[Node, ...]:
        """Every machine that a verb can name."""
        return self.nodes

    def node(self, name: str) -> Node:
        return named(name, self.machines())

    def prepare(self, **options: Any) -> None:
        """Makes ready what `pulumi up` needs to deploy."""
        self.create(**options)

    def deploy(self, *, verify: bool = False, **options: Any) -> int:
        """Machines, then the cluster on them, then the stack's outputs. With `verify` a client
        writes through the virtual address, and reads that back from a replica."""
        with self.progress.phase("machines"):
            self.prepare(**options)
        with self.progress.phase("pulumi up"):
            code = self._up()
        if code == 0:
            if verify:
                with self.progress.phase("a write, read back from a replica"):
                    check(self._outputs(), self.namespace, self.folder)
            self._show_outputs()
        self.progress.summary()
        return code

    def pulumi(self, arguments: Sequence[str]) -> None:
        """Becomes Pulumi on the lab's stack."""
        command = self._pulumi(arguments)
        os.chdir(self.project.root)
        os.execvpe(command[0], command, self.stack.environment())

    def run(self, command: Sequence[str]) -> None:
        """Becomes the command, in the caller's folder."""
        self._execute(self._inside(*command))

    def ssh(self, node: Node, command: Sequence[str]) -> None:
        """Becomes an ssh client on the node."""
        self._execute(self._inside(*self.ssh_command(node, command)))

    def status(self) -> list[dict[str, Any]]:
        """Every node with its roles, whether it has power, and whether it leads (or None)."""
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
        """Only one command makes or unmakes the lab at a time."""
        self.project.make_folder(self.folder)
        descriptor = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                self.progress.say("waiting for another command on this lab to end …")
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _refuse_from_inside(self) -> None:
        if os.getpid() in self.namespace.processes():
            raise LabError("destroy would end the command it was called from: leave `run` first")

    def _end_processes_inside(self) -> None:
        """What `run` or a Pulumi that was killed left behind in the lab's network."""

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
        """The command inside the lab's network, as the one who called the lab."""
        if not self.namespace.exists():
            raise LabError(f"the lab is not there: lab/lab {self.kind} create makes it")
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
        return json.loads(self._stack_command("output", "--json", "--show-secrets"))

    def _stack_command(self, *arguments: str) -> str:
        return output_of(
            self.project.as_caller(*self.stack.command(["stack", *arguments])),
            cwd=self.project.root,
            env=self.stack.environment(),
        )

    def _leader(self, databases: Sequence[Node]) -> str | None:
        """Whom Patroni calls the leader: the first answer of any database node."""
        if not databases or not self.namespace.exists():
            return None
        with ThreadPoolExecutor(len(databases)) as pool:
            answers = pool.map(self._leader_as_seen_by, databases)
        return next(filter(None, answers), None)

    def _leader_as_seen_by(self, node: Node) -> str | None:
        command = (
            "test -e /etc/patroni/config.d && config=/etc/patroni/config.d"
            " || config=/etc/patroni/config.yml;"
            " sudo timeout 8 patronictl -c $config list -f json 2>/dev/null"
        )
        try:
            said = output_of(self._inside(*self.ssh_command(node, [command])), timeout=15)
            members = json.loads(said)
        except (LabError, json.JSONDecodeError):
            return None
        return next((m["Member"] for m in members if "Leader" in m["Role"]), None)
