"""Runs suites in several labs at once, and the checks at the same time."""

from __future__ import annotations

import fcntl
import os
import queue
import shutil
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO

from ninefold_lab.process import LabError
from ninefold_lab.project import Project

from .frozen_cluster import frozen_cluster
from .lane import Lane
from .outcome import Outcome, Run, Verdict, in_order
from .plan import Check, Plan, Start, Suite
from .programs import Interrupted, Programs

_DESCRIPTION = "stacks/containers.yaml"


class Runner:
    """Runs parts of a plan. Writes logs to .build/test-containers, and the times of the last
    complete run to times.json there."""

    def __init__(self, project: Project, plan: Plan, labs: int) -> None:
        self._project = project
        self._root = project.root
        self._plan = plan
        self._labs = labs
        self._description = self._root / os.environ.get("NINEFOLD_DESCRIPTION", _DESCRIPTION)
        self._folder = project.make_folder(self._root / ".build/test-containers")
        self._reports = self._root / "target/surefire-reports"
        self._programs = Programs()
        self._outcomes: list[Outcome] = []
        self._environment: dict[str, str] = {}
        self._begin = time.monotonic()
        self._printing = threading.Lock()

    def end(self, *_: object) -> None:
        """Ends the run, as a signal handler. The labs are still destroyed."""
        self._programs.end()

    @property
    def times(self) -> Path:
        return self._folder / "times.json"

    def run_all(self, checks: Sequence[Check], suites: Sequence[Suite]) -> Run:
        """Runs the whole plan as far as the time allows, and saves its times."""
        self.times.unlink(missing_ok=True)
        try:
            self.run(checks, suites)
        finally:
            whole = self._outcome(checks, suites, self._plan.budget())
            whole.write(self.times)
        return whole

    def run(self, checks: Sequence[Check], suites: Sequence[Suite]) -> Run:
        """Runs checks and suites in copies of the project. Each suite gets its own start."""
        count = max(1, min(self._labs, len(suites)))
        lanes = [self._lane(self._folder / f"lane{number + 1}") for number in range(count)]
        with self._alone():
            try:
                self._run_in(lanes, checks, suites)
            finally:
                self._clear(lanes)
        self._check_not_ended()
        return self._outcome(checks, suites, sum(suite.seconds for suite in suites) // count)

    def run_in_own_lab(self, suites: Sequence[Suite]) -> Run:
        """Runs suites in the project's own lab as it is, and leaves it there."""
        for suite in suites:
            if suite.start is Start.MACHINES:
                raise LabError(
                    f"suite {suite.name} needs fresh machines, but this project's lab is running:"
                    " run lab/lab containers destroy first"
                )
        with self._alone():
            self._compile()
            self._meet_needs(suites)
            lane = self._lane(self._root)
            for suite in suites:
                self._run_suite(lane, None, suite)
        self._check_not_ended()
        return self._outcome((), suites, sum(suite.seconds for suite in suites))

    def has_own_lab(self) -> bool:
        """Whether the project's own lab is running."""
        return self._lane(self._root).has_machines()

    def reports(self, suite: str) -> list[Path]:
        """Surefire's reports of a suite of this run."""
        return list(self._reports.glob(f"TEST-{suite}-ninefold.*.xml"))

    def _lane(self, root: Path) -> Lane:
        return Lane(root, self._description, self._folder, self._programs)

    def _run_in(
        self, lanes: Sequence[Lane], checks: Sequence[Check], suites: Sequence[Suite]
    ) -> None:
        self._compile()
        with ThreadPoolExecutor(len(lanes) + 2) as threads:
            # The checks write reports into the project, so they start after the copying.
            list(threads.map(lambda lane: lane.copy_project(self._root), lanes))
            checked = threads.submit(self._run_checks, checks)
            needs = threads.submit(self._meet_needs, suites)
            frozen = self._frozen_cluster(lanes[0], suites)
            needs.result()
            waiting: queue.SimpleQueue[Suite] = queue.SimpleQueue()
            for suite in suites:
                waiting.put(suite)
            for done in [threads.submit(self._work, lane, frozen, waiting) for lane in lanes]:
                done.result()
            checked.result()

    def _clear(self, lanes: Iterable[Lane]) -> None:
        self._programs.begin_clean_up()
        errors = []
        for lane in lanes:
            try:
                lane.clear()
            except LabError as error:
                errors.append(str(error))
        if errors:
            raise LabError("\n".join(errors))

    def _check_not_ended(self) -> None:
        if self._programs.has_ended():
            raise Interrupted

    def _outcome(self, checks: Iterable[Check], suites: Iterable[Suite], budget: int) -> Run:
        """The outcomes of these parts. A part without an outcome was not run."""
        known = {outcome.name for outcome in self._outcomes}
        parts: tuple[Check | Suite, ...] = (*checks, *suites)
        for part in parts:
            if part.name not in known:
                self._outcomes.append(Outcome(part.name, Verdict.NOT_RUN, 0, part.seconds))
        names = [part.name for part in self._plan.parts()]
        return Run(in_order(self._outcomes, names), self._elapsed(), budget)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Prevents a second run, because two runs would destroy each other's labs."""
        with (self._folder / "lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise LabError(
                    "a run of suites is in progress in this project: wait until it ends"
                ) from None
            yield

    def _compile(self) -> None:
        with self._timed("compiling program and tests", "compile") as log:
            for command in (["toolchain/jar"], ["./mvnw", "-q", "test-compile"]):
                if self._run_as_caller(command, log) != 0:
                    raise LabError(f"{command[0]} failed: see {log.name}")

    def _meet_needs(self, suites: Iterable[Suite]) -> None:
        for suite in suites:
            for variable, command in suite.needs.items():
                with self._timed(f"{command} for {suite.name}", f"needs-{suite.name}") as log:
                    code = self._run_as_caller([command], log)
                    lines = Path(log.name).read_text().splitlines()
                    if code != 0 or not lines:
                        raise LabError(f"{command} failed: see {log.name}")
                self._environment[variable] = lines[-1]

    def _frozen_cluster(self, lane: Lane, suites: Iterable[Suite]) -> Path:
        frozen = frozen_cluster(self._root, self._description)
        if not frozen.exists() and any(suite.start is Start.CLUSTER for suite in suites):
            with self._timed("building and freezing a cluster", "cluster") as log:
                lane.freeze_cluster(frozen, log)
        return frozen

    def _run_checks(self, checks: Iterable[Check]) -> None:
        def run(command: Sequence[str], log: IO[bytes]) -> bool:
            return self._run_as_caller(command, log) == 0

        for check in checks:
            self._run_part(check, partial(run, check.command))

    def _run_as_caller(self, command: Sequence[str], log: IO[bytes]) -> int:
        return self._programs.run(self._project.as_caller(*command), self._root, log)

    def _work(self, lane: Lane, frozen: Path, waiting: queue.SimpleQueue[Suite]) -> None:
        while True:
            try:
                suite = waiting.get_nowait()
            except queue.Empty:
                return
            self._run_suite(lane, frozen, suite)

    def _run_suite(self, lane: Lane, frozen: Path | None, suite: Suite) -> None:
        if time.time() > float(os.environ.get("NINEFOLD_SUITES_BEFORE", "inf")):
            return
        self._run_part(suite, partial(lane.run_suite, suite, frozen, self._environment))
        self._keep_reports(suite.name, lane.reports())

    def _keep_reports(self, suite: str, reports: Iterable[Path]) -> None:
        """Copies reports to the unit tests' folder. Several suites may run the same class."""
        self._project.make_folder(self._reports)
        for kept in self.reports(suite):
            kept.unlink()
        for report in reports:
            test = report.stem.removeprefix("TEST-")
            shutil.copy(report, self._reports / f"TEST-{suite}-{test}.xml")

    def _run_part(self, part: Check | Suite, act: Callable[[IO[bytes]], bool]) -> None:
        """Runs a check or a suite, and prints how it ended."""
        if self._programs.has_ended():
            return
        begin = time.monotonic()
        self._say(f"{part.name} starts")
        log = self._folder / f"{part.name}.log"
        with log.open("wb") as file:
            try:
                verdict = Verdict.PASSED if act(file) else Verdict.FAILED
            except Interrupted:
                return
            except Exception:  # one part's error must not hide the outcomes of the others
                file.write(traceback.format_exc().encode())
                verdict = Verdict.FAILED
        took = time.monotonic() - begin
        self._outcomes.append(Outcome(part.name, verdict, took, part.seconds))
        output = log.read_text(errors="replace").rstrip()
        self._say(f"{part.name}: {verdict.value} after {took:.0f} s of {part.seconds} s", output)

    @contextmanager
    def _timed(self, what: str, name: str) -> Iterator[IO[bytes]]:
        begin = time.monotonic()
        log = self._folder / f"{name}.log"
        with log.open("wb") as file:
            try:
                yield file
            except LabError:
                self._say(f"{what}: FAILED", log.read_text(errors="replace").rstrip())
                raise
        self._say(f"{what}: {time.monotonic() - begin:.0f} s")

    def _elapsed(self) -> float:
        return time.monotonic() - self._begin

    def _say(self, line: str, detail: str = "") -> None:
        with self._printing:
            print(f"[{self._elapsed():5.0f} s] {line}")
            if detail:
                print("\n".join(f"    {text}" for text in detail.splitlines()))
            sys.stdout.flush()
