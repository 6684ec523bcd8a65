"""A lab in which suites run one after the other."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from ninefold_lab.process import LabError

from .plan import Start, Suite
from .programs import Programs

# What a copy of the project shares with it, or has no use for.
_NOT_COPIED = ("./.build", "./.git", "./target/surefire-reports")
_SHARED = ("cache", "toolchain")


class Lane:
    """A folder with the project, and that folder's lab."""

    def __init__(self, root: Path, logs: Path, programs: Programs) -> None:
        self.root = root
        self._logs = logs
        self._programs = programs

    def copy_project(self, source: Path) -> None:
        """Makes the folder a copy of the project: labs of several copies do not disturb each
        other. What an earlier run that was killed has left goes first."""
        self.clear()
        (self.root / ".build").mkdir(parents=True)
        for shared in _SHARED:
            (self.root / ".build" / shared).symlink_to(source / ".build" / shared)
        copy = 'tar --create "${@:3}" --directory="$1" . | tar --extract --directory="$2"'
        excluded = [f"--exclude={name}" for name in _NOT_COPIED]
        subprocess.run(
            ["bash", "-c", f"set -o pipefail; {copy}", "copy", source, self.root, *excluded],
            check=True,
        )

    def clear(self) -> None:
        """Takes the lab away, then the folder."""
        if (self.root / ".build/labs/containers").exists():
            log = self._logs / "destroy.log"
            with log.open("wb") as file:
                if self.lab("destroy", log=file) != 0:
                    raise LabError(f"the lab in {self.root} was not destroyed: see {log}")
        shutil.rmtree(self.root, ignore_errors=True)

    def freeze_cluster(self, frozen: Path, log: IO[bytes]) -> None:
        """Builds the cluster on plain machines, every package installed by the program."""
        for verb in (["deploy", "--fresh"], ["freeze", str(frozen)]):
            if self.lab(*verb, log=log) != 0:
                raise LabError(f"no cluster to start from: see {log.name}")

    def run(
        self, suite: Suite, frozen: Path | None, environment: Mapping[str, str], log: IO[bytes]
    ) -> bool:
        """Runs a suite from its start; without a frozen cluster, in the lab as it is."""
        described = {**environment, "NINEFOLD_DESCRIPTION": str(self._description(suite))}
        if not self._begin(suite, frozen, described, log):
            return False
        for report in self.reports():
            report.unlink()
        passed = self._test(suite, described, log)
        if not passed:
            self._keep_journals(self._logs / suite.name)
        return passed

    def reports(self) -> list[Path]:
        """Surefire's, of the suite that ran last."""
        return list((self.root / "target/surefire-reports").glob("TEST-ninefold.lab.*.xml"))

    def lab(
        self, *verb: str, log: IO[bytes], environment: Mapping[str, str] | None = None
    ) -> int:
        command = [str(self.root / "lab/lab"), "containers", *verb]
        return self._programs.run(command, self.root, log, environment)

    def _begin(
        self,
        suite: Suite,
        frozen: Path | None,
        environment: Mapping[str, str],
        log: IO[bytes],
    ) -> bool:
        verbs = []
        if suite.start is Start.MACHINES:
            verbs.append(("create", "--fresh", "--preinstalled"))
        elif frozen:
            verbs.append(("thaw", str(frozen)))
        if suite.append:
            verbs.append(("pulumi", "up", "--yes", "--skip-preview", "--suppress-outputs"))
        return all(self.lab(*verb, log=log, environment=environment) == 0 for verb in verbs)

    def _test(self, suite: Suite, environment: Mapping[str, str], log: IO[bytes]) -> bool:
        maven = ["./mvnw", "-o", "-q", "surefire:test", "-DfailIfNoTests=true"]
        tags = f"-Dgroups=lab-containers & {suite.tags}"
        return self.lab("run", *maven, tags, log=log, environment=environment) == 0

    def _description(self, suite: Suite) -> Path:
        plain = self.root / os.environ.get("NINEFOLD_DESCRIPTION", "stacks/containers.yaml")
        if not suite.append:
            return plain
        description = self.root / f".build/{suite.name}.yaml"
        description.write_text(f"{plain.read_text()}\n{suite.append}\n")
        return description

    def _keep_journals(self, folder: Path) -> None:
        """The machines go with the next suite; what they have to say stays."""
        folder.mkdir(parents=True, exist_ok=True)
        for node in json.loads((self.root / ".build/labs/containers/nodes.json").read_text()):
            with (folder / f"{node['name']}.log").open("wb") as journal:
                self.lab(
                    "ssh", node["name"], "sudo journalctl --boot --no-pager", log=journal
                )
