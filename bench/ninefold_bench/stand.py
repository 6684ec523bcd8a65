"""What the measurements use: the containers lab, its stack, and a check of the cluster."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ninefold_lab.cgroup import Cgroup, hierarchy
from ninefold_lab.containers import ContainersLab
from ninefold_lab.process import LabError, output_of
from ninefold_lab.progress import Progress
from ninefold_lab.project import Project

from .events import EventLog
from .processes import Runner, Use, Watch

_UP = ("up", "--yes", "--skip-preview")


class Stand:
    """The containers lab for measurements. Creates the lab if there is none."""

    def __init__(self) -> None:
        self.project = Project.of_this_file()
        self.folder = self.project.make_folder(self.project.root / ".build/bench")
        self.progress = Progress()
        self.lab = ContainersLab(self.project, self.progress)
        self._created = False
        cgroup = Cgroup(hierarchy() / f"ninefold-{self.project.id}-bench")
        self._runner = Runner(cgroup, self.project.root)

    # The machines.

    def start_fresh(self, *, preinstalled: bool) -> None:
        """Creates nine booted machines with empty disks, and an empty stack."""
        self.refuse_to_take_over()
        self._created = True
        self.lab.create(preinstalled=preinstalled, fresh=True)
        self.lab.stack.make(*self.lab.configuration())
        self.lab.stack.prepare(["up"])

    def need_cluster(self, description: str | None = None) -> None:
        """Creates a cluster with this description, or changes the existing one to it."""
        if not self._created and not self.is_up():
            self.start_fresh(preinstalled=True)
        self.lab.create(preinstalled=True)
        self.lab.stack.make(*self.lab.configuration())
        self.lab.stack.prepare(["up"])
        self.pulumi(*_UP, description=description)

    def is_up(self) -> bool:
        return self.lab.folder.exists() and self.lab.namespace.exists()

    def refuse_to_take_over(self) -> None:
        if not self._created and self.is_up():
            raise LabError(
                "the containers lab is in use, and this measurement starts with empty machines:"
                " run lab/lab containers destroy first"
            )

    def leave(self) -> None:
        """Destroys the lab if it was created here."""
        if self._created:
            self.lab.destroy()

    # Commands that are measured.

    def pulumi(
        self, *arguments: str, description: str | None = None, watch: Watch | None = None
    ) -> Use:
        """Pulumi on the lab's stack, inside the lab's network."""
        self.lab.stack.describe(description or self.lab.description)
        command = self.project.as_caller(*self.lab.stack.command(arguments))
        return self.inside(command, self.lab.stack.environment(), watch=watch)

    def up(self, *, watch: Watch | None = None) -> Use:
        return self.pulumi(*_UP, watch=watch)

    def logged_up(self) -> tuple[Use, EventLog]:
        """`pulumi up` with its event log."""
        file = self.folder / "events.json"
        os.environ["PULUMI_DEBUG_COMMANDS"] = "true"  # enables --event-log
        log = EventLog(file)
        return self.pulumi(*_UP, "--event-log", str(file)), log

    def inside(
        self,
        command: Sequence[str],
        environment: dict[str, str],
        *,
        watch: Watch | None = None,
        timeout: float = 1200,
    ) -> Use:
        """Runs a command inside the lab's network, for at most `timeout` seconds."""
        entered = self.lab.namespace.enter(*command)
        return self._runner.run(entered, environment, watch=watch, timeout=timeout)

    def outside(self, command: Sequence[str], environment: dict[str, str], watch: Watch) -> Use:
        """Runs a command that needs no network."""
        return self._runner.run(self.project.as_caller(*command), environment, watch=watch)

    def build(self, command: Sequence[str]) -> None:
        """Builds what a measurement needs, without measuring it."""
        output_of(self.project.as_caller(*command), cwd=self.project.root, timeout=1200)

    # The state of the stack and of the cluster.

    def resources(self) -> list[dict[str, Any]]:
        """The stack's state with secrets in plain text. Write it only to files that nobody else can
        read."""
        exported = self._ask("stack", "export", "--show-secrets")
        resources: list[dict[str, Any]] = json.loads(exported)["deployment"]["resources"]
        return resources

    def outputs(self) -> dict[str, Any]:
        outputs: dict[str, Any] = json.loads(
            self._ask("stack", "output", "--json", "--show-secrets")
        )
        return outputs

    @contextmanager
    def private_folder(self, name: str) -> Iterator[Path]:
        """An empty folder that nobody else can read. It is removed afterwards."""
        folder = self.folder / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
        try:
            yield folder
        finally:
            shutil.rmtree(folder)

    def give_to_caller(self, folder: Path) -> None:
        """Gives files that root has written to the user who runs the measured commands."""
        for path in (folder, *folder.rglob("*")):
            self.project.give_to_owner(path)

    def ssh(self, node: str, script: str, *, timeout: float = 60) -> str:
        """Runs a script as root on a node, for at most `timeout` seconds."""
        command = self.lab.ssh_command(self.lab.node(node), ["sudo bash -euo pipefail -s"])
        return output_of(self.lab.namespace.enter(*command), stdin=script, timeout=timeout)

    def processor_seconds(self, node: str) -> float:
        """The processor time that a machine has used since it was started."""
        lab = hierarchy() / f"ninefold-{self.project.id}-containers"
        used = 0
        for machine in lab.glob(f"{node}.*"):
            used += int((machine / "cpu.stat").read_text().split()[1])
        return used / 1e6

    def check(self, outputs: dict[str, Any]) -> None:
        """Checks a write through the virtual address, three healthy members and a full backup."""
        database = outputs["databases"][0]
        password = outputs["passwords"][database["user"]]
        uri = database["uri"].replace(
            "sslrootcert=authority.crt", "sslrootcert=/etc/ninefold/tls/postgresql/ca.crt"
        )
        sql = "create table bench (n int); insert into bench values (1); drop table bench"
        self.ssh(
            "postgres2", f"PGPASSWORD='{password}' psql -Xqv ON_ERROR_STOP=1 -c '{sql}' '{uri}'"
        )
        listing = self.ssh("postgres1", "patronictl -c /etc/patroni/config.d list -f json")
        states = sorted(member["State"] for member in json.loads(listing))
        if states != ["running", "streaming", "streaming"]:
            raise LabError(f"the states of the cluster's members are {', '.join(states)}")
        backups = self.ssh("repository", "runuser -u pgbackrest -- pgbackrest info --output=json")
        if '"type":"full"' not in backups:
            raise LabError(f"there is no full backup: {backups}")

    def _ask(self, *arguments: str) -> str:
        command = self.project.as_caller(*self.lab.stack.command(arguments))
        return output_of(
            self.lab.namespace.enter(*command),
            cwd=self.project.root,
            env=self.lab.stack.environment(),
        )
