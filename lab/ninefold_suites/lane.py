"""A lab in which suites run one after another."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from ninefold_lab.containers import ContainersLab
from ninefold_lab.nodes import from_json
from ninefold_lab.process import LabError
from ninefold_lab.progress import Progress
from ninefold_lab.project import Project

from .plan import Start, Suite
from .programs import Programs

# Nine booting machines use both cores for seconds. If two labs booted at once, faults in a third
# one would exceed their limits.
_BOOTING = threading.Lock()

# What a copy excludes, and what it shares with the project.
_NOT_COPIED = ("./.build", "./.git", "./target/surefire-reports")
_SHARED = ("cache", "toolchain")

# Pulumi writes its whole state twice for each step, which is two thirds of the engine's work.
_WITHOUT_CHECKPOINTS = {"PULUMI_SKIP_CHECKPOINTS": "true"}

# The machines and clients of a suite that measures gaps have priority over those of other labs.
_FIRST = ("nice", "-n", "-5")

# A suite that hangs is ended after this many times its budget, so that the run ends in time.
_PATIENCE = 3


class Lane:
    """A copy of the project and its lab, for suites with a common description."""

    def __init__(self, root: Path, description: Path, logs: Path, programs: Programs) -> None:
        self.root = root
        self._project = Project(root)
        self._description = description
        self._logs = logs
        self._programs = programs

    def copy_project(self, source: Path) -> None:
        """Copies the project into the folder, so that labs do not disturb each other. First removes
        what a killed run has left there."""
        self.clear()
        self._project.make_folder(self.root / ".build")
        for shared in _SHARED:
            (self.root / ".build" / shared).symlink_to(source / ".build" / shared)
        # posix keeps nanoseconds, so that build output which is current in the project is current
        # here.
        copy = (
            'tar --create --format=posix "${@:3}" --directory="$1" .'
            ' | tar --extract --directory="$2"'
        )
        excluded = [f"--exclude={name}" for name in _NOT_COPIED]
        subprocess.run(
            ["bash", "-c", f"set -o pipefail; {copy}", "copy", source, self.root, *excluded],
            check=True,
        )

    def clear(self) -> None:
        """Destroys the lab, then removes the folder."""
        if (self.root / ".build/labs/containers").exists():
            log = self._logs / f"destroy-{self.root.name}.log"
            with log.open("wb") as file:
                if self._lab(file, "destroy") != 0:
                    raise LabError(f"the lab in {self.root} could not be destroyed: see {log}")
        shutil.rmtree(self.root, ignore_errors=True)

    def has_machines(self) -> bool:
        """Whether any machine of its lab is running."""
        lab = ContainersLab(self._project, Progress())
        return any(node["running"] for node in lab.status())

    def freeze_cluster(self, frozen: Path, log: IO[bytes]) -> None:
        """Builds the cluster on plain machines, where the program installs all packages."""
        for verb in (["deploy", "--fresh", "--verify"], ["freeze", str(frozen)]):
            if self._lab(log, *verb) != 0:
                self._keep_journals(self._logs / "cluster")
                raise LabError(f"the cluster could not be built: see {log.name}")

    def run_suite(
        self, suite: Suite, frozen: Path | None, environment: Mapping[str, str], log: IO[bytes]
    ) -> bool:
        """Brings the lab to the suite's start, then runs it; without `frozen`, in the lab as it
        is."""
        for report in self.reports():
            report.unlink()
        described = {
            **({} if suite.checkpoints else _WITHOUT_CHECKPOINTS),
            **environment,
            **suite.sets,
            "NINEFOLD_DESCRIPTION": str(self._description_of(suite)),
        }
        if self._start(suite, frozen, described, log) and self._test(suite, described, log):
            return True
        self._keep_journals(self._logs / suite.name)
        return False

    def reports(self) -> list[Path]:
        """Surefire's reports of the last suite."""
        return list((self.root / "target/surefire-reports").glob("TEST-ninefold.lab.*.xml"))

    def _start(
        self,
        suite: Suite,
        frozen: Path | None,
        environment: Mapping[str, str],
        log: IO[bytes],
    ) -> bool:
        machines: tuple[str, ...] = ()
        if suite.start is Start.MACHINES:
            machines = ("create", "--fresh", "--preinstalled")
        elif frozen:
            machines = ("thaw", str(frozen))
        if machines:
            with _BOOTING:
                if self._lab(log, *machines, environment=environment, first=suite.timed) != 0:
                    return False
        if not suite.append:
            return True
        up = ("pulumi", "up", "--yes", "--skip-preview", "--suppress-outputs")
        return self._lab(log, *up, environment=environment, first=suite.timed) == 0

    def _test(self, suite: Suite, environment: Mapping[str, str], log: IO[bytes]) -> bool:
        maven = ["./mvnw", "-o", "-q", "surefire:test", "-DfailIfNoTests=true"]
        tags = f"-Dgroups=lab-containers & {suite.tags}"
        timeout = _PATIENCE * suite.seconds
        run = ("run", *maven, tags)
        return (
            self._lab(log, *run, environment=environment, timeout=timeout, first=suite.timed) == 0
        )

    def _lab(
        self,
        log: IO[bytes],
        *verb: str,
        environment: Mapping[str, str] | None = None,
        timeout: float | None = None,
        first: bool = False,
    ) -> int:
        command = [*(_FIRST if first else ()), str(self.root / "lab/lab"), "containers", *verb]
        described = environment or {"NINEFOLD_DESCRIPTION": str(self._description)}
        return self._programs.run(command, self.root, log, described, timeout)

    def _description_of(self, suite: Suite) -> Path:
        if not suite.append:
            return self._description
        description = self.root / f".build/{suite.name}.yaml"
        text = f"{self._description.read_text()}\n{suite.append}\n"
        self._project.write(description, text)
        return description

    def _keep_journals(self, folder: Path) -> None:
        """Saves the machines' journals, because the next suite replaces the machines."""
        record = self.root / ".build/labs/containers/nodes.json"
        if not record.exists():
            return
        folder.mkdir(parents=True, exist_ok=True)
        for node in from_json(record.read_text()):
            with (folder / f"{node.name}.log").open("wb") as journal:
                self._lab(
                    journal, "ssh", node.name, "sudo journalctl --boot --no-pager", timeout=60
                )
